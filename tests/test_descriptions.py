"""Sentences that say who or what somebody or something is, told from those that only name it."""

from __future__ import annotations

import pytest

from rag.assistant import Assistant
from rag.descriptions import asks_description, describes
from rag.questions import analyse_question


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Qu'est-ce que Rivetrain ?", True),
        ("What is Rivetrain?", True),
        ("Qui est Ada Solvane ?", True),
        ("Who is Ada Solvane?", True),
        ("Qui dirige Rivetrain ?", False),
        ("Qui est la directrice de Rivetrain ?", False),
        ("Combien vaut Rivetrain ?", False),
    ],
)
def test_questions_for_a_description(question: str, asks: bool) -> None:
    assert asks_description(analyse_question(question)) is asks


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Rivetrain, filiale d'un groupe belge, ouvre une usine.", True),
        ("La jeune société Rivetrain ouvre une usine.", True),
        ("Elle rachète un fabricant de freins, Rivetrain, et ses usines.", True),
        ("Rivetrain est un fabricant de freins.", True),
        ("Rivetrain n’est pas une banque.", True),
        ("Rivetrain ouvre une usine à Gand.", False),
        ("Les actions de Rivetrain ont baissé.", False),
        ("Solvane, premier client de Rivetrain, songe à partir.", False),
        ("Solvane est un fabricant de freins.", False),
    ],
)
def test_sentences_that_describe(sentence: str, said: bool) -> None:
    assert describes(analyse_question("Qu'est-ce que Rivetrain ?", "fr"), sentence) is said


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Qu'est-ce que DeepSeek ?", "DeepSeek, filiale d'un fonds spéculatif chinois"),
        ("Qui est Susan Li ?", "La directrice financière Susan Li"),
        ("Qui est Daniel Ek ?", "Le fondateur de Spotify, Daniel Ek"),
        ("What is Helsing?", "Mistral AI et Helsing, société de Munich"),
    ],
)
def test_the_sentence_that_describes_leads(
    sample_assistant: Assistant, question: str, begins: str
) -> None:
    answer = sample_assistant.ask(question)
    assert answer.citations[0].quote.startswith(begins)
    assert answer.text.startswith(begins), "no short answer before it"
