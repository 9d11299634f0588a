"""Passages read as evidence: their sentences with what each states, ready to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rag.facts import Facts, list_years
from rag.injections import find_instructions
from rag.names import list_keys
from rag.sentences import split_sentences


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that may be cited; `context` (titles, newsletter) and `date` are its issue's."""

    text: str
    context: str = ""
    date: date | None = None
    language: str = "fr"


class Line:
    """A sentence of a passage, at `start:end` of its text."""

    def __init__(self, source: Source, start: int, end: int, known: frozenset[str]) -> None:
        self.source, self.start, self.end = source, start, end
        self.facts = Facts(source.evidence.text[start:end], source.evidence.language, known)


class Source:
    """A passage with its sentences, those left out that give instructions to a model."""

    def __init__(self, number: int, evidence: Evidence) -> None:
        self.number, self.evidence = number, evidence

    @cached_property
    def lines(self) -> list[Line]:
        text = self.evidence.text
        barred = find_instructions(text)
        spans = [
            span
            for span in split_sentences(text)
            if not any(b.start < span.end and span.start < b.end for b in barred)
        ]
        whole = Facts(text, self.evidence.language)
        known = frozenset(key for name in whole.names for key in name.keys)
        return [Line(self, span.start, span.end, known) for span in spans]

    @cached_property
    def context_keys(self) -> frozenset[str]:
        return list_keys(self.evidence.context)

    @cached_property
    def keys(self) -> frozenset[str]:
        return self.context_keys.union(*(line.facts.keys for line in self.lines))

    @cached_property
    def stems(self) -> frozenset[str]:
        context = Facts(self.evidence.context, self.evidence.language)
        return context.stems.union(*(line.facts.stems for line in self.lines))

    @cached_property
    def years(self) -> frozenset[int]:
        found = [list_years(line.facts.dates) for line in self.lines]
        own = {self.evidence.date.year} if self.evidence.date else set()
        return frozenset(own).union(*found)
