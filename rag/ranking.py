"""Scores the candidates of both engines for one query: a linear model over what both know of them.

The features are in the manner of Qin et al., LETOR (2010); the weights are learned by the
cross-entropy of the right candidate among all (ListNet with one relevant: Cao et al., 2007), see
training/ranking. There are three rows of weights, since one does not fit all: for passages in the
language of the query; for the others, where words seldom match and meaning must do; and for the
others where a whole sentence is sought, of which meaning tells still more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from rag.lexical import hash_stem
from rag.shards import PassageStems
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
    "context_bm25",
    "context_coverage",
)
# The rows of weights, see `Weights`.
PARTS = ("same", "other", "statement")
_WEIGHTS = Path(__file__).parent / "models" / "ranking" / "weights.json"
_NEAR, _SENTENCE, _ADJACENT = 12, 30, 3
_K1, _B, _AVERAGE_TOKENS = 1.2, 0.75, 75.0
# Many articles are of one or two passages.
_AVERAGE_CONTEXT = 2 * _AVERAGE_TOKENS
_LAST_BITS = np.uint32(0xFFFF)


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The words of a query that are searched, and the idf of each.

    `stems` are the numbers of the stems that they may have, ascending (`rag.lexical.hash_stem`),
    and `owners` the word that each belongs to. `names` tells which words are capitalised inside
    the query, `numbers` which are figures.
    """

    stems: np.ndarray
    owners: np.ndarray
    idf: np.ndarray
    names: np.ndarray
    numbers: np.ndarray


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights (3, features): of the query's own language, of the others, and of the others for a
    statement; bias of each."""

    rows: np.ndarray
    bias: np.ndarray


def make_terms(query: str, stems: Sequence[tuple[str, ...]], idf: np.ndarray) -> QueryTerms:
    """Return the terms of `query`: `stems` and `idf` as the index gives them for it."""
    capitals = {fold_text(word)[:4] for word in re.findall(r"\w+", query)[1:] if word[0].isupper()}
    names = [any(stem[:4] in capitals for stem in group) for group in stems]
    numbers = [group[0][:1].isdigit() for group in stems]
    owner_of = {hash_stem(stem): n for n, group in enumerate(stems) for stem in group}
    known = np.array(sorted(owner_of), np.uint32)
    owners = np.array([owner_of[number] for number in known.tolist()], np.int64)
    return QueryTerms(known, owners, idf, np.array(names, bool), np.array(numbers, bool))


# BLAS may touch what lies beside its rows, which is no error of ours.
@np.errstate(invalid="ignore")
def compute_features(
    terms: QueryTerms, texts: Sequence[PassageStems], cosines: np.ndarray
) -> np.ndarray:
    """Return what is known of each candidate, float64 (len(texts), len(FEATURES)), by its stems and
    its cosine."""
    features = np.zeros((len(texts), len(FEATURES)))
    if not texts:
        return features
    share = terms.idf / max(float(terms.idf.sum()), 1e-9)
    sizes = np.array([len(text.context) for text in texts])
    starts = np.array([text.start for text in texts])
    lengths = np.array([text.end for text in texts]) - starts
    context = _find_matches(terms, [text.context for text in texts])
    matches = _cut_matches(context, starts, lengths)
    titles = _find_matches(terms, [text.title for text in texts])
    around = _count(context, len(texts), len(share))
    counts = _count(matches, len(texts), len(share))
    held, in_title = counts > 0, _count(titles, len(texts), len(share)) > 0
    either = held | in_title
    features[:, 0] = _weigh_counts(counts, lengths / _AVERAGE_TOKENS, terms.idf)
    features[:, 1] = features[:, 0] / max(features[:, 0].max(), 1e-9)
    features[:, 2] = cosines
    features[:, 3] = features[:, 2] - features[:, 2].max()
    features[:, 4] = held @ share
    features[:, 5] = in_title @ share
    features[:, 6] = either @ share
    features[:, 7] = _cover_window(matches, share, _NEAR, len(texts))
    features[:, 8] = _cover_window(matches, share, _SENTENCE, len(texts))
    features[:, 9] = _count_adjacent(matches, share, len(texts))
    features[:, 10] = either[:, int(np.argmax(terms.idf))] if len(share) else 0
    features[:, 11] = _share_of(terms.numbers, either, share)
    features[:, 12] = _share_of(terms.names, either, share)
    features[:, 13] = np.log1p(lengths) / 5
    features[:, 14] = 1
    owners, first = np.unique(matches.owner, return_index=True)
    features[owners, 14] = matches.place[first] / lengths[owners]
    features[:, 15] = _weigh_counts(around, sizes / _AVERAGE_CONTEXT, terms.idf)
    features[:, 16] = ((around > 0) | in_title) @ share
    return features


def score_candidates(
    features: np.ndarray, same_language: np.ndarray, statement: bool, weights: Weights
) -> np.ndarray:
    """Return for each candidate how likely it is to answer, in 0..1: the logistic of its score.
    `statement`: the query is a whole sentence that asks nothing."""
    row = np.where(same_language, 0, 2 if statement else 1)
    raw = (features * weights.rows[row]).sum(axis=1) + weights.bias[row]
    return np.asarray(1.0 / (1.0 + np.exp(-raw)))


@cache
def load_weights() -> Weights:
    """Return the weights in the package."""
    stored: Mapping[str, Mapping[str, float]] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return Weights(
        np.array([[stored[part][name] for name in FEATURES] for part in PARTS]),
        np.array([stored[part]["bias"] for part in PARTS]),
    )


@dataclass(frozen=True, slots=True)
class _Matches:
    """Where words of the query stand, in order: number of the text, place in it, term."""

    owner: np.ndarray
    place: np.ndarray
    term: np.ndarray


def _find_matches(terms: QueryTerms, texts: Sequence[np.ndarray]) -> _Matches:
    flat = np.concatenate(texts)
    # Their last bits tell most tokens from the query's words.
    likely = np.zeros(_LAST_BITS + 1, bool)
    likely[terms.stems & _LAST_BITS] = True
    places = np.flatnonzero(likely[flat & _LAST_BITS])
    at = np.searchsorted(terms.stems[:-1], flat[places])
    known = terms.stems[at] == flat[places]
    places, at = places[known], at[known]
    ends = np.cumsum([len(text) for text in texts])
    owner = np.searchsorted(ends, places, side="right")
    starts = np.append(0, ends[:-1])
    return _Matches(owner, places - starts[owner], terms.owners[at])


def _cut_matches(matches: _Matches, starts: np.ndarray, lengths: np.ndarray) -> _Matches:
    """Return those of `matches` within `lengths` tokens of `starts`, with their places there."""
    place = matches.place - starts[matches.owner]
    own = (place >= 0) & (place < lengths[matches.owner])
    return _Matches(matches.owner[own], place[own], matches.term[own])


def _weigh_counts(counts: np.ndarray, sizes: np.ndarray, idf: np.ndarray) -> np.ndarray:
    """Return the BM25 of texts that hold each term as often as `counts` (texts × terms) say, in
    tens; `sizes` are in average texts."""
    length = (1 - _B + _B * sizes)[:, None]
    return np.asarray((counts * (_K1 + 1) / (counts + _K1 * length)) @ idf / 10)


def _count(matches: _Matches, texts: int, terms: int) -> np.ndarray:
    """Return how often each text holds each term, (texts, terms)."""
    cells = matches.owner * terms + matches.term
    return np.bincount(cells, minlength=texts * terms).reshape(texts, terms)


def _cover_window(matches: _Matches, share: np.ndarray, width: int, texts: int) -> np.ndarray:
    """Return for each text the largest share of the query within `width` consecutive tokens."""
    best = np.zeros(texts)
    if len(matches.owner):
        # No window reaches from one text into the next.
        place = matches.place + matches.owner * (int(matches.place.max()) + width + 1)
        own = matches.term[:, None] == np.arange(len(share))
        latest = np.maximum.accumulate(np.where(own, place[:, None], -width), axis=0)
        within = latest > place[:, None] - width
        np.maximum.at(best, matches.owner, within @ share)
    return best


def _count_adjacent(matches: _Matches, share: np.ndarray, texts: int) -> np.ndarray:
    """Return how much of the query's neighbouring words are neighbours in each text too."""
    weight = share[:-1] * share[1:]
    total = weight.sum()
    if not total:
        return np.zeros(texts)
    owner, place, term = matches.owner, matches.place, matches.term
    near = (owner[1:] == owner[:-1]) & (place[1:] - place[:-1] <= _ADJACENT)
    follow = np.flatnonzero(near & (term[1:] == term[:-1] + 1))
    found = np.zeros((texts, len(weight)), bool)
    found[owner[follow], term[follow]] = True
    return np.asarray(found @ weight / total)


def _share_of(wanted: np.ndarray, held: np.ndarray, share: np.ndarray) -> np.ndarray:
    total = share[wanted].sum()
    return held[:, wanted] @ share[wanted] / total if total else np.zeros(len(held))
