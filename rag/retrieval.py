"""Question to hits: both engines find candidates, the ranking scores them, repeats are left out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np

from rag.chunking import tell_context
from rag.embedding import Embedder
from rag.index import Index
from rag.language import detect_language
from rag.lexical import stem_text
from rag.periods import Period, weigh_dates
from rag.ranking import (
    FEATURES,
    Candidate,
    Weights,
    compute_features,
    load_weights,
    make_terms,
    score_candidates,
)
from rag.types import Filters, Hit, Passage

# How many candidates each engine gives. PIAF: the right paragraph is among the first 32 of either
# for 97 % of questions (training/ranking).
DEPTH = 32
# How much less the oldest candidate counts than the newest: enough to decide between issues that
# tell the same fact, with recall on the samples and the real issues unchanged up to 0.3.
RECENCY = 0.2
_COVERAGE, _NAMES = FEATURES.index("union_coverage"), FEATURES.index("names")


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both engines found for a query: rows of the index, their passages and features.

    `lexical` are the BM25 scores as shares of the query's best, 0 where the words did not find it.
    `named`: the query has names.
    """

    rows: np.ndarray
    passages: Sequence[Passage]
    features: np.ndarray
    same_language: np.ndarray
    cosine: np.ndarray
    lexical: np.ndarray
    named: bool


class Retriever:
    """Finds passages of one index. Safe to share between threads."""

    def __init__(self, index: Index, embedder: Embedder, weights: Weights | None = None) -> None:
        self._index = index
        self._embedder = embedder
        self._weights = weights or load_weights()
        # Both engines leave the interpreter to others while they search.
        self._beside = ThreadPoolExecutor(2, "words")

    def search(
        self,
        query: str,
        k: int,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        period: Period | None = None,
    ) -> list[Hit]:
        """Return the `k` best passages for `query`, best first; equal scores by passage id.

        Of passages that say the same word by word the newest stands for all. `period`, where the
        query speaks of one, weighs the passages' dates; without one the newer weigh a little more.
        """
        found = self.find_candidates(query, filters)
        if not len(found.rows):
            return []
        scores = score_candidates(found.features, found.same_language, self._weights)
        days = [passage.date for passage in found.passages]
        scores = scores * (_prefer_newer(days) if period is None else weigh_dates(days, period))
        scores = scores.round(6)
        order = sorted(range(len(scores)), key=lambda n: (-scores[n], found.passages[n].id))
        return [
            Hit(
                passage=found.passages[n],
                score=float(scores[n]),
                rank=rank,
                cosine=float(found.cosine[n]),
                lexical=float(found.lexical[n]),
                coverage=float(found.features[n, _COVERAGE]),
                names=float(found.features[n, _NAMES]) if found.named else 1.0,
            )
            for rank, n in enumerate(_drop_repeats(order, found.passages)[:k], 1)
        ]

    def find_candidates(self, query: str, filters: Filters = Filters()) -> Candidates:  # noqa: B008
        """Return what both engines find for `query`, unscored, in the order of rows."""
        mask = self._index.mask(filters)
        language = detect_language(query)
        stems = self._index.analyse(query, language)
        by_words = self._beside.submit(self._index.search_words, stems, DEPTH, mask)
        vector = self._embedder.encode_query([query])[0]
        near_rows, _ = self._index.search_vectors(vector, DEPTH, mask)
        word_rows, word_scores = by_words.result()
        rows = np.union1d(word_rows, near_rows).astype(np.int64)
        lexical = np.zeros(len(rows))
        if len(word_rows):
            lexical[np.searchsorted(rows, word_rows)] = word_scores / word_scores[0]
        cosine = (self._index.vectors(rows) @ vector).round(6)
        passages = self._index.passages(rows)
        same = np.array([p.language == language for p in passages], bool)
        terms = make_terms(query, stems, self._index.idf(stems))
        features = compute_features(terms, list(map(_make_candidate, passages, cosine.tolist())))
        named = bool(terms.names.any())
        return Candidates(rows, passages, features, same, cosine, lexical, named)


def _make_candidate(passage: Passage, cosine: float) -> Candidate:
    context = f"{passage.section} {tell_context(passage.article, passage.text)}"
    return Candidate(
        tokens=stem_text(passage.text, passage.language),
        title=stem_text(context, passage.language),
        cosine=cosine,
    )


def _prefer_newer(days: Sequence[date | None]) -> np.ndarray:
    """Return a factor for each date: 1 for the newest, 1 - RECENCY for the oldest."""
    ordinals = [day.toordinal() for day in days if day]
    if not ordinals or min(ordinals) == max(ordinals):
        return np.ones(len(days))
    oldest, span = min(ordinals), max(ordinals) - min(ordinals)
    shares = [(day.toordinal() - oldest) / span if day else 0.5 for day in days]
    return 1 - RECENCY * (1 - np.array(shares))


def _drop_repeats(order: Sequence[int], passages: Sequence[Passage]) -> list[int]:
    """Return `order` with one passage for each text: the newest, at the place of the best."""
    newest: dict[tuple[str, ...], int] = {}
    for n in order:
        stems = stem_text(passages[n].text, passages[n].language)
        kept = newest.setdefault(stems, n)
        if kept != n and _is_newer(passages[n], passages[kept]):
            newest[stems] = n
    return list(newest.values())


def _is_newer(one: Passage, other: Passage) -> bool:
    return one.date is not None and (other.date is None or one.date > other.date)
