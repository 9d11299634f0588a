from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rag.building import build_index
from rag.embedding import load_embedder
from rag.index import Index, open_index
from rag.periods import find_period
from rag.ranking import FEATURES, Weights
from rag.retrieval import Retriever
from rag.types import Filters

ISSUES = {
    "2025-01-10.txt": "La baleine bleue Ondine remonte la Seine jusqu'à Rouen.",
    "2025-03-10.txt": "La baleine bleue Ondine remonte la Seine jusqu'à Rouen.",
    "2025-05-10.txt": "Le port du Havre commande douze grues électriques à Liebherr.",
    "2025-06-10.txt": "Une usine de batteries ouvrira à Dunkerque, promet le maire.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("retrieval")
    (folder / "letters").mkdir()
    for name, text in ISSUES.items():
        (folder / "letters" / name).write_text(text, encoding="utf-8")
    build_index(folder / "letters", folder / "index")
    return open_index(folder / "index")


@pytest.fixture(scope="module")
def retriever(index: Index) -> Retriever:
    return Retriever(index, load_embedder())


def test_hits_are_ranked_and_scores_lie_in_0_to_1(retriever: Retriever) -> None:
    hits = retriever.search("grues du Havre", 10)
    assert hits[0].passage.source == "2025-05-10.txt"
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
    scores = [h.score for h in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 for s in scores)
    assert hits[0].lexical == 1.0


def test_the_newest_stands_for_passages_that_say_the_same(retriever: Retriever) -> None:
    sources = [h.passage.source for h in retriever.search("baleine à Rouen", 10)]
    assert sources[0] == "2025-03-10.txt"
    assert "2025-01-10.txt" not in sources


def test_a_question_in_another_language_finds_by_meaning(retriever: Retriever) -> None:
    hit = retriever.search("Where will the battery factory be built?", 1)[0]
    assert hit.passage.source == "2025-06-10.txt"


def test_a_statement_in_another_language_has_weights_of_its_own(index: Index) -> None:
    weights = Weights(np.zeros((3, len(FEATURES))), np.array([0.0, -1.0, 1.0]))
    retriever = Retriever(index, load_embedder(), weights)
    for query, raw in (
        ("Where will the battery factory be built?", -1.0),
        ("the new battery factory", -1.0),
        ("A battery factory will be built in the north.", 1.0),
    ):
        # The newest passage's score is not lessened by its date.
        best = retriever.search(query, 1)[0].score
        assert best == pytest.approx(1 / (1 + np.exp(-raw)), abs=1e-6)


def test_filters_are_kept_by_both_engines(retriever: Retriever) -> None:
    until = date(2025, 4, 1)
    hits = retriever.search("batteries et baleine", 10, Filters(until=until))
    assert hits
    assert all(h.passage.date and h.passage.date <= until for h in hits)
    assert retriever.search("baleine", 10, Filters(source="none.txt")) == []


def test_a_period_weighs_the_dates(retriever: Retriever) -> None:
    period = find_period("baleine le 10 janvier 2025", date(2025, 6, 10))
    assert period is not None
    assert not period.strict
    plain = {h.passage.source: h.score for h in retriever.search("baleine", 10)}
    weighed = {h.passage.source: h.score for h in retriever.search("baleine", 10, period=period)}
    assert weighed["2025-06-10.txt"] < plain["2025-06-10.txt"]


def test_the_same_query_gives_the_same_hits(retriever: Retriever) -> None:
    assert retriever.search("la Seine", 10) == retriever.search("la Seine", 10)


@pytest.mark.parametrize("query", ["?!", "de la", "zzzzz qqqqq", "🐋"])
def test_words_that_are_nowhere_still_rank_something(retriever: Retriever, query: str) -> None:
    hits = retriever.search(query, 3)
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
