"""Hits reranked by their best sentences: worked by hand, and on real reading."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.reading import Reading
from rag.reranking import READ, rerank_hits
from rag.types import Hit, Passage, Span


def make_hits(*scores: float) -> list[Hit]:
    return [
        Hit(
            Passage(f"Phrase {rank}.", "Titre", "Lettre", date(2025, 3, 4), f"{rank}.txt", 0, 9),
            score=score,
            rank=rank,
            cosine=0.5,
            lexical=0.5,
        )
        for rank, score in enumerate(scores, 1)
    ]


def make_readings(*scores: tuple[int, float]) -> list[Reading]:
    return [
        Reading(hit, Span(0, 9), Span(0, 6), score, 0.5, np.zeros(0, np.float32))
        for hit, score in scores
    ]


def test_odds_fall_with_how_far_the_best_sentence_is_behind() -> None:
    """Odds 3, 1 and 1/3; the first is 10 points behind, the last was not read: 4 points behind."""
    hits = make_hits(0.75, 0.5, 0.25)
    ranked = rerank_hits(hits, make_readings((0, -5.0), (1, 5.0), (0, -2.0)))
    assert [hit.passage.source for hit in ranked] == ["2.txt", "1.txt", "3.txt"]
    assert [hit.rank for hit in ranked] == [1, 2, 3]
    first, other = 3 * math.exp(-1.2 * 7), math.exp(-1.2 * 7) / 3
    expected = [0.5, first / (1 + first), other / (1 + other)]
    assert [hit.score for hit in ranked] == pytest.approx(expected, abs=1e-6)


def test_equal_hits_stay_in_their_order_and_certain_ones_within_bounds() -> None:
    ranked = rerank_hits(make_hits(1.0, 1.0, 0.0), make_readings((0, 1.0), (1, 1.0), (2, 1.0)))
    assert [hit.passage.source for hit in ranked] == ["1.txt", "2.txt", "3.txt"]
    assert all(0 <= hit.score <= 1 for hit in ranked)


def test_nothing_read_changes_nothing() -> None:
    hits = make_hits(0.9, 0.1)
    assert rerank_hits(hits, []) == hits
    assert rerank_hits([], []) == []


@pytest.mark.parametrize("k", [1, 3, 20])
def test_fewer_hits_are_the_first_of_more(sample_assistant: Assistant, k: int) -> None:
    question = "Combien Meta investit-il dans l'IA ?"
    hits, more = sample_assistant.search(question, k), sample_assistant.search(question, 40)
    assert [hit.rank for hit in hits] == list(range(1, k + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [hit.passage.id for hit in hits] == [hit.passage.id for hit in more][:k]


def test_an_answer_has_hits_of_the_search(sample_assistant: Assistant) -> None:
    question = "Combien Meta investit-il dans l'IA ?"
    answered = {hit.passage.id for hit in sample_assistant.ask(question, 8).hits}
    searched = {hit.passage.id for hit in sample_assistant.search(question, READ)}
    assert len(answered) == 8
    assert answered <= searched


def test_what_only_names_the_matter_is_ranked_by_the_search_alone(
    sample_assistant: Assistant,
) -> None:
    retriever = sample_assistant._snapshot().retriever
    for query in ("lunettes connectées de Meta", "Meta: smart glasses"):
        assert sample_assistant.search(query, 5) == retriever.search(query, 5)
    question = "Combien coûtent les lunettes connectées de Meta ?"
    assert sample_assistant.search(question, 5) != retriever.search(question, 5)
