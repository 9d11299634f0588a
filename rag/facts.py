"""What can be checked in a sentence: its figures, dates and names, and which belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from rag.names import Name, find_names, list_keys, load_stop_words
from rag.quantities import Quantity, find_quantities
from rag.timewords import MONTHS
from rag.types import Span
from rag.words import fold_text, stem_word, tokenise

_MONTH_NUMBERS = {
    fold_text(name): number for number, names in enumerate(MONTHS, 1) for name in names.split()
}
_MONTH_ALONE = re.compile(
    r"\b(?:en|in|im|au mois de|debut|fin|mi|since|depuis|des|by|until|till|before|after|avant|apres"
    r"|jusqu'en|d'ici|seit|ab|bis|desde|dal|da|vanaf|sinds|nel|a|em|of|de|d')[ -]?"
    rf"({'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b(?! \d)"
)
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?:(?P<d>\d{1,2})/(?P<m>\d{1,2})(?:/(?P<y>\d{4}|\d{2}))?"
    r"|(?P<y2>\d{4})-(?P<m2>\d{2})-(?P<d2>\d{2}))(?![\d/])"
)
_ONE_PERIOD = re.compile(
    r"\b(?:un|une|one|a|an|ein|eine|einem|einen|uno|una|um|uma|een)[ -]"
    r"(?:(?P<yr>an|annee|year|jahr|ano|anno|jaar)|(?P<month>mois|month|monat|mes|mese|maand)"
    r"|(?P<week>semaine|week|woche|semana|settimana)|(?P<day>jour|day|tag|dia|giorno|dag))\b"
)
# "5,000 rides a week" is a rate, "within a week" a period.
_COUNTED_NOUN = re.compile(
    r"(?:\d|\b(?:million|billion|thousand|hundred))(?: [a-z]+){0,2} [a-z]+s $"
)
_TWO_DAYS = re.compile(
    rf"\b(?P<a>\d{{1,2}})(?:er|st|nd|rd|th)? ?(?:et|and|und|y|e|en|au|to|a|bis|-|–) ?"
    rf"(?P<b>\d{{1,2}})(?:st|nd|rd|th)? (?:de )?(?P<m>{'|'.join(_MONTH_NUMBERS)})\b"
    rf"|\b(?P<m2>{'|'.join(_MONTH_NUMBERS)}) (?P<a2>\d{{1,2}})(?:st|nd|rd|th)?"
    rf" ?(?:and|to|-|–) ?(?P<b2>\d{{1,2}})\b"
)
_TIMES = re.compile(
    r"\b(?:(?P<n2>doublé\w*|doubler\w*|doublent|doublait|doubled|doubling|doubles"
    r"|verdoppel\w+|duplic\w+|raddoppi\w+|verdubbel\w+)"
    r"|(?P<n3>triplé\w*|tripler\w*|triplent|triplait|tripled|tripling|triples|verdreifach\w+"
    r"|triplic\w+|triplicat\w+|verdrievoudig\w+)"
    r"|(?P<n4>quadruplé\w*|quadrupler\w*|quadrupled|vervierfach\w+))\b",
    re.IGNORECASE,
)
_HALF_OF_SOMETHING = re.compile(r"\b(?:first|second|latter|other)[ -]$")
_SPELT = {
    word: value
    for value, words in {
        1: "un une one", 2: "deux two", 3: "trois three", 4: "quatre four", 5: "cinq five",
        6: "six", 7: "sept seven", 8: "huit eight", 9: "neuf nine", 10: "dix ten",
        11: "onze eleven", 12: "douze twelve", 13: "treize thirteen", 14: "quatorze fourteen",
        15: "quinze fifteen", 16: "seize sixteen", 17: "seventeen", 18: "eighteen",
        19: "nineteen", 20: "vingt vingts twenty", 30: "trente thirty", 40: "quarante forty",
        50: "cinquante fifty", 60: "soixante sixty", 70: "septante seventy", 80: "eighty",
        90: "nonante ninety", 100: "cent cents hundred", 1000: "mille thousand",
    }.items()
    for word in words.split()
}  # fmt: skip
_SPELT_RUN = re.compile(
    rf"\b(?:{'|'.join(_SPELT)})(?:(?:[ -]|-et-| et | and )(?:{'|'.join(_SPELT)})\b)+"
    r"(?! ?(?:cent|mill))(?P<percent> ?%| per ?cent| pour cent)?"
)
_RATE = re.compile(
    r"\b(?:par|chaque|per|every|each|a|pro|jede[nrsm]?|al|cada|por|ogni|ao|elke|iedere) ?"
    r"(?:(?P<day>jour|day|tag|dia|giorno|dag)|(?P<week>semaine|week|woche|semana|settimana)"
    r"|(?P<month>mois|month|monat|mes|mese|maand)|(?P<yr>an|annee|year|jahr|ano|anno|jaar))\b"
    r"|\b(?:(?P<day2>daily|quotidien\w*)|(?P<week2>weekly|hebdo\w*)|(?P<month2>monthly|mensuel\w*)"
    r"|(?P<yr2>annual\w*|annuel\w*|yearly|jahrlich\w*))\b"
)
_BORDER = re.compile(r"[;:()–—!?]|,(?!\d)|(?<!\d),| - ")
_CONJUNCTION = re.compile(
    r"\b(?:et|and|und|y|e|en|mais|but|aber|sondern|pero|ma|mas|maar|contre|while|whereas|versus"
    r"|puis|then|tandis|alors|tegen|contro|contra|frente|gegenuber|against|compared|apres|after)\b"
)
_DATES = ("date", "year")
_TO_MONTHS = {"yr": 12.0, "month": 1.0}
_ELIDED_SCALES = (1e3, 1e6, 1e9, 1e12)
_LARGE = 1e6  # from here on a figure without unit has left its unit to the one before
_SLACK = 1e-6
_HEDGE = re.compile(
    r"(?:environ|pres de|quelque|autour de|about|around|nearly|almost|roughly|some|approximately"
    r"|rund|etwa|fast|circa|casi|unos|unas|quasi|cerca de|bijna|ongeveer|~)\s*$"
)
_HEDGE_SLACK = 0.03


@dataclass(frozen=True)
class Facts:
    """What a sentence states, found when first asked for. `language` is an ISO code.

    `known` are folded words that are names elsewhere in the same text.
    """

    text: str
    language: str
    known: frozenset[str] = frozenset()

    @cached_property
    def folded(self) -> str:
        return fold_text(self.text)

    @cached_property
    def _numbers(self) -> tuple[Quantity, ...]:
        found: list[Quantity] = []
        for reading in (
            _read_two_days(self.text, self.folded),
            _read_times(self.text),
            _read_spelt(self.text, self.folded),
            _read_numeric_dates(self.text, self.folded),
            _read_periods(self.text, self.folded, self.language),
            [q for q in find_quantities(self.text, self.language) if self._counts(q)],
            _read_months(self.text, self.folded),
        ):
            taken = [(q.start, q.end) for q in found]
            found += [q for q in reading if all(q.end <= a or b <= q.start for a, b in taken)]
        return tuple(sorted(found, key=lambda q: q.start))

    @cached_property
    def figures(self) -> tuple[Quantity, ...]:
        """The quantities that are no dates, in order."""
        return tuple(q for q in self._numbers if q.unit not in _DATES)

    @cached_property
    def dates(self) -> tuple[Quantity, ...]:
        """Dates and years, in order: `value` is yyyymmdd, zeros where unsaid."""
        return tuple(
            replace(q, value=q.value * 10_000) if q.unit == "year" else q
            for q in self._numbers
            if q.unit in _DATES
        )

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The proper names, in order."""
        return tuple(
            name
            for name in find_names(self.text, self.language, self.known)
            if all(name.end <= q.start or q.end <= name.start for q in self._numbers)
        )

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every word and alias that a name can be looked up by."""
        return list_keys(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Stems of the words that carry meaning; names and numbers are left out."""
        return self._stems_of(Span(0, len(self.text)))

    @cached_property
    def segments(self) -> tuple[Span, ...]:
        """The text cut at punctuation, and between two figures at the word that joins them."""
        borders = [0, *(m.start() for m in _BORDER.finditer(self.folded)), len(self.text)]
        spans = [Span(a, b) for a, b in pairwise(borders) if b > a]
        return tuple(part for span in spans for part in self._cut(span))

    def segment_of(self, position: int) -> Span:
        """Return the segment that holds a position of the text."""
        return next((s for s in self.segments if s.start <= position < s.end), self.segments[-1])

    def stems_in(self, span: Span) -> frozenset[str]:
        """Return `stems` of a stretch of the text alone."""
        return self._stems_of(span)

    def keys_in(self, span: Span) -> frozenset[str]:
        """Return `keys` of a stretch of the text alone."""
        return list_keys(self.text[span.start : span.end])

    def dates_in(self, span: Span) -> tuple[Quantity, ...]:
        """Return `dates` of a stretch of the text alone."""
        return tuple(d for d in self.dates if span.start <= d.start < span.end)

    def _counts(self, quantity: Quantity) -> bool:
        """Return False for the half of « the first half », which is no share."""
        before = self.folded[: quantity.start]
        return quantity.text.lower() != "half" or not _HALF_OF_SOMETHING.search(before)

    def _cut(self, span: Span) -> Iterable[Span]:
        start = span.start
        inside = [q for q in self.figures if span.start <= q.start < span.end]
        for left, right in pairwise(inside):
            joints = list(_CONJUNCTION.finditer(self.folded, left.end, right.start))
            if joints:
                yield Span(start, joints[-1].start())
                start = joints[-1].start()
        yield Span(start, span.end)

    def _stems_of(self, span: Span) -> frozenset[str]:
        stop = load_stop_words(self.language)
        named = [(n.start, n.end) for n in self.names]
        named += [(q.start, q.end) for q in self._numbers]
        return frozenset(
            stem_word(token.folded)
            for token in tokenise(self.text[span.start : span.end])
            if len(token.folded) > 2
            and token.folded.isalpha()
            and token.folded not in stop
            and not any(start <= token.start + span.start < end for start, end in named)
        )


def same_figure(claimed: Quantity, said: Quantity, claim: Facts, source: Facts) -> bool:
    """Return True if `said` in `source` proves `claimed` in `claim`.

    Values and units must agree. One end of a range said proves a single value claimed. A bare
    number before punctuation takes the other's scale: « Microsoft en promet 80, Amazon 100 ».
    « Environ » in the claim allows 3 %.
    """
    claimed, said = _to_common_unit(claimed), _to_common_unit(said)
    if claimed.unit and said.unit and claimed.unit != said.unit:
        return False
    slack = _HEDGE_SLACK if _HEDGE.search(claim.folded, 0, claimed.start) else _SLACK
    if claimed.low != claimed.high:
        return _close(claimed.low, said.low, _SLACK) and _close(claimed.high, said.high, _SLACK)
    ends = (said.low, said.high)
    if any(_close(claimed.value, end, slack) for end in ends):
        return True
    if _elides_scale(said, source):
        return any(_close(claimed.value, said.value * s, _SLACK) for s in _ELIDED_SCALES)
    if _elides_scale(claimed, claim):
        return any(_close(said.value, claimed.value * s, _SLACK) for s in _ELIDED_SCALES)
    return False


def find_rates(folded: str) -> frozenset[str]:
    """Return the periods that rates in a folded text are of: « par semaine » gives "week"."""
    found = (match.lastgroup or "" for match in _RATE.finditer(folded))
    return frozenset(period.removesuffix("2") for period in found)


def may_compare(a: Quantity, b: Quantity, facts: Facts) -> bool:
    """Return True if two figures of one text measure alike: one may be taken for the other."""
    a, b = _to_common_unit(a), _to_common_unit(b)
    large = min(a.value, b.value) >= _LARGE and not (a.unit and b.unit)
    return a.unit == b.unit or large or _elides_scale(a, facts) or _elides_scale(b, facts)


def same_date(claimed: Quantity, said: Quantity, years: Iterable[int]) -> bool:
    """Return True if every part of the date claimed is said; `years` go with dates without one."""
    for size, modulus in ((1, 100), (100, 100)):
        part = int(claimed.value) // size % modulus
        if part and part != int(said.value) // size % modulus:
            return False
    year, year_said = int(claimed.value) // 10_000, int(said.value) // 10_000
    return not year or year == year_said or (not year_said and year in set(years))


def _elides_scale(quantity: Quantity, facts: Facts) -> bool:
    """Return True for a bare number that counts nothing named after it: « Amazon 100, … »."""
    bare = re.fullmatch(r"\d{1,3}(?:[.,]\d+)?", quantity.text)
    if not bare or quantity.unit:
        return False
    following = re.match(r"\s*([^\W\d_]+)", facts.folded[quantity.end :])
    return not following or following[1] in load_stop_words(facts.language)


def _to_common_unit(quantity: Quantity) -> Quantity:
    factor = _TO_MONTHS.get(quantity.unit)
    if factor is None:
        return quantity
    return replace(
        quantity,
        unit="month",
        value=quantity.value * factor,
        low=quantity.low * factor,
        high=quantity.high * factor,
    )


def _close(a: float, b: float, slack: float) -> bool:
    return abs(a - b) <= slack * max(abs(a), abs(b), 1e-12)


def _read_two_days(text: str, folded: str) -> list[Quantity]:
    found = []
    for match in _TWO_DAYS.finditer(folded):
        month = _MONTH_NUMBERS[match["m"] or match["m2"]]
        for group in ("a", "b") if match["a"] else ("a2", "b2"):
            value = 100 * month + int(match[group])
            found.append(_number(text, match.span(group), value, "date"))
        found.append(_number(text, match.span("m" if match["a"] else "m2"), 100 * month, "date"))
    return found


def _read_times(text: str) -> list[Quantity]:
    return [
        _number(text, match.span(), int((match.lastgroup or "n1")[1:]), "x")
        for match in _TIMES.finditer(text)
    ]


def _read_spelt(text: str, folded: str) -> list[Quantity]:
    found = []
    for match in _SPELT_RUN.finditer(folded):
        total = part = 0
        for word in re.findall(r"[a-z]+", match.group().removesuffix(match["percent"] or "")):
            value = _SPELT.get(word, 0)
            if value == 1000:
                total, part = total + max(part, 1) * 1000, 0
            elif value == 100 or (value == 20 and part == 4):
                part = max(part, 1) * value
            else:
                part += value
        found.append(_number(text, match.span(), total + part, "%" if match["percent"] else ""))
    return found


def _read_numeric_dates(text: str, folded: str) -> list[Quantity]:
    found = []
    for match in _NUMERIC_DATE.finditer(folded):
        day, month = int(match["d"] or match["d2"]), int(match["m"] or match["m2"])
        year = int(match["y"] or match["y2"] or 0)
        year += 2000 if 0 < year < 100 else 0
        if 1 <= day <= 31 and 1 <= month <= 12:
            found.append(_number(text, match.span(), 10_000 * year + 100 * month + day, "date"))
    return found


def _read_periods(text: str, folded: str, language: str) -> list[Quantity]:
    return [
        _number(text, match.span(), 1, match.lastgroup or "")
        for match in _ONE_PERIOD.finditer(folded)
        if language != "en" or not _COUNTED_NOUN.search(folded, 0, match.start())
    ]


def _read_months(text: str, folded: str) -> list[Quantity]:
    return [
        _number(text, match.span(1), 100 * _MONTH_NUMBERS[match[1]], "date")
        for match in _MONTH_ALONE.finditer(folded)
    ]


def _number(text: str, span: tuple[int, int], value: float, unit: str) -> Quantity:
    start, end = span
    return Quantity(float(value), unit, start, end, text[start:end], float(value), float(value))


def list_years(dates: Sequence[Quantity]) -> frozenset[int]:
    """Return the years that dates name."""
    return frozenset(int(d.value) // 10_000 for d in dates) - {0}
