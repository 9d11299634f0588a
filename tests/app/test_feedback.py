from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from rag.app.feedback import Verdict, make_case, read_verdict, record_verdict
from rag.errors import QuestionError
from rag.questions_file import read_questions

NOW = datetime(2025, 6, 12, 8, 30, tzinfo=UTC)
ANSWERED = {
    "question": "Et Google ?",
    "query": "Combien Google investit-il ?",
    "short": "75 milliards",
    "quote": "Google promet 75 milliards.",
    "source": "uploads/2025-02-04.txt",
}


def test_good_answer_becomes_a_case_with_its_evidence():
    case = make_case(Verdict("up", **ANSWERED), NOW)
    assert case["question"] == "Combien Google investit-il ?"
    assert case["answers"] == ["75 milliards"]
    assert case["evidence"] == "Google promet 75 milliards."
    assert case["doc"] == "2025-02-04.txt"
    assert case["reviewed"]


def test_bad_answer_takes_the_readers_word_and_keeps_no_evidence():
    case = make_case(Verdict("down", **ANSWERED, right="80 milliards"), NOW)
    assert case["answers"] == ["80 milliards"]
    assert case["given"] == "75 milliards"
    assert (case["evidence"], case["doc"]) == ("", "")


def test_refusals():
    said_no = make_case(Verdict("down", **ANSWERED, unanswerable=True), NOW)
    assert (said_no["kind"], said_no["answers"], said_no["reviewed"]) == ("unanswerable", [], True)
    rightly = make_case(Verdict("up", "Quelle heure ?", abstained=True), NOW)
    assert (rightly["kind"], rightly["reviewed"]) == ("unanswerable", True)
    wrongly = make_case(Verdict("down", "Combien ?", abstained=True), NOW)
    assert (wrongly["kind"], wrongly["reviewed"]) == ("fact", False)


def test_cases_are_read_by_the_evaluation(tmp_path):
    path = record_verdict(tmp_path, Verdict("up", **ANSWERED))
    record_verdict(tmp_path, Verdict("down", **ANSWERED, unanswerable=True))
    record_verdict(tmp_path, Verdict("down", **ANSWERED))
    questions = read_questions(path).questions
    assert [q.answerable for q in questions] == [True, False]
    assert questions[0].source == "2025-02-04.txt"
    waiting = (tmp_path / "feedback-unreviewed.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["given"] for line in waiting] == ["75 milliards"]


def test_verdict_is_read_within_bounds():
    verdict = read_verdict({"verdict": "up", "question": " q ", "quote": "x" * 9000, "right": None})
    assert (verdict.question, verdict.right, len(verdict.quote)) == ("q", "", 2000)


@pytest.mark.parametrize(
    "data", [None, [], {}, {"verdict": "up"}, {"verdict": "1", "question": "q"}]
)
def test_other_data_is_no_verdict(data):
    with pytest.raises(QuestionError):
        read_verdict(data)
