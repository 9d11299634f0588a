"""The questions that the reader is trained with: answers lie in their texts, sets do not meet."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

from rag.questions_file import read_questions
from rag.sentences import split_sentences
from rag.words import fold_text
from tests.conftest import ROOT
from training.reader.held_out import write_held_out
from training.reader.issues import write_issues
from training.reader.own import (
    FITTED,
    HELD_OUT,
    TAUGHT,
    read_asked,
    read_news,
    read_own_news,
    read_own_paragraphs,
    read_own_piaf,
)

NEWS = (TAUGHT, FITTED, HELD_OUT)


def check_answer(text: str, start: int, end: int) -> None:
    """The answer is of whole words, inside one sentence."""
    assert text[start:end].strip() == text[start:end] != ""
    for border in (start, end):
        beside = text[max(0, border - 1) : border + 1]
        assert not (len(beside) == 2 and beside.isalnum() and 0 < border < len(text)), text[
            start:end
        ]
    assert any(s.start <= start and end <= s.end for s in split_sentences(text)), text[start:end]


def test_answers_lie_in_the_paragraphs_written_with_them() -> None:
    examples = read_own_paragraphs()
    assert len(examples) > 4000
    for example in examples:
        [(start, end)] = example.answers
        check_answer(example.text, start, end)


def test_no_article_and_no_question_stands_in_two_sets() -> None:
    for one, other in combinations([read_asked(path) for path in NEWS], 2):
        assert {row.id for row in one}.isdisjoint(row.id for row in other)
        questions = {fold_text(row.question) for row in one}
        assert questions.isdisjoint(fold_text(row.question) for row in other)


def test_nothing_is_taught_that_the_tests_ask() -> None:
    asked = set()
    for path in (ROOT / "tests" / "data").glob("*questions*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            asked.add(fold_text(json.loads(line).get("question", "")).strip(" ?"))
    taught = [row.question for path in NEWS for row in read_asked(path)]
    taught += [example.question for example in read_own_paragraphs()]
    assert len(asked) > 300
    assert asked.isdisjoint(fold_text(question).strip(" ?") for question in taught)


def test_answers_lie_in_the_texts_of_others(shared: Path) -> None:
    asked = [row for path in NEWS for row in read_asked(path)]
    news = read_news(row.id for row in asked)
    for row in asked:
        if row.answer:
            check_answer(news[row.id].text, row.answer.start, row.answer.end)
    for example in read_own_piaf():
        [(start, end)] = example.answers
        check_answer(example.text, start, end)


def test_what_teaches_has_its_answer_in_one_of_its_parts_alone(shared: Path) -> None:
    examples = read_own_news()
    assert sum(bool(example.decoys) for example in examples) > 1000
    for example in examples:
        for start, end in example.answers:
            answer = fold_text(example.text[start:end])
            assert all(answer not in fold_text(decoy) for _, decoy in example.decoys)


def test_issues_hold_the_articles_where_they_are_said_to(shared: Path, tmp_path: Path) -> None:
    ids = [row.id for row in read_asked(HELD_OUT)[:60]]
    for printed in write_issues(ids, tmp_path).values():
        issue = (tmp_path / printed.source).read_text(encoding="utf-8")
        assert issue[printed.start : printed.start + len(printed.text)] == printed.text


def test_held_out_questions_are_read_as_those_of_an_evaluation(
    shared: Path, tmp_path: Path
) -> None:
    write_held_out(tmp_path)
    questions = read_questions(tmp_path / "questions.jsonl").questions
    assert len(questions) == len(read_asked(HELD_OUT))
    for question in questions:
        if question.answers:
            issue = (tmp_path / "issues" / question.source).read_text(encoding="utf-8")
            assert question.answers[0] in issue
