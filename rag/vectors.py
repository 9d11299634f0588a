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

# Measured at 256 dimensions, one thread (benchmarks/search.py): searching whole takes 0.2 ms per
# 1,000 passages (40 ms at 190,000), in two steps 2 ms at 190,000.
FLAT_LIMIT = 10_000
# Candidates scored exactly: the best 50 of 190,000 were among the first 1,000 in all queries.
MIN_CANDIDATES = 1000
CANDIDATES_PER_HIT = 10
# Equal vectors must score equal wherever they lie; sums differ in the seventh decimal.
_DECIMALS = 6
_TRAINING_ROWS = 16_384
_BATCH = 8192


def round_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return `vectors` in the precision they are kept in, float16."""
    return np.ascontiguousarray(vectors, np.float16)


def write_codes(path: Path, parts: Sequence[np.ndarray]) -> None:
    """Write the one-bit codes of all vectors, (n, d) float16 in `parts`, to `path`.

    The codes are a function of the vectors and their order alone. Raises OSError.
    """
    import faiss

    rows = Rows(parts)
    codes = faiss.IndexRaBitQFastScan(rows.dimension, faiss.METRIC_INNER_PRODUCT)
    step = max(1, len(rows) // _TRAINING_ROWS)
    codes.train(rows.take(np.arange(0, len(rows), step)))
    for part in parts:
        for first in range(0, len(part), _BATCH):
            codes.add(part[first : first + _BATCH].astype(np.float32))
    data = faiss.serialize_index(codes)
    path.write_bytes(data.tobytes())


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
        taken = np.empty((len(rows), self.dimension), np.float32)
        order = np.argsort(rows)
        ordered = rows[order]
        bounds = np.searchsorted(ordered, self._starts)
        for home in np.flatnonzero(np.diff(bounds)):
            here = slice(bounds[home], bounds[home + 1])
            taken[order[here]] = self._parts[home][ordered[here] - self._starts[home]]
        return taken


class VectorIndex:
    """The vectors of an index, ready to search. Safe to share between threads.

    `parts` are the vectors, (n, d) float16, of the shards in order; `codes` the file that
    `write_codes` wrote for them, where there are more than FLAT_LIMIT.
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
