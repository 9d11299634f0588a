"""Scores the candidates of both engines for one query: a linear model over what both know of them.

The features are in the manner of Qin et al., LETOR (2010); the weights are learned by the
cross-entropy of the right candidate among all (ListNet with one relevant: Cao et al., 2007), see
training/ranking. There are two rows of weights, since one does not fit both: for passages in the
language of the query, and for the others, where words seldom match and meaning must do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from rag.words import fold_text

FEATURES = (
    "bm25",
    "bm25_share",
    "cosine",
    "cosine_gap",
    "coverage",
    "title_coverage",
    "union_coverage",
    "near_coverage",
    "sentence_coverage",
    "adjacent",
    "rarest",
    "numbers",
    "names",
    "length",
    "first",
)
_WEIGHTS = Path(__file__).parent / "models" / "ranking" / "weights.json"
_NEAR, _SENTENCE, _ADJACENT = 12, 30, 3
_K1, _B, _AVERAGE_TOKENS = 1.2, 0.75, 75.0


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The words of a query that are searched: the stems each may have, and its idf.

    `names` tells which of them are capitalised inside the query, `numbers` which are figures.
    """

    stems: tuple[tuple[str, ...], ...]
    idf: np.ndarray
    names: np.ndarray
    numbers: np.ndarray


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage to be scored: the stems of its text and of its title in order, and its cosine."""

    tokens: Sequence[str]
    title: Sequence[str]
    cosine: float
    same_language: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights (2, features): of the query's own language, then of the others; bias of each."""

    rows: np.ndarray
    bias: np.ndarray


def make_terms(query: str, stems: Sequence[tuple[str, ...]], idf: np.ndarray) -> QueryTerms:
    """Return the terms of `query`: `stems` and `idf` as the index gives them for it."""
    capitals = {fold_text(word)[:4] for word in re.findall(r"\w+", query)[1:] if word[0].isupper()}
    names = [any(stem[:4] in capitals for stem in group) for group in stems]
    numbers = [group[0][:1].isdigit() for group in stems]
    return QueryTerms(tuple(stems), idf, np.array(names, bool), np.array(numbers, bool))


def compute_features(terms: QueryTerms, candidates: Sequence[Candidate]) -> np.ndarray:
    """Return what is known of each candidate, float64 (len(candidates), len(FEATURES))."""
    lookup = {stem: n for n, group in enumerate(terms.stems) for stem in group}
    share = terms.idf / max(float(terms.idf.sum()), 1e-9)
    features = np.zeros((len(candidates), len(FEATURES)))
    for row, candidate in zip(features, candidates, strict=True):
        _fill_row(row, terms, share, lookup, candidate)
    if len(candidates):
        features[:, 1] = features[:, 0] / max(features[:, 0].max(), 1e-9)
        features[:, 3] = features[:, 2] - features[:, 2].max()
    return features


def score_candidates(
    features: np.ndarray, same_language: np.ndarray, weights: Weights
) -> np.ndarray:
    """Return for each candidate how likely it is to answer, in 0..1: the logistic of its score."""
    row = np.where(same_language, 0, 1)
    raw = (features * weights.rows[row]).sum(axis=1) + weights.bias[row]
    return np.asarray(1.0 / (1.0 + np.exp(-raw)))


@cache
def load_weights() -> Weights:
    """Return the weights in the package."""
    stored: Mapping[str, Mapping[str, float]] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return Weights(
        np.array([[stored[part][name] for name in FEATURES] for part in ("same", "other")]),
        np.array([stored[part]["bias"] for part in ("same", "other")]),
    )


def _fill_row(
    row: np.ndarray,
    terms: QueryTerms,
    share: np.ndarray,
    lookup: Mapping[str, int],
    candidate: Candidate,
) -> None:
    tokens = candidate.tokens
    matches = [(place, lookup[token]) for place, token in enumerate(tokens) if token in lookup]
    counts = np.bincount([n for _, n in matches], minlength=len(share)) if matches else share * 0
    held = counts > 0
    in_title = np.zeros(len(share), bool)
    in_title[[lookup[token] for token in candidate.title if token in lookup]] = True
    either = held | in_title
    length = 1 - _B + _B * len(tokens) / _AVERAGE_TOKENS
    row[0] = (terms.idf * counts * (_K1 + 1) / (counts + _K1 * length)).sum() / 10
    row[2] = candidate.cosine
    row[4] = share[held].sum()
    row[5] = share[in_title].sum()
    row[6] = share[either].sum()
    row[7] = _cover_window(matches, share, _NEAR)
    row[8] = _cover_window(matches, share, _SENTENCE)
    row[9] = _count_adjacent(matches, share)
    row[10] = bool(len(share)) and either[int(np.argmax(terms.idf))]
    row[11] = _share_of(terms.numbers, either, share)
    row[12] = _share_of(terms.names, either, share)
    row[13] = np.log1p(len(tokens)) / 5
    row[14] = matches[0][0] / len(tokens) if matches else 1.0


def _cover_window(matches: Sequence[tuple[int, int]], share: np.ndarray, width: int) -> float:
    """Return the largest share of the query that stands within `width` consecutive tokens."""
    seen: dict[int, int] = {}
    best = current = 0.0
    first = 0
    for place, term in matches:
        seen[term] = seen.get(term, 0) + 1
        if seen[term] == 1:
            current += share[term]
        while matches[first][0] <= place - width:
            left = matches[first][1]
            seen[left] -= 1
            if not seen[left]:
                current -= share[left]
            first += 1
        best = max(best, current)
    return float(best)


def _count_adjacent(matches: Sequence[tuple[int, int]], share: np.ndarray) -> float:
    """Return how much of the query's neighbouring words are neighbours in the text too."""
    weight = share[:-1] * share[1:]
    total = weight.sum()
    if not total:
        return 0.0
    found = {
        term
        for (place, term), (next_place, next_term) in pairwise(matches)
        if next_term == term + 1 and next_place - place <= _ADJACENT
    }
    return float(sum(weight[term] for term in found) / total)


def _share_of(wanted: np.ndarray, held: np.ndarray, share: np.ndarray) -> float:
    total = share[wanted].sum()
    return float(share[wanted & held].sum() / total) if total else 0.0
