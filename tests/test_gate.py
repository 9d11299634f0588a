"""The figures that must hold, on the real issues (where they are at hand) and on the samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@pytest.fixture(scope="module")
def gate(sample_assistant: Assistant) -> Sequence[Outcome]:
    """Questions over the samples, worded as near to the text as those over the real issues."""
    return run_questions(sample_assistant, read_questions(DATA / "gate_questions.jsonl").questions)


@dataclass(frozen=True)
class Gate:
    """The least that must hold. The sample questions are worded much further from the text, so
    their gate is what was reached, less a little."""

    recall_at_1: float
    recall_at_5: float
    recall_at_5_abroad: float
    holds: float
    holds_abroad: float
    first: float
    precision: float
    recall: float
    refused: float


GATES = {
    "real": Gate(0.85, 0.98, 0.90, 0.92, 0.85, 0.85, 0.90, 0.90, 0.03),
    "gate": Gate(0.85, 0.98, 0.90, 0.92, 0.85, 0.85, 0.90, 0.90, 0.03),
    "sample": Gate(0.80, 0.95, 0.95, 0.83, 0.86, 0.72, 0.80, 0.70, 0.05),
}


@pytest.fixture(scope="module", params=list(GATES))
def judged(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Gate]:
    return summarise_outcomes(request.getfixturevalue(request.param)), GATES[request.param]


def test_questions_find_their_passage(judged: tuple[dict[str, Any], Gate]) -> None:
    summary, gate = judged
    found = summary["retrieval"]
    assert found["fr"]["recall@1"] >= gate.recall_at_1
    assert found["fr"]["recall@5"] >= gate.recall_at_5
    assert found["not fr"]["recall@5"] >= gate.recall_at_5_abroad


def test_answers_hold_the_gold_answer(judged: tuple[dict[str, Any], Gate]) -> None:
    summary, gate = judged
    assert summary["answers"]["fr"]["holds_gold"] >= gate.holds
    assert summary["answers"]["not fr"]["holds_gold"] >= gate.holds_abroad
    assert summary["answers"]["fr"]["first_citation_holds_gold"] >= gate.first


def test_abstention(judged: tuple[dict[str, Any], Gate]) -> None:
    summary, gate = judged
    abstention = summary["abstention"]
    assert abstention["precision"] >= gate.precision
    assert abstention["recall"] >= gate.recall
    assert abstention["answerable_refused"] <= gate.refused


def test_every_citation_is_verbatim(judged: tuple[dict[str, Any], Gate]) -> None:
    assert judged[0]["citations_verbatim"] == 1.0


@pytest.mark.parametrize("name", list(GATES))
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


def test_questions_near_the_topic_are_refused_and_told_ones_are_not(
    sample_assistant: Assistant,
) -> None:
    """None of them was fitted on: an age, a birthplace, a school that the issues do not tell."""
    questions = read_questions(DATA / "refusals_held_out.jsonl").questions
    outcomes = [(q, sample_assistant.ask(q.question).abstained) for q in questions]
    refused = [abstained for question, abstained in outcomes if not question.answerable]
    assert sum(refused) / len(refused) >= 0.6
    assert not any(abstained for question, abstained in outcomes if question.answerable)


def test_questions_on_other_matters_are_refused(sample_assistant: Assistant) -> None:
    """None of them was fitted on: painters, planets and recipes, in five languages."""
    questions = read_questions(DATA / "refusals_foreign.jsonl").questions
    refused = [sample_assistant.ask(question.question).abstained for question in questions]
    assert sum(refused) / len(refused) >= 0.9
