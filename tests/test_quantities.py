"""Numbers are equal across spellings and languages, and names that hold digits are no numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.quantities import find_quantities, same_quantity

SPELLINGS = [
    ("65 milliards", "fr", 65e9, ""),
    ("65 milliards de dollars", "fr", 65e9, "USD"),
    ("65\u202fMd€", "fr", 65e9, "EUR"),
    ("65 Mds d’euros", "fr", 65e9, "EUR"),
    ("$65bn", "en", 65e9, "USD"),
    ("$65 billion", "en", 65e9, "USD"),
    ("65 billion euros", "en", 65e9, "EUR"),
    ("65 Milliarden Euro", "de", 65e9, "EUR"),
    ("65 Billionen Euro", "de", 65e12, "EUR"),
    ("65 mil millones de dólares", "es", 65e9, "USD"),
    ("65 millardos de euros", "es", 65e9, "EUR"),
    ("65 miliardi di euro", "it", 65e9, "EUR"),
    ("65 mil milhões de euros", "pt", 65e9, "EUR"),
    ("65 bilhões de dólares", "pt", 65e9, "USD"),
    ("65 miljard euro", "nl", 65e9, "EUR"),
    ("1,5 milliard", "fr", 1.5e9, ""),
    ("1.5 trillion dollars", "en", 1.5e12, "USD"),
    ("300\u00a0000 personnes", "fr", 300_000, ""),
    ("300.000 Menschen", "de", 300_000, ""),
    ("300,000 people", "en", 300_000, ""),
    ("1 234,5 €", "fr", 1234.5, "EUR"),
    ("17%", "fr", 17, "%"),
    ("17 pour cent", "fr", 17, "%"),
    ("17 Prozent", "de", 17, "%"),
    ("17 por ciento", "es", 17, "%"),
    ("17 percent", "en", 17, "%"),
    ("0,34 watt-heure", "fr", 0.34, "Wh"),
    ("0,32 ml", "fr", 0.00032, "l"),
    ("12 GW", "fr", 12e9, "W"),
    ("dix fois", "fr", 10, "x"),
    ("10x", "en", 10, "x"),
    ("le triple", "fr", 3, "x"),
    ("la moitié", "fr", 50, "%"),
    ("une vingtaine", "fr", 20, ""),
    ("un milliard d'euros", "fr", 1e9, "EUR"),
    ("3 M$", "fr", 3e6, "USD"),
    ("5 k€", "fr", 5000, "EUR"),
    ("six mois", "fr", 6, "month"),
    ("2024", "fr", 2024, "year"),
    ("le 31 mars", "fr", 331, "date"),
    ("4 février 2025", "fr", 20250204, "date"),
    ("February 4, 2025", "en", 20250204, "date"),
    ("4 de febrero de 2025", "es", 20250204, "date"),
    ("4. Februar 2025", "de", 20250204, "date"),
    ("1er mars 2024", "fr", 20240301, "date"),
    ("juin 2022", "fr", 20220600, "date"),
]


@pytest.mark.parametrize(("text", "language", "value", "unit"), SPELLINGS, ids=lambda v: str(v))
def test_one_quantity_of_this_value_and_unit(
    text: str, language: str, value: float, unit: str
) -> None:
    (found,) = find_quantities(text, language)
    assert found.value == pytest.approx(value)
    assert found.unit == unit
    assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("90 à 95 % moins cher", 90, 95, "%"),
        ("entre 60 et 65 milliards d'euros", 60e9, 65e9, "EUR"),
        ("60-65 M€", 60e6, 65e6, "EUR"),
        ("de 2 à 3 ans", 2, 3, "yr"),
    ],
)
def test_ranges(text: str, low: float, high: float, unit: str) -> None:
    (found,) = find_quantities(text)
    assert (found.low, found.high, found.unit) == (
        pytest.approx(low),
        pytest.approx(high),
        unit,
    )


@pytest.mark.parametrize("text", ["GPT-4", "o3-pro", "DeepSeek-R1", "H200", "la 5G", "une idée"])
def test_names_are_no_numbers(text: str) -> None:
    assert find_quantities(text) == []


@pytest.mark.parametrize("text", ["3 ou 4", "en 2024 et 2025", "20 % des 300 GPU"])
def test_two_numbers_side_by_side_stay_two(text: str) -> None:
    assert len(find_quantities(text)) == 2


def test_same_quantity_across_spellings_and_within_a_range() -> None:
    def one(text: str, language: str = "fr"):
        return find_quantities(text, language)[0]

    assert same_quantity(one("65 milliards de dollars"), one("$65bn", "en"))
    assert same_quantity(one("65 milliards"), one("$65bn", "en"))
    assert not same_quantity(one("65 milliards de dollars"), one("65 Md€"))
    assert not same_quantity(one("65 milliards"), one("6,5 milliards"))
    assert same_quantity(one("92 %"), one("90 à 95 %"))
    assert not same_quantity(one("89 %"), one("90 à 95 %"))


@given(st.text(max_size=80), st.sampled_from(["fr", "en", "de", "es", "it", "pt", "nl"]))
def test_any_text_gives_ordered_disjoint_ranges(text: str, language: str) -> None:
    end = 0
    for found in find_quantities(text, language):
        assert end <= found.start < found.end <= len(text)
        assert found.low <= found.high
        end = found.end


@given(st.integers(0, 10**9))
def test_grouped_digits_mean_the_number(number: int) -> None:
    text = f"{number:,}".replace(",", "\u202f") + " abonnés"
    (found,) = find_quantities(text)
    assert found.value == number


@pytest.mark.parametrize(
    ("text", "language", "value", "unit"),
    [
        ("a quarter of a million rides", "en", 250_000, ""),
        ("un demi-million de livres", "fr", 500_000, ""),
        ("half of them", "en", 50, "%"),
        ("$450 million to settle", "en", 450e6, "USD"),
        ("un disque de 3 To", "fr", 3e12, "B"),
    ],
)
def test_parts_of_a_scale_and_words_like_units(
    text: str, language: str, value: float, unit: str
) -> None:
    assert [(q.value, q.unit) for q in find_quantities(text, language)] == [(value, unit)]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("6 dirigeants sur 10 du Fortune 500", "fr", [(60.0, "%"), (500.0, "")]),
        ("Sept transformateurs électriques sur dix ont 25 ans", "fr", [(70.0, "%"), (25.0, "yr")]),
        ("une entreprise sur trois", "fr", [(pytest.approx(100 / 3), "%")]),
        ("one in five firms", "en", [(20.0, "%")]),
        ("seven out of ten transformers", "en", [(70.0, "%")]),
        ("sechs von zehn Firmen", "de", [(60.0, "%")]),
        ("24 heures sur 24", "fr", [(24.0, "h"), (24.0, "")]),
        ("3 milliards sur 5 ans", "fr", [(3e9, ""), (5.0, "yr")]),
        ("3 stores in 4 states", "en", [(3.0, ""), (4.0, "")]),
        ("9 fois sur 10", "fr", [(90.0, "%")]),
        ("un match sur 100 000", "fr", [(1e5, "")]),
        ("une étude portant sur 100 entreprises", "fr", [(100.0, "")]),
        ("un film sur deux frères", "fr", [(2.0, "")]),
        ("une sur deux cents", "fr", [(2.0, "")]),
        ("ein Team von 20 Forschern", "de", [(20.0, "")]),
        ("it is number one in three countries", "en", [(3.0, "")]),
    ],
)
def test_a_part_of_a_total_is_a_share(
    text: str, language: str, found: list[tuple[float, str]]
) -> None:
    assert [(q.value, q.unit) for q in find_quantities(text, language)] == found
