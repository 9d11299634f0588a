"""The dense engine: cosine similarity of unit vectors, in FAISS.

Vectors are kept as float16, mapped from disk. A small index is searched whole (IndexFlatIP). A
large one is searched by codes of two bits per dimension (looked up in SIMD registers: André et al.,
2015), whose best candidates are then scored by their own vectors, so that a score is the cosine
either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rag.halves import widen_halves

# Measured at 256 dimensions, one thread (benchmarks/search.py): searching whole takes 0.2 ms per
# 1,000 passages (40 ms at 190,000), in two steps 1 ms at 190,000.
FLAT_LIMIT = 10_000
# Candidates scored exactly: 99.2 % of the 40 nearest of 186,000 are among them.
MIN_CANDIDATES = 320
CANDIDATES_PER_HIT = 8
# What two bits say best of a normal variable (Max, 1960: Quantizing for minimum distortion).
_LEVELS = (-1.510, -0.4528, 0.4528, 1.510)
_CUT = 0.9816
_PER_BYTE = 4
_SEED = 0
# Equal vectors must score equal wherever they lie; sums differ in the seventh decimal.
_DECIMALS = 6
_BATCH = 8192


def round_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return `vectors` in the precision they are kept in, float16."""
    return np.ascontiguousarray(vectors, np.float16)


def encode_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return the codes of unit `vectors`, (n, d) float16: (n, d / 4 rounded up), uint8.

    A code is a function of its vector alone, with nothing learnt from the others, so that the codes
    of one shard outlast a change of another.
    """
    codes = np.empty((len(vectors), -(-vectors.shape[1] // _PER_BYTE)), np.uint8)
    cuts = np.array([-_CUT, 0, _CUT], np.float32) / np.float32(vectors.shape[1] ** 0.5)
    for first in range(0, len(vectors), _BATCH):
        turned = _turn(vectors[first : first + _BATCH].astype(np.float32))
        levels = sum((turned > cut).view(np.uint8) for cut in cuts)
        # As FAISS has them: a pair in four bits, its first coordinate in the upper two.
        codes[first : first + _BATCH] = (
            levels[:, 0::4] << 2 | levels[:, 1::4] | levels[:, 2::4] << 6 | levels[:, 3::4] << 4
        )
    return codes


def write_codes(path: Path, codes: Sequence[np.ndarray], dimension: int) -> None:
    """Write an index of `codes` (see `encode_vectors`) of `dimension` numbers, in that order, to
    `path`. Raises OSError."""
    import faiss

    library: Any = faiss  # its type stubs do not know this constructor
    pairs = 2 * codes[0].shape[1]
    index = faiss.IndexPQ(2 * pairs, pairs, 4, faiss.METRIC_INNER_PRODUCT)
    levels = np.array(_LEVELS, np.float32) / np.float32(dimension**0.5)
    centroids = np.stack(np.meshgrid(levels, levels, indexing="ij"), axis=-1)
    faiss.copy_array_to_vector(np.tile(centroids.ravel(), pairs), index.pq.centroids)
    faiss.copy_array_to_vector(np.concatenate(codes).ravel(), index.codes)
    index.is_trained, index.ntotal = True, sum(map(len, codes))
    path.write_bytes(faiss.serialize_index(library.IndexPQFastScan(index)).tobytes())


def _turn(vectors: np.ndarray) -> np.ndarray:
    """Return unit `vectors` (n, d), all turned alike so that their coordinates spread as those of a
    normal variable, whatever the model: random signs, then a Fourier transform (as in the fast
    Johnson-Lindenstrauss transform of Ailon and Chazelle, 2009). Inner products stay. Zeros fill
    the last byte of a code."""
    dimension = vectors.shape[1]
    waves = np.fft.rfft(vectors * _draw_signs(dimension), axis=1, norm="ortho")
    turned = np.zeros((len(vectors), dimension + -dimension % _PER_BYTE), np.float32)
    count = waves.shape[1]
    turned[:, :count] = waves.real
    turned[:, count:dimension] = waves.imag[:, 1 : dimension - count + 1]
    # A real transform: but for the first and, of even dimensions, the last each wave counts twice.
    turned *= np.float32(2**0.5)
    turned[:, [0] if dimension % 2 else [0, count - 1]] /= np.float32(2**0.5)
    return turned


@cache
def _draw_signs(dimension: int) -> np.ndarray:
    """Return the same random signs for every vector."""
    return np.random.default_rng(_SEED).choice(np.array([-1, 1], np.float32), dimension)


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
        if total <= wanted:
            return np.arange(total) if mask is None else np.flatnonzero(mask)
        if mask is None:
            return self._scan(query, wanted)
        rows = self._scan(query, min(len(mask), wanted * len(mask) // total))
        return rows[mask[rows]]

    def _scan(self, query: np.ndarray, count: int) -> np.ndarray:
        _, rows = self._index.search(_turn(query[None]), count)
        return rows[0][rows[0] >= 0]


def _select(mask: np.ndarray) -> Any:
    """Return the search parameters that narrow a flat search to the rows of `mask`."""
    import faiss

    library: Any = faiss  # its type stubs do not know the Python constructors
    bits = np.packbits(mask, bitorder="little")
    return library.SearchParameters(sel=library.IDSelectorBitmap(bits))
