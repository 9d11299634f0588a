"""Shards: the issues of an index, spread by the hash of their names over a few folders.

A shard is a function of its issues alone, so an edit rewrites one shard and an incremental build
ends with the same files as a full one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xxhash

from rag.chunking import tell_context
from rag.storage import Texts, encode, load_array, save_array, write_texts
from rag.types import ArticleKind, Issue, Passage, Span

KINDS: tuple[ArticleKind, ...] = ("article", "brief", "sponsor")
LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl")
FILES = (
    "texts.bin",
    "texts.npy",
    "issues.npy",
    "articles.npy",
    "passages.npy",
    "vectors.npy",
    "stems.npy",
    "stem_lengths.npy",
)

# An edit rewrites one shard. At 4 MB (8,000 passages) that takes under a second, and an index of
# 190,000 passages has 32 shards, which the lexical engine searches as fast as one.
SHARD_BYTES = 4 << 20
MAX_SHARDS = 64

_ISSUE_FIELDS = 7
_ARTICLE_FIELDS = 2
_ISSUE = np.dtype([("key", "<i8"), ("day", "<i4"), ("articles", "<u4"), ("passages", "<u4")])
_ARTICLE = np.dtype([("issue", "<u4"), ("kind", "u1"), ("digest", "<u8")])
_PASSAGE = np.dtype(
    [
        ("article", "<u4"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("first_byte", "<u4"),
        ("last_byte", "<u4"),
        ("language", "u1"),
        ("titled", "u1"),
    ]
)


@dataclass(frozen=True, slots=True)
class CutArticle:
    """An article cut into passages: their `spans` and `languages`, in the order of the text."""

    title: str
    section: str
    kind: ArticleKind
    spans: tuple[Span, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StemRuns:
    """The numbers of stems, uint32, of each article's section, its title and then its passages.

    They lie end to end in `numbers`; `lengths` tells how many each of them has.
    """

    numbers: np.ndarray
    lengths: np.ndarray


class PassageStems(NamedTuple):
    """Stems (their numbers, see `rag.lexical.hash_stem`, uint32, in order) of a passage.

    `context` are those of the passage before it in its article, its own (`context[start:end]`) and
    those of the passage after it; `title` are those of its section and title, the title left out
    where the passage begins with it.
    """

    context: np.ndarray
    start: int
    end: int
    title: np.ndarray

    @property
    def own(self) -> np.ndarray:
        return self.context[self.start : self.end]


@dataclass(frozen=True, slots=True)
class CutIssue:
    """An issue with the articles it was cut into.

    `vectors` are those of its passages, in order, float16 (n, d), and `stems` those of its words,
    where they are known already.
    """

    issue: Issue
    articles: tuple[CutArticle, ...]
    vectors: np.ndarray | None = None
    stems: StemRuns | None = None

    @property
    def passages(self) -> int:
        return sum(len(article.spans) for article in self.articles)


def digest_article(issue: Issue, article: CutArticle) -> int:
    """Return a number that tells articles apart by their title, kind and text."""
    state = xxhash.xxh3_64(encode(f"{article.title}\0{article.section}\0{article.kind}"))
    for span in article.spans:
        state.update(b"\0" + encode(issue.text[span.start : span.end]))
    return state.intdigest()


def count_shards(total_bytes: int) -> int:
    """Return into how many shards sources of `total_bytes` are spread: a power of two."""
    count = 1
    while count < MAX_SHARDS and count * SHARD_BYTES < total_bytes:
        count *= 2
    return count


def place_source(source: str, shards: int) -> int:
    """Return the number of the shard, of `shards`, that holds `source`."""
    return hash_source(source) % shards


def hash_source(source: str) -> int:
    """Return a number of 63 bits for `source`, the same on every machine."""
    return xxhash.xxh3_64_intdigest(encode(source)) >> 1


def write_shard(
    folder: Path, issues: Sequence[CutIssue], vectors: np.ndarray, stems: Sequence[StemRuns]
) -> None:
    """Write `issues` into a new `folder`, with the `vectors` of all their passages, in order, and
    the `stems` of each issue."""
    folder.mkdir(parents=True)
    texts = [text for cut in issues for text in _list_texts(cut.issue)]
    issue_rows: list[tuple[int, ...]] = []
    article_rows: list[tuple[int, ...]] = []
    passage_rows: list[tuple[int, ...]] = []
    for number, cut in enumerate(issues):
        issue = cut.issue
        day = issue.date.toordinal() if issue.date else 0
        issue_rows.append((hash_source(issue.source), day, len(cut.articles), cut.passages))
        spans = [span for article in cut.articles for span in article.spans]
        offsets = _find_byte_offsets(issue.text, spans)
        position = 0
        for article in cut.articles:
            for span, language in zip(article.spans, article.languages, strict=True):
                first, last = offsets[position]
                position += 1
                code = LANGUAGES.index(language)
                titled = not tell_context(article.title, issue.text[span.start : span.end])
                passage_rows.append(
                    (len(article_rows), span.start, span.end, first, last, code, titled)
                )
            article_rows.append((number, KINDS.index(article.kind), digest_article(issue, article)))
            texts += (article.title, article.section)
    write_texts(folder / "texts.bin", texts)
    save_array(folder / "issues.npy", np.array(issue_rows, _ISSUE))
    save_array(folder / "articles.npy", np.array(article_rows, _ARTICLE))
    save_array(folder / "passages.npy", np.array(passage_rows, _PASSAGE))
    save_array(folder / "vectors.npy", vectors)
    save_array(folder / "stems.npy", np.concatenate([runs.numbers for runs in stems]))
    save_array(folder / "stem_lengths.npy", np.concatenate([runs.lengths for runs in stems]))


def _list_texts(issue: Issue) -> tuple[str, ...]:
    return (
        issue.source,
        issue.path,
        issue.title,
        issue.newsletter,
        issue.encoding,
        issue.digest,
        issue.text,
    )


def _find_byte_offsets(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return the ranges in bytes of UTF-8 of `spans`, which do not overlap.

    An article may stand inside another (a sponsor's word), so they need not be in order.
    """
    if text.isascii():
        return [(span.start, span.end) for span in spans]
    found = [(0, 0)] * len(spans)
    position = offset = 0
    for number in sorted(range(len(spans)), key=lambda n: spans[n].start):
        span = spans[number]
        first = offset + len(encode(text[position : span.start]))
        offset = first + len(encode(text[span.start : span.end]))
        position = span.end
        found[number] = (first, offset)
    return found


class Shard:
    """A shard on disk, opened: its columns in memory, its texts and vectors mapped."""

    def __init__(self, folder: Path) -> None:
        self.texts = Texts(folder / "texts.bin")
        self.issues = load_array(folder / "issues.npy")
        self.articles = load_array(folder / "articles.npy")
        self.passages = load_array(folder / "passages.npy")
        self.vectors = load_array(folder / "vectors.npy", mapped=True)
        self._stems = load_array(folder / "stems.npy", mapped=True)
        lengths = load_array(folder / "stem_lengths.npy")
        self._stem_bounds = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        self._days = self.issues["day"].tolist()
        self._article_of = self.passages["article"].astype(np.int64)
        self._article_base = _ISSUE_FIELDS * len(self.issues)

    def source(self, issue: int) -> str:
        return self.texts[_ISSUE_FIELDS * issue]

    def title(self, issue: int) -> str:
        return self.texts[_ISSUE_FIELDS * issue + 2]

    def newsletter(self, issue: int) -> str:
        return self.texts[_ISSUE_FIELDS * issue + 3]

    def day(self, issue: int) -> date | None:
        return date.fromordinal(self._days[issue]) if self._days[issue] else None

    def issue(self, issue: int) -> Issue:
        """Return issue number `issue` of the shard, whole."""
        base = _ISSUE_FIELDS * issue
        source, path, title, newsletter, encoding, digest, text = (
            self.texts[base + field] for field in range(_ISSUE_FIELDS)
        )
        return Issue(
            source=source,
            path=path,
            text=text,
            title=title,
            date=self.day(issue),
            newsletter=newsletter,
            encoding=encoding,
            digest=digest,
        )

    def passage(self, row: int) -> Passage:
        """Return passage number `row` of the shard."""
        article, start, end, first_byte, last_byte, language, _ = self.passages[row].item()
        issue, kind, _ = self.articles[article].item()
        base = self._article_base + _ARTICLE_FIELDS * article
        return Passage(
            text=self.texts.cut(_ISSUE_FIELDS * issue + 6, first_byte, last_byte),
            article=self.texts[base],
            issue=self.title(issue),
            date=self.day(issue),
            source=self.source(issue),
            start=start,
            end=end,
            section=self.texts[base + 1],
            kind=KINDS[kind],
            newsletter=self.newsletter(issue),
            language=LANGUAGES[language],
        )

    def stems(self, rows: np.ndarray) -> list[PassageStems]:
        """Return the stems of each passage."""
        numbers = np.asarray(self._stems)
        return [
            PassageStems(numbers[before:after], first - before, last - before, numbers[start:end])
            for before, first, last, after, start, end in self._stem_runs[rows].tolist()
        ]

    @cached_property
    def _stem_runs(self) -> np.ndarray:
        """Where stems begin and end (n × 6): those of the passage before each, or else its own, its
        own, those of the passage after it, and those of its section and title."""
        own = self._article_of
        follows = np.diff(own, prepend=-1) == 0
        goes_on = np.diff(own, append=-1) == 0
        sections = 2 * own + np.searchsorted(own, own)
        bodies = 2 * (own + 1) + np.arange(len(own))
        ends = sections + np.where(self.passages["titled"], 1, 2)
        places = np.stack(
            [bodies - follows, bodies, bodies + 1, bodies + 1 + goes_on, sections, ends], axis=1
        )
        return self._stem_bounds[places].astype(np.uint32)

    def cut_issues(self) -> list[CutIssue]:
        """Return every issue with its articles, vectors and stems, as `write_shard` takes them."""
        spans: list[list[Span]] = [[] for _ in self.articles]
        languages: list[list[str]] = [[] for _ in self.articles]
        for article, start, end, _, _, language, _ in self.passages.tolist():
            spans[article].append(Span(start, end))
            languages[article].append(LANGUAGES[language])
        cut = []
        article = row = 0
        for number, (_, _, articles, passages) in enumerate(self.issues.tolist()):
            found = tuple(
                CutArticle(
                    title=self.texts[self._article_base + _ARTICLE_FIELDS * a],
                    section=self.texts[self._article_base + _ARTICLE_FIELDS * a + 1],
                    kind=KINDS[int(self.articles[a]["kind"])],
                    spans=tuple(spans[a]),
                    languages=tuple(languages[a]),
                )
                for a in range(article, article + articles)
            )
            runs = self._take_runs(2 * article + row, 2 * articles + passages)
            vectors = self.vectors[row : row + passages]
            cut.append(CutIssue(self.issue(number), found, vectors, runs))
            article += articles
            row += passages
        return cut

    def _take_runs(self, first: int, count: int) -> StemRuns:
        bounds = self._stem_bounds[first : first + count + 1]
        return StemRuns(self._stems[bounds[0] : bounds[-1]], np.diff(bounds).astype(np.uint32))
