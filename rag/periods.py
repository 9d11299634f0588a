"""Dates in a question: which period it speaks of, and whether that is the period of the issues."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import rag.timewords as words
from rag.types import Span

if TYPE_CHECKING:
    import numpy as np

Grain = Literal["day", "week", "month", "quarter", "year"]

_YEAR = r"(?:19|20)\d\d(?![\d.,]*\d)(?! ?(?:%|€|\$))"
_DAY_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])"
_FLOOR = 0.7
_UNDATED = 0.85


@dataclass(frozen=True, slots=True)
class Period:
    """The days a question speaks of, both ends included, None where open.

    `span` is where the question says so. `strict`: it speaks of the issues' own dates, so issues
    of other dates are left out; otherwise of the fact's date, which only weighs.
    """

    since: date | None
    until: date | None
    span: Span
    strict: bool


@dataclass(frozen=True, slots=True)
class _Moment:
    """A date, month, year… in a question. `relative`: counted from the reference."""

    since: date
    until: date
    grain: Grain
    start: int
    end: int
    relative: bool = False
    yearless: bool = False
    needs_preposition: bool = False


def find_period(question: str, reference: date) -> Period | None:
    """Return the period `question` speaks of, or None; languages: fr, en, de, es, it, pt, nl.

    `reference` is the day "last week" counts from. A month without a year is the last one that has
    begun by then; with a verb in the future, the next one. A period is strict if

    - it is said of the letters themselves ("le numéro du 4 février", "the June issue"), or
    - it is counted back from the reference in days, weeks or months ("hier", "la semaine dernière",
      "ces trois derniers mois"), or begins with "depuis", "since"… at a month or finer, or
    - the question asks for news (annoncer, se passer, "quoi de neuf"…) of a month, season, quarter.

    Otherwise it may be the date of the fact and not of the news, as in « combien de lunettes
    vendues en 2024 ? », answered by an issue of January 2025: years, single days, and whatever lies
    in the future only weigh. Deadlines ("d'ici 2030", "by March") are no periods.
    """
    if not _gate().search(question):
        return None
    question = re.sub(r"\s", " ", question)
    future = bool(_pattern(rf"\b(?:{words.FUTURE})\b").search(question))
    moments = _find_moments(question, reference, future)
    if not moments:
        return None
    return _join_range(question, moments, reference, future) or _bound_moment(
        question, moments, reference, future
    )


def weigh_dates(dates: Sequence[date | None], period: Period) -> np.ndarray:
    """Return a factor for each date, float64 in 0.7..1, to multiply scores of issues with.

    1 inside `period`. After it the factor falls with the distance, since news follow a fact; before
    it twice as fast; the scale is the period's own length, a week at least and half a year at most.
    Undated issues get 0.85.
    """
    import numpy as np

    since, until = period.since or date.min, period.until or date.max
    scale = min(max((until - since).days + 1, 7), 180)
    distances = np.array(
        [
            np.nan if day is None else max(2 * (since - day).days, (day - until).days, 0)
            for day in dates
        ],
        dtype=np.float64,
    )
    factors = _FLOOR + (1 - _FLOOR) * np.exp(-distances / scale)
    return np.where(np.isnan(distances), _UNDATED, factors)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@cache
def _gate() -> re.Pattern[str]:
    """Match any question with a time word, and a few others: the rest costs microseconds."""
    stems = "|".join(sorted({name[:3] for names in words.MONTHS for name in names.split()}))
    others = (
        r"(?:19|20)\d\d|[QTSH][1-4]|an(?:s|n|\b)|año|jahr|jaar|yea|yes|sem|set|wee|woc|wek|moi|mon"
        r"|mes|mê|maa|kwa|pri|spr|frü|voo|été|sum|som|ver[aã]|esta|zom|aut|her|oto|out|hiv|win|invie"
        r"|inver|rent|tri|qua|hal|hier|avant|jou|day|tag|día|gio|dia|dag|lun|mer|jeu|ven|sam|dim|sun"
        r"|tue|wed|thu|fri|sat"
    )
    return re.compile(rf"\b(?:{stems}|{others})", re.IGNORECASE)


def _join_range(
    question: str, moments: list[_Moment], reference: date, future: bool
) -> Period | None:
    """Return the period from one moment to the next, as in "entre mars et juin"."""
    for first, last in pairwise(moments):
        start = _preposition(question, first.start, words.BETWEEN)
        between = question[first.end : last.start]
        if start is None or not _pattern(rf" ?(?:{words.AND}) ?{words.ARTICLE}").fullmatch(between):
            continue
        if first.yearless and (first.since > last.until or not last.yearless):
            first = _move_before(first, last)
        if first.since > last.until:
            continue
        grain: Grain = "week" if first.grain == "day" else first.grain
        whole = replace(first, until=last.until, grain=grain, start=start, end=last.end)
        strict = _speaks_of_issues(question, whole, reference, future)
        return Period(whole.since, whole.until, Span(start, whole.end), strict)
    return None


def _move_before(first: _Moment, last: _Moment) -> _Moment:
    """Return `first`, which names no year, in the last year that has it before `last` ends."""
    since = first.since.replace(year=last.until.year)
    if since > last.until:
        since = since.replace(year=since.year - 1)
    return replace(first, since=since)


def _bound_moment(
    question: str, moments: list[_Moment], reference: date, future: bool
) -> Period | None:
    """Return the period of the first moment that is one, with its "since" or "before"."""
    for moment in moments:
        if _preposition(question, moment.start, words.DEADLINE) is not None:
            continue
        start = _preposition(question, moment.start, words.SINCE)
        if start is not None:
            strict = moment.grain != "year" and moment.since <= reference
            return Period(moment.since, None, Span(start, moment.end), strict)
        start = _preposition(question, moment.start, words.AFTER)
        if start is not None:
            strict = moment.grain != "year" and moment.until < reference
            since = moment.until + timedelta(days=1)
            return Period(since, None, Span(start, moment.end), strict)
        strict = _speaks_of_issues(question, moment, reference, future)
        start = _preposition(question, moment.start, words.BEFORE)
        if start is not None:
            until = moment.since - timedelta(days=1)
            return Period(None, until, Span(start, moment.end), strict)
        start = _preposition(question, moment.start, words.UNTIL)
        if start is not None:
            return Period(None, moment.until, Span(start, moment.end), strict)
        bare = moment.needs_preposition and not strict
        mars = bare and question[moment.start : moment.end].lower() == "mars"
        start = _preposition(question, moment.start, words.IN if mars else words.DURING)
        if start is None and bare:
            continue
        start = moment.start if start is None else start
        return Period(moment.since, moment.until, Span(start, moment.end), strict)
    return None


def _speaks_of_issues(question: str, moment: _Moment, reference: date, future: bool) -> bool:
    before, after = question[: moment.start], question[moment.end :]
    letter = rf"(?<!\w)(?:{words.LETTER})"
    if _pattern(rf"{letter}\W+(?:\w{{1,4}}\W+){{0,3}}$").search(before):
        return True
    if _pattern(rf"^ {letter}\b").search(after):
        return True
    if moment.since > reference or moment.grain == "year":
        return False
    if moment.relative:
        return True
    asks_news = _pattern(rf"(?<!\w)(?:{words.NEWS})(?!\w)").search(f"{before} … {after}")
    return bool(asks_news) and not future and moment.grain != "day"


def _preposition(question: str, start: int, prepositions: str) -> int | None:
    """Return where one of `prepositions` that leads to `start` begins, or None."""
    found = _pattern(rf"(?<!\w)(?:{prepositions})(?:(?<=['’])| ){words.ARTICLE}$").search(
        question[:start]
    )
    return found.start() if found else None


# --- moments ----------------------------------------------------------------------------------


def _find_moments(question: str, reference: date, future: bool) -> list[_Moment]:
    """Return the moments of `question` in order, none overlapping; the longer reading wins."""
    found = [
        moment
        for pattern, read in _rules()
        for match in pattern.finditer(question)
        for moment in _read_safely(read, match, reference, future)
    ]
    kept: list[_Moment] = []
    for moment in sorted(found, key=lambda m: (m.start - m.end, m.start)):
        if all(moment.end <= other.start or other.end <= moment.start for other in kept):
            kept.append(moment)
    return sorted(kept, key=lambda m: m.start)


Reader = Callable[[re.Match[str], date, bool], _Moment | None]


def _read_safely(
    read: Reader, match: re.Match[str], reference: date, future: bool
) -> Iterator[_Moment]:
    """Yield the moment read from `match`, unless it is no day of the calendar (30 February)."""
    try:
        moment = read(match, reference, future)
    except (ValueError, OverflowError):
        return
    if moment is not None:
        yield moment


@cache
def _rules() -> list[tuple[re.Pattern[str], Reader]]:
    month = "|".join(sorted(_month_numbers(), key=len, reverse=True))
    parts = "|".join(f"(?P<part{number}>{part})" for number, part in enumerate(words.PARTS))
    part = rf"(?:(?:{parts})[ -](?:d[eu] |di |del |van )?(?:l['’]|le |la |the )?)?"
    year = rf"(?:,? (?:de |of |del |von |di )?(?P<year>{_YEAR}))?"
    number = "|".join(f"(?P<n{number}>{word})" for number, word in enumerate(words.ORDINALS, 1))
    count = rf"(?P<count>\d{{1,2}}|{'|'.join(words.NUMBERS)})"
    unit = "|".join(f"(?P<{name}>{word})" for word, name in words.UNITS.items())
    first_day = rf"(?P<first>{_DAY_NUMBER})(?:er|st|nd|rd|th|\.)? ?(?:{words.AND})"
    day = rf"(?P<day>{_DAY_NUMBER})(?:er|st|nd|rd|th|\.|º)?"
    rules: list[tuple[str, Reader]] = [
        (rf"{part}(?P<month>{month})\b\.?(?:{year}| dernier)", _read_month),
        (rf"ad? (?P<month>{words.ITALIAN_MONTHS}){year}", _read_stated_month),
        (rf"{day} (?:de |of )?(?P<month>{month}){year}", _read_day),
        (rf"(?P<month>{month}) {day}{year}", _read_day),
        (
            rf"{first_day} ?(?:le |the )?{day} (?:de |of )?(?P<month>{month}){year}",
            _read_days,
        ),
        (
            rf"(?:(?:la )?semaine du|(?:the )?week of) {day} (?:de |of )?(?P<month>{month}){year}",
            _read_week_of,
        ),
        (r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4}", _read_written_date),
        (rf"(?:[QT](?P<number>[1-4])|(?:{number}) (?:{words.QUARTER})){year}", _read_quarter),
        (rf"(?:[SH](?P<number>[12])|(?:{number}) (?:{words.HALF})){year}", _read_half),
        (rf"{part}(?P<year>{_YEAR})", _read_year),
        (rf"{part}(?P<this>{words.THIS_YEAR})", _read_year),
        (rf"{part}(?P<last>{words.LAST_YEAR})", _read_year),
        (rf"{part}(?P<next>{words.NEXT_YEAR})", _read_year),
        (words.LAST_QUARTER, _read_last_quarter),
        (words.LAST_MONTH, _read_last_month),
        (words.THIS_MONTH, _read_this_month),
        (words.LAST_WEEK, _read_last_week),
        (words.THIS_WEEK, _read_this_week),
        (rf"{words.YESTERDAY}|{words.LAST_WEEKDAY}", _read_past_day),
        (rf"(?:{words.LAST_FEW}) (?:{count} )?(?:{unit})", _read_last_units),
        (rf"(?:[cl]es )?{count} (?:derni[eè]re?s|passée?s) (?:{unit})", _read_last_units),
        (rf"(?:depuis|since|seit|desde hace|da|sinds) {count} (?:{unit})", _read_last_units),
        (rf"(?:il y a|vor|hace|há) {count} (?:{unit})", _read_units_ago),
        (rf"{count} (?:{unit}) (?:ago|fa|geleden|atrás)", _read_units_ago),
    ]
    rules += [
        (rf"(?P<season>{names})(?:{year}| dernier| passé)", partial(_read_season, months=months))
        for names, months in words.SEASONS.items()
    ]
    return [(_pattern(rf"(?<![\w-])(?:{pattern})(?!\w)"), read) for pattern, read in rules]


@cache
def _month_numbers() -> dict[str, int]:
    return {name: number for number, names in enumerate(words.MONTHS, 1) for name in names.split()}


def _moment(
    match: re.Match[str], since: date, until: date, grain: Grain, *, yearless: bool = False,
    relative: bool = False, needs_preposition: bool = False,
) -> _Moment:  # fmt: skip
    return _Moment(
        since, until, grain, match.start(), match.end(), relative, yearless, needs_preposition
    )


def _read_month(match: re.Match[str], reference: date, future: bool) -> _Moment:
    month, yearless = _month_numbers()[match["month"].lower()], match["year"] is None
    year = _guess_year(month, reference, future) if yearless else int(match["year"])
    part = _find_part(match)
    days = ((1, 10), (11, 20), (21, _last_day(year, month).day))
    since, until = date(year, month, 1), _last_day(year, month)
    if part is not None:
        since, until = since.replace(day=days[part][0]), since.replace(day=days[part][1])
    bare = yearless and part is None and not match[0].endswith("dernier")
    return _moment(match, since, until, "month", yearless=yearless, needs_preposition=bare)


def _read_stated_month(match: re.Match[str], reference: date, future: bool) -> _Moment:
    month = _month_numbers()[match["month"].lower()]
    year = int(match["year"] or _guess_year(month, reference, future))
    until = _last_day(year, month)
    return _moment(match, date(year, month, 1), until, "month", yearless=not match["year"])


def _read_day(match: re.Match[str], reference: date, future: bool) -> _Moment:
    day = _find_day(match, "day", reference, future)
    return _moment(match, day, day, "day", yearless=match["year"] is None)


def _read_days(match: re.Match[str], reference: date, future: bool) -> _Moment | None:
    until = _find_day(match, "day", reference, future)
    since = until.replace(day=int(match["first"]))
    if since > until:
        return None
    return _moment(match, since, until, "week", yearless=match["year"] is None)


def _read_week_of(match: re.Match[str], reference: date, future: bool) -> _Moment:
    day = _find_day(match, "day", reference, future)
    monday = day - timedelta(days=day.weekday())
    yearless = match["year"] is None
    return _moment(match, monday, monday + timedelta(days=6), "week", yearless=yearless)


def _find_day(match: re.Match[str], group: str, reference: date, future: bool) -> date:
    month, day = _month_numbers()[match["month"].lower()], int(match[group])
    if match["year"]:
        return date(int(match["year"]), month, day)
    found = date(_guess_year(month, reference, future), month, day)
    return found.replace(year=found.year - 1) if found > reference and not future else found


def _read_written_date(match: re.Match[str], reference: date, future: bool) -> _Moment | None:
    day = _parse(match[0], reference)
    return _moment(match, day, day, "day") if day else None


def _read_quarter(match: re.Match[str], reference: date, future: bool) -> _Moment:
    return _read_months(match, 3 * _find_number(match) - 2, 3, reference, future)


def _read_half(match: re.Match[str], reference: date, future: bool) -> _Moment:
    return _read_months(match, 6 * _find_number(match) - 5, 6, reference, future)


def _read_season(
    match: re.Match[str], reference: date, future: bool, months: tuple[int, int]
) -> _Moment:
    """Read a season; without a year, one whose first month is over ("depuis l'été")."""
    first, last = months
    begun = reference - timedelta(days=31)
    moment = _read_months(match, first, (last - first) % 12 + 1, begun, future)
    bare = moment.yearless and not match[0].endswith(("dernier", "passé"))
    return replace(moment, needs_preposition=bare)


def _read_months(
    match: re.Match[str], first: int, count: int, reference: date, future: bool
) -> _Moment:
    yearless = match["year"] is None
    year = _guess_year(first, reference, future) if yearless else int(match["year"])
    carry, last = divmod(first + count - 2, 12)
    until = _last_day(year + carry, last + 1)
    bare = yearless and bool(match.groupdict().get("number"))
    return _moment(
        match, date(year, first, 1), until, "quarter", yearless=yearless, needs_preposition=bare
    )


def _read_year(match: re.Match[str], reference: date, future: bool) -> _Moment:
    groups = match.groupdict()
    offset = 1 if groups.get("next") else -1 if groups.get("last") else 0
    year = int(groups.get("year") or reference.year + offset)
    part = _find_part(match)
    if part is None:
        return _moment(match, date(year, 1, 1), date(year, 12, 31), "year")
    first, last = ((1, 3), (5, 8), (10, 12))[part]
    return _moment(match, date(year, first, 1), _last_day(year, last), "quarter")


def _read_last_quarter(match: re.Match[str], reference: date, future: bool) -> _Moment:
    until = reference.replace(month=(reference.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
    since = until.replace(month=until.month - 2, day=1)
    return _moment(match, since, until, "quarter", relative=True)


def _read_last_month(match: re.Match[str], reference: date, future: bool) -> _Moment:
    until = reference.replace(day=1) - timedelta(days=1)
    return _moment(match, until.replace(day=1), until, "month", relative=True)


def _read_this_month(match: re.Match[str], reference: date, future: bool) -> _Moment:
    return _moment(match, reference.replace(day=1), reference, "month", relative=True)


def _read_last_week(match: re.Match[str], reference: date, future: bool) -> _Moment:
    monday = reference - timedelta(days=reference.weekday() + 7)
    return _moment(match, monday, monday + timedelta(days=6), "week", relative=True)


def _read_this_week(match: re.Match[str], reference: date, future: bool) -> _Moment:
    monday = reference - timedelta(days=reference.weekday())
    return _moment(match, monday, reference, "week", relative=True)


def _read_past_day(match: re.Match[str], reference: date, future: bool) -> _Moment | None:
    """Read "hier": the letter of that day or the next one carries its news."""
    day = _parse(match[0], reference)
    if day is None:
        return None
    until = min(day + timedelta(days=1), reference)
    return _moment(match, day, until, "day", relative=True)


def _read_last_units(match: re.Match[str], reference: date, future: bool) -> _Moment | None:
    unit = _find_unit(match)
    one = match[unit].lower() in ("day", "week", "month", "year")
    count = _find_count(match) or int(one) or {"days": 7, "weeks": 4, "months": 3, "years": 3}[unit]
    since = _parse(f"{count} {unit} ago", reference)
    if since is None:
        return None
    grain: Grain = "year" if unit == "years" else "week"
    return _moment(match, since, reference, grain, relative=True)


def _read_units_ago(match: re.Match[str], reference: date, future: bool) -> _Moment | None:
    unit = _find_unit(match)
    day = _parse(f"{_find_count(match)} {unit} ago", reference)
    if day is None:
        return None
    if unit == "years":
        return _moment(match, date(day.year, 1, 1), date(day.year, 12, 31), "year")
    if unit == "months":
        until = _last_day(day.year, day.month)
        return _moment(match, day.replace(day=1), until, "month", relative=True)
    if unit == "weeks":
        day -= timedelta(days=day.weekday())
        return _moment(match, day, day + timedelta(days=6), "week", relative=True)
    return _moment(match, day, day + timedelta(days=1), "day", relative=True)


def _parse(expression: str, reference: date) -> date | None:
    """Read a single day with dateparser: written with figures, or counted from `reference`."""
    import dateparser

    found = dateparser.parse(
        expression,
        languages=["en", "fr"],
        settings={
            "RELATIVE_BASE": datetime.combine(reference, datetime.min.time()),
            "PREFER_DATES_FROM": "past",
            "DATE_ORDER": "YMD" if expression[:4].isdigit() else "DMY",
        },
    )
    return found.date() if found else None


def _guess_year(month: int, reference: date, future: bool) -> int:
    if future:
        return reference.year + (month < reference.month)
    return reference.year - (month > reference.month)


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _find_part(match: re.Match[str]) -> int | None:
    return next((i for i in range(len(words.PARTS)) if match.groupdict().get(f"part{i}")), None)


def _find_number(match: re.Match[str]) -> int:
    named = (i for i in range(1, 5) if match.groupdict().get(f"n{i}"))
    return int(match["number"] or next(named))


def _find_unit(match: re.Match[str]) -> str:
    return next(unit for unit in words.UNITS.values() if match[unit])


def _find_count(match: re.Match[str]) -> int | None:
    word = match["count"]
    if word is None:
        return None
    return int(word) if word.isdigit() else words.NUMBERS[word.lower()]
