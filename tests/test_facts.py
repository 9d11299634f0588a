"""Figures and dates of a sentence, and when two of them say the same."""

from __future__ import annotations

import pytest

from rag.facts import Facts, find_rates, same_date, same_figure


@pytest.mark.parametrize(
    ("claim", "language", "source", "same"),
    [
        ("65 Md$", "fr", "65 milliards de dollars", True),
        ("$65bn", "en", "65 milliards de dollars", True),
        ("65 billion dollars", "en", "65 milliards de dollars", True),
        ("65 Milliarden Dollar", "de", "65 milliards de dollars", True),
        ("65 billion dollars", "en", "65 millions de dollars", False),
        ("65 milliards d'euros", "fr", "65 milliards de dollars", False),
        ("65 milliards", "fr", "65 milliards de dollars", True),
        ("17 percent", "en", "17 %", True),
        ("seize pour cent", "fr", "16 %", True),
        ("quatre-vingt-neuf langues", "fr", "89 langues", True),
        ("two hundred and twenty people", "en", "220 personnes", True),
        ("douze mois", "fr", "un an", True),
        ("douze mois", "fr", "deux ans", False),
        ("92 %", "fr", "de 90 à 95 %", False),
        ("95 %", "fr", "de 90 à 95 %", True),
        ("de 80 à 95 %", "fr", "de 90 à 95 %", False),
        ("environ 100 euros", "fr", "98 euros", True),
        ("100 euros", "fr", "98 euros", False),
        ("has doubled", "en", "le double", True),
        ("has tripled", "en", "multiplié par deux", False),
        ("100 milliards", "fr", "Amazon 100, Google 75", True),
        ("100 milliards", "fr", "100 salariés", False),
    ],
)
def test_figures_are_compared_by_value_and_unit(
    claim: str, language: str, source: str, same: bool
) -> None:
    claimed, said = Facts(claim, language), Facts(source, "fr")
    assert (
        any(same_figure(claimed.figures[0], figure, claimed, said) for figure in said.figures)
        is same
    )


@pytest.mark.parametrize(
    ("claim", "language", "source", "same"),
    [
        ("le 31/03", "fr", "le 31 mars", True),
        ("le 31/03/2025", "fr", "le 31 mars 2025", True),
        ("2025-03-31", "fr", "le 31 mars 2025", True),
        ("on March 31, 2025", "en", "le 31 mars 2025", True),
        ("in March 2025", "en", "le 31 mars 2025", True),
        ("in 2025", "en", "le 31 mars 2025", True),
        ("in 2024", "en", "le 31 mars 2025", False),
        ("on March 30", "en", "le 31 mars", False),
        ("in April", "en", "en mars", False),
        ("on February 10 and 11", "en", "les 10 et 11 février", True),
    ],
)
def test_dates_are_compared_by_what_is_said(
    claim: str, language: str, source: str, same: bool
) -> None:
    claimed, said = Facts(claim, language).dates, Facts(source, "fr").dates
    assert claimed
    assert all(any(same_date(c, s, ()) for s in said) for c in claimed) is same


def test_year_may_be_said_elsewhere() -> None:
    (claimed,) = Facts("le 31 mars 2025", "fr").dates
    (said,) = Facts("le 31 mars", "fr").dates
    assert same_date(claimed, said, {2025})
    assert not same_date(claimed, said, {2024})


def test_segments_part_the_figures() -> None:
    facts = Facts("o3 coûte 10 dollars en entrée et 40 dollars en sortie, selon OpenAI.", "fr")
    texts = [facts.text[s.start : s.end].strip(" ,") for s in facts.segments]
    assert texts == ["o3 coûte 10 dollars en entrée", "et 40 dollars en sortie", "selon OpenAI."]


def test_rates() -> None:
    assert find_rates("250 000 courses par semaine") == {"week"}
    assert find_rates("daily users, every month") == {"day", "month"}


def test_a_rate_is_no_period() -> None:
    rate = Facts("Waymo completes 250,000 paid rides a week.", "en")
    assert [q.value for q in rate.figures] == [250_000]
    period = Facts("It completes 250,000 rides within a week.", "en")
    assert [q.unit for q in period.figures] == ["", "week"]
