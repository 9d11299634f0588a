"""Hits reranked by their best sentences: worked by hand, and on real reading."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.questions import analyse_question
from rag.reading import Reading, read_hits
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
    """Log-odds 1.1, 0 and -1.1; the first is 7 points behind, the last was not read: 7 likewise."""
    hits = make_hits(0.75, 0.5, 0.25)
    ranked = rerank_hits(hits, make_readings((0, -5.0), (1, 5.0), (0, -2.0)))
    assert [hit.passage.source for hit in ranked] == ["2.txt", "1.txt", "3.txt"]
    assert [hit.rank for hit in ranked] == [1, 2, 3]
    assert [hit.score for hit in ranked] == [0.75, 0.5, 0.25]
    # 1.1 of log-odds are worth 0.92 points of reading.
    for points, first in ((0.9, "1.txt"), (0.93, "2.txt")):
        ranked = rerank_hits(hits, make_readings((0, 0.0), (1, points), (2, 0.0)))
        assert ranked[0].passage.source == first


def test_hits_far_behind_keep_the_order_of_their_readings() -> None:
    hits = make_hits(0.4, 0.3, 0.2, 0.1)
    ranked = rerank_hits(hits, make_readings((0, 90.0), (1, 10.0), (2, 20.0), (3, 30.0)))
    assert [hit.passage.source for hit in ranked] == ["1.txt", "4.txt", "3.txt", "2.txt"]


def test_equal_hits_stay_in_their_order() -> None:
    ranked = rerank_hits(make_hits(1.0, 1.0, 0.0), make_readings((0, 1.0), (1, 1.0), (2, 1.0)))
    assert [hit.passage.source for hit in ranked] == ["1.txt", "2.txt", "3.txt"]


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


def test_an_answer_has_its_hits_in_the_order_of_reading(sample_assistant: Assistant) -> None:
    question = "Combien coûtent les lunettes connectées de Meta ?"
    hits = sample_assistant.ask(question, 8).hits
    found = sample_assistant._snapshot().retriever.search(question, 8)
    asked = analyse_question(question)
    assert list(hits) == rerank_hits(found, read_hits(asked, found)) != found
    assert hits[0].passage == sample_assistant.search(question, 8)[0].passage


def test_a_search_reads_hits_too_that_an_answer_leaves_unread(sample_assistant: Assistant) -> None:
    """Of a bank whose name the question does not know, the passage has few of its words."""
    question = "Quelle banque française propose un jeton libellé en euros ?"
    asked = analyse_question(question)
    found = sample_assistant._snapshot().retriever.search(question, READ)
    hits = sample_assistant.search(question, READ)
    assert hits == rerank_hits(found, read_hits(asked, found, every=True))
    assert hits != rerank_hits(found, read_hits(asked, found))
    assert any("Société Générale" in hit.passage.text for hit in hits[:5])


def test_what_only_names_the_matter_is_ranked_by_the_search_alone(
    sample_assistant: Assistant,
) -> None:
    retriever = sample_assistant._snapshot().retriever
    for query in ("lunettes connectées de Meta", "Meta: smart glasses"):
        found = retriever.search(query, 5)
        assert sample_assistant.search(query, 5) == found
        assert list(sample_assistant.ask(query, 5).hits) == found
    question = "Combien coûtent les lunettes connectées de Meta ?"
    assert sample_assistant.search(question, 5) != retriever.search(question, 5)
