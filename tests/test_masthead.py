from __future__ import annotations

from datetime import date

import pytest

from rag.masthead import read_file_name, read_front_matter, read_masthead, shorten_title


@pytest.mark.parametrize(
    ("line", "newsletter"),
    [
        ("Bienvenue dans La Dépêche, mardi 4 février 2025.", "La Dépêche"),
        ("Welcome to The Wrap, Tuesday 4 February 2025!", "The Wrap"),
        ("Welcome back to The Wrap – February 4, 2025", "The Wrap"),
        ("Willkommen bei Die Lage, Dienstag, 4. Februar 2025", "Die Lage"),
        ("Bienvenidos a El Boletín, martes 4 de febrero de 2025", "El Boletín"),
        ("Benvenuti in Il Punto, martedì 4 febbraio 2025", "Il Punto"),
        ("Bem-vindo ao Resumo, terça-feira, 4 de fevereiro de 2025", "Resumo"),
        ("Welkom bij De Brief, dinsdag 4 februari 2025", "De Brief"),
    ],
)
def test_the_welcome_line_names_newsletter_and_date(line: str, newsletter: str) -> None:
    head = read_masthead(f"Un titre • Un autre • {line}\n\nTexte.")
    assert (head.newsletter, head.date) == (newsletter, date(2025, 2, 4))
    assert head.headlines == ("Un titre", "Un autre")
    assert head.title == "Un titre"


def test_a_title_above_the_headlines_is_the_issues() -> None:
    text = "Le grand titre\n\nUn sujet • Deux sujets • Trois sujets\n\nTexte."
    head = read_masthead(text)
    assert head.title == "Le grand titre"
    assert text[head.end :].strip() == "Texte."


def test_front_matter_is_read_and_skipped() -> None:
    text = "---\ntitle: Août\nDate: 2025-07-31\nnewsletter: La Lettre\n---\n# Août\n\nTexte."
    head = read_masthead(text)
    assert (head.title, head.newsletter, head.dateline) == ("Août", "La Lettre", date(2025, 7, 31))
    assert text[head.body :].startswith("# Août")


@pytest.mark.parametrize(
    "block",
    [
        "a: [1, 2",
        "- just\n- a list",
        "!!python/object/apply:os.system ['echo hacked']",
        "a: " + "[" * 5000,
        "title: [1, 2]\ndate: 2025-99-99",
    ],
)
def test_hostile_front_matter_is_only_text(block: str) -> None:
    fields, _ = read_front_matter(f"---\n{block}\n---\nTexte")
    assert not isinstance(fields.get("title"), str)


def test_a_line_with_little_but_a_date_dates_the_issue() -> None:
    assert read_masthead("La lettre\n\nÉdition du 4 mars 2025\n\nTexte.").dateline == date(
        2025, 3, 4
    )
    long = (
        "Le 4 mars 2025, l'entreprise a publié des comptes que personne n'attendait, et pour cause."
    )
    assert read_masthead(f"La lettre\n\n{long}").dateline is None


def test_file_names_give_date_and_newsletter() -> None:
    assert read_file_name("2025-01-28-la-lettre") == (date(2025, 1, 28), "La lettre")
    assert read_file_name("20250128") == (date(2025, 1, 28), "")
    assert read_file_name("000_fff62bb6e5a9562c") == (None, "")


def test_titles_are_short_beginnings() -> None:
    assert shorten_title("☕️ Un début assez court pour tenir. Puis la suite.") == (
        "Un début assez court pour tenir"
    )
    long = shorten_title("mot " * 60)
    assert len(long) <= 80
    assert long.endswith("mot…")
