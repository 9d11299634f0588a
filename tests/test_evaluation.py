from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import QuestionFileError
from rag.evaluation import (
    Outcome,
    holds_answer,
    holds_evidence,
    measure_abstention,
    measure_retrieval,
    summarise_outcomes,
)
from rag.questions_file import GoldQuestion, read_questions
from rag.types import Answer, Citation, Hit, Passage

QUESTION = GoldQuestion("q", "fr", "Combien ?", ("65 milliards",), "a.txt", "65 milliards de $")
PASSAGE = Passage("soit 65 milliards de $ cette année.", "A", "I", None, "a.txt", 10, 45)


def make_outcome(question: GoldQuestion, ranks: tuple[int, ...], quotes: list[str]) -> Outcome:
    citations = tuple(
        Citation(n, quote, "a.txt", 0, len(quote), "A", "I", None)
        for n, quote in enumerate(quotes, 1)
    )
    answer = Answer(" ".join(quotes), citations, not quotes, (), "", "", 0.5)
    return Outcome(question, ranks, answer, True, 0.001, 0.002)


@pytest.mark.parametrize(
    ("text", "answers", "holds"),
    [
        ("soit 65\u202fmilliards d’euros", ["65 milliards"], True),
        ("soit 165 milliards", ["65 milliards"], False),
        ("soit 0,65 milliards", ["65 milliards"], False),
        ("perdu 17% de sa valeur", ["17"], True),
        ("en 2017", ["17"], False),
        ("Il a cité L’Équipe.", ["l'équipe"], True),
        ("le 31 mars.", ["31 mars"], True),
        ("rien", [""], False),
        ("deux", ["un", "deux"], True),
    ],
)
def test_a_gold_answer_is_found_as_whole_words(text: str, answers: list[str], holds: bool) -> None:
    assert holds_answer(text, answers) is holds


def test_evidence_is_looked_for_in_the_right_issue() -> None:
    assert holds_evidence(PASSAGE, QUESTION)
    assert not holds_evidence(replace(PASSAGE, source="b.txt"), QUESTION)
    assert not holds_evidence(replace(PASSAGE, text="65 milliards"), QUESTION)
    by_position = replace(QUESTION, start=44)
    assert holds_evidence(PASSAGE, by_position)
    assert not holds_evidence(PASSAGE, replace(by_position, start=45))


def test_retrieval_figures_worked_by_hand() -> None:
    """Ranks 1, 2 and none: MRR (1 + 1/2 + 0)/3; nDCG (1 + 1/log2(3) + 0)/3."""
    found = measure_retrieval(
        [make_outcome(QUESTION, r, ["x"]) for r in [(1, 4), (2,), ()]],
    )
    assert found == {
        "recall@1": pytest.approx(1 / 3, abs=1e-4),
        "recall@5": pytest.approx(2 / 3, abs=1e-4),
        "recall@10": pytest.approx(2 / 3, abs=1e-4),
        "mrr": pytest.approx(0.5, abs=1e-4),
        "ndcg@10": pytest.approx((1 + 0.63093) / 3, abs=1e-4),
    }


def test_abstention_figures_worked_by_hand() -> None:
    decisions = [(True, False)] * 3 + [(True, True)] + [(False, False)] + [(False, True)] * 5
    assert measure_abstention(decisions) == {
        "precision": 0.75,
        "recall": 0.75,
        "answerable_refused": pytest.approx(1 / 6, abs=1e-4),
    }


def test_nothing_to_count_is_null_not_zero() -> None:
    assert measure_abstention([(False, True)])["precision"] is None
    assert measure_abstention([(False, True)])["recall"] is None


def test_summary_tells_first_citation_from_any() -> None:
    stale = replace(QUESTION, stale=("60 milliards",))
    unanswerable = GoldQuestion("u", "fr", "?", ())
    summary = summarise_outcomes(
        [
            make_outcome(QUESTION, (1,), ["65 milliards", "autre"]),
            make_outcome(QUESTION, (2,), ["autre", "65 milliards"]),
            make_outcome(stale, (3,), ["60 milliards"]),
            make_outcome(unanswerable, (), []),
        ]
    )
    assert summary["answers"]["fr"] == {  # type: ignore[index]
        "holds_gold": pytest.approx(2 / 3, abs=1e-4),
        "first_citation_holds_gold": pytest.approx(1 / 3, abs=1e-4),
        "stale": 1.0,
    }
    assert summary["abstention"]["recall"] == 1.0  # type: ignore[index]


def test_reads_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    rows = [
        {"id": "1", "lang": "en", "doc": "a.txt", "question": "Who?", "answers": ["X"]},
        {"id": "2", "lang": "fr", "doc": None, "question": "Quoi ?", "answers": []},
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    first, second = read_questions(path).questions
    assert (first.source, first.answerable, first.lang) == ("a.txt", True, "en")
    assert (second.source, second.answerable) == ("", False)


def test_reads_squad_with_its_corpus(tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    qas = [{"id": 7, "question": "Où ?", "answers": [{"text": "là", "answer_start": 8}]}]
    path.write_text(
        json.dumps({"data": [{"paragraphs": [{"context": "C'était là.", "qas": qas}]}]})
    )
    read = read_questions(path)
    (question,) = read.questions
    assert read.corpus == {"000000.txt": "C'était là."}
    assert (question.source, question.start, question.answers) == ("000000.txt", 8, ("là",))


@pytest.mark.parametrize("text", ["", "not json", '{"question": "x"}', '{"data": 3}', '["x"]'])
def test_a_file_that_is_neither_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(text)
    with pytest.raises(QuestionFileError) as caught:
        read_questions(path)
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_ranks_are_those_of_hits() -> None:
    hits = [Hit(replace(PASSAGE, source="b.txt"), 0.9, 1), Hit(PASSAGE, 0.8, 2)]
    assert [h.rank for h in hits if holds_evidence(h.passage, QUESTION)] == [2]
