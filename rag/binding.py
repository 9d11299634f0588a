"""Does a passage give a figure to what a claim gives it to?

Names and words share a figure's stretch of a sentence (`Facts.segments`), or are its subject from
before: « Le groupe » is somebody named earlier.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.dictionary import translate_word
from rag.evidence import Line
from rag.facts import Facts, may_compare, same_date, same_figure
from rag.names import Name, holds_name
from rag.polarity import refuses
from rag.quantities import Quantity
from rag.types import Span
from rag.words import stem_word

_PREPOSITION_BEFORE = re.compile(
    r"(?:\b(?:selon|d'apres|par|avec|chez|dans|a|au|aux|pour|sur|en|contre|vers|sous|via|entre|que"
    r"|according to|by|from|with|in|at|for|on|to|into|against|than|unlike|like|comme|face a"
    r"|laut|bei|mit|von|fur|gegen|nach|como|segun|con|per|secondo|com|segundo|volgens|met|door)"
    r"(?: (?:le|la|les|l'|the|der|die|das|dem|den|el|il|lo|o|het))?|\bl')\s*$"
)
_WORD = re.compile(r"[^\W_]+")
_OF_BEFORE = re.compile(r"\b(?:de|du|des|d'|of|von|di|da|do|del|van)\s*(?:l'|la |the )?$")


def is_bound(figure: Quantity, facts: Facts, claim: Facts, said: Quantity, line: Line) -> bool:
    """Return True unless the passage gives the figure to something else than the claim does."""
    source = line.facts
    here, there = facts.segment_of(figure.start), source.segment_of(said.start)
    near = [name for name in facts.names if here.start <= name.start < here.end]
    own_keys = source.keys_in(there)
    others = [
        (other, source.segment_of(other.start))
        for other in source.figures
        if other is not said and may_compare(other, said, source)
    ]
    others = [(other, span) for other, span in others if span != there]
    if _belongs_to_other(facts, here, near, source, there, others):
        return False
    if not _dates_agree(facts, here, source, there, line.source.years):
        return False
    claim_keys = facts.keys_in(here) if near else claim.keys
    subjects = _list_subjects(facts, here.start, figure.start, of_too=False)
    rivals = [
        name
        for name in _list_subjects(source, there.start, said.start, of_too=True)
        if not _is_same_name(name, claim_keys)
    ]
    if rivals and subjects and not any(holds_name(name, own_keys) for name in subjects):
        return False
    wanted = near or list(facts.names) or list(claim.names)
    if not wanted or any(holds_name(name, own_keys) for name in wanted):
        return True
    if rivals:
        return False
    if any(holds_name(name, source.keys) for name in wanted):
        return True
    before = _list_subjects(source, 0, said.start, of_too=False)
    if not all(_is_same_name(name, claim.keys) for name in before):
        return False
    return _is_named_before(wanted, line)


def is_of_another(facts: Facts, source: Facts) -> bool:
    """Return True if `source` says what the claim says of its subject in another's clause.

    Clauses lie between semicolons: « Google signe le code ; Meta refuse » makes neither sign and
    refuse. Words of another language are looked up in the dictionary.
    """
    clauses = _list_clauses(source)
    subjects = _list_subjects(facts, 0, len(facts.text), of_too=False)[:1]
    if len(clauses) < 2 or not subjects:
        return False
    own = [c for c in clauses if holds_name(subjects[0], source.keys_in(c))]
    others = [
        c for c in clauses if c not in own and _list_subjects(source, c.start, c.end, of_too=False)
    ]
    if not own or not others:
        return False
    if refuses(facts):
        return not any(refuses(source, c) for c in own) and any(refuses(source, c) for c in others)
    words = _translate_stems(facts, source.language)
    if any(words & source.stems_in(clause) for clause in own):
        return False
    return any(len(words & source.stems_in(clause)) >= 2 for clause in others)


def _list_clauses(facts: Facts) -> list[Span]:
    borders = [0, *(m.end() for m in re.finditer(";", facts.text)), len(facts.text)]
    return [Span(a, b) for a, b in pairwise(borders) if b > a]


def _translate_stems(facts: Facts, language: str) -> frozenset[str]:
    """Return the stems of a claim, in French where the source is French."""
    if facts.language == language or language != "fr":
        return facts.stems
    words = (m.group() for m in _WORD.finditer(facts.folded))
    return frozenset(stem_word(w) for word in words for w in translate_word(word, facts.language))


def takes_place(name: Name, claim: Facts, source: Facts) -> bool:
    """Return True if a name of the claim stands where the source has another one.

    That is: both are the first subject of their sentence, or at least two of the two words before
    and the two after are the same.
    """
    missing = [other for other in source.names if not _is_same_name(other, claim.keys)]
    subjects = _list_subjects(claim, 0, len(claim.text), of_too=False)[:1]
    said_subjects = _list_subjects(source, 0, len(source.text), of_too=False)[:1]
    if name in subjects and any(other in missing for other in said_subjects):
        return True
    if claim.language != source.language:
        return False
    around = _list_neighbours(name, claim)
    return any(
        sum(a == b for a, b in zip(around, _list_neighbours(other, source), strict=True)) >= 2
        for other in missing
    )


def _list_neighbours(name: Name, facts: Facts) -> list[str]:
    """Return the two words before a name and the two after; "" where there are none."""
    before = _WORD.findall(facts.folded[: name.start])[-2:]
    after = _WORD.findall(facts.folded[name.end :])[:2]
    return [*[""] * (2 - len(before)), *before, *after, *[""] * (2 - len(after))]


def _is_named_before(wanted: Sequence[Name], line: Line) -> bool:
    """Return False if the passage names none of `wanted` before a sentence, but does after it.

    « Le groupe » is somebody named before. A name that stands nowhere is not this check's matter.
    """
    keys = line.source.context_keys.union(
        *(other.facts.keys for other in line.source.lines if other.start < line.start)
    )
    if any(holds_name(name, keys) for name in wanted):
        return True
    return not any(holds_name(name, line.source.keys) for name in wanted)


def _belongs_to_other(
    facts: Facts,
    here: Span,
    near: Sequence[Name],
    source: Facts,
    there: Span,
    others: Sequence[tuple[Quantity, Span]],
) -> bool:
    """Return True if what stands by the figure in the claim stands by another one in the source."""
    own_keys = source.keys_in(there)
    if any(holds_name(name, own_keys) for name in near):
        near = [name for name in near if not holds_name(name, own_keys)]
        others = [
            (other, span)
            for other, span in others
            if not any(same_figure(f, other, facts, source) for f in facts.figures)
        ]
    elif facts.language == source.language:
        words = facts.stems_in(here)
        together = [f for f in facts.figures if here.start <= f.start < here.end]
        elsewhere = any(
            words & source.stems_in(span)
            and not any(same_figure(f, other, facts, source) for f in together)
            for other, span in others
        )
        if elsewhere and not words & source.stems_in(there):
            return True
    keys = facts.keys_in(here)
    rivals = [
        name
        for name in _list_subjects(source, there.start, there.end, of_too=True)
        if not _is_same_name(name, keys)
    ]
    for other, span in others:
        beside = source.keys_in(span if rivals else Span(other.end, span.end))
        if any(holds_name(name, beside) for name in near):
            return True
    return False


def _dates_agree(
    facts: Facts, here: Span, source: Facts, there: Span, years: frozenset[int]
) -> bool:
    claimed, said = facts.dates_in(here), source.dates_in(there)
    return not claimed or not said or any(same_date(c, s, years) for c in claimed for s in said)


def _list_subjects(facts: Facts, start: int, end: int, *, of_too: bool) -> list[Name]:
    """Return the names in a stretch of the text that may be its subject.

    A name after a preposition is none; after « de » it is one if `of_too`. Countries and the like
    are none.
    """
    found = []
    for name in facts.names:
        if not start <= name.start < end or all(key.startswith("@") for key in name.keys):
            continue
        before = facts.folded[: name.start]
        of = bool(_OF_BEFORE.search(before))
        if of_too if of else not _PREPOSITION_BEFORE.search(before):
            found.append(name)
    return found


def _is_same_name(name: Name, keys: frozenset[str]) -> bool:
    """Return True if `keys` hold a part of a name (« Zuckerberg »), and its numbers (« GPT-4 »)."""
    numbered = [key for key in name.keys if any(c.isdigit() for c in key)]
    return any(key in keys for key in name.keys) and all(key in keys for key in numbered)
