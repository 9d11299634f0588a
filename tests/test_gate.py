"""The figures that must hold, on the real issues (where they are at hand) and on the samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.assistant import Assistant
from rag.evaluation import Outcome, run_questions, summarise_outcomes
from rag.questions_file import read_questions

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def real(shared: Path, real_assistant: Assistant) -> Sequence[Outcome]:
    questions = read_questions(shared / "eval" / "seed_questions.jsonl").questions
    return run_questions(real_assistant, questions)


@pytest.fixture(scope="module")
def sample(sample_assistant: Assistant) -> Sequence[Outcome]:
    questions = read_questions(DATA / "sample_questions.jsonl").questions
    return run_questions(sample_assistant, questions)


@pytest.fixture(scope="module", params=["real", "sample"])
def summary(request: pytest.FixtureRequest) -> dict[str, Any]:
    return summarise_outcomes(request.getfixturevalue(request.param))


def test_french_questions_find_their_passage(summary: dict[str, Any]) -> None:
    found = summary["retrieval"]["fr"]
    assert found["recall@1"] >= 0.85
    assert found["recall@5"] >= 0.98


def test_questions_in_other_languages_find_their_passage(summary: dict[str, Any]) -> None:
    assert summary["retrieval"]["not fr"]["recall@5"] >= 0.90


def test_answers_hold_the_gold_answer(summary: dict[str, Any]) -> None:
    assert summary["answers"]["fr"]["holds_gold"] >= 0.92
    assert summary["answers"]["not fr"]["holds_gold"] >= 0.85


def test_the_first_citation_holds_the_gold_answer(summary: dict[str, Any]) -> None:
    assert summary["answers"]["fr"]["first_citation_holds_gold"] >= 0.85


def test_abstention(summary: dict[str, Any]) -> None:
    abstention = summary["abstention"]
    assert abstention["precision"] >= 0.85
    assert abstention["recall"] >= 0.80
    assert abstention["answerable_refused"] <= 0.05


def test_every_citation_is_verbatim(summary: dict[str, Any]) -> None:
    assert summary["citations_verbatim"] == 1.0


@pytest.mark.parametrize("name", ["real", "sample"])
def test_citations_come_from_the_hits_in_order_of_use(
    name: str, request: pytest.FixtureRequest
) -> None:
    for outcome in request.getfixturevalue(name):
        answer = outcome.answer
        ranges = [(h.passage.source, h.passage.start, h.passage.end) for h in answer.hits]
        for citation in answer.citations:
            assert any(
                source == citation.source and start <= citation.start and citation.end <= end
                for source, start, end in ranges
            )
        assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
        marks = [answer.text.find(f"[{c.number}]") for c in answer.citations]
        assert marks == sorted(marks)
        assert -1 not in marks
