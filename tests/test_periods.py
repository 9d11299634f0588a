"""Periods in questions against a calendar reckoned by hand; today is Thursday 12 June 2025."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from subprocess import run

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.periods import Period, find_period, weigh_dates
from rag.types import Span

REFERENCE = date(2025, 6, 12)
VOCABULARY = (
    *("en", "le", "depuis", "entre", "et", "de", "mars", "31", "février", "30", "2024", "9999"),
    *("T1", "fin", "mi", "début", "hier", "12", "été", "since", "ces", "derniers", "trois", "mois"),
    *("ago", "il y a", "last", "week", "0", "99", "1er", "d'ici", "?", "l'année", "avant", "à"),
)


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


STRICT = [
    ("Qu'a annoncé Mistral en février 2025 ?", "2025-02-01", "2025-02-28"),
    ("Qu’a annoncé Mistral en février ?", "2025-02-01", "2025-02-28"),
    ("Que s'est-il passé en décembre ?", "2024-12-01", "2024-12-31"),
    ("Quoi de neuf chez Apple en juin ?", "2025-06-01", "2025-06-30"),
    ("Quelles actualités début février 2025 ?", "2025-02-01", "2025-02-10"),
    ("Qu'a-t-on appris fin janvier ?", "2025-01-21", "2025-01-31"),
    ("Qu'a annoncé OpenAI mi-mars ?", "2025-03-11", "2025-03-20"),
    ("Qu'a dit Musk au mois de mai ?", "2025-05-01", "2025-05-31"),
    ("Qu'a annoncé Meta depuis juin ?", "2025-06-01", ""),
    ("Combien Meta a-t-il investi depuis février ?", "2025-02-01", ""),
    ("Qui a levé des fonds depuis l'été ?", "2024-06-01", ""),
    ("Qui a levé des fonds depuis la rentrée ?", "2024-09-01", ""),
    ("Quels modèles sont sortis depuis début 2025 ?", "2025-01-01", ""),
    ("Quels modèles sont sortis depuis le début de l'année ?", "2025-01-01", ""),
    ("Quels modèles sont sortis depuis le 4 février ?", "2025-02-04", ""),
    ("Quoi de neuf depuis hier ?", "2025-06-11", ""),
    ("Quoi de neuf depuis la semaine dernière ?", "2025-06-02", ""),
    ("Quoi de neuf depuis trois mois ?", "2025-03-12", "2025-06-12"),
    ("Que s'est-il passé après le 11 février 2025 ?", "2025-02-12", ""),
    ("Qu'a annoncé Mistral avant mai 2025 ?", "", "2025-04-30"),
    ("Qu'a annoncé Mistral jusqu'en mars ?", "", "2025-03-31"),
    ("Quels fonds ont été levés la semaine dernière ?", "2025-06-02", "2025-06-08"),
    ("Quels fonds ont été levés cette semaine ?", "2025-06-09", "2025-06-12"),
    ("Quels fonds ont été levés le mois dernier ?", "2025-05-01", "2025-05-31"),
    ("Quels fonds ont été levés ce mois-ci ?", "2025-06-01", "2025-06-12"),
    ("Quels fonds ont été levés ces trois derniers mois ?", "2025-03-12", "2025-06-12"),
    ("Quels fonds ont été levés ces derniers jours ?", "2025-06-05", "2025-06-12"),
    ("Quels fonds ont été levés les deux dernières semaines ?", "2025-05-29", "2025-06-12"),
    ("Qui a levé des fonds il y a deux semaines ?", "2025-05-26", "2025-06-01"),
    ("Qui a levé des fonds il y a 2 mois ?", "2025-04-01", "2025-04-30"),
    ("Qui a levé des fonds hier ?", "2025-06-11", "2025-06-12"),
    ("Qui a levé des fonds avant-hier ?", "2025-06-10", "2025-06-11"),
    ("Qu'a annoncé Apple lundi dernier ?", "2025-06-09", "2025-06-10"),
    ("Qui a levé des fonds le trimestre dernier ?", "2025-01-01", "2025-03-31"),
    ("Qu'a annoncé Mistral au premier trimestre 2025 ?", "2025-01-01", "2025-03-31"),
    ("Qu'a annoncé Mistral au 4e trimestre ?", "2024-10-01", "2024-12-31"),
    ("Qu'a annoncé Mistral au premier semestre 2025 ?", "2025-01-01", "2025-06-30"),
    ("Qu'a annoncé Mistral entre mars et juin ?", "2025-03-01", "2025-06-30"),
    ("Qu'a annoncé Mistral entre novembre et février ?", "2024-11-01", "2025-02-28"),
    ("Qu'a annoncé Mistral de novembre 2024 à janvier 2025 ?", "2024-11-01", "2025-01-31"),
    ("Qu'a annoncé Mistral entre le 4 et le 11 février ?", "2025-02-04", "2025-02-11"),
    ("Qu'a annoncé Mistral du 3 au 7 février 2025 ?", "2025-02-03", "2025-02-07"),
    ("Quoi de neuf la semaine du 5 février ?", "2025-02-03", "2025-02-09"),
    ("Qu'a annoncé Apple l'été dernier ?", "2024-06-01", "2024-08-31"),
    ("Quelles sont les actualités de la semaine ?", "2025-06-09", "2025-06-12"),
    ("Quels articles de février parlent de Mistral ?", "2025-02-01", "2025-02-28"),
    ("De quoi parle le numéro du 4 février 2025 ?", "2025-02-04", "2025-02-04"),
    ("Que raconte la lettre de juin ?", "2025-06-01", "2025-06-30"),
    ("De quoi parlent les lettres de 2024 ?", "2024-01-01", "2024-12-31"),
    ("De quoi parle l'édition du 04/02/2025 ?", "2025-02-04", "2025-02-04"),
    ("What did Mistral announce in February 2025?", "2025-02-01", "2025-02-28"),
    ("What did Mistral announce in Q1 2025?", "2025-01-01", "2025-03-31"),
    ("What did Mistral announce in the first quarter of 2025?", "2025-01-01", "2025-03-31"),
    ("What happened in early 2025?", "2025-01-01", "2025-03-31"),
    ("Who raised money since June?", "2025-06-01", ""),
    ("Who raised money last week?", "2025-06-02", "2025-06-08"),
    ("Who raised money last month?", "2025-05-01", "2025-05-31"),
    ("Who raised money this month?", "2025-06-01", "2025-06-12"),
    ("Who raised money in the last 3 months?", "2025-03-12", "2025-06-12"),
    ("Who raised money over the past two weeks?", "2025-05-29", "2025-06-12"),
    ("Who raised money three weeks ago?", "2025-05-19", "2025-05-25"),
    ("Who raised money yesterday?", "2025-06-11", "2025-06-12"),
    ("What did Apple announce last Monday?", "2025-06-09", "2025-06-10"),
    ("What was announced between March and June?", "2025-03-01", "2025-06-30"),
    ("What was announced from March to May 2025?", "2025-03-01", "2025-05-31"),
    ("What does the issue of February 4th, 2025 say?", "2025-02-04", "2025-02-04"),
    ("What is in the June issue?", "2025-06-01", "2025-06-30"),
    ("What is in the 2025-02-04 newsletter?", "2025-02-04", "2025-02-04"),
    ("Was hat Mistral im Februar 2025 angekündigt?", "2025-02-01", "2025-02-28"),
    ("Was ist letzte Woche passiert?", "2025-06-02", "2025-06-08"),
    ("Was hat Mistral seit März getan?", "2025-03-01", ""),
    ("Was geschah vor zwei Wochen?", "2025-05-26", "2025-06-01"),
    ("Was ist letzten Monat passiert?", "2025-05-01", "2025-05-31"),
    ("Was geschah im letzten Quartal?", "2025-01-01", "2025-03-31"),
    ("Was geschah in den letzten drei Monaten?", "2025-03-12", "2025-06-12"),
    ("¿Qué pasó en los últimos tres meses?", "2025-03-12", "2025-06-12"),
    ("¿Qué anunció Mistral en febrero de 2025?", "2025-02-01", "2025-02-28"),
    ("¿Qué anunció Mistral la semana pasada?", "2025-06-02", "2025-06-08"),
    ("¿Qué anunció Mistral el mes pasado?", "2025-05-01", "2025-05-31"),
    ("¿Qué ha hecho Mistral desde marzo?", "2025-03-01", ""),
    ("Cosa ha annunciato Mistral a febbraio?", "2025-02-01", "2025-02-28"),
    ("Cosa ha annunciato Mistral nel febbraio 2025?", "2025-02-01", "2025-02-28"),
    ("Chi ha raccolto fondi la settimana scorsa?", "2025-06-02", "2025-06-08"),
    ("Chi ha raccolto fondi il mese scorso?", "2025-05-01", "2025-05-31"),
    ("O que a Mistral anunciou em fevereiro de 2025?", "2025-02-01", "2025-02-28"),
    ("O que aconteceu na semana passada?", "2025-06-02", "2025-06-08"),
    ("Wat heeft Mistral in februari 2025 aangekondigd?", "2025-02-01", "2025-02-28"),
    ("Wat is er vorige week gebeurd?", "2025-06-02", "2025-06-08"),
]

WEIGHING = [
    ("Combien Meta va-t-il investir en 2025 ?", "2025-01-01", "2025-12-31"),
    ("Combien de lunettes connectées ont été vendues en 2024 ?", "2024-01-01", "2024-12-31"),
    ("Quel était le chiffre d'affaires d'Apple l'année dernière ?", "2024-01-01", "2024-12-31"),
    ("Combien Meta investit-il cette année ?", "2025-01-01", "2025-12-31"),
    ("Quel est le chiffre d'affaires de 2024 ?", "2024-01-01", "2024-12-31"),
    ("Qu'est-ce qui sera lancé en septembre ?", "2025-09-01", "2025-09-30"),
    ("Qu'a annoncé Apple pour septembre 2025 ?", "2025-09-01", "2025-09-30"),
    ("Quel modèle est sorti le 20 janvier ?", "2025-01-20", "2025-01-20"),
    ("Combien de voitures ont été vendues en mars 2025 ?", "2025-03-01", "2025-03-31"),
    ("Quel chiffre d'affaires au T1 2025 ?", "2025-01-01", "2025-03-31"),
    ("Combien a-t-il levé depuis 2023 ?", "2023-01-01", ""),
    ("Combien valait Mistral avant 2024 ?", "", "2023-12-31"),
    ("Combien de ventes entre 2022 et 2024 ?", "2022-01-01", "2024-12-31"),
    ("Que prévoit Apple pour l'année prochaine ?", "2026-01-01", "2026-12-31"),
    ("Combien ont coûté les levées de fonds de juin ?", "2025-06-01", "2025-06-30"),
    ("Que valait Mistral au 9 juin 2025 ?", "2025-06-09", "2025-06-09"),
    ("What happened over the past year?", "2024-06-12", "2025-06-12"),
    ("How many glasses were sold in 2024?", "2024-01-01", "2024-12-31"),
    ("How much will Meta invest in 2025?", "2025-01-01", "2025-12-31"),
    ("How much did it earn last year?", "2024-01-01", "2024-12-31"),
    ("Wie viel investiert Meta dieses Jahr in KI?", "2025-01-01", "2025-12-31"),
    ("¿Cuánto invertirá en 2026?", "2026-01-01", "2026-12-31"),
    ("Quanto investirà Meta nel 2025?", "2025-01-01", "2025-12-31"),
    ("Quanto a Meta investiu no ano passado?", "2024-01-01", "2024-12-31"),
    ("Hoeveel investeert Meta dit jaar?", "2025-01-01", "2025-12-31"),
]

NONE = [
    "Combien Meta investit-il dans l'IA ?",
    "Combien coûte une mission vers Mars ?",
    "Qui rêve de la conquête de Mars ?",
    "Qui défend l'IA de Mars Inc. ?",
    "Who led a march against the company?",
    "What may Mistral build next?",
    "Que fait le modèle Q2 ?",
    "Qui est à l'origine du projet S1 ?",
    "Jusqu'à quelle date Tether peut-il rester ?",
    "Combien de voitures seront vendues d'ici 2030 ?",
    "What will be banned by March 2026?",
    "Combien sera investi en quatre ans ?",
    "Which bank ran a similar project the month before UBS?",
    "Quelle somme dépense-t-il chaque année ?",
    "En quelle année Proton a-t-elle été fondée ?",
    "Depuis quand Proton existe-t-elle ?",
    "Qu'est-ce que l'o3-pro ?",
    "Combien coûte 1 2025€ ?",
    "Combien de personnes font 2000 % de plus ?",
    "Combien de GPU a commandé 23andMe ?",
    "Aujourd'hui, qui dirige OpenAI ?",
    "Que fait Sam Altman ?",
    "Qui est venu le 30 février ?",
]


@pytest.mark.parametrize(("question", "since", "until"), STRICT)
def test_questions_about_the_issues_give_strict_periods(
    question: str, since: str, until: str
) -> None:
    period = find_period(question, REFERENCE)
    assert period is not None
    assert (period.since, period.until, period.strict) == (day(since), day(until), True)


@pytest.mark.parametrize(("question", "since", "until"), WEIGHING)
def test_dates_of_the_fact_itself_only_weigh(question: str, since: str, until: str) -> None:
    period = find_period(question, REFERENCE)
    assert period is not None
    assert (period.since, period.until, period.strict) == (day(since), day(until), False)


@pytest.mark.parametrize("question", NONE)
def test_questions_without_a_period(question: str) -> None:
    assert find_period(question, REFERENCE) is None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Qu'a annoncé Mistral en février 2025 ?", "en février 2025"),
        ("Quels fonds depuis l'été ?", "depuis l'été"),
        ("Qu'a annoncé Mistral\u00a0entre mars et\u00a0juin ?", "entre mars et\u00a0juin"),
        ("Qui a levé des fonds la semaine dernière ?", "la semaine dernière"),
        ("Who raised money before May 2025?", "before May 2025"),
    ],
)
def test_span_is_where_the_question_says_so(question: str, expected: str) -> None:
    period = find_period(question, REFERENCE)
    assert period is not None
    assert question[period.span.start : period.span.end] == expected


@pytest.mark.parametrize(
    ("reference", "since", "until"),
    [
        ("2025-01-05", "2024-12-01", "2024-12-31"),
        ("2025-12-31", "2025-11-01", "2025-11-30"),
        ("2024-03-31", "2024-02-01", "2024-02-29"),
    ],
)
def test_last_month_over_year_ends_and_leap_years(reference: str, since: str, until: str) -> None:
    period = find_period("Quoi de neuf le mois dernier ?", date.fromisoformat(reference))
    assert period is not None
    assert (period.since, period.until) == (day(since), day(until))


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(VOCABULARY),
        max_size=9,
    ),
    reference=st.dates(date(1, 6, 1), date(9998, 12, 31)),
)
def test_any_text_gives_an_ordered_period_inside_it(words: list[str], reference: date) -> None:
    question = " ".join(words)
    period = find_period(question, reference)
    if period is not None:
        assert 0 <= period.span.start < period.span.end <= len(question)
        if period.since and period.until:
            assert period.since <= period.until


def test_weights_by_hand() -> None:
    """A period of 100 days: 1 inside; after 100 days 0.7 + 0.3 / e; 50 days before it the same."""
    since = date(2025, 1, 1)
    period = Period(since, since + timedelta(days=99), Span(0, 1), False)
    dates = [since, period.until, since + timedelta(days=199), since - timedelta(days=50), None]
    np.testing.assert_allclose(weigh_dates(dates, period), [1, 1, 0.810364, 0.810364, 0.85], 1e-5)


def test_weights_prefer_the_issues_that_follow_the_year_asked() -> None:
    period = find_period("Combien de lunettes vendues en 2024 ?", REFERENCE)
    assert period is not None
    early, late, before = weigh_dates(
        [date(2025, 2, 4), date(2025, 11, 4), date(2023, 11, 27)], period
    )
    assert before < early <= 1
    assert late < early


def test_weights_of_an_open_period_and_of_no_issues() -> None:
    period = Period(date(2025, 6, 1), None, Span(0, 1), True)
    assert weigh_dates([], period).shape == (0,)
    assert weigh_dates([date(9999, 12, 31)], period)[0] == 1


def test_a_question_without_time_words_loads_no_library() -> None:
    code = (
        "import sys; from datetime import date; from rag.periods import find_period;"
        "find_period('Combien Meta investit-il ?', date(2025, 6, 12));"
        "sys.exit('dateparser' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
