"""Framing words in seven languages."""

from __future__ import annotations

from datetime import date

import pytest

from rag.phrases import choose_phrases, format_date


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "4 février 2025"),
        ("en", "4 February 2025"),
        ("de", "4. Februar 2025"),
        ("es", "4 de febrero de 2025"),
        ("it", "4 febbraio 2025"),
        ("pt", "4 de fevereiro de 2025"),
        ("nl", "4 februari 2025"),
        ("sv", "4 février 2025"),
    ],
)
def test_dates_are_written_in_the_language_asked(language: str, written: str) -> None:
    assert format_date(date(2025, 2, 4), language) == written


def test_the_first_of_a_month_in_french() -> None:
    assert format_date(date(2025, 3, 1), "fr") == "1er mars 2025"


def test_an_undated_issue_is_said_to_be() -> None:
    assert format_date(None, "en") == "undated"


def test_every_language_has_its_own_words() -> None:
    languages = ("fr", "en", "de", "es", "it", "pt", "nl")
    assert len({choose_phrases(language).no_answer for language in languages}) == 7
    assert all(len(choose_phrases(language).months) == 12 for language in languages)
