"""Is what a language model wrote proven by what it cites? Sentence by sentence, by rules.

A sentence is proven if its marks are known and, in the sentences of the cited passages, stand
its figures (value and unit, whatever the spelling or language), each with the subject the passage
gives it, its dates and its names, and if what it says beyond them is said there too, neither
denied nor turned round. The method is that of rule-based claim verification (numbers, entities,
negation: the error types of FactCC, Kryściński et al. 2020) made strict: doubt means unproven.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from rag.claims import Part, split_claims
from rag.facts import Facts, find_rates, list_years, may_compare, same_date, same_figure
from rag.injections import find_instructions
from rag.names import Name, holds_name, list_keys
from rag.quantities import Quantity
from rag.sentences import split_sentences
from rag.timewords import LAST_YEAR, NEXT_YEAR, THIS_YEAR
from rag.types import Answer, Span

Similarity = Callable[[str, Sequence[str]], Sequence[float]]

# Shares of the words of meaning in a sentence that must stand in what it cites, same language.
_COVERED = 0.25
_COVERED_ALONE = 0.5
_SIMILAR = 0.5
_PREPOSITION_BEFORE = re.compile(
    r"(?:\b(?:selon|d'apres|par|avec|chez|dans|a|au|aux|pour|sur|en|contre|vers|sous|via|entre|que"
    r"|according to|by|from|with|in|at|for|on|to|into|against|than|unlike|like|comme|face a"
    r"|laut|bei|mit|von|fur|gegen|nach|como|segun|con|per|secondo|com|segundo|volgens|met|door)"
    r"(?: (?:le|la|les|l'|the|der|die|das|dem|den|el|il|lo|o|het))?|\bl')\s*$"
)
_OF_BEFORE = re.compile(r"\b(?:de|du|des|d'|of|von|di|da|do|del|van)\s*(?:l'|la |the )?$")
_NEGATION = re.compile(
    r"\b(?:ne|n'|ni|jamais|aucune?|not|never|no|none|nor|neither|cannot|nicht|kein\w*|nie|niemals"
    r"|nunca|ningun\w*|non|nessun\w*|mai|nao|nenhum\w*|niet|geen|nooit)\b|n't\b|\bn'(?=\w)"
)
_NO_NEGATION = re.compile(
    r"\b(?:ne|n')\s*(?:[\w']+\s+){0,4}?qu[e']|\bno longer than\b|\bnot only\b|\bpas seulement\b"
    r"|\bnon seulement\b|\bnicht nur\b|\bno solo\b|\bnon solo\b|\bnao so\b|\bniet alleen\b"
    r"|\bno (?:1|one|\d+|less than|fewer than)\b|\bn(?:'est)? plus que\b|\bmai\b(?= \d)"
    r"|\bno(?= (?:brasil|entanto|ano|mes|dia|fim|mercado|pais|mundo|primeiro|segundo))"
)
_REFUSAL = re.compile(
    r"\b(?:refus|rejet|reject|deni|deny|denie|dement|abandon|renon|interdi|ban(?:s|ned)?\b|manqu"
    r"|lack|fail|echou|exclu|sans\b|without\b|ohne\b|sin\b|senza\b|sem\b|zonder\b|prevent|empech"
    r"|cess|stop|arret|independ|evit|avoid|loin d|seul|only|nur\b|solo\b|apenas|alleen)"
)
_UP = (
    "hauss augment croi croit progress grimp bond gagn rise rose rising increas grow grew jump gain"
    " climb surg creer creat recrut embauch hir stieg steig wachs wuchs zunahm sub aument crec sal"
    " cresc stijg groei doubl tripl"
)
_DOWN = (
    "baiss recul chut diminu perd perte tomb fondr effondr fall fell drop declin decreas lose lost"
    " loss plung tumbl shrink sank verlor verlier sink gefall ruckgang ca cai perdi perdeu baj"
    " disminu diminu dal verlies supprim suppress licenci layoff"
)
_MORE = re.compile(
    r"\b(?:plus d[e']|more than|over|above|au moins|at least|depass\w*|exceed\w*|mehr als|uber"
    r"|mindestens|mas de|al menos|piu di|almeno|mais de|pelo menos|meer dan|minstens)\s*$"
)
_LESS = re.compile(
    r"\b(?:moins d[e']|less than|fewer than|under|below|au plus|at most|weniger als|unter"
    r"|hochstens|menos de|meno di|minder dan|hoogstens)\s*$"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that may be cited; `context` (titles, newsletter) and `date` are its issue's."""

    text: str
    context: str = ""
    date: date | None = None
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that supports a claim: `evidence` is its number, offsets are into its text."""

    evidence: int
    start: int
    end: int
    highlights: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a reply, its marks taken out, and what the check made of it.

    `fault` is "" if `proven`, else the first of: mark (unknown mark), uncited (no mark, and nothing
    supports it), figure, binding (the figure is another's), date, name, negation, direction,
    unsupported. `quotes` are the supporting sentences, in order of the marks.
    """

    text: str
    marks: tuple[int, ...]
    proven: bool
    fault: str
    quotes: tuple[Quote, ...] = ()


def check_claims(
    text: str,
    evidence: Mapping[int, Evidence],
    language: str = "fr",
    similarity: Similarity | None = None,
) -> list[Claim]:
    """Return the sentences of `text`, in order, each with the verdict on it.

    `evidence` is what the marks refer to; `language` (ISO code) is that of `text`. `similarity`
    (a text, sentences → one score in -1..1 each) recognises paraphrases and other languages;
    without it a claim in another language needs a figure, date or name to be proven by.
    """
    sources = {number: _Source(number, item) for number, item in evidence.items()}
    verdicts = []
    for sentence in split_claims(text):
        marks = sentence.marks
        claim = _Claimed(sentence.text, sentence.parts, language, sources.values())
        if not set(marks) <= set(sources):
            verdicts.append(Claim(sentence.text, marks, False, "mark"))
        elif marks:
            fault, quotes = _judge(claim, sources, similarity)
            verdicts.append(Claim(sentence.text, marks, not fault, fault, quotes))
        else:
            verdicts.append(_find_support(claim, sources, similarity))
    return verdicts


def verify_citations(answer: Answer, text_of: Callable[[str], str]) -> list[str]:
    """Return what is wrong with the citations of `answer`; nothing is: an empty list.

    `text_of` gives the text of an issue by its `source`. Checked: every quote stands verbatim at
    its offsets, highlights lie inside it, numbers run from 1 in order of first use, each citation
    lies in a passage of `answer.hits`, and every mark of the text has its citation.
    """
    faults = []
    for expected, citation in enumerate(answer.citations, 1):
        name = f"[{citation.number}] {citation.source}"
        if citation.number != expected:
            faults.append(f"{name}: number {expected} was expected")
        if text_of(citation.source)[citation.start : citation.end] != citation.quote:
            faults.append(f"{name}: the quote does not stand at {citation.start}-{citation.end}")
        if any(h.start < citation.start or citation.end < h.end for h in citation.highlights):
            faults.append(f"{name}: a highlight lies outside the quote")
        if not any(
            hit.passage.source == citation.source
            and hit.passage.start <= citation.start
            and citation.end <= hit.passage.end
            for hit in answer.hits
        ):
            faults.append(f"{name}: no hit holds the quote")
    used = list(dict.fromkeys(m for s in split_claims(answer.text) for m in s.marks))
    if used != [c.number for c in answer.citations]:
        faults.append(f"marks {used} do not match the citations")
    return faults


class _Line:
    """A sentence of a passage."""

    def __init__(self, source: _Source, start: int, end: int, known: frozenset[str]) -> None:
        self.source, self.start, self.end = source, start, end
        self.facts = Facts(source.evidence.text[start:end], source.evidence.language, known)


class _Source:
    """A passage with its sentences, those left out that give instructions to a model."""

    def __init__(self, number: int, evidence: Evidence) -> None:
        self.number, self.evidence = number, evidence

    @cached_property
    def lines(self) -> list[_Line]:
        text = self.evidence.text
        barred = find_instructions(text)
        spans = [
            span
            for span in split_sentences(text)
            if not any(b.start < span.end and span.start < b.end for b in barred)
        ]
        whole = Facts(text, self.evidence.language)
        known = frozenset(key for name in whole.names for key in name.keys)
        return [_Line(self, span.start, span.end, known) for span in spans]

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


@dataclass(frozen=True)
class _Claimed:
    """A sentence to check, with the facts it states."""

    text: str
    parts: tuple[Part, ...]
    language: str
    sources: Iterable[_Source] = field(repr=False)

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.text, self.language, self._known)

    @cached_property
    def of_parts(self) -> list[tuple[Facts, tuple[int, ...]]]:
        return [(Facts(p.text, self.language, self._known), p.marks) for p in self.parts]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(
            key
            for source in self.sources
            for line in source.lines
            for name in line.facts.names
            for key in name.keys
        )


def _find_support(
    claim: _Claimed, sources: Mapping[int, _Source], similarity: Similarity | None
) -> Claim:
    """Judge a claim without marks against each passage; the first that proves it is its mark."""
    for number, source in sources.items():
        unmarked = _Claimed(
            claim.text, (Part(claim.text, (number,)),), claim.language, claim.sources
        )
        fault, quotes = _judge(unmarked, {number: source}, similarity, alone=True)
        if not fault:
            return Claim(claim.text, (), True, "", quotes)
    return Claim(claim.text, (), False, "uncited")


def _judge(
    claim: _Claimed,
    sources: Mapping[int, _Source],
    similarity: Similarity | None,
    alone: bool = False,
) -> tuple[str, tuple[Quote, ...]]:
    """Return the fault of a claim ("" for none) and, for none, the sentences that prove it."""
    marked = list(dict.fromkeys(mark for part in claim.parts for mark in part.marks))
    cited = [sources[mark] for mark in marked]
    chosen: dict[_Line, list[Span]] = {}
    for facts, marks in claim.of_parts:
        fault = _prove_part(facts, claim, [sources[mark] for mark in marks], chosen, similarity)
        if fault:
            return fault, ()
    fault = (
        _check_names(claim.facts, cited, chosen)
        or _check_polarity(claim.facts, list(chosen))
        or _check_coverage(claim.facts, cited, list(chosen), similarity, alone)
    )
    if fault:
        return fault, ()
    order = {mark: position for position, mark in enumerate(marked)}
    lines = sorted(chosen, key=lambda line: (order[line.source.number], line.start))
    return "", tuple(
        Quote(line.source.number, line.start, line.end, tuple(chosen[line])) for line in lines
    )


def _prove_part(
    facts: Facts,
    claim: _Claimed,
    cited: Sequence[_Source],
    chosen: dict[_Line, list[Span]],
    similarity: Similarity | None,
) -> str:
    """Add to `chosen` the sentences with the figures and dates of a part, or return the fault."""
    lines = [line for source in cited for line in source.lines]
    if not lines:
        return "unsupported"
    worth = _weigh_lines(facts, lines, similarity)
    used: list[_Line] = []
    for figure in facts.figures:
        found = [
            (line, said)
            for line in lines
            for said in line.facts.figures
            if same_figure(figure, said, facts, line.facts)
        ]
        if not found:
            return "figure"
        bound = [
            (line, said) for line, said in found if _is_bound(facts, claim, figure, line, said)
        ]
        if not bound:
            return "binding"
        line, said = max(bound, key=lambda pair: worth[pair[0]])
        chosen.setdefault(line, []).append(Span(line.start + said.start, line.start + said.end))
        used.append(line)
    if not used:
        best = max(lines, key=lambda line: worth[line])
        chosen.setdefault(best, [])
        used.append(best)
    return "" if all(_date_stands(d, used, lines, chosen) for d in facts.dates) else "date"


def _weigh_lines(
    facts: Facts, lines: Sequence[_Line], similarity: Similarity | None
) -> dict[_Line, float]:
    """Return how much each sentence has in common with a claim: figures, names, dates, words."""
    likeness = similarity(facts.text, [line.facts.text for line in lines]) if similarity else None
    worth = {}
    for position, line in enumerate(lines):
        said = line.facts
        figures = sum(
            any(same_figure(f, s, facts, said) for s in said.figures) for f in facts.figures
        )
        names = sum(holds_name(name, said.keys) for name in facts.names)
        dates = sum(
            any(same_date(d, s, line.source.years) for s in said.dates) for d in facts.dates
        )
        words = len(facts.stems & said.stems) / max(1, len(facts.stems))
        worth[line] = 2.0 * figures + names + dates + 2.0 * words
        worth[line] += 2.0 * likeness[position] if likeness is not None else 0.0
    return worth


def _is_bound(facts: Facts, claim: _Claimed, figure: Quantity, line: _Line, said: Quantity) -> bool:
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
    claim_keys = facts.keys_in(here) if near else claim.facts.keys
    subjects = _list_subjects(facts, here.start, figure.start, of_too=False)
    rivals = [
        name
        for name in _list_subjects(source, there.start, said.start, of_too=True)
        if not _is_same_name(name, claim_keys)
    ]
    if rivals and subjects and not any(holds_name(name, own_keys) for name in subjects):
        return False
    wanted = near or list(facts.names) or list(claim.facts.names)
    if not wanted or any(holds_name(name, own_keys) for name in wanted):
        return True
    if rivals:
        return False
    if any(holds_name(name, source.keys) for name in wanted):
        return True
    before = _list_subjects(source, 0, said.start, of_too=False)
    if not all(_is_same_name(name, claim.facts.keys) for name in before):
        return False
    return _is_named_before(wanted, line)


def _is_named_before(wanted: Sequence[Name], line: _Line) -> bool:
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


def _date_stands(
    claimed: Quantity,
    used: Sequence[_Line],
    lines: Sequence[_Line],
    chosen: dict[_Line, list[Span]],
) -> bool:
    """Return True if the sentences used say the date, or leave it to others of the passage."""
    for line in used:
        for said in line.facts.dates:
            if same_date(claimed, said, line.source.years):
                chosen[line].append(Span(line.start + said.start, line.start + said.end))
                return True
    if any(_says_year_relatively(claimed, line) for line in used):
        return True
    detailed = int(claimed.value) % 10_000
    if any(line.facts.dates if detailed else list_years(line.facts.dates) for line in used):
        return False
    for line in lines:
        if any(same_date(claimed, said, line.source.years) for said in line.facts.dates):
            chosen.setdefault(line, [])
            return True
    return any(_is_date_of_issue(claimed, line) for line in used)


def _says_year_relatively(claimed: Quantity, line: _Line) -> bool:
    """Return True for « l'an dernier » in an issue of the year after the one claimed."""
    issued = line.source.evidence.date
    year, rest = divmod(int(claimed.value), 10_000)
    if issued is None or rest:
        return False
    offsets = ((LAST_YEAR, -1), (THIS_YEAR, 0), (NEXT_YEAR, 1))
    return any(
        year == issued.year + offset and re.search(rf"\b(?:{pattern})\b", line.facts.text, re.I)
        for pattern, offset in offsets
    )


def _is_date_of_issue(claimed: Quantity, line: _Line) -> bool:
    """Return True if the date claimed is that of the issue and the sentence speaks of no other."""
    issued = line.source.evidence.date
    relative = rf"\b(?:{LAST_YEAR}|{NEXT_YEAR})\b"
    if issued is None or re.search(relative, line.facts.text, re.I):
        return False
    value = int(claimed.value)
    parts = ((value // 10_000, issued.year), (value // 100 % 100, issued.month))
    return all(not part or part == said for part, said in (*parts, (value % 100, issued.day)))


def _check_names(facts: Facts, cited: Sequence[_Source], chosen: dict[_Line, list[Span]]) -> str:
    """Return "name" unless every name stands in the passages cited or their titles.

    The sentence that holds a name which the chosen ones do not is chosen too.
    """
    for name in facts.names:
        if any(holds_name(name, line.facts.keys) for line in chosen):
            continue
        line = next((ln for s in cited for ln in s.lines if holds_name(name, ln.facts.keys)), None)
        if line is not None:
            chosen.setdefault(line, [])
        elif not any(holds_name(name, source.keys) for source in cited):
            return "name"
    return ""


def _check_polarity(facts: Facts, lines: Sequence[_Line]) -> str:
    """Return the fault of a claim that says the contrary of the sentences chosen, or "".

    It is "negation", "direction", or "figure" where a rate is of another period.
    """
    said = [line.facts for line in lines]
    joined = " ".join(source.folded for source in said)
    if not _REFUSAL.search(facts.folded) and not _REFUSAL.search(joined):
        denied = _is_negated(facts.folded)
        if denied and not _is_negated(joined):
            return "negation"
        if not denied and said and all(_denies(facts, source) for source in said):
            return "negation"
    for figure in facts.figures:
        for source in said:
            for other in source.figures:
                if same_figure(figure, other, facts, source) and _is_turned(
                    facts.folded[: figure.start], source.folded[: other.start]
                ):
                    return "direction"
    rates, said_rates = find_rates(facts.folded), find_rates(joined)
    if rates and said_rates and not rates & said_rates:
        return "figure"
    claimed, found = _find_direction(facts.folded), _find_direction(joined)
    return "direction" if claimed and found and claimed != found else ""


def _is_negated(folded: str) -> bool:
    return bool(_NEGATION.search(_NO_NEGATION.sub(" ", folded)))


def _denies(facts: Facts, source: Facts) -> bool:
    """Return True if the stretch of the source that is nearest to the claim holds a negation."""
    if facts.language != source.language or not _is_negated(source.folded):
        return False
    nearest = max(source.segments, key=lambda span: len(facts.stems & source.stems_in(span)))
    shared = facts.stems & source.stems_in(nearest)
    return len(shared) >= 2 and _is_negated(source.folded[nearest.start : nearest.end])


def _is_turned(claim_before: str, source_before: str) -> bool:
    return bool(
        (_MORE.search(claim_before) and _LESS.search(source_before))
        or (_LESS.search(claim_before) and _MORE.search(source_before))
    )


def _find_direction(folded: str) -> str:
    words = re.findall(r"[^\W\d_]+", folded)
    up = any(word.startswith(stem) for word in words for stem in _UP.split() if len(stem) > 3)
    down = any(word.startswith(stem) for word in words for stem in _DOWN.split() if len(stem) > 3)
    return "" if up == down else "up" if up else "down"


def _check_coverage(
    facts: Facts,
    cited: Sequence[_Source],
    lines: Sequence[_Line],
    similarity: Similarity | None,
    alone: bool,
) -> str:
    """Return "unsupported" if the claim says too much that the passages do not.

    `alone`: no mark vouches for the claim, so its words count for more.
    """
    anchors = len(facts.figures) + len(facts.dates) + len(facts.names)
    same = [source for source in cited if source.evidence.language == facts.language]
    if similarity is not None and lines:
        likeness = max(similarity(facts.text, [line.facts.text for line in lines]))
        if likeness >= _SIMILAR:
            return ""
    if not same:
        return "" if anchors else "unsupported"
    stems = frozenset().union(*(source.stems for source in same))
    covered = len(facts.stems & stems) / max(1, len(facts.stems))
    needed = _COVERED_ALONE if alone or not anchors else _COVERED if anchors == 1 else 0.0
    return "" if covered >= needed or (anchors and not facts.stems) else "unsupported"
