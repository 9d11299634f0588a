"""An index on disk, opened: its passages, its two engines and the filters that narrow them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import translate
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from posixpath import splitext

import numpy as np

from rag.errors import IndexDamaged, RagError
from rag.lexical import WordIndex
from rag.manifest import (
    MEND_HINT,
    Manifest,
    Pointer,
    find_generation,
    read_manifest,
    read_pointer,
    verify_files,
)
from rag.shards import KINDS, LANGUAGES, PassageStems, Shard
from rag.types import Filters, Issue, IssueSummary, Passage
from rag.vectors import VectorIndex

_REMEMBERED = 8192  # passages kept once they were read


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of every passage, one array element a row.

    `issue` and `article` number the issues and articles of the index: rows of one article are
    consecutive and in the order of its text. `day` is the proleptic ordinal of the date, 0 for
    none; `kind` indexes `rag.shards.KINDS`, `language` `rag.shards.LANGUAGES`.
    """

    issue: np.ndarray
    article: np.ndarray
    start: np.ndarray
    end: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    language: np.ndarray


class Index:
    """One generation of an index. Nothing in it changes; safe to share between threads.

    A row is the number of a passage, from 0 to len(index) - 1.
    """

    def __init__(self, folder: Path, manifest: Manifest, generation: str) -> None:
        self.manifest = manifest
        self.generation = generation
        self._shards = [Shard(folder / entry.folder) for entry in manifest.entries]
        self._row_starts = _accumulate(entry.passages for entry in manifest.entries)
        self._issue_starts = _accumulate(len(shard.issues) for shard in self._shards)
        self.columns = _join_columns(self._shards)
        self._issue_days = np.concatenate([shard.issues["day"] for shard in self._shards])
        self._words = self._open_words(folder / "words")
        self._vectors = VectorIndex(
            [shard.vectors for shard in self._shards],
            folder / "codes.faiss" if "codes.faiss" in manifest.files else None,
        )
        self._masks: dict[Filters, np.ndarray] = {}
        self._read: dict[int, Passage] = {}

    def __len__(self) -> int:
        return self._row_starts[-1]

    @property
    def newest(self) -> date | None:
        """Date of the newest issue, or None where no issue has a date."""
        newest = int(self._issue_days.max())
        return date.fromordinal(newest) if newest else None

    @property
    def oldest(self) -> date | None:
        """Date of the oldest issue, or None where no issue has a date."""
        days = self._issue_days[self._issue_days > 0]
        return date.fromordinal(int(days.min())) if len(days) else None

    def passage(self, row: int) -> Passage:
        """Return the passage of `row`."""
        known = self._read.get(row)
        if known is None:
            if len(self._read) >= _REMEMBERED:
                self._read = {}
            home = bisect_right(self._row_starts, row) - 1
            known = self._shards[home].passage(row - self._row_starts[home])
            self._read[row] = known
        return known

    def passages(self, rows: Sequence[int] | np.ndarray) -> list[Passage]:
        """Return the passages of `rows`, in that order."""
        return list(map(self.passage, np.asarray(rows, np.int64).tolist()))

    def issue(self, source: str) -> Issue:
        """Return a whole issue. Raises KeyError if `source` is not in the index."""
        shard, issue = self._locate(self._issue_numbers[source])
        return shard.issue(issue)

    def issues(self) -> list[IssueSummary]:
        """Return the issues, newest first, then by source; undated ones last."""
        summaries = [
            IssueSummary(
                source=shard.source(number),
                title=shard.title(number),
                date=shard.day(number),
                newsletter=shard.newsletter(number),
                articles=articles,
                passages=passages,
            )
            for shard in self._shards
            for number, (_, _, articles, passages) in enumerate(shard.issues.tolist())
        ]
        return sorted(summaries, key=lambda s: (-(s.date or date.min).toordinal(), s.source))

    def search_words(
        self, words: Sequence[tuple[str, ...]], k: int, mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of the `k` best passages for `words` (see `analyse`) and their BM25
        scores, best first.

        Equal scores are in the order of passage ids. See `rag.lexical.WordIndex.search`.
        """
        rows, scores = self._words.search(words, k, mask)
        return self._settle_ties(rows, scores, k)

    def search_vectors(
        self, query: np.ndarray, k: int, mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of the `k` nearest passages to `query` (d,) and their cosines.

        Best first; equal scores are in the order of passage ids.
        """
        rows, scores = self._vectors.search(query, k, mask)
        return self._settle_ties(rows, scores, k)

    def vectors(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the vectors of `rows`, float32 (len(rows), d), unit up to their precision."""
        return self._vectors.take(np.asarray(rows, np.int64))

    def stems(self, rows: np.ndarray) -> list[PassageStems]:
        """Return the stems of each of `rows`, which ascend."""
        found: list[PassageStems] = []
        bounds = np.searchsorted(rows, self._row_starts).tolist()
        for shard, start, first, last in zip(
            self._shards, self._row_starts, bounds, bounds[1:], strict=False
        ):
            if first < last:
                found += shard.stems(rows[first:last] - start)
        return found

    def rank(self, rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Return `rows` by their scores, best first, equal ones in the order of passage ids."""
        return self._settle_ties(rows, scores, len(rows))[0]

    def analyse(self, query: str, language: str | None = None) -> list[tuple[str, ...]]:
        """Return the words searched for `query`, each as its stems."""
        return self._words.analyse(query, language)

    def idf(self, words: Sequence[tuple[str, ...]]) -> np.ndarray:
        """Return how rare each of `words` (see `analyse`) is: its inverse document frequency."""
        return self._words.idf(words)

    def mask(self, filters: Filters) -> np.ndarray | None:
        """Return which rows pass `filters`, bool (len(self),), or None if all do."""
        if filters.empty:
            return None
        known = self._masks.get(filters)
        if known is None:
            known = self._build_mask(filters)
            self._masks = {filters: known}
        return known

    def _build_mask(self, filters: Filters) -> np.ndarray:
        passing = np.ones(len(self._issue_days), bool)
        if filters.since or filters.until:
            passing &= self._issue_days > 0
        if filters.since:
            passing &= self._issue_days >= filters.since.toordinal()
        if filters.until:
            passing &= self._issue_days <= filters.until.toordinal()
        if filters.source is not None:
            passing &= match_sources(self._issue_numbers, filters.source)
        if filters.newsletter is not None:
            name = filters.newsletter.strip().casefold()
            passing &= [newsletter == name for newsletter in self._newsletters]
        mask: np.ndarray = passing[self.columns.issue]
        if filters.kind is not None:
            mask &= self.columns.kind == KINDS.index(filters.kind)
        mask.setflags(write=False)
        return mask

    def _open_words(self, folder: Path) -> WordIndex:
        segments, rows = [], []
        for shard, entry, start in zip(
            self._shards, self.manifest.entries, self._row_starts, strict=False
        ):
            taken: dict[str, int] = {}
            for segment in entry.segments:
                code = LANGUAGES.index(segment.language)
                mine = np.flatnonzero(shard.passages["language"] == code)
                first = taken.get(segment.language, 0)
                rows.append(start + mine[first : first + segment.documents])
                taken[segment.language] = first + segment.documents
                segments.append(segment)
        keys = np.concatenate([shard.issues["key"] for shard in self._shards])
        return WordIndex(folder, segments, rows, keys[self.columns.issue], self.columns.day)

    def _locate(self, issue: int) -> tuple[Shard, int]:
        home = bisect_right(self._issue_starts, issue) - 1
        return self._shards[home], issue - self._issue_starts[home]

    def _settle_ties(
        self, rows: np.ndarray, scores: np.ndarray, k: int
    ) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(-scores, kind="stable")
        rows, scores = rows[order], scores[order]
        ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) + 1
        start = 0
        for end in ends.tolist():
            if end - start > 1:
                rows[start:end] = sorted(rows[start:end].tolist(), key=self._name_row)
            start = end
            if start >= k:
                break
        return rows[:k], scores[:k]

    def _name_row(self, row: int) -> str:
        return self.passage(row).id

    @cached_property
    def _issue_numbers(self) -> dict[str, int]:
        sources = (shard.source(n) for shard in self._shards for n in range(len(shard.issues)))
        return {source: number for number, source in enumerate(sources)}

    @cached_property
    def _newsletters(self) -> list[str]:
        return [
            shard.newsletter(number).strip().casefold()
            for shard in self._shards
            for number in range(len(shard.issues))
        ]


def match_sources(sources: Iterable[str], wanted: str) -> list[bool]:
    """Return of each of `sources` whether `wanted` means it: its path, the end of it, its name,
    with or without its ending, or a pattern of path or name."""
    fits, end = re.compile(translate(wanted)).match, f"/{wanted}"

    def is_meant(source: str) -> bool:
        name = source.rpartition("/")[2]
        if wanted in (source, name, splitext(name)[0]) or source.endswith(end):
            return True
        return bool(fits(source) or fits(name))

    return [is_meant(source) for source in sources]


def current_generation(index_dir: str | Path) -> str:
    """Return the name of the generation in force; cheap. Raises IndexMissing or IndexDamaged."""
    return read_pointer(Path(index_dir)).generation


def open_index(index_dir: str | Path, verify: bool = True) -> Index:
    """Return the index in `index_dir`, the generation in force.

    `verify` reads every file and checks its sum. Raises IndexMissing, IndexDamaged or
    IndexMismatch.
    """
    folder = Path(index_dir)
    pointer = read_pointer(folder)
    try:
        return _open(folder, pointer, verify)
    except RagError:
        latest = read_pointer(folder)
        if latest == pointer:
            raise
    return _open(folder, latest, verify)  # builds went by meanwhile and took the files away


def _open(index_dir: Path, pointer: Pointer, verify: bool) -> Index:
    manifest = read_manifest(index_dir, pointer)
    folder = find_generation(index_dir, pointer.generation)
    if verify:
        verify_files(folder, manifest)
    try:
        return Index(folder, manifest, pointer.generation)
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{folder} cannot be read: {error}", MEND_HINT) from error


def _accumulate(counts: Iterable[int]) -> list[int]:
    return list(accumulate(counts, initial=0))


def _join_columns(shards: Sequence[Shard]) -> Columns:
    passages = np.concatenate([shard.passages for shard in shards])
    article_starts = _accumulate(len(shard.articles) for shard in shards)
    issue_starts = _accumulate(len(shard.issues) for shard in shards)
    parts = zip(shards, article_starts, issue_starts, strict=False)
    article, issue, day, kind = [], [], [], []
    for shard, first_article, first_issue in parts:
        own = shard.passages["article"]
        home = shard.articles["issue"][own]
        article.append(own + first_article)
        issue.append(home + first_issue)
        day.append(shard.issues["day"][home])
        kind.append(shard.articles["kind"][own])
    columns = Columns(
        issue=np.concatenate(issue).astype(np.int64),
        article=np.concatenate(article).astype(np.int64),
        start=passages["start"].astype(np.int64),
        end=passages["end"].astype(np.int64),
        day=np.concatenate(day).astype(np.int64),
        kind=np.concatenate(kind),
        language=passages["language"].copy(),
    )
    for array in (getattr(columns, name) for name in Columns.__slots__):
        array.setflags(write=False)
    return columns
