"""What the words beside a figure tell of it, in several languages."""

from __future__ import annotations

import pytest

from rag.quantities import find_quantities
from rag.relations import ask_relations, fits_units, list_codes, list_relations, tell_relation

ROUND = (
    "La société vaut 5,8 milliards d'euros depuis son tour de juin, qui lui avait rapporté 600"
    " millions."
)


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("Combien vaut Mistral ?", "worth"),
        ("How much did Sereact raise?", "raised"),
        ("Wie alt ist Sam Altman?", "age"),
        ("¿Cuánto cuesta o3-pro?", "price"),
        ("Quante persone lavorano per Coreweave?", "staff"),
        ("Quem comprou a empresa, e quanto pagou?", "paid"),
    ],
)
def test_relations_are_known_in_several_languages(text: str, relation: str) -> None:
    assert relation in list_relations(text)


def test_no_relation_is_seen_in_plain_words() -> None:
    assert list_relations("Il ne dit rien de la Norvège.") == {}


def test_the_noun_asked_for_decides() -> None:
    question = "Quelle valorisation vise-t-elle dans le tour ?"
    assert ask_relations(question, "valorisation") == {"worth"}
    assert ask_relations(question, "") == {"worth", "raised"}


@pytest.mark.parametrize(("relation", "figure"), [("worth", "5,8"), ("raised", "600")])
def test_the_figure_beside_the_word_is_told(relation: str, figure: str) -> None:
    figures = [q for q in find_quantities(ROUND, "fr") if q.unit not in ("date", "year")]
    best = max(figures, key=lambda q: tell_relation([relation], ROUND, q))
    assert best.text.startswith(figure)
    assert tell_relation([relation], ROUND, best) > 0


def test_a_figure_of_another_relation_is_told_below_zero() -> None:
    sentence = "Mistral vaut 11,7 milliards d'euros."
    (figure,) = find_quantities(sentence, "fr")
    assert tell_relation(["age"], sentence, figure) < 0
    assert tell_relation(["age"], "Il y en a 12.", find_quantities("Il y en a 12.", "fr")[0]) == 0


def test_an_age_is_not_in_euros() -> None:
    euros, years = find_quantities("3 euros et 28 ans", "fr")
    assert fits_units(["age"], years)
    assert not fits_units(["age"], euros)
    assert fits_units([], euros)


def test_codes_are_whole() -> None:
    assert list_codes("o3-pro bat o3, GPT-5 et la H20 en 2025") == {"o3-pro", "o3", "gpt-5", "h20"}


def test_who_leads_is_told_but_not_by_figures() -> None:
    sentence = "Le patron de Meta investit 65 milliards de dollars."
    (figure,) = find_quantities(sentence)
    assert "leader" in ask_relations("Qui dirige Meta ?", "")
    assert "leader" in list_relations(sentence)
    assert tell_relation({"leader"}, sentence, figure) == 0
    assert tell_relation({"spent"}, "Le patron investit 65 milliards", figure) > 0
    assert fits_units({"leader"}, figure)
