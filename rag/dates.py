"""Dates as mastheads, file names and headers write them, in the seven languages."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

_MONTHS = {
    # Month names by their first letters without accents; no two months of the seven languages
    # share a beginning that stands here.
    1: "janv|jan|januar|january|enero|ene|gennaio|genn|gen|janeiro|januari",
    2: "fevrier|fevr|fev|february|feb|februar|febrero|febbraio|febbr|fevereiro|februari",
    3: "mars|march|mar|marz|maerz|marzo|marco|maart|mrt",
    4: "avril|avr|april|apr|abril|abr|aprile",
    5: "mai|may|mayo|maggio|magg|maio|mei",
    6: "juin|june|jun|juni|junio|giugno|giu|junho",
    7: "juillet|juil|july|jul|juli|julio|luglio|lug|julho",
    8: "aout|august|aug|agosto|ago|augustus",
    9: "septembre|sept|sep|september|septiembre|settembre|sett|setembro|set",
    10: "octobre|oct|october|oktober|okt|octubre|ottobre|ott|outubro|out",
    11: "novembre|nov|november|noviembre|novembro",
    12: "decembre|dec|december|dezember|dez|diciembre|dic|dicembre|dezembro",
}
_MONTH_OF = {name: month for month, names in _MONTHS.items() for name in names.split("|")} | {
    "janvier": 1
}
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_./]?)(\d\d)\2(\d\d)(?!\d)")
_DAY_FIRST_DIGITS = re.compile(r"(?<!\d)(\d{1,2})[-_./](\d{1,2})[-_./]((?:19|20)\d\d)(?!\d)")
_DAY_FIRST = re.compile(
    r"(?<!\w)(\d{1,2})(?:er|st|nd|rd|th|º|o|\.)?[\s_-]+(?:de\s+|of\s+)?([^\W\d_]{3,10})\.?,?[\s_-]+"
    r"(?:de\s+|del\s+)?((?:19|20)\d\d)(?!\d)"
)
_MONTH_FIRST = re.compile(
    r"(?<!\w)([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)"
)


def find_date(text: str) -> tuple[date, int, int] | None:
    """Return the first full date of `text` and its range, or None.

    Read are ISO dates, day month year and month day, year with the month's name in French,
    English, German, Spanish, Italian, Portuguese or Dutch. Dates that do not exist are none.
    """
    found = []
    for match in _ISO.finditer(text):
        found.append((match, _make_date(match[1], match[3], match[4])))
    for match in _DAY_FIRST.finditer(text):
        found.append((match, _make_date(match[3], _read_month(match[2]), match[1])))
    for match in _MONTH_FIRST.finditer(text):
        found.append((match, _make_date(match[3], _read_month(match[1]), match[2])))
    valid = [(match.start(), day, match.end()) for match, day in found if day]
    if not valid:
        return None
    start, day, end = min(valid)
    return day, start, end


def find_file_date(name: str) -> tuple[date, int, int] | None:
    """Return the date in a file's name (`2025-02-04`, `20250204`, `04-02-2025`, `4-fevrier-2025`)
    and its range, or None. Digits alone are read day first."""
    found = find_date(name)
    if found:
        return found
    match = _DAY_FIRST_DIGITS.search(name)
    day = _make_date(match[3], match[2], match[1]) if match else None
    return (day, match.start(), match.end()) if match and day else None


def parse_date(value: object) -> date | None:
    """Return the date a header gives as a date, a time or a text, or None if it gives none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        found = find_file_date(value)
        return found[0] if found else None


def _read_month(word: str) -> int:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return _MONTH_OF.get("".join(c for c in letters if not unicodedata.combining(c)), 0)


def _make_date(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
