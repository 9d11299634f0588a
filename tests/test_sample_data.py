"""The sample issues and the question sets over them keep the form that evaluation relies on."""

from __future__ import annotations

import email
import email.policy
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "seeds"
DATA = Path(__file__).resolve().parent / "data"
SHARED = Path(__file__).resolve().parents[2] / "shared"

VARIANTS = str.maketrans({"’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " "})


class _VisibleText(HTMLParser):
    """Collects what a reader of the page sees."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


@cache
def read_text(name: str) -> str:
    path = SEEDS / name
    if path.suffix == ".eml":
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        parser = _VisibleText()
        parser.feed(text)
        return "".join(parser.parts)
    return text


def fold(text: str) -> str:
    """One spelling for the variants of quotes and spaces."""
    return text.translate(VARIANTS)


def holds(text: str, value: str) -> bool:
    """Whether `value` stands in `text` as whole words, whatever its case."""
    pattern = r"(?<!\w)" + re.escape(fold(value).lower()) + r"(?!\w)"
    return re.search(pattern, fold(text).lower()) is not None


def read_rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


QUESTIONS = read_rows("sample_questions.jsonl")
FACTS = [row for row in QUESTIONS if row["kind"] == "fact"]


def by_id(row: dict[str, Any]) -> str:
    return str(row["id"])


def test_questions_have_one_form_and_no_twins() -> None:
    for row in QUESTIONS:
        keys = {"id", "lang", "doc", "question", "answers", "evidence", "kind"}
        assert keys <= set(row) <= keys | {"stale", "disputed"}, row["id"]
        answerable = row["kind"] == "fact"
        assert row["kind"] in {"fact", "unanswerable"}
        assert bool(row["answers"]) == bool(row["doc"]) == bool(row["evidence"]) == answerable
    assert len({row["id"] for row in QUESTIONS}) == len(QUESTIONS)
    assert len({fold(row["question"]).lower() for row in QUESTIONS}) == len(QUESTIONS)


def test_questions_are_enough_of_every_kind() -> None:
    languages = [row["lang"] for row in QUESTIONS]
    assert len(QUESTIONS) >= 120
    assert sum(row["kind"] == "unanswerable" for row in QUESTIONS) >= 30
    assert 0.6 <= languages.count("fr") / len(languages) <= 0.8
    assert {"fr", "en", "de", "es", "it", "pt", "nl"} == set(languages)
    assert sum("stale" in row for row in QUESTIONS) >= 8
    assert sum("disputed" in row for row in QUESTIONS) >= 2
    assert {row["doc"] for row in FACTS} == {path.name for path in SEEDS.iterdir()}


@pytest.mark.parametrize("row", FACTS, ids=by_id)
def test_evidence_is_in_the_issue_and_holds_an_answer(row: dict[str, Any]) -> None:
    assert fold(row["evidence"]) in fold(read_text(row["doc"]))
    assert any(holds(row["evidence"], answer) for answer in row["answers"])
    assert not any(holds(row["question"], answer) for answer in row["answers"])


@pytest.mark.parametrize("row", [row for row in FACTS if "stale" in row], ids=by_id)
def test_stale_answers_stand_in_older_issues_only(row: dict[str, Any]) -> None:
    """The first ten characters of a sample's name are its date."""
    older = [p.name for p in SEEDS.iterdir() if p.name[:10] <= row["doc"][:10]]
    for value in row["stale"]:
        assert value not in row["answers"]
        assert any(holds(read_text(name), value) for name in older), value
        assert not holds(row["evidence"], value), value


@pytest.mark.parametrize("row", [row for row in FACTS if "disputed" in row], ids=by_id)
def test_disputed_answers_come_from_issues_of_one_day(row: dict[str, Any]) -> None:
    """Each of the values is told by one letter of the day and not by the other."""
    day = row["doc"][:10]
    texts = [read_text(path.name) for path in SEEDS.iterdir() if path.name.startswith(day)]
    assert len(texts) >= 2
    assert len(row["disputed"]) >= 2
    for value in row["disputed"]:
        assert sum(holds(text, value) for text in texts) == 1, value


GATE = read_rows("gate_questions.jsonl")
REFUSALS = [*read_rows("refusals_fitting.jsonl"), *read_rows("refusals_held_out.jsonl")]
MORE_FACTS = [row for row in [*GATE, *REFUSALS] if row["kind"] == "fact"]


def test_sets_of_questions_share_none() -> None:
    rows = [*QUESTIONS, *GATE, *REFUSALS]
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({fold(row["question"]).lower() for row in rows}) == len(rows)


def test_gate_questions_are_of_the_mix_of_those_over_the_real_issues() -> None:
    languages = [row["lang"] for row in GATE]
    assert len(GATE) >= 130
    assert 0.7 <= languages.count("fr") / len(GATE) <= 0.8
    assert 0.14 <= sum(row["kind"] == "unanswerable" for row in GATE) / len(GATE) <= 0.18


@pytest.mark.parametrize("row", MORE_FACTS, ids=by_id)
def test_evidence_of_more_questions_holds_an_answer(row: dict[str, Any]) -> None:
    assert fold(row["evidence"]) in fold(read_text(row["doc"]))
    assert any(holds(row["evidence"], answer) for answer in row["answers"])
    assert not any(holds(row["question"], answer) for answer in row["answers"])


CONVERSATIONS = read_rows("conversations.jsonl")


def test_conversations_have_one_form_and_no_twins() -> None:
    keys = {"id", "lang", "turns", "rewritten", "doc", "evidence", "kind"}
    for row in CONVERSATIONS:
        assert set(row) == keys, row["id"]
        assert 2 <= len(row["turns"]) <= 3
        assert (row["kind"] == "new_topic") == (row["rewritten"] == row["turns"][-1])
        assert row["kind"] in {"follow_up", "new_topic"}
        assert fold(row["evidence"]) in fold(read_text(row["doc"])), row["id"]
    assert len({row["id"] for row in CONVERSATIONS}) == len(CONVERSATIONS)
    assert len({tuple(row["turns"]) for row in CONVERSATIONS}) == len(CONVERSATIONS)


def test_conversations_are_enough_of_every_kind() -> None:
    languages = [row["lang"] for row in CONVERSATIONS]
    assert len(CONVERSATIONS) >= 45
    assert sum(row["kind"] == "new_topic" for row in CONVERSATIONS) >= 12
    assert sum(len(row["turns"]) == 3 for row in CONVERSATIONS) >= 5
    assert languages.count("fr") / len(languages) >= 0.7
    assert languages.count("en") >= 5


CHECKS = [*read_rows("checks.jsonl"), *read_rows("unseen_checks.jsonl")]
FAULTS = {
    "figure",
    "name",
    "year",
    "date",
    "unit",
    "currency",
    "mark",
    "other_passage",
    "swap",
}


def test_checks_have_one_form_and_no_twins() -> None:
    sample = fold("\n".join(read_text(path.name) for path in SEEDS.iterdir()))
    for row in CHECKS:
        assert set(row) == {"id", "lang", "claim", "passages", "supported", "fault"}, row["id"]
        assert row["supported"] == (row["fault"] is None)
        assert row["fault"] is None or row["fault"] in FAULTS
        marks = [int(mark) for mark in re.findall(r"\[(\d+)\]", row["claim"])]
        assert marks, row["id"]
        assert (max(marks) > len(row["passages"])) == (row["fault"] == "mark"), row["id"]
        assert all(fold(passage) in sample for passage in row["passages"]), row["id"]
    assert len({row["id"] for row in CHECKS}) == len(CHECKS)
    assert len({(row["claim"], *row["passages"]) for row in CHECKS}) == len(CHECKS)


def test_checks_are_enough_of_every_kind() -> None:
    assert len(CHECKS) >= 70
    assert {row["fault"] for row in CHECKS} == FAULTS | {None}
    assert 0.4 <= sum(row["supported"] for row in CHECKS) / len(CHECKS) <= 0.6
    assert sum(row["lang"] != "fr" for row in CHECKS) >= 20


def test_injections_are_enough_and_differ() -> None:
    rows = read_rows("injections.jsonl")
    assert all(set(row) == {"id", "lang", "text"} for row in rows)
    assert len({row["text"] for row in rows}) == len({row["id"] for row in rows}) == len(rows) >= 18
    assert {row["lang"] for row in rows} == {"fr", "en"}


REAL = read_rows("real_questions.jsonl")
REAL_FACTS = [row for row in REAL if row["kind"] == "fact"]
needs_real_issues = pytest.mark.skipif(
    not (SHARED / "seeds").is_dir(), reason="the real issues are not beside the repository"
)


def read_real(name: str) -> str:
    return (SHARED / "seeds" / name).read_text(encoding="utf-8")


def test_real_questions_have_one_form_and_no_twins() -> None:
    for row in REAL:
        assert set(row) == {"id", "lang", "doc", "question", "answers", "evidence", "kind"}
        answerable = row["kind"] == "fact"
        assert row["kind"] in {"fact", "unanswerable"}
        assert bool(row["answers"]) == bool(row["doc"]) == bool(row["evidence"]) == answerable
    assert len({row["id"] for row in REAL}) == len(REAL) == 200
    assert len({fold(row["question"]).lower() for row in REAL}) == len(REAL)


def test_real_questions_are_enough_of_every_kind() -> None:
    languages = [row["lang"] for row in REAL]
    assert {"fr", "en", "de", "es", "it", "pt", "nl"} == set(languages)
    assert 0.7 <= languages.count("fr") / len(languages) <= 0.76
    assert 0.14 <= languages.count("en") / len(languages) <= 0.18
    assert sum(row["kind"] == "unanswerable" for row in REAL) >= 36


@pytest.mark.parametrize("row", REAL_FACTS, ids=by_id)
def test_real_evidence_is_short_and_holds_an_answer(row: dict[str, Any]) -> None:
    """Fewer than nine words of an issue are quoted, and the question does not tell the answer."""
    assert len(re.findall(r"\w+", row["evidence"])) < 9
    assert any(holds(row["evidence"], answer) for answer in row["answers"])
    assert not any(holds(row["question"], answer) for answer in row["answers"])


@needs_real_issues
@pytest.mark.parametrize("row", REAL_FACTS, ids=by_id)
def test_real_evidence_is_in_the_issue(row: dict[str, Any]) -> None:
    text = read_real(row["doc"])
    assert fold(row["evidence"]) in fold(text)
    assert all(holds(text, answer) for answer in row["answers"])


@needs_real_issues
def test_real_questions_cover_the_issues_and_differ_from_those_given() -> None:
    assert {row["doc"] for row in REAL_FACTS} == {p.name for p in (SHARED / "seeds").glob("*.txt")}
    given = (SHARED / "eval" / "seed_questions.jsonl").read_text(encoding="utf-8").splitlines()
    known = {fold(json.loads(line)["question"]).lower() for line in given}
    assert not known & {fold(row["question"]).lower() for row in REAL}


UNSEEN = read_rows("real_held_out.jsonl")
MORE_REAL = [*read_rows("real_questions_more.jsonl"), *UNSEEN]
MORE_SAMPLE = read_rows("sample_questions_more.jsonl")
MORE_REAL_FACTS = [row for row in MORE_REAL if row["kind"] == "fact"]
MORE_SAMPLE_FACTS = [row for row in MORE_SAMPLE if row["kind"] == "fact"]


def test_further_questions_have_one_form_and_none_of_the_held_out_is_fitted_on() -> None:
    for row in [*MORE_REAL, *MORE_SAMPLE]:
        assert set(row) == {"id", "lang", "doc", "question", "answers", "evidence", "kind"}
        answerable = row["kind"] == "fact"
        assert bool(row["answers"]) == bool(row["doc"]) == bool(row["evidence"]) == answerable
    assert len({row["id"] for row in [*MORE_REAL, *MORE_SAMPLE]}) == len(MORE_REAL + MORE_SAMPLE)
    fitted = {fold(row["question"]).lower() for row in [*REAL, *MORE_REAL[: -len(UNSEEN)]]}
    assert not fitted & {fold(row["question"]).lower() for row in UNSEEN}


@pytest.mark.parametrize("row", [*MORE_REAL_FACTS, *MORE_SAMPLE_FACTS], ids=by_id)
def test_further_evidence_is_short_and_holds_an_answer(row: dict[str, Any]) -> None:
    assert len(re.findall(r"\w+", row["evidence"])) < 9
    assert any(holds(row["evidence"], answer) for answer in row["answers"])
    assert not any(holds(row["question"], answer) for answer in row["answers"])


@pytest.mark.parametrize("row", MORE_SAMPLE_FACTS, ids=by_id)
def test_further_sample_evidence_is_in_the_issue(row: dict[str, Any]) -> None:
    assert fold(row["evidence"]) in fold(read_text(row["doc"]))


@needs_real_issues
@pytest.mark.parametrize("row", MORE_REAL_FACTS, ids=by_id)
def test_further_real_evidence_is_in_the_issue(row: dict[str, Any]) -> None:
    assert fold(row["evidence"]) in fold(read_real(row["doc"]))
