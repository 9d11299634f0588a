"""The dense engine: cosine similarity of unit vectors, in FAISS.

Vectors are kept as float16, mapped from disk. A small index is searched whole (IndexFlatIP). A
large one is searched by its vectors of one bit per dimension (RaBitQ: Gao and Long, 2024, with
SIMD look-up tables), whose best candidates are then scored by their own vectors, so that a score is
the cosine either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.halves import widen_halves

# Measured at 256 dimensions, one thread (benchmarks/search.py): searching whole takes 0.2 ms per
# 1,000 passages (40 ms at 190,000), in two steps 2 ms at 190,000.
FLAT_LIMIT = 10_000
# Candidates scored exactly: 97 % of the 32 nearest of 186,000 are among them.
MIN_CANDIDATES = 1000
CANDIDATES_PER_HIT = 10
# Equal vectors must score equal wherever they lie; sums differ in the seventh decimal.
_DECIMALS = 6
_BATCH = 8192


def round_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return `vectors` in the precision they are kept in, float16."""
    return np.ascontiguousarray(vectors, np.float16)


def write_codes(path: Path, vectors: np.ndarray) -> None:
    """Write the one-bit codes of `vectors`, (n, d) float16, to `path`. Raises OSError.

    A code is a function of its vector alone: it is taken about zero, not about the mean of all, so
    that the codes of one shard outlast a change of another. That finds as much: of the 32 nearest
    of 186,000 passages 96.7 % are among the first 1,000, 96.8 % about the mean.
    """
    import faiss

    codes = faiss.IndexRaBitQFastScan(vectors.shape[1], faiss.METRIC_INNER_PRODUCT)
    codes.train(np.zeros((1, vectors.shape[1]), np.float32))
    for first in range(0, len(vectors), _BATCH):
        codes.add(vectors[first : first + _BATCH].astype(np.float32))
    path.write_bytes(faiss.serialize_index(codes).tobytes())


def join_codes(path: Path, parts: Sequence[Path]) -> None:
    """Write the codes in the files `parts`, in that order, to `path`. Raises OSError."""
    import faiss

    first, *others = (faiss.read_index(str(part)) for part in parts)
    for other in others:
        first.merge_from(other, 0)
    path.write_bytes(faiss.serialize_index(first).tobytes())


class Rows:
    """Rows of several (n, d) arrays, numbered through."""

    def __init__(self, parts: Sequence[np.ndarray]) -> None:
        # Plain arrays: indexing a numpy.memmap makes an object each time, at 12 µs.
        self._parts = [np.asarray(part) for part in parts]
        self._starts = np.cumsum([0, *(len(part) for part in parts)])
        self.dimension = parts[0].shape[1] if parts else 0

    def __len__(self) -> int:
        return int(self._starts[-1])

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Return the given rows, in that order, as float32 (len(rows), d)."""
        taken = np.empty((len(rows), self.dimension), np.float16)
        order = np.argsort(rows)
        ordered = rows[order]
        bounds = np.searchsorted(ordered, self._starts)
        for home in np.flatnonzero(np.diff(bounds)):
            here = slice(bounds[home], bounds[home + 1])
            taken[order[here]] = self._parts[home][ordered[here] - self._starts[home]]
        return widen_halves(taken)


class VectorIndex:
    """The vectors of an index, ready to search. Safe to share between threads.

    `parts` are the vectors, (n, d) float16, of the shards in order; `codes` the file that
    `join_codes` wrote for them, where there are more than FLAT_LIMIT.
    """

    def __init__(self, parts: Sequence[np.ndarray], codes: Path | None) -> None:
        import faiss

        self._rows = Rows(parts)
        self._exact = codes is None
        self._index: Any
        if codes is None:
            self._index = faiss.IndexFlatIP(max(1, self._rows.dimension))
            for part in parts:
                self._index.add(part.astype(np.float32))
        else:
            self._index = faiss.read_index(str(codes))

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Return the vectors of `rows`, float32 (len(rows), d)."""
        return self._rows.take(np.asarray(rows, np.int64))

    def search(
        self, query: np.ndarray, k: int, mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the `k` nearest rows to `query` (d,) and their cosines, best first.

        `mask` (bool, one per row) narrows the search.
        """
        query = np.ascontiguousarray(query, np.float32)
        total = len(self._rows) if mask is None else int(mask.sum())
        k = min(k, total)
        if not k:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if self._exact:
            return self._search_flat(query, k, mask)
        rows = self._find_candidates(query, k, mask, total)
        scores = (self._rows.take(rows) @ query).round(_DECIMALS)
        best = np.lexsort((rows, -scores))[:k]
        return rows[best], scores[best]

    def _search_flat(
        self, query: np.ndarray, k: int, mask: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        narrowed = None if mask is None else _select(mask)
        scores, rows = self._index.search(query[None], k, params=narrowed)
        return rows[0], scores[0].round(_DECIMALS)

    def _find_candidates(
        self, query: np.ndarray, k: int, mask: np.ndarray | None, total: int
    ) -> np.ndarray:
        wanted = max(MIN_CANDIDATES, CANDIDATES_PER_HIT * k)
        if mask is None:
            return self._scan(query, min(wanted, total))
        if total <= wanted:
            return np.flatnonzero(mask)
        rows = self._scan(query, min(len(mask), wanted * len(mask) // total))
        return rows[mask[rows]]

    def _scan(self, query: np.ndarray, count: int) -> np.ndarray:
        _, rows = self._index.search(query[None], count)
        return rows[0][rows[0] >= 0]


def _select(mask: np.ndarray) -> Any:
    """Return the search parameters that narrow a flat search to the rows of `mask`."""
    import faiss

    library: Any = faiss  # its type stubs do not know the Python constructors
    bits = np.packbits(mask, bitorder="little")
    return library.SearchParameters(sel=library.IDSelectorBitmap(bits))
