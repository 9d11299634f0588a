"""Ranges of words as short answers: which one a sentence's scores speak for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# The most words, marks included, that a short answer has.
LONGEST = 20
IMPOSSIBLE = np.float32(-1e9)
# How many ranges of a sentence are weighed against each other: the rest have next to no share.
_LIKELIEST = 40
# How many times a range's own share counts beside its expected F1: without it F1 gains nothing and
# exact matches are lost (training/reader/NOTES.md).
_OWN = 2


@dataclass(frozen=True, slots=True)
class Ranges:
    """Of each sentence the likeliest range: its score, its share among all ranges of the sentence
    (0..1), its first and last token."""

    best: np.ndarray
    share: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def list_likeliest(self, sentence: int) -> tuple[int, int, float]:
        """Return first and last token of the likeliest range of `sentence`, and its share."""
        return int(self.first[sentence]), int(self.last[sentence]), float(self.share[sentence])


def rate_ranges(scores: np.ndarray, first: np.ndarray) -> Ranges:
    """Return the likeliest ranges, given the scores of all (tokens × LONGEST) and the first tokens
    of the sentences."""
    tops = scores.max(axis=1)
    best = np.maximum.reduceat(tops, first)
    highest = np.repeat(best, np.diff(first, append=len(scores)))
    sums = np.exp(scores - highest[:, None]).sum(axis=1)
    begins = np.where(tops == highest, np.arange(len(scores)), len(scores))
    begin = np.minimum.reduceat(begins, first)
    return Ranges(
        best=best,
        share=1 / np.add.reduceat(sums, first),
        first=begin,
        last=begin + scores[begin].argmax(axis=1),
    )


def choose_span(scores: np.ndarray) -> tuple[int, int, float]:
    """Return first and last token of the short answer in a sentence, and its share among all
    ranges, given their `scores` (tokens × LONGEST): the one of the greatest expected F1 plus _OWN
    times its share, over the likeliest (minimum Bayes risk, Kumar & Byrne 2004)."""
    flat = scores.ravel()
    likeliest = min(_LIKELIEST, len(flat))
    top = np.argpartition(-flat, likeliest - 1)[:likeliest]
    shares = np.exp(flat[top] - flat.max())
    shares /= np.exp(flat - flat.max()).sum()
    first, more = np.divmod(top, LONGEST)
    last = first + more
    shared = np.minimum(last[:, None], last) - np.maximum(first[:, None], first) + 1
    overlap = 2 * np.maximum(shared, 0) / (more[:, None] + more + 2)
    best = int((overlap @ shares + _OWN * shares).argmax())
    return int(first[best]), int(last[best]), float(shares[best])
