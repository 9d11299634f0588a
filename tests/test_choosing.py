"""Sentences chosen by what their figures tell and whose they are."""

from __future__ import annotations

from datetime import date

import pytest

from rag.choosing import CHOICE, choose_readings, describe_choice, entitles, spells_title
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


def make_rivals() -> list[Hit]:
    """Two companies; the passage on one mentions the other in passing."""
    texts = {
        "Rivetrain double la mise": "La maison ne veut plus dépendre de Solvane ni de ses fours. "
        "L'ambition se défend. Elle s'ajoute aux 65 millions d'euros que le groupe investira dans "
        "l'IA en 2025, deux fois plus que l'an dernier.",
        "Solvane sort le chéquier": "Le fabricant investira 12 millions d'euros dans l'IA en 2025.",
    }
    return [
        Hit(
            Passage(text, title, "La lettre", date(2025, 3, 4), f"{rank}.txt", 0, len(text)),
            score=1 / rank,
            rank=rank,
            cosine=0.5,
            lexical=1 / rank,
        )
        for rank, (title, text) in enumerate(texts.items(), 1)
    ]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Combien Rivetrain investit-il dans l'IA ?", "65 millions"),
        ("Combien Solvane investit-il dans l'IA ?", "12 millions"),
        ("How much does Solvane invest in AI?", "12 millions"),
    ],
)
def test_a_figure_is_of_whom_the_sentence_speaks(question: str, value: str) -> None:
    asked, hits = analyse_question(question), make_rivals()
    best = choose_readings(asked, read_hits(asked, hits), hits)[0]
    passage = hits[best.hit].passage
    assert value in passage.text[best.sentence.start : best.sentence.end]


def test_the_sentence_before_tells_whom_a_figure_is_of() -> None:
    """What all readings have in common tells them not apart: a name may be written otherwise."""
    text = "Solvane a fini ses comptes. Le bénéfice atteint 4 millions d'euros."
    passage = Passage(text, "Rivetrain et les autres", "L", date(2025, 3, 4), "a.txt", 0, len(text))
    hits = [*make_rivals()[:1], Hit(passage, score=1.0, rank=2, cosine=0.5, lexical=1.0)]
    asked = analyse_question("Quel est le bénéfice de Solvane ?", "fr")
    readings = read_hits(asked, hits)
    told = {
        hits[r.hit].passage.text[r.sentence.start :][:10]: bool(row[-1])
        for r, row in zip(readings, describe_choice(asked, readings, hits), strict=True)
    }
    assert told["Le bénéfic"] is False
    assert told["Elle s'ajo"] is True
    asked = analyse_question("Quel est le bénéfice de Gadolu ?", "fr")
    assert not describe_choice(asked, readings, hits)[:, -1].any()


def test_what_was_seen_is_added_to_the_evidence() -> None:
    asked, hits = analyse_question("Combien vaut Rivetrain ?", "fr"), make_hits()
    readings = choose_readings(asked, read_hits(asked, hits), hits)
    assert {len(r.evidence) for r in readings} == {EVIDENCE + CHOICE}
    assert [r.score for r in readings] == sorted((r.score for r in readings), reverse=True)
    assert choose_readings(asked, [], hits) == []
    assert describe_choice(asked, [], hits).shape == (0, CHOICE)


def test_a_question_that_spells_out_a_title_gets_how_the_article_opens() -> None:
    text = (
        "Rivetrain a fermé son usine de Gand. Le prix du zinc monte. On lit partout le contraire."
    )
    titled = Passage(text, "Le train qui rouillait", "L", date(2025, 3, 4), "a.txt", 0, len(text))
    hits = [Hit(titled, score=0.2, rank=1, cosine=0.5, lexical=1.0), *make_rivals()]
    for question in (
        "Que faut-il savoir sur « Le train qui rouillait » ?",
        "Le train qui rouillait",
    ):
        asked = analyse_question(question, "fr")
        best = choose_readings(asked, read_hits(asked, hits), hits)[0]
        assert (best.hit, best.sentence.start) == (0, 0)
        assert spells_title(asked, titled)
        assert not spells_title(asked, hits[1].passage)


def test_what_heads_other_sentences_does_not_answer() -> None:
    text = (
        "À SURVEILLER : Les rivaux de Rivetrain. Deux usines de Gand guettent les clients de"
        " Rivetrain, qui n'a plus de zinc."
    )
    asked, hits = analyse_question("Qui sont les rivaux de Rivetrain ?", "fr"), make_hits(text)
    best = choose_readings(asked, read_hits(asked, hits), hits)[0]
    assert text[best.sentence.start :].startswith("Deux usines")


@pytest.mark.parametrize(
    ("question", "title", "held"),
    [
        ("Pourquoi Rivetrain quitte-t-il Gand ?", "Rivetrain prié de quitter Gand", True),
        ("Pourquoi Rivetrain ferme-t-il Gand ?", "Rivetrain prié de quitter Gand", False),
        ("Quand Rivetrain quitte-t-il Gand ?", "Rivetrain prié de quitter Gand", False),
        ("pourquoi rivetrain quitte gand", "Rivetrain prié de quitter Gand", True),
        ("Qu'est-ce que Rivetrain ?", "Rivetrain prié de quitter Gand", False),
        ("qu'est-ce que rivetrain ?", "Rivetrain prié de quitter Gand", False),
        ("Was ist Rivetrain?", "Rivetrain prié de quitter Gand", False),
        ("Que fait Rivetrain Gand ?", "Rivetrain Gand", False),
        ("Quelles sont les nouvelles ?", "Les nouvelles de la semaine", False),
    ],
)
def test_a_title_may_hold_all_that_a_question_speaks_of(
    question: str, title: str, held: bool
) -> None:
    passage = Passage("Un texte.", title, "L", date(2025, 3, 4), "a.txt", 0, 9)
    assert entitles(analyse_question(question, "fr"), passage) is held
