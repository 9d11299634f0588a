"""Token sequences of unequal length in two flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from tokenizers import Tokenizer


@dataclass(frozen=True)
class Ragged:
    """`ids[offsets[i]:offsets[i + 1]]` are the tokens of text i."""

    ids: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets)

    def take(self, rows: np.ndarray) -> Ragged:
        """The texts of these rows, in their order."""
        return cut(self.ids, self.offsets[rows], self.lengths[rows])


def cut(ids: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> Ragged:
    """Slices `ids[starts[i]:starts[i] + lengths[i]]` as one Ragged."""
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    positions = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    return Ragged(ids[positions], offsets)


def join(left: Ragged, right: Ragged) -> Ragged:
    """Text i of `left` followed by text i of `right`."""
    both = np.stack([left.lengths, right.lengths], axis=1).ravel()
    starts = np.stack([left.offsets[:-1], right.offsets[:-1] + len(left.ids)], axis=1).ravel()
    joined = cut(np.concatenate([left.ids, right.ids]), starts, both)
    return Ragged(joined.ids, joined.offsets[::2])


def concatenate(parts: Sequence[Ragged]) -> Ragged:
    """All texts of all parts, in order."""
    lengths = np.concatenate([part.lengths for part in parts])
    return Ragged(
        np.concatenate([part.ids for part in parts]), np.concatenate([[0], np.cumsum(lengths)])
    )


def drop(texts: Ragged, rate: float, rng: np.random.Generator) -> Ragged:
    """The texts without a random share of their tokens."""
    keep = rng.random(len(texts.ids)) >= rate
    kept = np.concatenate([[0], np.cumsum(keep)])
    return Ragged(texts.ids[keep], kept[texts.offsets])


def encode(texts: Sequence[str], tokenizer: Tokenizer) -> Ragged:
    """Tokenize; int32 ids."""
    arrays, lengths = [np.zeros(0, np.int32)], [0]
    for start in range(0, len(texts), 10_000):
        for encoding in tokenizer.encode_batch_fast(texts[start : start + 10_000]):
            arrays.append(np.asarray(encoding.ids, np.int32))
            lengths.append(len(encoding.ids))
    return Ragged(np.concatenate(arrays), np.cumsum(lengths))


def count_matrix(texts: Ragged, vocabulary: int) -> sp.csr_matrix:
    """Share of each token in each text: (n, vocabulary) float32, rows sum to 1 (or 0 if empty)."""
    lengths = texts.lengths
    weights = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
    return sp.csr_matrix((weights, texts.ids, texts.offsets), shape=(len(texts), vocabulary))
