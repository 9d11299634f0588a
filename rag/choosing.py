"""Which of the sentences read answers best, once the figures and versions in them are looked at.

What the reader cannot see from words alike: whether the figure is told of what is asked (a price,
a worth, an age), and whether it belongs to the version or product named (o4-mini, not o3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from rag.boilerplate import is_heading
from rag.descriptions import asks_description, describes
from rag.names import iter_names
from rag.network import Network, own_reader, weigh
from rag.quantities import Quantity, list_quantities
from rag.questions import FIELDS, KINDS, NAMED_KINDS, UNITS_OF_KIND, Question, is_measured
from rag.reading import LOOKED_AT, Reading
from rag.relations import (
    PLAIN,
    ask_relations,
    fits_units,
    list_codes,
    list_relations,
    tell_relation,
)
from rag.sentences import split_sentences
from rag.types import Hit, Passage, Span
from rag.words import cached_stem, fold_text, list_stems, split_words

CHOICE = 10
# « Combien de paires » asks for a number of things, neither for money nor for a share.
_COUNTING = re.compile(
    r"\b(?:combien d[e']|how many|wie viele|cuant[oa]s|quant[ie]|quant[oa]s|hoeveel)\b"
)
_UNCOUNTED = UNITS_OF_KIND["amount"] | UNITS_OF_KIND["share"]
# Too rare to be fitted: what a sentence that says what somebody or something is counts more, where
# just that is asked.
_DESCRIBED = 2.0
# A question that spells out an article's title asks about that article, whose first sentence says
# best what it is about.
_OF_TITLE, _OPENING, _SHORTEST_TITLE = 4.0, 4.0, 10
# What heads other sentences answers nothing.
_HEADING = 4.0


def choose_readings(
    question: Question,
    readings: Sequence[Reading],
    hits: Sequence[Hit],
    network: Network | None = None,
) -> list[Reading]:
    """Return the best of `readings`, best first, with scores and evidence (EVIDENCE + CHOICE
    numbers) that what `describe_choice` sees has been added to."""
    network = network or own_reader()
    spelt = {number for number, hit in enumerate(hits) if spells_title(question, hit.passage)}
    openings = (r for r in readings[LOOKED_AT:] if r.hit in spelt and _opens(r, hits))
    looked_at = [*readings[:LOOKED_AT], *openings]
    if not looked_at:
        return []
    evidence = gather_evidence(question, looked_at, hits)
    gains = weigh(network, "choice", evidence, KINDS.index(question.kind))
    asks = asks_description(question)
    scored = []
    for reading, row, gain in zip(looked_at, evidence, gains.tolist(), strict=True):
        score, sentence = reading.score + gain, _cut(reading, hits)
        if reading.hit in spelt:
            score += _OF_TITLE + _OPENING * _opens(reading, hits)
        if asks and describes(question, sentence):
            score += _DESCRIBED
        if is_heading(sentence):
            score -= _HEADING
        scored.append(replace(reading, score=score, evidence=row))
    return sorted(scored, key=lambda r: (-r.score, r.hit, r.sentence.start))


def gather_evidence(
    question: Question, readings: Sequence[Reading], hits: Sequence[Hit]
) -> np.ndarray:
    """Return the evidence of each of `readings` and what `describe_choice` sees in it (n ×
    (EVIDENCE + CHOICE))."""
    own = np.stack([reading.evidence for reading in readings])
    return np.hstack([own, describe_choice(question, readings, hits)])


def spells_title(question: Question, passage: Passage) -> bool:
    """Say whether `question` spells out the title of the article of `passage`."""
    title = fold_text(passage.article).strip(" .?!")
    return len(title) >= _SHORTEST_TITLE and title in fold_text(question.text)


def entitles(question: Question, passage: Passage) -> bool:
    """Say whether the title of the article of `passage` holds all that `question` speaks of, more
    than a name, where neither a figure, a name nor a definition is asked for: the article is about
    just that."""
    if is_measured(question) or question.kind in (*NAMED_KINDS, "definition"):
        return False
    words = {cached_stem(word) for word in question.words}
    written = re.findall(r"\w+", passage.article)
    common = {stem for word in written if word.islower() for stem in list_stems(word)}
    return len(words) > 1 and bool(words & common) and words <= list_stems(passage.article)


def _opens(reading: Reading, hits: Sequence[Hit]) -> bool:
    """Say whether a sentence is the first of its article, as far as it is among `hits`."""
    passage = hits[reading.hit].passage
    article = (passage.source, passage.article)
    starts = [h.passage.start for h in hits if (h.passage.source, h.passage.article) == article]
    before = passage.text[: reading.sentence.start]
    return passage.start == min(starts) and not any(map(str.isalnum, before))


def _cut(reading: Reading, hits: Sequence[Hit]) -> str:
    return hits[reading.hit].passage.text[reading.sentence.start : reading.sentence.end]


def describe_choice(
    question: Question, readings: Sequence[Reading], hits: Sequence[Hit]
) -> np.ndarray:
    """Return CHOICE numbers for each of `readings` (n × CHOICE)."""
    if not readings:
        return np.zeros((0, CHOICE), np.float32)
    relations = ask_relations(question.text, question.focus)
    codes = list_codes(question.text)
    focus = cached_stem(question.focus) if question.focus else ""
    elsewhere = _list_elsewhere(question, readings, hits)
    rows = []
    for reading, other in zip(readings, elsewhere, strict=True):
        passage = hits[reading.hit].passage
        sentence = _cut(reading, hits)
        figures = list_figures(question, passage, reading.sentence)
        told = [tell_relation(relations, sentence, figure) for figure in figures]
        nearest = max(told, default=0.0)
        said = list_codes(sentence) if codes else codes
        is_told = bool(relations) and not relations.isdisjoint(list_relations(sentence))
        rows.append(
            (
                max(nearest, 0.0),
                max(-nearest, 0.0),
                float(is_told),
                float(bool(relations) and not is_told),
                float(not relations.isdisjoint(PLAIN) and not is_told),
                float(is_measured(question) and not figures),
                float(bool(said) and codes.isdisjoint(said)),
                float(bool(focus) and _has_stem(sentence, focus)),
                float(
                    question.kind in NAMED_KINDS
                    and not names_another(question, sentence, passage.language)
                ),
                float(other),
            )
        )
    return np.array(rows, np.float32)


def list_figures(question: Question, passage: Passage, sentence: Span) -> list[Quantity]:
    """Return the figures of a sentence of `passage` that are of the kind asked and not said in
    `question`, with their places in the sentence."""
    units = UNITS_OF_KIND.get(question.kind)
    named = {(q.value, q.unit) for q in question.quantities}
    relations = ask_relations(question.text, question.focus)
    return [
        figure
        for figure in cut_figures(passage, sentence)
        if (figure.unit in units if units else figure.unit not in ("year", "date"))
        and (figure.value, figure.unit) not in named
        and fits_units(relations, figure)
    ]


def may_count(question: Question, figure: Quantity) -> bool:
    """Say whether `figure` may be a number of things, where `question` asks for one."""
    return figure.unit not in _UNCOUNTED or not _COUNTING.search(fold_text(question.text))


def names_another(question: Question, sentence: str, language: str) -> bool:
    """Say whether `sentence` has a name that `question` has not."""
    return _names_another(frozenset(question.words), sentence, language)


@lru_cache(4096)
def _names_another(known: frozenset[str], sentence: str, language: str) -> bool:
    return any(
        not known.issuperset(split_words(name.text)[0]) for name in iter_names(sentence, language)
    )


def _list_elsewhere(
    question: Question, readings: Sequence[Reading], hits: Sequence[Hit]
) -> list[bool]:
    """Say of each of `readings` whether it tells of others than those whom `question`, which asks
    for a figure, names: none of them is in the sentence, the one before it or the title, which
    names somebody else. Where that goes for all readings the names are only written otherwise."""
    names = {cached_stem(name) for name in question.names if name not in FIELDS}
    if not names or not is_measured(question):
        return [False] * len(readings)
    found = [_is_elsewhere(names, hits[r.hit].passage, r.sentence) for r in readings]
    return [False] * len(readings) if all(found) else found


def _is_elsewhere(names: set[str], passage: Passage, sentence: Span) -> bool:
    if names & list_stems(passage.article):
        return False
    if not any(name in fold_text(passage.text) for name in names):
        return True
    before = [span for span in _list_sentences(passage.text) if span.end <= sentence.start]
    start = before[-1].start if before else sentence.start
    if names & list_stems(passage.text[start : sentence.end]):
        return False
    return _has_name(passage.article, passage.language) or not names & list_stems(passage.text)


@lru_cache(1024)
def _list_sentences(text: str) -> list[Span]:
    return split_sentences(text)


def cut_figures(passage: Passage, sentence: Span) -> list[Quantity]:
    """Return the quantities of a sentence of `passage`, with their places in the sentence."""
    return [
        replace(q, start=q.start - sentence.start, end=q.end - sentence.start)
        for q in list_quantities(passage.text, passage.language)
        if sentence.start <= q.start and q.end <= sentence.end
    ]


def _has_stem(sentence: str, stem: str) -> bool:
    # A word begins with its stem: most sentences are seen at a glance to lack it.
    return stem in fold_text(sentence) and stem in list_stems(sentence)


@lru_cache(4096)
def _has_name(title: str, language: str) -> bool:
    return any(True for _ in iter_names(title, language))
