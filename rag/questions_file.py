"""Evaluation questions: read from JSON lines of ours, or from a SQuAD file with its own corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import QuestionFileError


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with what a right answer holds.

    Any one of `answers` suffices. The sentence that proves it stands in the issue `source` (a file
    name), at `start` where known, and holds `evidence`. No answers: the corpus cannot answer it.
    `stale` are former answers that must not be passed off as current.
    """

    id: str
    lang: str
    question: str
    answers: tuple[str, ...]
    source: str = ""
    evidence: str = ""
    start: int = -1
    stale: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """Questions, and the corpus they come with: file name → text; empty for questions of ours."""

    questions: tuple[GoldQuestion, ...]
    corpus: dict[str, str]


def read_questions(path: str | Path) -> QuestionFile:
    """Return the questions of a file, SQuAD or JSON lines.

    A line holds `id, lang, doc, question, answers, evidence`, and may hold `stale`.

    Raises QuestionFileError, naming the line, for a file that is neither.
    """
    path = Path(path)
    hint = 'expected one JSON object a line with "question" and "answers", or a SQuAD file'
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(f"{path} cannot be read: {error}", hint) from error
    squad = _parse_squad(text)
    if squad is not None:
        return squad
    questions = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            questions.append(_read_line(json.loads(line), number))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise QuestionFileError(f"{path}, line {number}: {error!r}", hint) from error
    if not questions:
        raise QuestionFileError(f"{path} holds no question", hint)
    return QuestionFile(tuple(questions), {})


def _read_line(row: dict[str, Any], number: int) -> GoldQuestion:
    question = row["question"]
    if not isinstance(question, str):
        raise TypeError("question is not a text")
    return GoldQuestion(
        id=str(row.get("id", number)),
        lang=row.get("lang") or "fr",
        question=question,
        answers=tuple(map(str, row["answers"])),
        source=row.get("doc") or "",
        evidence=row.get("evidence") or "",
        stale=tuple(map(str, row.get("stale", ()))),
    )


def _parse_squad(text: str) -> QuestionFile | None:
    try:
        data = json.loads(text)["data"]
        corpus: dict[str, str] = {}
        return QuestionFile(tuple(_walk_squad(data, corpus)), corpus)
    except (ValueError, TypeError, KeyError, IndexError):
        return None


def _walk_squad(data: Any, corpus: dict[str, str]) -> Iterator[GoldQuestion]:
    for article in data:
        for paragraph in article["paragraphs"]:
            source = f"{len(corpus):06d}.txt"
            corpus[source] = paragraph["context"]
            for qa in paragraph["qas"]:
                answers = qa["answers"]
                yield GoldQuestion(
                    id=str(qa["id"]),
                    lang="",
                    question=qa["question"],
                    answers=tuple(dict.fromkeys(a["text"] for a in answers)),
                    source=source,
                    start=answers[0]["answer_start"] if answers else -1,
                )
