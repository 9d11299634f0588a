"""The few words of our own around quotes, by language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Phrases:
    """`months` has twelve names; `day` is a format of day, month and year."""

    no_answer: str
    nearest: str
    earlier: str
    disputed: str
    undated: str
    day: str
    months: tuple[str, ...]


_PHRASES = {
    "fr": Phrases(
        "Les numéros indexés ne répondent pas à cette question.",
        "Les passages les plus proches sont donnés à titre indicatif.",
        "Auparavant",
        "Les sources ne concordent pas",
        "sans date",
        "{day} {month} {year}",
        tuple(
            "janvier février mars avril mai juin juillet août septembre octobre novembre"
            " décembre".split()
        ),
    ),
    "en": Phrases(
        "The indexed issues do not answer this question.",
        "The nearest passages are given for what they are worth.",
        "Earlier",
        "The sources disagree",
        "undated",
        "{day} {month} {year}",
        tuple(
            "January February March April May June July August September October November"
            " December".split()
        ),
    ),
    "de": Phrases(
        "Die erfassten Ausgaben beantworten diese Frage nicht.",
        "Die nächstliegenden Stellen sind nur zur Orientierung angegeben.",
        "Zuvor",
        "Die Quellen widersprechen sich",
        "ohne Datum",
        "{day}. {month} {year}",
        tuple(
            "Januar Februar März April Mai Juni Juli August September Oktober November"
            " Dezember".split()
        ),
    ),
    "es": Phrases(
        "Los números indexados no responden a esta pregunta.",
        "Los pasajes más cercanos se dan a título indicativo.",
        "Antes",
        "Las fuentes no coinciden",
        "sin fecha",
        "{day} de {month} de {year}",
        tuple(
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
            " diciembre".split()
        ),
    ),
    "it": Phrases(
        "I numeri indicizzati non rispondono a questa domanda.",
        "I passaggi più vicini sono dati a titolo indicativo.",
        "In precedenza",
        "Le fonti non concordano",
        "senza data",
        "{day} {month} {year}",
        tuple(
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
            " dicembre".split()
        ),
    ),
    "pt": Phrases(
        "Os números indexados não respondem a esta pergunta.",
        "As passagens mais próximas são dadas a título indicativo.",
        "Antes",
        "As fontes não concordam",
        "sem data",
        "{day} de {month} de {year}",
        tuple(
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
            " dezembro".split()
        ),
    ),
    "nl": Phrases(
        "De geïndexeerde nummers beantwoorden deze vraag niet.",
        "De dichtstbijzijnde passages staan er ter oriëntatie bij.",
        "Eerder",
        "De bronnen spreken elkaar tegen",
        "zonder datum",
        "{day} {month} {year}",
        tuple(
            "januari februari maart april mei juni juli augustus september oktober november"
            " december".split()
        ),
    ),
}


def choose_phrases(language: str) -> Phrases:
    """Return the phrases of `language` (ISO 639-1), French where it is not among the seven."""
    return _PHRASES.get(language, _PHRASES["fr"])


def format_date(day: date | None, language: str) -> str:
    """Return a date as written in `language`: « 4 février 2025 »; a word for an undated issue."""
    phrases = choose_phrases(language)
    if day is None:
        return phrases.undated
    number = "1er" if day.day == 1 and phrases is _PHRASES["fr"] else str(day.day)
    return phrases.day.format(day=number, month=phrases.months[day.month - 1], year=day.year)
