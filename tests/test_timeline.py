"""Findings arranged by hand: what leads, what is history, what is disputed, what is apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.periods import Period, find_period
from rag.quantities import find_quantities
from rag.questions import Question, analyse_question
from rag.timeline import Finding, arrange_findings, is_same_fact
from rag.types import Span

FEBRUARY, APRIL, JULY = date(2025, 2, 4), date(2025, 4, 17), date(2025, 7, 31)
INVESTS = analyse_question("Combien Meta investit-il dans l'IA ?", "fr")


def find(
    key: int,
    value: str,
    day: date | None,
    *,
    sentence: str = "Meta va investir {} dans l'IA.",
    source: str = "",
    score: float = 0.8,
    context: str = "",
) -> Finding:
    sentence = sentence.format(value)
    quantities = [q for q in find_quantities(sentence, "fr") if q.text in value or value in q.text]
    return Finding(
        key,
        sentence,
        value,
        day,
        source or f"{day}.txt",
        score,
        quantities[0] if quantities else None,
        context,
    )


def keys(findings: tuple[Finding, ...]) -> list[int]:
    return [finding.key for finding in findings]


def test_no_findings_give_an_empty_arrangement() -> None:
    arrangement = arrange_findings(INVESTS, [])
    assert not arrangement.lead
    assert not arrangement.changes


def test_a_changed_value_leads_with_the_newest_however_scored() -> None:
    arrangement = arrange_findings(
        INVESTS,
        [
            find(1, "65 milliards de dollars", FEBRUARY, score=0.9),
            find(2, "72 milliards de dollars", JULY, score=0.7),
            find(3, "68 milliards de dollars", APRIL, score=0.8),
        ],
    )
    assert keys(arrangement.lead) == [2]
    assert keys(arrangement.history) == [3, 1]
    assert keys(arrangement.changes) == [1, 3, 2]
    assert not arrangement.contradictions


def test_equal_values_in_other_spellings_confirm() -> None:
    arrangement = arrange_findings(
        INVESTS,
        [
            find(1, "65 milliards de dollars", FEBRUARY),
            find(2, "65 Md$", APRIL),
            find(3, "60 milliards de dollars", date(2025, 1, 2)),
        ],
    )
    assert keys(arrangement.lead) == [2, 1]
    assert keys(arrangement.history) == [3]


def test_one_value_everywhere_has_no_history() -> None:
    arrangement = arrange_findings(
        INVESTS, [find(1, "65 milliards de dollars", FEBRUARY), find(2, "65 Md$", APRIL)]
    )
    assert keys(arrangement.lead) == [2, 1]
    assert not arrangement.changes


def test_a_value_that_came_back_counts_anew() -> None:
    arrangement = arrange_findings(
        INVESTS,
        [
            find(1, "65 milliards de dollars", FEBRUARY),
            find(2, "72 milliards de dollars", APRIL),
            find(3, "65 milliards de dollars", JULY),
        ],
    )
    assert keys(arrangement.lead) == [3]
    assert keys(arrangement.history) == [2, 1]


def test_a_repeated_older_value_is_dated_when_it_was_first_said() -> None:
    arrangement = arrange_findings(
        INVESTS,
        [
            find(1, "65 milliards de dollars", FEBRUARY),
            find(2, "65 milliards de dollars", APRIL),
            find(3, "72 milliards de dollars", JULY),
        ],
    )
    assert keys(arrangement.changes) == [1, 3]


def test_other_sources_of_the_same_day_contradict() -> None:
    question = analyse_question("Combien d'utilisateurs Le Chat a-t-il ?", "fr")
    sentence = "Le Chat compte {} d'utilisateurs."
    arrangement = arrange_findings(
        question,
        [
            find(1, "3 millions", JULY, sentence=sentence, source="a.eml"),
            find(2, "5 millions", JULY, sentence=sentence, source="b.md"),
            find(3, "1,5 million", APRIL, sentence=sentence),
        ],
    )
    assert keys(arrangement.lead) == [1]
    assert keys(arrangement.contradictions) == [2]
    assert keys(arrangement.history) == [3]


def test_an_undated_source_that_differs_contradicts() -> None:
    arrangement = arrange_findings(
        INVESTS,
        [
            find(1, "65 milliards de dollars", FEBRUARY),
            find(2, "72 milliards de dollars", None, source="x.txt", score=0.9),
        ],
    )
    assert keys(arrangement.lead) == [1]
    assert keys(arrangement.contradictions) == [2]


def test_two_lines_of_one_issue_are_neither_versions_nor_contradictions() -> None:
    arrangement = arrange_findings(
        INVESTS,
        [
            find(1, "65 milliards de dollars", FEBRUARY, score=0.9),
            find(2, "20 milliards de dollars", FEBRUARY, score=0.85),
        ],
    )
    assert keys(arrangement.lead) == [1]
    assert not arrangement.contradictions
    assert not arrangement.history


@pytest.mark.parametrize(
    ("question", "other"),
    [
        (
            "Combien Meta investit-il dans l'IA ?",
            find(2, "20 Md$", JULY, sentence="Meta met {} dans la réalité augmentée."),
        ),
        (
            "Combien Meta investit-il dans l'IA ?",
            find(2, "75 Md$", JULY, sentence="Google va investir {} dans l'IA."),
        ),
        (
            "Combien investit Meta ?",
            find(2, "20 Md$", JULY, sentence="Meta met {} dans les lunettes."),
        ),
        (
            "Combien Meta investit-il dans l'IA ?",
            find(2, "22 %", JULY, sentence="Meta : hausse de {} grâce à l'IA."),
        ),
        (
            "Combien Meta investit-il dans l'IA ?",
            find(2, "250 millions de dollars", JULY, sentence="Meta offre {} à un as de l'IA."),
        ),
    ],
    ids=["subject", "company", "unnamed subject", "unit", "size"],
)
def test_another_fact_is_no_version(question: str, other: Finding) -> None:
    first = find(1, "65 milliards de dollars", FEBRUARY)
    arrangement = arrange_findings(analyse_question(question, "fr"), [first, other])
    assert keys(arrangement.lead) == [1]
    assert not arrangement.history
    assert not arrangement.contradictions


@pytest.mark.parametrize(
    ("question", "first", "other"),
    [
        ("Combien vaut Mistral ?", "Mistral vaut {}.", "Mistral lève {}."),
        ("Combien coûte o4-mini ?", "Le petit o4-mini coûte {}.", "Le modèle o3 coûte {}."),
    ],
    ids=["relation", "version"],
)
def test_a_figure_told_of_something_else_is_no_version(
    question: str, first: str, other: str
) -> None:
    asked = analyse_question(question, "fr")
    best = find(1, "65 milliards de dollars", FEBRUARY, sentence=first)
    assert is_same_fact(asked, best, find(2, "72 milliards de dollars", JULY, sentence=first), 0.9)
    rival = find(2, "72 milliards de dollars", JULY, sentence=other)
    assert not is_same_fact(asked, best, rival, 0.9)


def test_a_month_that_only_weighs_does_not_put_a_poor_sentence_first() -> None:
    question = "Combien Meta investissait-il dans l'IA en juillet ?"
    period = find_period(question, date(2025, 9, 1))
    assert period
    assert not period.strict
    good = find(1, "65 milliards de dollars", FEBRUARY, score=0.9)
    poor = find(2, "3 milliards de dollars", JULY, sentence="Oslo reçoit {}.", score=0.1)
    asked = analyse_question(question, "fr")
    assert keys(arrange_findings(asked, [good, poor], period=period).lead) == [1]


def test_what_a_good_sentence_of_the_month_is_disputed_by_may_be_less_good() -> None:
    question = "Combien Meta investissait-il dans l'IA en juillet ?"
    period = find_period(question, date(2025, 9, 1))
    findings = [
        find(1, "72 milliards de dollars", JULY, score=0.9),
        find(2, "70 milliards de dollars", JULY, source="b.txt", score=0.35),
        find(3, "65 milliards de dollars", FEBRUARY, score=0.8),
    ]
    arrangement = arrange_findings(analyse_question(question, "fr"), findings, period=period)
    assert keys(arrangement.lead) == [1]
    assert keys(arrangement.contradictions) == [2]
    assert keys(arrangement.history) == []


def test_an_acronym_is_known_by_its_initials_and_subjects_by_the_context() -> None:
    assert is_same_fact(
        INVESTS,
        find(1, "65 milliards de dollars", FEBRUARY),
        find(
            2,
            "72 milliards de dollars",
            JULY,
            sentence="Le groupe dépensera {} pour ses infrastructures d’intelligence artificielle.",
            context="Meta va investir davantage",
        ),
        1.0,
    )


@pytest.mark.parametrize(
    ("sentence", "score", "same"),
    [
        ("Le site de Narvik aura {} puces à la fin de 2026.", 0.001, True),
        ("Le site de Narvik a {} arbres.", 0.001, False),
        ("Narvik aura {} puces.", 0.05, True),
        ("Narvik a {} habitants.", 0.05, False),
        ("Narvik sera un site de {} places.", 0.4, True),
        ("Narvik sera un site de {} places.", 0.2, False),
        ("Oslo sera un site de {} puces.", 0.2, False),
    ],
)
def test_the_lower_the_score_the_more_words_must_agree(
    sentence: str, score: float, same: bool
) -> None:
    question = analyse_question("Combien de puces Narvik aura-t-il ?", "fr")
    best = find(1, "100 000", JULY, sentence="Le site de Narvik aura {} puces à la fin de 2026.")
    other = find(2, "60 000", APRIL, sentence=sentence, score=0.8 * score)
    arrangement = arrange_findings(question, [best, other])
    assert bool(arrangement.history) is same


def test_a_german_question_knows_its_names() -> None:
    question = analyse_question("Wie viel investiert Meta dieses Jahr in KI?", "de")
    best = find(1, "65 milliards de dollars", FEBRUARY)
    other = find(2, "75 milliards de dollars", JULY, sentence="Google va investir {} dans l'IA.")
    assert not arrange_findings(question, [best, other]).history


def test_figures_in_other_currencies_change_but_do_not_contradict() -> None:
    question = analyse_question("Combien vaut Mistral AI ?", "fr")
    sentence = "Mistral AI vaut {}."
    old = find(1, "5,8 milliards d'euros", FEBRUARY, sentence=sentence, score=0.9)
    new = find(2, "14 milliards de dollars", JULY, sentence=sentence)
    same_day = find(3, "11,7 milliards d'euros", JULY, sentence=sentence, source="x", score=0.7)
    assert keys(arrange_findings(question, [old, new]).changes) == [1, 2]
    assert not arrange_findings(question, [new, same_day]).contradictions


@pytest.mark.parametrize(
    ("sentence", "value", "same"),
    [
        ("Musk offre près de {} pour OpenAI.", "100 milliards de dollars", True),
        ("Musk offre {} pour OpenAI.", "100 milliards de dollars", False),
        ("Musk offre près de {} pour OpenAI.", "90 milliards de dollars", False),
        ("Musk offre 95 à {} pour OpenAI.", "98 milliards de dollars", True),
    ],
)
def test_rounded_figures_and_ranges(sentence: str, value: str, same: bool) -> None:
    question = analyse_question("Combien Musk offre-t-il pour OpenAI ?", "fr")
    exact = find(
        1, "97,4 milliards de dollars", FEBRUARY, sentence="Musk offre {} pour OpenAI.", score=0.9
    )
    arrangement = arrange_findings(question, [exact, find(2, value, JULY, sentence=sentence)])
    assert (not arrangement.history) is same


def test_names_change_too() -> None:
    question = analyse_question("Qui dirige la société Bullish ?", "fr")
    sentence = "La société Bullish est dirigée par {}."
    arrangement = arrange_findings(
        question,
        [
            find(1, "Jeanne Martin", FEBRUARY, sentence=sentence),
            find(2, "Tom Farley", JULY, sentence=sentence),
            find(3, "Farley", APRIL, sentence=sentence),
        ],
    )
    assert keys(arrangement.lead) == [2, 3]
    assert keys(arrangement.history) == [1]


def ask(text: str) -> tuple[Question, Period | None]:
    return analyse_question(text, "fr"), find_period(text, date(2025, 9, 10))


def test_a_period_in_the_past_leads_with_what_held_then() -> None:
    question, period = ask("Combien Meta prévoyait-il d'investir dans l'IA en avril ?")
    arrangement = arrange_findings(
        question,
        [
            find(1, "65 milliards de dollars", FEBRUARY),
            find(2, "68 milliards de dollars", APRIL),
            find(3, "72 milliards de dollars", JULY, score=0.9),
        ],
        period=period,
    )
    assert keys(arrangement.lead) == [2]
    assert 3 not in keys(arrangement.history)


def test_a_year_asked_leads_with_the_issue_that_names_it() -> None:
    question, period = ask("Combien de lunettes Meta a-t-il vendues en 2024 ?")
    sentence = "Meta a vendu {} de lunettes en 2024."
    arrangement = arrange_findings(
        question,
        [
            find(1, "1 million", FEBRUARY, sentence=sentence),
            find(2, "2 millions", JULY, sentence="Meta a vendu {} de lunettes.", score=0.9),
        ],
        period=period,
    )
    assert keys(arrangement.lead) == [1]
    assert not arrangement.history


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["60 Md$", "65 Md$", "72 Md$", "20 Md$"]),
            st.sampled_from([FEBRUARY, APRIL, JULY, None]),
            st.sampled_from(["a", "b", "c"]),
            st.floats(0.1, 1),
        ),
        max_size=7,
    )
)
def test_whatever_the_findings_nothing_newer_on_the_fact_stays_behind(
    drawn: list[tuple[str, date | None, str, float]],
) -> None:
    findings = [
        find(key, value, day, source=f"{source}-{day}", score=score)
        for key, (value, day, source, score) in enumerate(drawn)
    ]
    arrangement = arrange_findings(INVESTS, findings)
    assert bool(arrangement.lead) == bool(findings)
    used = [*arrangement.lead, *arrangement.history, *arrangement.contradictions]
    assert len({f.key for f in used}) == len(used)
    dates = [f.date for f in (*arrangement.lead[:1], *arrangement.history) if f.date]
    assert dates == sorted(dates, reverse=True)
    if arrangement.history:
        assert arrangement.lead[0].date == max(f.date for f in used if f.date)


def test_an_open_period_keeps_what_lies_inside() -> None:
    period = Period(APRIL, None, Span(0, 1), True)
    arrangement = arrange_findings(
        INVESTS, [find(1, "65 Md$", FEBRUARY), find(2, "72 Md$", JULY)], period=period
    )
    assert keys(arrangement.lead) == [2]
    assert not arrangement.history


def test_figures_that_count_the_same_are_versions_in_whatever_words() -> None:
    question = analyse_question("Combien de personnes utilisent Zephyr chaque mois ?", "fr")
    july = find(
        0,
        "5 millions",
        JULY,
        sentence="Réponse d'un salarié : {} d'utilisateurs chaque mois.",
        score=0.9,
        context="Zephyr ronronne",
    )
    newer = find(
        1,
        "6 millions",
        date(2025, 9, 10),
        sentence="Il en revendique {} d'utilisateurs.",
        score=0.2,
        context="Zephyr se souvient",
    )
    downloads = find(
        2,
        "8 millions",
        date(2025, 9, 11),
        sentence="Il en compte {} de téléchargements.",
        score=0.2,
        context="Zephyr se vend",
    )
    arranged = arrange_findings(question, [july, newer, downloads])
    assert (keys(arranged.lead), keys(arranged.history)) == ([1], [0])
    poor = replace(newer, score=0.05)
    assert keys(arrange_findings(question, [july, poor]).lead) == [0]
