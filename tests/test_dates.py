from __future__ import annotations

from datetime import date, datetime

import pytest

from rag.dates import find_date, find_file_date, parse_date


@pytest.mark.parametrize(
    "text",
    [
        "mardi 4 février 2025",
        "Tuesday 4 February 2025",
        "Tuesday, February 4, 2025",
        "February 4th, 2025",
        "the 4th of February 2025",
        "Dienstag, 4. Februar 2025",
        "martes 4 de febrero de 2025",
        "martedì 4 febbraio 2025",
        "terça-feira, 4 de fevereiro de 2025",
        "dinsdag 4 februari 2025",
        "4 févr. 2025",
        "le 2025-02-04 à Paris",
    ],
)
def test_dates_are_read_in_the_seven_languages(text: str) -> None:
    found = find_date(text)
    assert found
    assert found[0] == date(2025, 2, 4)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize(
    "names",
    [
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "January February March April May June July August September October November December",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
        " dicembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "januari februari maart april mei juni juli augustus september oktober november december",
    ],
)
def test_every_month_is_known(names: str, month: int) -> None:
    found = find_date(f"1 {names.split()[month - 1]} 2024")
    assert found
    assert found[0] == date(2024, month, 1)


@pytest.mark.parametrize(
    "text",
    ["31 février 2025", "2025-13-01", "le 4 du mois", "12 singes 2025", "en 2025", "99/99/2025"],
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert find_date(text) is None
    assert find_file_date(text) is None


@pytest.mark.parametrize(
    "name", ["2025-02-04-lettre", "lettre_20250204", "lettre 04-02-2025", "4-fevrier-2025"]
)
def test_file_names(name: str) -> None:
    found = find_file_date(name)
    assert found
    assert found[0] == date(2025, 2, 4)


def test_the_first_date_and_its_range_are_given() -> None:
    text = "du 3 mars 2025 au 4 mars 2025"
    assert find_date(text) == (date(2025, 3, 3), 3, 14)


def test_headers_give_dates_in_several_forms() -> None:
    day = date(2025, 2, 4)
    for value in (day, datetime(2025, 2, 4, 8), "2025-02-04T08:00:00+01:00", " 4 février 2025"):
        assert parse_date(value) == day
    for wrong in (None, 20250204, ["2025-02-04"], "hier"):
        assert parse_date(wrong) is None
