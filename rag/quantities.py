"""Numbers in text, equal across spellings and languages: `65 milliards`, `65 Md€`, `$65bn`.

The tables are by language only where a word means different numbers: a German Billion is a
thousand English billions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rag.words import fold_text, split_words


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, `text[start:end]` of the text it was found in.

    `value` is in the base unit: 65 milliards de dollars is 65e9 USD. `low` and `high` differ for
    ranges only; `value` is then `low`. `unit` is canonical: a currency code, "%", "x" (times),
    "year" (a bare year), "date" (value yyyymmdd, zeros where unsaid: "31 mars" is 331), "month",
    "day", "yr" (a duration), "W", "Wh", "B" (bytes), "l", "g", "m" …, or "" for a bare number.
    """

    value: float
    unit: str
    start: int
    end: int
    text: str
    low: float
    high: float


_CURRENCIES = {
    "EUR": "€ eur euro euros",
    "USD": "$ us$ usd dollar dollars dollaro dollari dolar dolares",
    "GBP": "£ gbp pounds sterling",
    "JPY": "¥ jpy yen yens",
    "CNY": "cny rmb yuan yuans",
    "CHF": "chf",
    "BTC": "bitcoin bitcoins btc",
}
_UNITS: dict[str, tuple[float, str]] = {
    "%": (1, "% pourcent percent prozent procent"),
    "pt": (1, "point points punkte punti puntos pontos punten"),
    "x": (1, "fois x times mal veces volte vezes keer"),
    "yr": (1, "an ans annee annees year years jahr jahre jahren ano anos anno anni jaar jaren"),
    "month": (1, "mois month months monat monate monaten mes meses mese mesi maand maanden"),
    "week": (
        1,
        "semaine semaines week weeks weken woche wochen semana semanas settimana settimane",
    ),
    "day": (1, "jour jours day days tag tage tagen dia dias giorno giorni dag dagen"),
    "h": (1, "h heure heures hour hours stunde stunden hora horas ora ore uur"),
    "min": (1, "min minute minutes minuten minuto minutos minuti minuut"),
    "s": (
        1,
        "s seconde secondes second seconds sekunde sekunden segundo segundos secondi seconden",
    ),
    "W": (1, "w watt watts"),
    "Wh": (1, "wh watt-heure watt-heures wattheure wattheures watt-hour watt-hours wattstunden"),
    "B": (1, "octets bytes byte octet"),
    "l": (1, "l litre litres liter liters litros litri"),
    "g": (1, "g gramme grammes gram grams gramm gramos grammi"),
    "t": (1, "t tonne tonnes tons ton tonnen toneladas tonnellate"),
    "m": (1, "m metre metres meter meters metros metri"),
    "m2": (1, "m2 m²"),
    "degree": (1, "degres degre degrees ° °c"),
}
_SCALED_UNITS = {
    "kw": (1e3, "W"), "mw": (1e6, "W"), "gw": (1e9, "W"), "tw": (1e12, "W"),
    **{
        prefix + word: (factor, unit)
        for prefix, factor in {"kilo": 1e3, "mega": 1e6, "giga": 1e9, "tera": 1e12}.items()
        for word, unit in {
            "watt": "W", "watts": "W", "wattheure": "Wh", "wattheures": "Wh", "watt-heure": "Wh",
            "watt-heures": "Wh", "watt-hour": "Wh", "watt-hours": "Wh", "wattstunde": "Wh",
            "wattstunden": "Wh",
        }.items()
    },
    "kwh": (1e3, "Wh"), "mwh": (1e6, "Wh"), "gwh": (1e9, "Wh"), "twh": (1e12, "Wh"),
    "ko": (1e3, "B"), "kb": (1e3, "B"), "mo": (1e6, "B"), "mb": (1e6, "B"),
    "go": (1e9, "B"), "gb": (1e9, "B"), "to": (1e12, "B"), "tb": (1e12, "B"),
    "gigaoctets": (1e9, "B"), "gigabytes": (1e9, "B"), "teraoctets": (1e12, "B"),
    "ml": (1e-3, "l"), "cl": (1e-2, "l"), "millilitres": (1e-3, "l"), "milliliters": (1e-3, "l"),
    "mg": (1e-3, "g"), "kg": (1e3, "g"), "kilos": (1e3, "g"), "kilogrammes": (1e3, "g"),
    "km": (1e3, "m"), "kilometres": (1e3, "m"), "kilometers": (1e3, "m"), "cm": (1e-2, "m"),
    "mm": (1e-3, "m"), "nm": (1e-9, "m"), "nanometres": (1e-9, "m"),
    "ms": (1e-3, "s"), "millisecondes": (1e-3, "s"), "milliseconds": (1e-3, "s"),
    "ghz": (1e9, "Hz"), "mhz": (1e6, "Hz"), "hz": (1, "Hz"),
}  # fmt: skip
# Octets, and words of other languages.
_FRENCH_ONLY = frozenset({"ko", "mo", "go", "to"})
_UNIT_OF: dict[str, tuple[float, str]] = {
    **{word: (1.0, unit) for unit, words in _CURRENCIES.items() for word in words.split()},
    **{word: (factor, unit) for unit, (factor, words) in _UNITS.items() for word in words.split()},
    **_SCALED_UNITS,
}
_SCALES: dict[str, float] = {
    "mille": 1e3, "milliers": 1e3, "thousand": 1e3, "thousands": 1e3, "tausend": 1e3, "mil": 1e3,
    "miles": 1e3, "mila": 1e3, "duizend": 1e3, "k": 1e3,
    "million": 1e6, "millions": 1e6, "mio": 1e6, "millionen": 1e6, "millon": 1e6, "millones": 1e6,
    "milione": 1e6, "milioni": 1e6, "mln": 1e6, "milhao": 1e6, "milhoes": 1e6, "miljoen": 1e6,
    "mn": 1e6, "m": 1e6,
    "milliard": 1e9, "milliards": 1e9, "md": 1e9, "mds": 1e9, "mrd": 1e9, "mrds": 1e9,
    "milliarde": 1e9, "milliarden": 1e9, "millardo": 1e9, "millardos": 1e9, "miliardo": 1e9,
    "miliardi": 1e9, "mld": 1e9, "miljard": 1e9, "bilhao": 1e9, "bilhoes": 1e9, "bn": 1e9,
    "billion": 1e12, "billions": 1e12, "billionen": 1e12, "billones": 1e12, "biljoen": 1e12,
    "bilioes": 1e12, "trilhao": 1e12, "trilhoes": 1e12, "trilioni": 1e12, "tn": 1e12,
    "trillion": 1e18, "trillions": 1e18, "trillionen": 1e18, "trillones": 1e18,
}  # fmt: skip
_ENGLISH_SCALES = {"billion": 1e9, "billions": 1e9, "b": 1e9, "trillion": 1e12, "trillions": 1e12}
_LETTER_SCALES = frozenset("kmb")
_NUMBER_WORDS: dict[str, float] = {
    word: float(value)
    for value, words in {
        2: "deux two zwei dos due dois duas twee",
        3: "trois three drei tres tre drie",
        4: "quatre four vier cuatro quattro quatro",
        5: "cinq five funf cinco cinque vijf",
        6: "six sechs seis sei zes",
        7: "sept seven sieben siete sette sete zeven",
        8: "huit eight acht ocho otto oito",
        9: "neuf nine neun nueve nove negen",
        10: "dix dizaine ten zehn diez dieci dez tien",
        11: "onze eleven elf undici",
        12: "douze douzaine twelve dozen zwolf doce dodici twaalf",
        13: "treize thirteen dreizehn trece tredici treze dertien",
        14: "quatorze fourteen vierzehn catorce quattordici veertien",
        15: "quinze quinzaine fifteen funfzehn quince quindici vijftien",
        16: "seize sixteen sechzehn sedici zestien",
        17: "seventeen siebzehn diciassette zeventien",
        18: "eighteen achtzehn diciotto achttien",
        19: "nineteen neunzehn diciannove negentien",
        20: "vingt vingtaine twenty zwanzig veinte venti vinte twintig",
        30: "trente trentaine thirty dreissig treinta trenta trinta dertig",
        40: "quarante quarantaine forty vierzig cuarenta quaranta veertig",
        50: "cinquante cinquantaine fifty funfzig cincuenta cinquanta vijftig",
        60: "soixante soixantaine sixty sechzig sesenta sessanta zestig",
        70: "septante seventy siebzig setenta settanta zeventig",
        80: "octante huitante eighty achtzig ochenta ottanta oitenta tachtig",
        90: "nonante ninety neunzig noventa novanta negentig",
        100: "cent centaine centaines hundred hundert cien cento honderd",
    }.items()
    for word in words.split()
}
_ONE = frozenset(
    {"un", "une", "one", "a", "ein", "eine", "einer", "una", "uno", "um", "uma", "een"}
)
_FRACTIONS = {
    "la moitie": 50, "half": 50, "halfte": 50, "la mitad": 50, "la meta": 50, "metade": 50,
    "helft": 50, "un tiers": 100 / 3, "one third": 100 / 3, "a third": 100 / 3,
    "un quart": 25, "one quarter": 25, "a quarter": 25, "deux tiers": 200 / 3,
    "two thirds": 200 / 3, "trois quarts": 75, "three quarters": 75,
}  # fmt: skip
_MULTIPLES = {
    "le double": 2, "le triple": 3, "le quadruple": 4, "le quintuple": 5, "le decuple": 10,
    "twice": 2, "das doppelte": 2, "el doble": 2, "il doppio": 2, "o dobro": 2, "het dubbele": 2,
}  # fmt: skip
_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "janvier january januar enero gennaio janeiro januari",
            "fevrier february februar febrero febbraio fevereiro februari",
            "mars march marz marzo marco maart",
            "avril april abril aprile",
            "mai may mayo maggio maio mei",
            "juin june juni junio giugno junho",
            "juillet july juli julio luglio julho",
            "aout august agosto augustus",
            "septembre september septiembre settembre setembro",
            "octobre october oktober octubre ottobre outubro",
            "novembre november noviembre novembro",
            "decembre december dezember diciembre dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}


def _join(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_DIGITS = (
    r"(?:\d{1,3}(?:[ '](?=\d{3}(?!\d))\d{3})+(?:[.,]\d+)?"
    r"|\d{1,3}(?:[.,]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
)
_SCALE = rf"(?:(?:{_join({**_SCALES, **_ENGLISH_SCALES})})(?![^\W\d_])\.?)"
_SCALED = rf"(?:[ -]?(?:d[e'] ?)?{_SCALE})*"
_UNIT = rf"(?:[€$£¥%°]c?|(?:{_join(u for u in _UNIT_OF if u[0].isalpha())})(?![^\W_]|'))"
_PERCENT = r"(?:pour cent|per ?cent|por ciento|per cento|por cento)\b"
_QUANTITY = re.compile(
    rf"(?P<low>{_DIGITS}|[a-z]+\b)(?P<lowscale>{_SCALED})(?P<lowunit> ?[€$£¥%])?"
    rf"(?:(?P<to> ?[-–—] ?| (?:a|to|bis|et|and|und|y|e|en|tot|ou|or) (?:[€$£¥])?)"
    rf"(?P<high>{_DIGITS})(?P<highscale>{_SCALED}))?"
    rf"(?:[ -]?(?:(?P<percent>{_PERCENT})|(?:(?:de |d'|di |in )?(?P<unit>{_UNIT}))))?"
)
_PREFIX = re.compile(r"(?:us)?[€$£¥] ?$")
_DATE = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th|\.|º)? (?:d[eo] |of )?(?P<month>{_join(_MONTHS)})\b"
    rf"|(?P<month2>{_join(_MONTHS)}) (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)"
    rf"|(?P<month3>{_join(_MONTHS)})(?= (?:d[eo] )?(?:19|20)\d\d\b))"
    rf"(?:,? (?:d[eo] )?(?P<year>(?:19|20)\d\d)\b)?"
)
_WORDY = re.compile(rf"(?:{_join({**_FRACTIONS, **_MULTIPLES})})\b")
_SCALE_WORD = re.compile(rf"{_join({**_SCALES, **_ENGLISH_SCALES})}")
_WORDY_STARTS = frozenset(phrase.split()[0] for phrase in {**_FRACTIONS, **_MULTIPLES}) | {"un"}
# « un demi-million », "a quarter of a million".
_PART_OF_SCALE = re.compile(
    rf"(?P<share>{_join(_FRACTIONS)}|un demi)(?: of| de|-)? ?(?:(?:d'|de )?(?:an?|une?|eine?) )?"
    rf"(?P<scale>{_join(w for w in {**_SCALES, **_ENGLISH_SCALES} if len(w) > 2)})\b"
)
# « 6 dirigeants sur 10 », "one in five": a part of a total, a share. What is counted further on
# (« une étude sur 100 entreprises », "number one in three countries") is the total of nothing.
_TOTALS = {"2", "3", "4", "5", "6", "8", "9", "10", "50", "100"}
_COUNT = rf"(?:\d{{1,2}}|{_join(w for w, n in _NUMBER_WORDS.items() if n < 100)}|{_join(_ONE)})"
_MEASURES = frozenset({*_UNIT_OF, *_SCALES, "cent", "cents", "hundred"})
_MEASURED = _join(word for word in _MEASURES if word.isalpha())
_LINKED = re.compile(r" (?:sur|cada|su|op de|out of|von|in|of every) [a-z\d]")
_OF_TOTAL = re.compile(
    rf"(?P<part>{_COUNT})(?:(?: (?P<noun>[a-z-]{{4,}})(?: [a-z-]+)?)? (?P<of>sur|de cada|su|em cada"
    rf"|op de|out of)| (?:von|in|of every)) (?P<total>{_join(_TOTALS)}|{_join(_NUMBER_WORDS)})\b"
    rf"(?![ ,.]?\d| ?%| (?:{_MEASURED})\b)"
)
_COUNTED_ON = re.compile(
    r" (?!des\b|dans\b|sans\b|mais\b|vers\b|plus\b|depuis\b|has\b|is\b|was\b|says\b)[a-z]+[sx]\b"
)
_RANKED = re.compile(r"(?:number|no\.?|top|rank\w*|nummer) $")
# A part is counted in things, or in times (« 9 fois sur 10 »), not in days or millions.
_UNSHARED = _MEASURES - {"fois", "times", "mal", "veces", "volte", "vezes", "keer"}
_RANGE_OPENERS = re.compile(r"(?:entre|between|zwischen|tra|fra|tussen) $")
_SCALE_FOLLOWS = re.compile(rf"[ -]?(?:d[e'] ?)?{_SCALE}")
# What a number may begin with, digits aside.
_TRIGGERS = _WORDY_STARTS | _ONE | _MONTHS.keys() | _NUMBER_WORDS.keys()
_LISTING = frozenset({"et", "and", "und", "y", "e", "en", "ou", "or"})


def find_quantities(text: str, language: str = "fr") -> list[Quantity]:
    """Return the numbers of `text` in order, dates and years included, none overlapping.

    `language` (ISO 639-1) decides what a billion is and whether a comma is a decimal point.
    Numbers that are part of a name (GPT-4, R1, o3) are none.
    """
    folded = fold_text(text)
    found: list[Quantity] = []
    end = 0
    has_parts = _LINKED.search(folded) is not None
    for word, (start, word_end) in zip(*split_words(text), strict=True):
        digits = word[0].isdecimal()
        if start < end or not (digits or word in _TRIGGERS):
            continue
        quantity = None
        if word in _MONTHS or digits:
            quantity = _read_date(folded, text, start)
        if has_parts and quantity is None and (digits or word in _NUMBER_WORDS or word in _ONE):
            quantity = _read_part(folded, text, start)
        if quantity is None and word in _WORDY_STARTS:
            quantity = _read_wordy(folded, text, start, language)
        if quantity is None and (
            digits
            or word in _NUMBER_WORDS
            or (word in _ONE and _SCALE_FOLLOWS.match(folded, word_end))
        ):
            quantity = _read_quantity(folded, text, start, language)
        if quantity is not None:
            found.append(quantity)
            end = quantity.end
    return found


@lru_cache(4096)
def list_quantities(text: str, language: str) -> tuple[Quantity, ...]:
    """Return the same as `find_quantities`, remembered."""
    return tuple(find_quantities(text, language))


def same_quantity(a: Quantity, b: Quantity) -> bool:
    """Return True if both say the same: equal values, and equal units or one without unit.

    A value inside the other's range counts as the same.
    """
    if a.unit != b.unit and a.unit and b.unit:
        return False
    return _inside(a.value, b) or _inside(b.value, a)


def _inside(value: float, other: Quantity) -> bool:
    slack = 1e-6 * max(abs(value), 1e-9)
    return other.low - slack <= value <= other.high + slack


def _read_date(folded: str, text: str, start: int) -> Quantity | None:
    match = _DATE.match(folded, start)
    if not match:
        return None
    day = int(match["day"] or match["day2"] or 0)
    month = _MONTHS[match["month"] or match["month2"] or match["month3"]]
    value = 10_000 * int(match["year"] or 0) + 100 * month + day
    return _quantity(text, *match.span(), value, "date") if day <= 31 else None


def _read_wordy(folded: str, text: str, start: int, language: str) -> Quantity | None:
    match = _PART_OF_SCALE.match(folded, start)
    if match:
        share = _FRACTIONS.get(match["share"], 50) / 100
        scale = _read_scale(match["scale"], language, has_unit=False) or 1.0
        return _quantity(text, *match.span(), share * scale, "")
    match = _WORDY.match(folded, start)
    if not match:
        return None
    phrase = match.group()
    if phrase in _FRACTIONS:
        return _quantity(text, *match.span(), _FRACTIONS[phrase], "%")
    return _quantity(text, *match.span(), _MULTIPLES[phrase], "x")


def _read_part(folded: str, text: str, start: int) -> Quantity | None:
    match = _OF_TOTAL.match(folded, start)
    if not match or _part_of_name(folded, start):
        return None
    measured = match["noun"] in _UNSHARED
    counts_on = match["of"] == "sur" and _COUNTED_ON.match(folded, match.end())
    ranked = not match["of"] and _RANKED.search(folded, max(0, start - 8), start)
    if measured or counts_on or ranked:
        return None
    part, total = (_read_number(match[name], "fr") for name in ("part", "total"))
    if part >= total or str(int(total)) not in _TOTALS:
        return None
    return _quantity(text, *match.span(), 100 * part / total, "%")


def _read_quantity(folded: str, text: str, start: int, language: str) -> Quantity | None:
    match = _QUANTITY.match(folded, start)
    if not match or _part_of_name(folded, start):
        return None
    number, scale_words, scale_end = match["low"], match["lowscale"], match.end("lowscale")
    if number in _ONE and not scale_words:
        return None
    low = _read_number(number, language)
    factor, unit, end = 1.0, "", match.end()
    if match["percent"]:
        unit = "%"
    elif match["unit"] in _FRENCH_ONLY and language != "fr":  # « $450 million to settle »
        end = scale_end
    elif match["unit"] or match["lowunit"]:
        factor, unit = _UNIT_OF[match["unit"] or match["lowunit"].strip()]
    scale = _read_scale(scale_words, language, bool(unit))
    if scale is None:  # a letter that scales nothing: 5 m
        factor, unit = _UNIT_OF.get(scale_words.strip(), (1.0, ""))
        scale, scale_words = 1.0, ""
        end = scale_end = scale_end if unit else match.end("low")
    high = low
    if match["high"] and end == match.end():
        top = _read_number(match["high"], language)
        top_scale = _read_scale(match["highscale"], language, bool(unit)) or 1.0
        shared = scale if scale_words else top_scale
        listing = match["to"].strip() in _LISTING
        opened = _RANGE_OPENERS.search(folded, max(0, start - 9), start)
        if top * top_scale > low * shared and (not listing or opened):
            high, scale = top * top_scale / shared, shared
        else:  # « 3 ou 4 », « 2024 et 2025 » : two numbers
            factor, unit = _UNIT_OF[match["lowunit"].strip()] if match["lowunit"] else (1.0, "")
            end = match.end("lowunit") if match["lowunit"] else scale_end
    prefix = None if unit else _PREFIX.search(folded, max(0, start - 4), start)
    if prefix:
        factor, unit = _UNIT_OF[prefix.group().strip()[-1]]
        start = prefix.start()
    attached = text[match.end("low") : match.end("low") + 1]
    if number[0].isdigit() and attached.isalpha() and (end == match.end("low") or _name(attached)):
        return None  # 3D, 5G, 2e
    if not unit and not scale_words and re.fullmatch(r"(?:19|20)\d\d", number):
        unit = "year"
    low, high = low * scale * factor, high * scale * factor
    return Quantity(low, unit, start, end, text[start:end], low, high)


def _part_of_name(folded: str, start: int) -> bool:
    before = folded[max(0, start - 2) : start]
    if not before or before[-1] == " ":
        return False
    if before[-1] in ".," and before[0].isdigit():
        return True
    return before[-1].isalnum() or (before[-1] == "-" and before[0].isalpha())


def _name(letter: str) -> bool:
    return letter in "GTSHLD"


def _read_scale(words: str, language: str, has_unit: bool) -> float | None:
    scale = 1.0
    for word in _SCALE_WORD.findall(words):
        if word in _LETTER_SCALES and word != "k" and not has_unit and language != "en":
            return None
        if word == "b" and language != "en":
            return None
        factor = _SCALES.get(word, 1.0)
        scale *= _ENGLISH_SCALES.get(word, factor) if language == "en" else factor
    return scale


def _read_number(number: str, language: str) -> float:
    if not number[0].isdigit():
        return _NUMBER_WORDS.get(number, 1.0)
    number = number.replace(" ", "").replace("'", "")
    thousands, decimal = (",", ".") if language == "en" else (".", ",")
    if re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?", number):
        number = number.replace(thousands, "")
    if number.count(",") + number.count(".") > 1:
        last = max(number.rfind(","), number.rfind("."))
        number = re.sub(r"[.,]", "", number[:last]) + "." + number[last + 1 :]
    return float(number.replace(",", "."))


def _quantity(text: str, start: int, end: int, value: float, unit: str) -> Quantity:
    return Quantity(value, unit, start, end, text[start:end], value, value)
