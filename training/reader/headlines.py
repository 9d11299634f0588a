"""Questions made of the headings of news: what a heading says of a figure or a name, asked.

A heading sums its article up in other words. Where a figure or a name of it stands in one or two
sentences of the article, the heading without it, behind a question word of its kind, is a question
that those sentences answer (summary-informed questions, Lyu et al. 2021); other parts of the same
article are what looks like an answer and is none.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator

from rag.quantities import Quantity, find_quantities, same_quantity
from rag.questions import STOPWORDS, UNITS_OF_KIND
from rag.sentences import split_sentences
from rag.types import Span
from rag.words import fold_text
from training.reader.examples import DATA, Example

WINDOW = 600
_NAME = re.compile(
    r"(?<![.!?…»] )(?<!^)\b[A-ZÀ-Þ][\w’'-]+(?: (?:de |du |d')?[A-ZÀ-Þ][\w’'-]+){0,3}"
)
_OPENERS = {
    "amount": ("Combien", "Quel montant", "À combien s'élève", "Quelle somme"),
    "share": ("Quel pourcentage", "Quelle part", "De combien", "Quel taux"),
    "year": ("En quelle année", "Quand"),
    "date": ("Quand", "À quelle date"),
    "duration": ("Combien de temps", "Depuis combien de temps"),
    "number": ("Combien de", "Combien", "Quel nombre de"),
    "name": (
        "Qui",
        "Quel",
        "Quelle entreprise",
        "Où",
        "Quel pays",
        "Qui est",
        "Quelle personne",
    ),
}


def read_headlines(limit: int, seed: int = 0) -> list[Example]:
    """Return up to `limit` questions made of headings, with decoys of the same article."""
    rng = random.Random(seed)
    examples: list[Example] = []
    with gzip.open(DATA / "train" / "news-fr.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rng.shuffle(rows)
    for row in rows:
        if len(examples) >= limit:
            break
        if row["title"].endswith("scoop"):
            continue
        examples.extend(make_questions(row["title"], row["heading"], row["article"], rng))
    return examples[:limit]


def make_questions(title: str, heading: str, text: str, rng: random.Random) -> list[Example]:
    """Return one question at most for each of title and heading."""
    text = text[:4000]
    spans = split_sentences(text)
    examples = []
    for headline in (heading, title):
        found = list(_find_asked(headline, text, spans))
        if not found or len(spans) < 4:
            continue
        figures = [f for f in found if f[1] != "name"]
        asked, kind, sentences = rng.choice(figures or found)
        question = _ask(headline, asked, kind, rng)
        number = rng.choice(sentences)[0]
        first, last = _window(spans, number, rng)
        at, stop = spans[first].start, spans[last].end
        holding = {n for n, _, _ in sentences}
        answers = [(s - at, e - at) for n, s, e in sentences if first <= n <= last]
        others = [n for n in range(len(spans)) if n not in holding and not first <= n <= last]
        decoys = []
        if others:
            low, high = _window(spans, rng.choice(others), rng, holding)
            decoys.append(
                (
                    title if headline is heading else "",
                    text[spans[low].start : spans[high].end],
                )
            )
        examples.append(
            Example(
                question,
                "fr",
                title if headline is heading and rng.random() < 0.5 else "",
                text[at:stop],
                tuple(sorted(answers)),
                "headline",
                decoys=tuple(decoys),
            )
        )
    return examples


def _find_asked(
    headline: str, text: str, spans: list[Span]
) -> Iterator[tuple[Span, str, list[tuple[int, int, int]]]]:
    """Yield what can be asked for: its range in the headline, its kind, its sentences."""
    quantities = find_quantities(text)
    for quantity in find_quantities(headline):
        if quantity.unit == "" and quantity.value <= 3:
            continue
        same = [q for q in quantities if q.unit == quantity.unit and same_quantity(q, quantity)]
        sentences = [(_sentence_of(q.start, spans), q.start, q.end) for q in same]
        sentences = [s for s in sentences if s[0] >= 0]
        if 1 <= len({s[0] for s in sentences}) <= 2:
            yield Span(quantity.start, quantity.end), _kind(quantity), sentences
    for match in _NAME.finditer(headline):
        name = match.group()
        if fold_text(name) in STOPWORDS or len(name) < 4:
            continue
        places = [m.start() for m in re.finditer(rf"\b{re.escape(name)}\b", text)]
        sentences = [(_sentence_of(p, spans), p, p + len(name)) for p in places]
        sentences = [s for s in sentences if s[0] >= 0]
        if 1 <= len({s[0] for s in sentences}) <= 2:
            yield Span(*match.span()), "name", sentences


def _kind(quantity: Quantity) -> str:
    for kind in ("amount", "share", "duration"):
        if quantity.unit in UNITS_OF_KIND[kind]:  # type: ignore[index]
            return kind
    return quantity.unit if quantity.unit in ("year", "date") else "number"


def _ask(headline: str, asked: Span, kind: str, rng: random.Random) -> str:
    """Return the sentence of the headline around what is asked, without it, as a question."""
    sentence = next(
        (s for s in split_sentences(headline) if s.start <= asked.start < s.end),
        Span(0, len(headline)),
    )
    before = headline[sentence.start : asked.start].split()[-8:]
    words = [*before, *headline[asked.end : sentence.end].split()[: 14 - len(before)]]
    words = [word for word in words if rng.random() > 0.1]
    return f"{rng.choice(_OPENERS[kind])} {' '.join(words).strip(' .!?…')} ?"


def _sentence_of(position: int, spans: list[Span]) -> int:
    return next((n for n, s in enumerate(spans) if s.start <= position < s.end), -1)


def _window(
    spans: list[Span],
    number: int,
    rng: random.Random,
    forbidden: set[int] | None = None,
) -> tuple[int, int]:
    """Return the first and last sentence of a random window around `number`."""
    forbidden = forbidden or set()
    first = last = number
    while True:
        steps = []
        if first > 0 and first - 1 not in forbidden:
            steps.append((first - 1, last))
        if last < len(spans) - 1 and last + 1 not in forbidden:
            steps.append((first, last + 1))
        steps = [(a, b) for a, b in steps if spans[b].end - spans[a].start <= WINDOW]
        if not steps:
            return first, last
        first, last = rng.choice(steps)
