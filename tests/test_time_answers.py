"""Facts that change from issue to issue, asked of the sample issues: no stale answer leads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.evaluation import holds_answer

if TYPE_CHECKING:
    from rag.assistant import Assistant

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "sample_questions.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
CHANGING = [row for row in ROWS if row.get("stale")]
DISPUTED = [row for row in ROWS if row.get("disputed")]


@pytest.mark.parametrize("row", CHANGING, ids=lambda row: row["id"])
def test_no_former_value_leads(row: dict[str, Any], sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask(row["question"])
    if not answer.abstained:
        first = answer.citations[0].quote
        assert holds_answer(first, row["answers"]) or not holds_answer(first, row["stale"])


def test_most_changing_facts_are_answered_with_the_newest_value(
    sample_assistant: Assistant,
) -> None:
    answers = [(row, sample_assistant.ask(row["question"])) for row in CHANGING]
    right = [
        row["id"]
        for row, answer in answers
        if answer.citations and holds_answer(answer.citations[0].quote, row["answers"])
    ]
    with_history = [row["id"] for row, answer in answers if answer.timeline]
    print(f"{len(right)} of {len(CHANGING)} lead with the newest value; history: {with_history}")
    assert len(CHANGING) >= 6
    assert len(right) >= 0.75 * len(CHANGING)
    assert with_history


@pytest.mark.parametrize("row", CHANGING, ids=lambda row: row["id"])
def test_a_timeline_runs_from_old_to_new_and_cites(
    row: dict[str, Any], sample_assistant: Assistant
) -> None:
    answer = sample_assistant.ask(row["question"])
    dates = [entry.date for entry in answer.timeline]
    assert dates == sorted(dates)
    cited = {citation.number: citation for citation in answer.citations}
    for entry in answer.timeline:
        assert cited[entry.citation].date == entry.date


@pytest.mark.parametrize("row", DISPUTED, ids=lambda row: row["id"])
def test_values_disputed_on_one_day_are_both_given_and_named_so(
    row: dict[str, Any], sample_assistant: Assistant
) -> None:
    answer = sample_assistant.ask(row["question"])
    assert all(holds_answer(answer.text, [value]) for value in row["disputed"])
    assert answer.note
