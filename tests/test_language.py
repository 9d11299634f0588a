from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.language import detect_language


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("fr", ["Combien coûte une puce ?", "Qui dirige Mistral ?", "L'IA de Google"]),
        ("en", ["How much does a chip cost?", "Who leads Mistral?", "When was Proton founded?"]),
        ("de", ["Wie viel kostet ein Chip?", "Wer leitet Mistral?", "Wofür wird Zink verwendet?"]),
        ("es", ["¿Cuánto cuesta un chip?", "¿Quién dirige Mistral?", "Cuándo se fundó Proton"]),
        ("it", ["Quanto costa un chip?", "Chi dirige Mistral?", "Dove aprirà un ufficio Mistral?"]),
        ("pt", ["Quanto custa um chip?", "Quem dirige a Mistral?", "Quando foi fundada a Proton?"]),
        (
            "nl",
            ["Hoeveel kost een chip?", "Wie leidt het bedrijf?", "Wanneer werd Proton opgericht?"],
        ),
    ],
)
def test_short_questions(language: str, texts: list[str]) -> None:
    assert [detect_language(text) for text in texts] == [language] * len(texts)


@pytest.mark.parametrize("text", ["", "42 %", "日本語", "…", "DeepSeek R1"])
def test_what_shows_no_language_is_french(text: str) -> None:
    assert detect_language(text) == "fr"


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_development_questions(shared: Path, language: str) -> None:
    """At least 98.5 % of the 1,190 XQuAD questions are known for what they are."""
    data = json.loads((shared / "data" / "dev" / f"xquad.{language}.json").read_text("utf-8"))
    questions = [q["question"] for a in data["data"] for p in a["paragraphs"] for q in p["qas"]]
    right = sum(detect_language(question) == language for question in questions)
    assert right >= 0.985 * len(questions)


def test_real_questions(shared: Path) -> None:
    lines = (shared / "eval" / "seed_questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [r["id"] for r in rows if detect_language(r["question"]) != r["lang"]] == []
