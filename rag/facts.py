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
_BORDER = re.compile(r"[;:()–—!?]|,(?!\d)|(?<!\d),| - ")
_CONJUNCTION = re.compile(
    r"\b(?:et|and|und|y|e|en|mais|but|aber|sondern|pero|ma|mas|maar|contre|while|whereas|versus"
    r"|puis|then|tandis|alors|tegen|contro|contra|frente|gegenuber|against|compared|apres|after)\b"
)
_DATES = ("date", "year")
_TO_MONTHS = {"yr": 12.0, "month": 1.0}
_ELIDED_SCALES = (1e3, 1e6, 1e9, 1e12)
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
            _read_numeric_dates(self.text, self.folded),
            _read_periods(self.text, self.folded),
            find_quantities(self.text, self.language),
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


def same_date(claimed: Quantity, said: Quantity, years: Iterable[int]) -> bool:
    """Return True if every part of the date claimed is said; `years` go with dates without one."""
    for size, modulus in ((1, 100), (100, 100)):
        part = int(claimed.value) // size % modulus
        if part and part != int(said.value) // size % modulus:
            return False
    year, year_said = int(claimed.value) // 10_000, int(said.value) // 10_000
    return not year or year == year_said or (not year_said and year in set(years))


def _elides_scale(quantity: Quantity, facts: Facts) -> bool:
    after = facts.text[quantity.end : quantity.end + 1]
    before = facts.text[max(0, quantity.start - 1) : quantity.start]
    bare = quantity.text.replace(",", "").replace(".", "").isdigit() and quantity.value < 1000
    return bare and not quantity.unit and after in ("", ",", ".", ";", ":", " ") and (
        after != " " or facts.text[quantity.end : quantity.end + 2].strip() in (";", ":")
    ) and before != "$"  # fmt: skip


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


def _read_numeric_dates(text: str, folded: str) -> list[Quantity]:
    found = []
    for match in _NUMERIC_DATE.finditer(folded):
        day, month = int(match["d"] or match["d2"]), int(match["m"] or match["m2"])
        year = int(match["y"] or match["y2"] or 0)
        year += 2000 if 0 < year < 100 else 0
        if 1 <= day <= 31 and 1 <= month <= 12:
            found.append(_number(text, match.span(), 10_000 * year + 100 * month + day, "date"))
    return found


def _read_periods(text: str, folded: str) -> list[Quantity]:
    return [
        _number(text, match.span(), 1, match.lastgroup or "")
        for match in _ONE_PERIOD.finditer(folded)
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
