"""Question to hits: both engines find candidates, the ranking scores them, repeats are left out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from rag.embedding import Embedder
from rag.index import Index
from rag.language import detect_language
from rag.periods import Period, weigh_dates
from rag.questions import is_statement
from rag.ranking import (
    FEATURES,
    Weights,
    compute_features,
    load_weights,
    make_terms,
    score_candidates,
)
from rag.shards import LANGUAGES
from rag.synonyms import replace_turns
from rag.types import Filters, Hit
from rag.vectors import FLAT_LIMIT

# How many candidates each engine gives. At 64, for 0.4 ms more over 186,000 passages, none of 754
# answers was another, and of 1,000 titles 0.864 instead of 0.863 were found among the first ten.
DEPTH = 40
# How much less the oldest candidate counts than the newest: enough to decide between issues that
# tell the same fact, with recall on the samples and the real issues unchanged up to 0.3.
RECENCY = 0.2
_COVERAGE, _NAMES = FEATURES.index("union_coverage"), FEATURES.index("names")


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both engines found for a query: rows of the index, ascending, and their features.

    `lexical` are the BM25 scores as shares of the query's best, 0 where the words did not find it.
    `days` are the ordinals of the dates, 0 for none; `words` tells texts of other words apart.
    `named`: the query has names.
    """

    rows: np.ndarray
    features: np.ndarray
    same_language: np.ndarray
    cosine: np.ndarray
    lexical: np.ndarray
    days: np.ndarray
    words: Sequence[bytes]
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
        scores = score_candidates(
            found.features, found.same_language, is_statement(query), self._weights
        )
        if period is None:
            scores = scores * _prefer_newer(found.days)
        else:
            days = [date.fromordinal(day) if day else None for day in found.days.tolist()]
            scores = scores * weigh_dates(days, period)
        scores = scores.round(6)
        ranked = np.searchsorted(found.rows, self._index.rank(found.rows, scores)).tolist()
        return [
            Hit(
                passage=self._index.passage(int(found.rows[n])),
                score=float(scores[n]),
                rank=rank,
                cosine=float(found.cosine[n]),
                lexical=float(found.lexical[n]),
                coverage=float(found.features[n, _COVERAGE]),
                names=float(found.features[n, _NAMES]) if found.named else 1.0,
            )
            for rank, n in enumerate(_drop_repeats(ranked, found)[:k], 1)
        ]

    def find_candidates(self, query: str, filters: Filters = Filters()) -> Candidates:  # noqa: B008
        """Return what both engines find for `query`, unscored, in the order of rows."""
        mask = self._index.mask(filters)
        language = detect_language(query)
        query = replace_turns(query)
        stems = self._index.analyse(query, language)
        search_words = partial(self._index.search_words, stems, DEPTH, mask)
        # In a small index the words are found before a thread is awake.
        large = len(self._index) > FLAT_LIMIT
        take_words = self._beside.submit(search_words).result if large else search_words
        vector = self._embedder.encode_query([query])[0]
        near_rows, near_cosines = self._index.search_vectors(vector, DEPTH, mask)
        terms = make_terms(query, stems, self._index.idf(stems))
        word_rows, word_scores = take_words()
        rows = np.union1d(word_rows, near_rows).astype(np.int64)
        lexical = np.zeros(len(rows))
        if len(word_rows):
            lexical[np.searchsorted(rows, word_rows)] = word_scores / word_scores[0]
        cosine = np.full(len(rows), np.nan, np.float32)
        cosine[np.searchsorted(rows, near_rows)] = near_cosines
        unknown = np.isnan(cosine)
        cosine[unknown] = (self._index.vectors(rows[unknown]) @ vector).round(6)
        languages = self._index.columns.language[rows]
        same = languages == LANGUAGES.index(language)
        texts = self._index.stems(rows)
        return Candidates(
            rows=rows,
            features=compute_features(terms, texts, cosine),
            same_language=same,
            cosine=cosine,
            lexical=lexical,
            days=self._index.columns.day[rows],
            words=[text.own.tobytes() for text in texts],
            named=bool(terms.names.any()),
        )


def _prefer_newer(days: np.ndarray) -> np.ndarray:
    """Return a factor for each of `days` (see Candidates): 1 for the newest, 1 - RECENCY for the
    oldest, between them for those unknown."""
    known = days[days > 0]
    if not len(known) or known.min() == known.max():
        return np.ones(len(days))
    shares = np.where(days > 0, (days - known.min()) / (known.max() - known.min()), 0.5)
    return 1 - RECENCY * (1 - shares)


def _drop_repeats(ranked: Sequence[int], found: Candidates) -> list[int]:
    """Return `ranked` with one passage for each text: the newest, at the place of the best."""
    newest: dict[bytes, int] = {}
    for n in ranked:
        kept = newest.setdefault(found.words[n], n)
        if found.days[n] > found.days[kept]:
            newest[found.words[n]] = n
    return list(newest.values())
