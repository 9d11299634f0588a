"""The lexical engine: BM25 over the words of titles and passages, in tantivy.

tantivy counts deleted passages in its statistics until segments merge, so scores would depend on
the history of an index. Here nothing is ever deleted: each shard writes segments of its own, and an
index is a folder that lists the segments of all shards. Statistics are then those of the passages
there are, and equal whatever the order of edits.

Method: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), with
tantivy's k1 = 1.2 and b = 0.75; stemmers: Porter, Snowball (2001).
"""

from __future__ import annotations

import json
import math
import re
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash

from rag.asking import ASKING, NOW
from rag.dictionary import translate_word
from rag.errors import IndexDamaged, IndexWriteError
from rag.language import detect_language
from rag.synonyms import find_synonyms
from rag.words import fold_text

if TYPE_CHECKING:
    import tantivy

# In a query an elision is a word with its apostrophe, so that it can be dropped. In texts its
# letters may count as a word: no query asks for them, and to tell them apart takes the index three
# times as long. Spelled without (?i) and \p: those halve the speed.
_ELIDED = (
    *(
        "l",
        "d",
        "j",
        "m",
        "t",
        "s",
        "n",
        "c",
        "qu",
        "jusqu",
        "lorsqu",
        "puisqu",
        "quoiqu",
        "quelqu",
    ),
    *("dell", "all", "nell", "dall", "sull", "quest", "quell"),
)
_TOKEN = (
    "(?:" + "|".join(f"[{word[0]}{word[0].upper()}]{word[1:]}" for word in _ELIDED) + r")['’]|\w+"
)
_ELISIONS = frozenset(word + mark for word in _ELIDED for mark in "'’")
# Decimal marks become this letter, so that 97,4 is one word, and the same one as 97.4.
_DECIMAL_LETTER = "ʼ"
_DECIMAL_MARK = re.compile(r"[.,](?<=[0-9].)(?=[0-9])")
_STEMMERS = {
    "fr": "french",
    "en": "english",
    "de": "german",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
    "nl": "dutch",
}
# On PIAF recall@5 is 0.915 without titles, 0.920 at 0.5, 0.925 at 1; on real letters, where one
# title stands for many passages, recall@1 is 0.89 up to 0.5 and 0.86 at 1.
TITLE_WEIGHT = 0.5
_SUFFIXES = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_SEGMENT_CHARS = 16_000_000
_WRITER_BYTES = 256_000_000
_SPARE = 16
# A filter that lets through this share of what is searched is left to the mask.
_LOOSE = 0.5
_KNOWN_STEMS = 200_000
_KNOWN_COUNTS = 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """A passage as the engine indexes it.

    `issue` is a number that tells its issue from others, `day` the ordinal of its date or 0.
    """

    title: str
    body: str
    issue: int
    day: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed segment: `documents` passages of one language, in the order they were written."""

    id: str
    language: str
    documents: int


def write_segments(folder: Path, documents: Sequence[Document], language: str) -> list[Segment]:
    """Write `documents`, of one language, as sealed segments into `folder`.

    Returns the segments in the order of their documents. Raises OSError or IndexWriteError.
    """
    segments = []
    for part in _cut_documents(documents):
        with tempfile.TemporaryDirectory(dir=folder, prefix=".segment-") as scratch:
            segments.append(_write_segment(Path(scratch), part, language))
            for name in list_segment_files(segments[-1]):
                (Path(scratch) / name).rename(folder / name)
    return segments


def _cut_documents(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    first = size = 0
    for number, document in enumerate(documents):
        size += len(document.body)
        if size > _SEGMENT_CHARS:
            yield documents[first : number + 1]
            first, size = number + 1, 0
    if first < len(documents):
        yield documents[first:]


def _write_segment(scratch: Path, documents: Sequence[Document], language: str) -> Segment:
    import tantivy

    def write() -> None:
        index = tantivy.Index(_build_schema(), path=str(scratch))
        index.register_tokenizer("text", _build_analyser(language))
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for document in documents:
            writer.add_document(
                tantivy.Document(
                    title=_normalise(document.title),
                    body=_normalise(document.body),
                    issue=document.issue,
                    day=document.day,
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    _try_writing(scratch.parent, write)
    segments = json.loads((scratch / "meta.json").read_bytes())["segments"]
    written = [segment["max_doc"] for segment in segments]
    if written != [len(documents)]:
        raise IndexWriteError(
            f"the lexical engine wrote segments of {written} passages, expected {len(documents)}",
            "set a smaller passage_chars and build again: python -m rag build",
        )
    return Segment(segments[0]["segment_id"], language, len(documents))


def _try_writing(folder: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except ValueError as error:  # the binding has no error of its own
        raise IndexWriteError(
            f"the lexical engine cannot write to {folder}: {error}",
            "free some disk space and build again: python -m rag build",
        ) from error


def list_segment_files(segment: Segment) -> list[str]:
    """Return the names of the files that make up `segment`."""
    return [f"{segment.id.replace('-', '')}.{suffix}" for suffix in _SUFFIXES]


def join_segments(folder: Path, segments: Sequence[Segment]) -> None:
    """Make the `segments` whose files lie in `folder` one index, in that order.

    Raises OSError or IndexWriteError.
    """
    import tantivy

    with tempfile.TemporaryDirectory(dir=folder, prefix=".empty-") as scratch:
        _try_writing(folder, lambda: tantivy.Index(_build_schema(), path=scratch))
        meta = json.loads((Path(scratch) / "meta.json").read_bytes())
    meta["segments"] = [
        {"segment_id": segment.id, "max_doc": segment.documents, "deletes": None}
        for segment in segments
    ]
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


class WordIndex:
    """The segments joined in a folder, ready to search. Safe to share between threads.

    `rows[i]` are the numbers of the passages of segment i, in its order; `issues` and `days` are of
    each row the numbers its document was written with.
    """

    def __init__(
        self,
        folder: Path,
        segments: Sequence[Segment],
        rows: Sequence[np.ndarray],
        issues: np.ndarray,
        days: np.ndarray,
    ) -> None:
        self._index = _open_folder(folder)
        self._searcher = self._index.searcher()
        # How many passages hold a stem in their text.
        self._count = lru_cache(_KNOWN_COUNTS)(partial(self._searcher.doc_freq, "body"))
        self._rows = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        self._starts = np.cumsum([0, *(segment.documents for segment in segments)])
        self._issues = issues
        self._days = days
        self._languages = tuple(dict.fromkeys(segment.language for segment in segments))
        if self._searcher.num_docs != len(self._rows):
            raise IndexDamaged(
                f"{folder} holds {self._searcher.num_docs} passages, expected {len(self._rows)}",
                "build it anew: python -m rag build --full",
            )

    def search(
        self, words: Sequence[tuple[str, ...]], k: int, mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the `k` best passages for `words` (see `analyse`): rows, BM25 scores, best first.

        `mask` (bool, one per row) narrows the search. Fewer than `k` come back where fewer hold
        one of the words.
        """
        if not words or not len(self._rows) or (mask is not None and not mask.any()):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        search = self._build_query(words, mask)
        limit = k + _SPARE
        while True:
            hits = self._searcher.search(search, limit=limit, count=False).hits
            scores = np.array([score for score, _ in hits], np.float32)
            places = [self._starts[a.segment_ord] + a.doc for _, a in hits]
            rows = self._rows[np.array(places, np.int64)]
            exhausted = len(hits) < limit
            if mask is not None:
                passing = mask[rows]
                rows, scores = rows[passing], scores[passing]
            if exhausted or len(rows) >= k:
                return rows, scores
            limit *= 4

    def analyse(self, query: str, language: str | None = None) -> list[tuple[str, ...]]:
        """Return the words of `query` that are searched, each as the stems it may have.

        Synonyms count as the word, and for a query in another language its words in French where
        the index holds French. Stop words and words that only ask are dropped, unless nothing else
        is there.
        """
        language = language or detect_language(query)
        query = _normalise(query)
        words = _analyse(query, language, "query") or _analyse(query, language, "words")
        languages = dict.fromkeys((language, *self._languages))
        found: dict[tuple[str, ...], None] = {}
        for word in words:
            others = list(find_synonyms(word))
            if language != "fr" and "fr" in languages:
                others += translate_word(fold_text(word), language)
            stems = [stem for code in languages for stem in _stem_word(word, code)]
            stems += [stem for other in others for stem in _stem_word(other, "fr")]
            found[tuple(dict.fromkeys(stems))] = None
        return [stems for stems in found if stems]

    def idf(self, words: Sequence[tuple[str, ...]]) -> np.ndarray:
        """Return the inverse document frequency of each of `words` (see `analyse`), float32.

        ln(1 + (N - n + 0.5) / (n + 0.5)) where n of N passages hold the word in their text.
        """
        total = self._searcher.num_docs
        found = [max(map(self._count, stems)) for stems in words]
        return np.array([math.log1p((total - n + 0.5) / (n + 0.5)) for n in found], np.float32)

    def _build_query(self, words: Sequence[tuple[str, ...]], mask: np.ndarray | None) -> Any:
        import tantivy

        query, should = tantivy.Query, tantivy.Occur.Should
        schema = self._index.schema

        def match(field: str, stems: tuple[str, ...]) -> Any:
            terms = [query.term_query(schema, field, stem, "freq") for stem in stems]
            return terms[0] if len(terms) == 1 else query.disjunction_max_query(terms)

        parts = []
        for stems in words:
            parts.append((should, match("body", stems)))
            parts.append((should, query.boost_query(match("title", stems), TITLE_WEIGHT)))
        wanted = query.boolean_query(parts)
        if mask is None or mask.mean() > _LOOSE:
            return wanted
        narrowed = query.const_score_query(self._narrow(mask), 0.0)
        must = tantivy.Occur.Must
        return query.boolean_query([(must, narrowed), (must, wanted)])

    def _narrow(self, mask: np.ndarray) -> Any:
        """Return a query for the rows of `mask`, and few others: a range of days if that will do.

        Measured over 180,000 passages: a range costs 2 ms at most, a list of 10,000 issues 7 ms.
        """
        import tantivy

        query, schema = tantivy.Query, self._index.schema
        days = self._days[mask]
        first, last = int(days.min()), int(days.max())
        within = np.count_nonzero((self._days >= first) & (self._days <= last))
        if len(days) > _LOOSE * within:
            return query.range_query(schema, "day", tantivy.FieldType.Integer, first, last)
        return query.term_set_query(schema, "issue", np.unique(self._issues[mask]).tolist())


def _open_folder(folder: Path) -> tantivy.Index:
    """Open the index in `folder`, also where its lock file cannot be made (a read-only disk)."""
    import tantivy

    try:
        return tantivy.Index.open(str(folder))
    except ValueError as error:
        if "Lockfile" not in str(error):
            raise IndexDamaged(
                f"{folder} cannot be opened: {error}", "build it anew: python -m rag build --full"
            ) from error
    with tempfile.TemporaryDirectory() as scratch:
        for path in folder.iterdir():
            if path.suffix == ".lock":  # another user's, left by an earlier opening
                continue
            (Path(scratch) / path.name).symlink_to(path.resolve())
        return tantivy.Index.open(scratch)


def _build_schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for name in ("title", "body"):
        builder.add_text_field(name, tokenizer_name="text", index_option="freq")
    builder.add_integer_field("issue", indexed=True)
    builder.add_integer_field("day", fast=True)
    return builder.build()


def _build_analyser(language: str, purpose: str = "stems") -> tantivy.TextAnalyzer:
    """Return the analyser for `purpose`: words, words of a query that matter, or stems of words.

    Accents are folded after stemming: the stemmers read them.
    """
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    tokenizer = Tokenizer.simple() if purpose == "stems" else Tokenizer.regex(_TOKEN)
    builder = TextAnalyzerBuilder(tokenizer).filter(Filter.lowercase())
    if purpose != "stems":
        builder = builder.filter(Filter.custom_stopword(sorted(_ELISIONS)))
    if purpose == "query":
        builder = builder.filter(Filter.stopword(_STEMMERS[language]))
        builder = builder.filter(Filter.custom_stopword(list(ASKING[language] + NOW[language])))
    if purpose == "stems":
        builder = builder.filter(Filter.stemmer(_STEMMERS[language]))
        builder = builder.filter(Filter.ascii_fold())
    return builder.build()


def _analyse(text: str, language: str, purpose: str) -> list[str]:
    with _analysers_lock:  # an analyser must not be used by two threads at once
        return _get_analyser(language, purpose).analyze(text)


@lru_cache(10_000)
def _stem_word(word: str, language: str) -> tuple[str, ...]:
    return tuple(_analyse(word, language, "stems"))


_get_analyser = cache(_build_analyser)
_analysers_lock = threading.Lock()


def hash_stem(stem: str) -> int:
    """Return a number of 32 bits for a stem, never 0."""
    return xxhash.xxh32_intdigest(stem.encode()) or 1


def hash_stems(text: str, language: str) -> np.ndarray:
    """Return the numbers (uint32) of the stems of the words of `text`, in order, as indexed."""
    words = _find_words(_normalise(text).lower())
    numbers = list(map(_known_stems[language].get, words))
    if None in numbers:
        known = _learn_stems(words, language)
        numbers = [known[word] for word in words]
    found = np.array(numbers, np.uint32)
    return found[found != 0]


def _learn_stems(words: Sequence[str], language: str) -> dict[str, int]:
    """Return what is known of the language's stems, these words included; elisions are 0."""
    known = _known_stems[language]
    if len(known) > _KNOWN_STEMS:
        known = _known_stems[language] = {}
    missing = [word for word in dict.fromkeys(words) if word not in known]
    stems = _stem_words(missing, language)
    known.update((w, hash_stem(s) if s else 0) for w, s in zip(missing, stems, strict=True))
    return known


def _stem_words(words: Sequence[str], language: str) -> list[str]:
    """Return the stem of each word, "" for an elision: a word may end with an apostrophe."""
    plain = ["" if word in _ELISIONS else word.rstrip("'’") for word in words]
    wanted = [word for word in plain if word]
    stems = _analyse(" ".join(wanted), language, "stems")
    if len(stems) != len(wanted):  # a stem came out empty, or a word as two
        stems = [(_analyse(word, language, "stems") or [word])[0] for word in wanted]
    found = iter(stems)
    return [next(found) if word else "" for word in plain]


_find_words = re.compile(r"[^\W_]+['’]?").findall
_known_stems: dict[str, dict[str, int]] = {language: {} for language in _STEMMERS}


def _normalise(text: str) -> str:
    return _DECIMAL_MARK.sub(_DECIMAL_LETTER, unicodedata.normalize("NFC", text))
