"""Verdicts of readers, kept as evaluation questions: a bad answer becomes a test case.

`feedback.jsonl` holds complete cases in the form `rag eval` reads. A bad answer whose right one
nobody told waits in `feedback-unreviewed.jsonl`, in the same form with `answers` left to fill in.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rag.errors import QuestionError
from rag.language import detect_language

CASES = "feedback.jsonl"
UNREVIEWED = "feedback-unreviewed.jsonl"
MAX_FILE_BYTES = 50_000_000
_MAX_CHARS = 2000
_WRITING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader said of an answer.

    `right` is the answer the reader expects, or "" if not told; `unanswerable`: the reader says
    that the issues hold no answer. `short`, `quote` and `source` are of the first citation.
    """

    verdict: Literal["up", "down"]
    question: str
    language: str = "fr"
    query: str = ""
    abstained: bool = False
    short: str = ""
    quote: str = ""
    source: str = ""
    right: str = ""
    unanswerable: bool = False


def read_verdict(data: Any) -> Verdict:
    """Return the verdict in the JSON of a request. Raises QuestionError if it is none."""
    if not isinstance(data, dict) or data.get("verdict") not in ("up", "down"):
        raise QuestionError(
            "this is no verdict", 'expected {"verdict": "up" or "down", "question"}'
        )
    texts = {
        name: str(data.get(name) or "").strip()[:_MAX_CHARS]
        for name in ("question", "query", "short", "quote", "source", "right")
    }
    if not texts["question"]:
        raise QuestionError("the verdict names no question")
    return Verdict(
        verdict=data["verdict"],
        abstained=bool(data.get("abstained")),
        unanswerable=bool(data.get("unanswerable")),
        language=detect_language(texts["question"]),
        **texts,
    )


def make_case(verdict: Verdict, now: datetime) -> dict[str, Any]:
    """Return the verdict as an evaluation question; `answers` is empty where there is no answer.

    `reviewed` is False if the right answer is not known.
    """
    confirmed = verdict.verdict == "up" and not verdict.abstained
    answers = [verdict.right] if verdict.right else []
    if confirmed and not answers:
        answers = [verdict.short or verdict.quote]
    unanswerable = not answers and (
        verdict.unanswerable or (verdict.verdict == "up" and verdict.abstained)
    )
    return {
        "id": f"feedback-{now:%Y%m%dT%H%M%S%f}",
        "lang": verdict.language,
        "doc": Path(verdict.source).name if confirmed else "",
        "question": verdict.query or verdict.question,
        "answers": answers,
        "evidence": verdict.quote if confirmed else "",
        "kind": "unanswerable" if unanswerable else "fact",
        "verdict": verdict.verdict,
        "asked": verdict.question,
        "given": verdict.short or verdict.quote,
        "reviewed": bool(answers) or unanswerable,
        "time": now.isoformat(timespec="seconds"),
    }


def record_verdict(folder: Path, verdict: Verdict) -> Path:
    """Append the verdict to the file it belongs to in `folder`, and return that file.

    Raises QuestionError if the file has grown to 50 MB.
    """
    case = make_case(verdict, datetime.now(UTC))
    path = folder / (CASES if case["reviewed"] else UNREVIEWED)
    line = json.dumps(case, ensure_ascii=False) + "\n"
    with _WRITING:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size + len(line) > MAX_FILE_BYTES:
            raise QuestionError(f"{path.name} is full", "empty it on the server")
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
    return path
