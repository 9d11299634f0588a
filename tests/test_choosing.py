"""Sentences chosen by what their figures tell and whose they are."""

from __future__ import annotations

from datetime import date

import pytest

from rag.choosing import CHOICE, choose_readings, describe_choice
from rag.questions import analyse_question
from rag.reading import EVIDENCE, read_hits
from rag.types import Hit, Passage

TEXT = (
    "Rivetrain vaut 310 millions d'euros depuis mars. "
    "Rivetrain a levé 40 millions d'euros auprès de trois fonds. "
    "Le modèle R2 coûte 900 euros. "
    "Le modèle R7 coûte 650 euros."
)


def make_hits(text: str = TEXT) -> list[Hit]:
    passage = Passage(
        text, "Rivetrain", "La lettre", date(2025, 3, 4), "a.txt", 0, len(text), newsletter="L"
    )
    return [Hit(passage, score=1.0, rank=1, cosine=0.5, lexical=1.0)]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Combien vaut Rivetrain ?", "310 millions"),
        ("Combien Rivetrain a-t-elle levé ?", "40 millions"),
        ("Combien coûte le modèle R2 ?", "900 euros"),
        ("Combien coûte le modèle R7 ?", "650 euros"),
    ],
)
def test_the_sentence_whose_figure_is_asked_for_comes_first(question: str, value: str) -> None:
    asked, hits = analyse_question(question, "fr"), make_hits()
    best = choose_readings(asked, read_hits(asked, hits), hits)[0]
    assert value in TEXT[best.sentence.start : best.sentence.end]


def test_what_was_seen_is_added_to_the_evidence() -> None:
    asked, hits = analyse_question("Combien vaut Rivetrain ?", "fr"), make_hits()
    readings = choose_readings(asked, read_hits(asked, hits), hits)
    assert {len(r.evidence) for r in readings} == {EVIDENCE + CHOICE}
    assert [r.score for r in readings] == sorted((r.score for r in readings), reverse=True)
    assert choose_readings(asked, [], hits) == []
    assert describe_choice(asked, [], hits).shape == (0, CHOICE)
