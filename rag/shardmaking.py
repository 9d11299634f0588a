"""Making the shards of a generation: taken over where nothing changed, else made anew."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from rag.cache import EmbeddingCache
from rag.chunking import tell_context
from rag.embedding import Embedder
from rag.errors import SourceError
from rag.intake import Survey, cut_issue, cut_source, digest_file
from rag.lexical import Document, Segment, hash_stems, list_segment_files, write_segments
from rag.manifest import Manifest, ShardEntry
from rag.planning import KnownFile
from rag.shards import (
    FILES,
    LANGUAGES,
    CutIssue,
    Shard,
    StemRuns,
    count_shards,
    hash_source,
    place_source,
    write_shard,
)
from rag.storage import FileSum, link_file, load_array, save_array
from rag.vectors import FLAT_LIMIT, encode_vectors, write_codes

Progress = Callable[[int], None]

# Shards that wait to be embedded or indexed while others are cut; more would fill memory.
_MAX_WAITING = 2


@dataclass(frozen=True, slots=True)
class Previous:
    """The generation in force when a build starts, and what it knows of its sources."""

    name: str
    folder: Path
    manifest: Manifest
    known: Mapping[str, KnownFile]


@dataclass(frozen=True, slots=True)
class Task:
    """What shards are made of: sources `to_read` from the survey and sources `kept` as they are.

    `recut`: nothing of the previous generation can be taken over but the texts of its issues.
    `size` is the length a passage aims at, `max_bytes` the largest file read.
    """

    survey: Survey
    previous: Previous | None
    to_read: Collection[str]
    kept: Collection[str]
    recut: bool
    size: int
    max_bytes: int


@dataclass(slots=True)
class Made:
    """The shards made. `known` tells of sources read or kept; `linked` are files taken over."""

    shards: int
    entries: list[ShardEntry] = field(default_factory=list)
    known: dict[str, KnownFile] = field(default_factory=dict)
    linked: dict[str, FileSum] = field(default_factory=dict)
    embedded: int = 0


def make_shards(
    task: Task, staging: Path, embedder: Embedder, store: EmbeddingCache, progress: Progress
) -> Made:
    """Make all shards in the folder `staging`, and the codes of their vectors if they are many.

    One thread reads and cuts, another embeds, a third writes the words. Raises OSError,
    IndexWriteError or ModelError.
    """
    made = Made(count_shards(_sum_sizes(task)))
    members = _spread((*task.to_read, *task.kept), made.shards)
    same = _find_same(task, made.shards, members)
    load = lru_cache(maxsize=2)(lambda number: _load_shard(task.previous, number))
    (staging / "words").mkdir()
    entries: dict[int, ShardEntry] = {}
    embedding: deque[tuple[int, list[CutIssue], Future[tuple[int, int]]]] = deque()
    indexing: deque[tuple[int, Future[list[Segment]]]] = deque()

    def advance(left: int) -> None:
        while len(embedding) > left:
            number, cuts, future = embedding.popleft()
            passages, embedded = future.result()
            made.embedded += embedded
            entries[number] = ShardEntry(number, passages, ())
            indexing.append((number, indexer.submit(_write_words, staging / "words", cuts)))

    def complete(left: int) -> None:
        while len(indexing) > left:
            number, future = indexing.popleft()
            entries[number] = replace(entries[number], segments=tuple(future.result()))

    embedders, indexer = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    try:
        for number, sources in sorted(members.items()):
            if number in same:
                entries[number] = same[number]
                _take_over(task, staging, same[number], sources, made)
                continue
            cuts = _cut_sources(task, sources, made.known, load)
            if cuts:
                future = embedders.submit(
                    _embed_shard, staging, number, cuts, embedder, store, progress
                )
                embedding.append((number, cuts, future))
            advance(_MAX_WAITING)
            complete(_MAX_WAITING)
        advance(0)
        ordered = [entries[number] for number in sorted(entries)]
        _write_codes(task, staging, ordered, made, embedder.dimension)
        complete(0)
    finally:
        embedders.shutdown(cancel_futures=True)
        indexer.shutdown(cancel_futures=True)
    made.entries = [entries[number] for number in sorted(entries)]
    return made


def _write_codes(
    task: Task, staging: Path, entries: Sequence[ShardEntry], made: Made, dimension: int
) -> None:
    """Write the codes of all vectors if they are many, taking over those of unchanged shards."""
    if sum(entry.passages for entry in entries) <= FLAT_LIMIT:
        return
    codes = []
    for entry in entries:
        name = f"{entry.folder}/codes.npy"
        known = task.previous.manifest.files.get(name) if task.previous else None
        if task.previous and known and f"{entry.folder}/vectors.npy" in made.linked:
            link_file(task.previous.folder / name, staging / name)
            made.linked[name] = known
            codes.append(load_array(staging / name))
        else:
            vectors = load_array(staging / entry.folder / "vectors.npy", mapped=True)
            codes.append(encode_vectors(vectors))
            save_array(staging / name, codes[-1])
    write_codes(staging / "codes.faiss", codes, dimension)


def _sum_sizes(task: Task) -> int:
    seen, known = task.survey.seen, task.previous.known if task.previous else {}
    sources = {*task.to_read, *task.kept}
    return sum(seen[s].size if s in seen else known[s].size for s in sources)


def _spread(sources: Iterable[str], shards: int) -> dict[int, list[str]]:
    members = defaultdict(list)
    for source in sorted(set(sources)):
        members[place_source(source, shards)].append(source)
    return members


def _find_same(
    task: Task, shards: int, members: Mapping[int, Sequence[str]]
) -> dict[int, ShardEntry]:
    """Return the entries of the shards that stay exactly as they are."""
    previous = task.previous
    if previous is None or task.recut or previous.manifest.shards != shards:
        return {}
    before = _spread((s for s, entry in previous.known.items() if entry.indexed), shards)
    return {
        entry.number: entry
        for entry in previous.manifest.entries
        if members.get(entry.number) == before.get(entry.number)
        and not any(source in task.to_read for source in members[entry.number])
    }


def _take_over(
    task: Task, staging: Path, entry: ShardEntry, sources: Sequence[str], made: Made
) -> None:
    assert task.previous is not None
    names = [f"{entry.folder}/{name}" for name in FILES]
    for segment in entry.segments:
        names += [f"words/{name}" for name in list_segment_files(segment)]
    (staging / entry.folder).mkdir(parents=True)
    for name in names:
        link_file(task.previous.folder / name, staging / name)
        made.linked[name] = task.previous.manifest.files[name]
    made.known.update((source, _refresh(task, source)) for source in sources)


def _refresh(task: Task, source: str) -> KnownFile:
    """Return what is known of a source kept as it is, with its place and stamp of today."""
    assert task.previous is not None
    known, seen = task.previous.known[source], task.survey.seen.get(source)
    if seen is None or (seen.path, seen.stamp) == (known.path, known.stamp):
        return known
    return known._replace(path=seen.path, size=seen.size, stamp=seen.stamp)


def _load_shard(previous: Previous | None, number: int) -> dict[str, CutIssue]:
    assert previous is not None
    for entry in previous.manifest.entries:
        if entry.number == number:
            cuts = Shard(previous.folder / entry.folder).cut_issues()
            return {cut.issue.source: cut for cut in cuts}
    return {}


def _cut_sources(
    task: Task,
    sources: Sequence[str],
    known: dict[str, KnownFile],
    load: Callable[[int], Mapping[str, CutIssue]],
) -> list[CutIssue]:
    """Return the issues of one shard, those that can be used, and fill in what is `known`."""
    cuts = []
    for source in sources:
        if source in task.to_read:
            cut, known[source] = _read_source(task, source, load)
        else:
            cut, known[source] = _recall(task, source, load), _refresh(task, source)
        if cut:
            cuts.append(cut)
    return cuts


def _read_source(
    task: Task, source: str, load: Callable[[int], Mapping[str, CutIssue]]
) -> tuple[CutIssue | None, KnownFile]:
    seen = task.survey.seen[source]
    try:
        cut = cut_source(task.survey.files[source], task.max_bytes, task.size)
        digest = cut.issue.digest
        return cut, KnownFile(seen.path, seen.size, seen.stamp, digest, digest)
    except SourceError as error:
        digest = digest_file(seen.path)
        former = task.previous.known.get(source) if task.previous else None
        indexed = former.indexed if former else ""
        kept = _recall(task, source, load) if indexed else None
        return kept, KnownFile(seen.path, seen.size, seen.stamp, digest, indexed, str(error))


def _recall(task: Task, source: str, load: Callable[[int], Mapping[str, CutIssue]]) -> CutIssue:
    """Return an issue as the previous generation holds it."""
    assert task.previous is not None
    cut = load(place_source(source, task.previous.manifest.shards))[source]
    return cut_issue(cut.issue, task.size) if task.recut else cut


def describe_passage(title: str, text: str) -> str:
    """Return what is embedded of a passage: the title says what its sentences are about."""
    return f"{title}\n{text}" if title else text


def _embed_shard(
    staging: Path,
    number: int,
    cuts: Sequence[CutIssue],
    embedder: Embedder,
    store: EmbeddingCache,
    progress: Progress,
) -> tuple[int, int]:
    """Embed and write one shard; return how many passages it has and how many were embedded."""
    texts = [
        describe_passage(title, text)
        for cut in cuts
        if cut.vectors is None
        for title, text, _ in list_passages(cut)
    ]
    fresh, embedded = store.embed(texts, embedder.encode_documents, progress)
    parts, row = [], 0
    for cut in cuts:
        if cut.vectors is None:
            parts.append(fresh[row : row + cut.passages])
            row += cut.passages
        else:
            parts.append(cut.vectors)
            progress(cut.passages)
    vectors = np.concatenate(parts)
    stems = [cut.stems or _stem_issue(cut) for cut in cuts]
    write_shard(staging / ShardEntry(number, len(vectors), ()).folder, cuts, vectors, stems)
    return len(vectors), embedded


def _stem_issue(cut: CutIssue) -> StemRuns:
    runs = []
    for article in cut.articles:
        language = article.languages[0]
        runs += [hash_stems(article.section, language), hash_stems(article.title, language)]
        for span, own in zip(article.spans, article.languages, strict=True):
            runs.append(hash_stems(cut.issue.text[span.start : span.end], own))
    return StemRuns(np.concatenate(runs), np.array(list(map(len, runs)), np.uint32))


def list_passages(cut: CutIssue) -> list[tuple[str, str, str]]:
    """Return of each passage of an issue, in order, its article's title, its text, its language.

    The title is "" where the text begins with it.
    """
    text = cut.issue.text
    return [
        (tell_context(article.title, passage := text[span.start : span.end]), passage, language)
        for article in cut.articles
        for span, language in zip(article.spans, article.languages, strict=True)
    ]


def _write_words(folder: Path, cuts: Sequence[CutIssue]) -> list[Segment]:
    documents: dict[str, list[Document]] = {language: [] for language in LANGUAGES}
    for cut in cuts:
        key = hash_source(cut.issue.source)
        day = cut.issue.date.toordinal() if cut.issue.date else 0
        for title, text, language in list_passages(cut):
            documents[language].append(Document(title, text, key, day))
    return [
        segment
        for language, batch in documents.items()
        for segment in write_segments(folder, batch, language)
    ]
