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
from functools import cached_property

from rag.binding import is_bound, is_of_another, takes_place
from rag.claims import Part, split_claims
from rag.evidence import Evidence, Line, Source
from rag.facts import Facts, list_years, same_date, same_figure
from rag.names import holds_name
from rag.polarity import check_polarity, is_negated
from rag.quantities import Quantity
from rag.timewords import LAST_YEAR, NEXT_YEAR, THIS_YEAR
from rag.types import Answer, Span

Similarity = Callable[[str, Sequence[str]], Sequence[float]]

# Shares of the words of meaning in a sentence that must stand in what it cites, same language.
_COVERED = 0.25
_COVERED_ALONE = 0.5
# Above it lie three quarters of the translations of UD-PUD (English and French, own model), and one
# in a hundred of the sentences nearest to them among a thousand others.
_SIMILAR = 0.45


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
    unsupported. `quotes` are the supporting sentences, those with its figures and dates first.
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
    sources = {number: Source(number, item) for number, item in evidence.items()}
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


@dataclass(frozen=True)
class _Claimed:
    """A sentence to check, with the facts it states."""

    text: str
    parts: tuple[Part, ...]
    language: str
    sources: Iterable[Source] = field(repr=False)

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
    claim: _Claimed, sources: Mapping[int, Source], similarity: Similarity | None
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
    sources: Mapping[int, Source],
    similarity: Similarity | None,
    alone: bool = False,
) -> tuple[str, tuple[Quote, ...]]:
    """Return the fault of a claim ("" for none) and, for none, the sentences that prove it."""
    marked = list(dict.fromkeys(mark for part in claim.parts for mark in part.marks))
    cited = [sources[mark] for mark in marked]
    chosen: dict[Line, list[Span]] = {}
    for facts, marks in claim.of_parts:
        fault = _prove_part(facts, claim, [sources[mark] for mark in marks], chosen, similarity)
        if fault:
            return fault, ()
    fault = (
        _check_names(claim.facts, cited, chosen)
        or check_polarity(claim.facts, [line.facts for line in chosen])
        or ("binding" if _is_of_another(claim.facts, list(chosen)) else "")
        or _check_coverage(claim.facts, cited, list(chosen), similarity, alone)
    )
    if fault:
        return fault, ()
    return "", tuple(
        Quote(line.source.number, line.start, line.end, tuple(spans))
        for line, spans in chosen.items()
    )


def _prove_part(
    facts: Facts,
    claim: _Claimed,
    cited: Sequence[Source],
    chosen: dict[Line, list[Span]],
    similarity: Similarity | None,
) -> str:
    """Add to `chosen` the sentences with the figures and dates of a part, or return the fault."""
    lines = [line for source in cited for line in source.lines]
    if not lines:
        return "unsupported"
    worth = _weigh_lines(facts, lines, similarity)
    used: list[Line] = []
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
            (line, said) for line, said in found if is_bound(figure, facts, claim.facts, said, line)
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
    facts: Facts, lines: Sequence[Line], similarity: Similarity | None
) -> dict[Line, float]:
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


def _date_stands(
    claimed: Quantity,
    used: Sequence[Line],
    lines: Sequence[Line],
    chosen: dict[Line, list[Span]],
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


def _says_year_relatively(claimed: Quantity, line: Line) -> bool:
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


def _is_date_of_issue(claimed: Quantity, line: Line) -> bool:
    """Return True if the date claimed is that of the issue and the sentence speaks of no other."""
    issued = line.source.evidence.date
    relative = rf"\b(?:{LAST_YEAR}|{NEXT_YEAR})\b"
    if issued is None or re.search(relative, line.facts.text, re.I):
        return False
    value = int(claimed.value)
    parts = ((value // 10_000, issued.year), (value // 100 % 100, issued.month))
    return all(not part or part == said for part, said in (*parts, (value % 100, issued.day)))


def _check_names(facts: Facts, cited: Sequence[Source], chosen: dict[Line, list[Span]]) -> str:
    """Return "name" unless every name stands in the passages cited or their titles.

    It is "binding" if a name stands in the claim where the sentences chosen have another. The
    sentence that holds a name which the chosen ones do not is chosen too.
    """
    proofs = list(chosen)
    for name in facts.names:
        if any(holds_name(name, line.facts.keys) for line in proofs):
            continue
        if any(takes_place(name, facts, line.facts) for line in proofs):
            return "binding"
        line = next((ln for s in cited for ln in s.lines if holds_name(name, ln.facts.keys)), None)
        if line is not None:
            chosen.setdefault(line, [])
        elif not any(holds_name(name, source.keys) for source in cited):
            return "name"
    return ""


def _is_of_another(facts: Facts, lines: Sequence[Line]) -> bool:
    """Return True if every sentence chosen says it of somebody else."""
    return bool(lines) and all(is_of_another(facts, line.facts) for line in lines)


def _check_coverage(
    facts: Facts,
    cited: Sequence[Source],
    lines: Sequence[Line],
    similarity: Similarity | None,
    alone: bool,
) -> str:
    """Return "unsupported" if the claim says too much that the passages do not.

    `alone`: no mark vouches for the claim, so its words count for more.
    """
    anchors = len(facts.figures) + len(facts.dates) + len(facts.names)
    denied = is_negated(facts)
    same = [source for source in cited if source.evidence.language == facts.language]
    if similarity is not None and lines:
        likeness = similarity(facts.text, [line.facts.text for line in lines])
        if any(
            score >= _SIMILAR and (anchors or is_negated(line.facts) == denied)
            for score, line in zip(likeness, lines, strict=True)
        ):
            return ""
    if not same:
        return "" if anchors else "unsupported"
    stems = frozenset().union(*(source.stems for source in same))
    covered = len(facts.stems & stems) / max(1, len(facts.stems))
    needed = _COVERED_ALONE if alone or not anchors else _COVERED if anchors == 1 else 0.0
    return "" if covered >= needed or (anchors and not facts.stems) else "unsupported"
