"""From hits to a cited answer, without any language model: quotes, short answer, abstention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.choosing import (
    choose_readings,
    cut_figures,
    list_figures,
    may_count,
    names_another,
    spells_title,
)
from rag.confidence import ABSTAIN_BELOW, estimate_confidence, estimate_shares
from rag.descriptions import asks_description
from rag.periods import find_period
from rag.phrases import choose_phrases, format_date
from rag.quantities import Quantity
from rag.questions import (
    NAMED_KINDS,
    UNITS_OF_KIND,
    Question,
    analyse_question,
    is_measured,
    is_question,
)
from rag.reading import Reading, read_hits
from rag.relations import OTHER_RELATION, ask_relations, tell_relation
from rag.reranking import rerank_hits
from rag.timeline import Arrangement, Finding, arrange_findings
from rag.types import Answer, Citation, Filters, Hit, Passage, Span, TimelineEntry
from rag.words import cached_stem, fold_text, list_stems, list_words

# A further sentence must be this likely to answer, as a share of the first one's likelihood, or
# this where the first one holds what is asked for and an answer is all but certain.
_SUPPORT_SHARE, _RIVAL_SHARE = 0.08, 0.3
_CERTAIN = 0.9
# A sentence beside the first one comes along at this share, where the first one alone does not hold
# what is asked for.
_NEIGHBOUR_SHARE = 0.01
_MOST_SENTENCES = 3
_MOST_READINGS = 16
# Versions of one fact are told in other words, so their scores differ more than those of rivals.
_SOFTENING = 0.25
# A short answer leads the text if it is at least this share of all spans in its sentence, and an
# answer this likely: of the 632 that then lead answers to our questions 498 are right.
_SURE_SHORT = 0.25
_LIKELY = 0.4
_LONGEST_SHORT = 80
# What a figure's words tell counts as much as this many characters of distance.
_TOLD = 40.0
_SHORT_KINDS = frozenset(
    {
        "amount",
        "number",
        "share",
        "date",
        "year",
        "duration",
        "place",
        "person",
        "organisation",
    }
    | {"name"}
)
_SAME_SENTENCE = 0.8
# « En mars, la maison valait… »: told of the past by an issue that also tells how it is.
_PAST_OPENING = re.compile(
    r"(?:en|fin|debut|des|a la fin de|in|im|en el|nel|em) (?:"
    r"janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:19|20)\d\d)\b|(?:l'an|l'annee|le mois|la semaine|l'ete|l'automne|l'hiver) dernier"
    r"|(?:a l'automne|au printemps|a l'ete|il y a|last (?:year|month|week))\b"
)


@dataclass(frozen=True, slots=True)
class _Proof:
    """A sentence that may stand in the answer: `words` are its own, folded; `short` is a range of
    its passage's text."""

    hit: Hit
    reading: Reading
    short: Span
    quantity: Quantity | None
    share: float
    words: frozenset[str]

    @property
    def sentence(self) -> str:
        return _cut(self.hit.passage.text, self.reading.sentence)

    @property
    def value(self) -> str:
        return _cut(self.hit.passage.text, self.short)


def compose_answer(
    question: str,
    query: str,
    hits: Sequence[Hit],
    *,
    filters: Filters = Filters(),  # noqa: B008 - frozen
    abstain_below: float = -1.0,
    newest: date | None = None,
) -> Answer:
    """Return the answer that `hits` give to `query` (what `question` means in its conversation).

    One to three verbatim sentences, each followed by its mark [n], led by the short answer where it
    is sure; under `abstain_below` (negative: the measured threshold) an abstention. Where issues
    give different figures of one fact, the newest leads and the earlier ones follow; `newest` is
    the date of the newest issue, which periods in the question count from.
    """
    asked = analyse_question(query)
    language = analyse_question(question).language if question != query else asked.language
    read = read_hits(asked, hits)
    readings = choose_readings(asked, read, hits)
    confidence = estimate_confidence(asked, readings, hits)
    reranked = tuple(rerank_hits(hits, read) if is_question(query) else hits)
    empty = Answer("", (), True, reranked, question, query, confidence, filters)
    if confidence < (ABSTAIN_BELOW if abstain_below < 0 else abstain_below) or not readings:
        phrases = choose_phrases(language)
        text = f"{phrases.no_answer} {phrases.nearest}" if hits else phrases.no_answer
        return replace(empty, text=text)
    best = readings[:_MOST_READINGS]
    shares = estimate_shares(best)
    proofs = _drop_repeats(
        [_prove(asked, hits[r.hit], r, s) for r, s in zip(best, shares, strict=True)]
    )
    arrangement = _arrange(asked, query, proofs, newest)
    chosen = _choose_proofs(asked, proofs, arrangement, confidence)
    return _write_answer(empty, asked, language, proofs, chosen, arrangement)


def _prove(asked: Question, hit: Hit, reading: Reading, share: float) -> _Proof:
    text = hit.passage.text
    short, quantity = _settle_short(asked, hit.passage, reading)
    sentence = _cut(text, reading.sentence)
    words = frozenset(list_words(sentence))
    return _Proof(hit, reading, _trim(text, short), quantity, share, words)


def _settle_short(
    asked: Question, passage: Passage, reading: Reading
) -> tuple[Span, Quantity | None]:
    """Return the short answer made whole: a figure with its unit, nearest to what was read."""
    units = UNITS_OF_KIND.get(asked.kind)
    if units is None and asked.kind != "number":
        return reading.short, None
    offset = reading.sentence.start
    sentence = _cut(passage.text, reading.sentence)
    named = {(q.value, q.unit) for q in asked.quantities}
    best: tuple[float, Quantity] | None = None
    relations = ask_relations(asked.text, asked.focus)
    for found in cut_figures(passage, reading.sentence):
        quantity = replace(found, start=found.start + offset, end=found.end + offset)
        overlaps = quantity.start < reading.short.end and reading.short.start < quantity.end
        fits = quantity.unit in units if units else quantity.unit not in ("year", "date")
        distance = 0 if overlaps else abs(quantity.start - reading.short.start)
        if (quantity.value, quantity.unit) in named or not (fits or overlaps):
            continue
        told = tell_relation(relations, sentence, found)
        penalty = distance + (0 if fits else 40) - _TOLD * told
        if best is None or penalty < best[0]:
            best = (penalty, quantity)
    if best is None:
        return reading.short, None
    quantity = best[1]
    if quantity.start < reading.short.end and reading.short.start < quantity.end:
        start = min(quantity.start, reading.short.start)
        end = max(quantity.end, reading.short.end)
        if end - start <= quantity.end - quantity.start + 30:
            return Span(start, end), quantity
    return Span(quantity.start, quantity.end), quantity


def _trim(text: str, span: Span) -> Span:
    """Return `span` without marks and spaces at its borders."""
    start, end = span.start, span.end
    while start < end - 1 and not (text[start].isalnum() or text[start] in "$€£"):
        start += 1
    while end > start + 1 and not (text[end - 1].isalnum() or text[end - 1] in "$€£%)."):
        end -= 1
    if text[end - 1] == ")" and "(" not in text[start:end]:
        end -= 1
    if text[end - 1] == "." and end - start > 3:
        end -= 1
    return Span(start, end)


def _drop_repeats(proofs: Sequence[_Proof]) -> list[_Proof]:
    """Return `proofs` without sentences said twice; of repeats the newest issue's stays, in the
    place of the best."""
    kept: list[_Proof] = []
    for proof in proofs:
        for number, other in enumerate(kept):
            shared = len(proof.words & other.words)
            if shared >= _SAME_SENTENCE * len(proof.words | other.words):
                if _is_newer(proof, other):
                    kept[number] = replace(proof, share=other.share)
                break
        else:
            kept.append(proof)
    return kept


def _is_newer(one: _Proof, other: _Proof) -> bool:
    a, b = one.hit.passage.date, other.hit.passage.date
    return a is not None and (b is None or a > b)


def _arrange(
    asked: Question, query: str, proofs: Sequence[_Proof], newest: date | None
) -> Arrangement:
    period = find_period(query, newest or date.today())
    findings = [
        Finding(
            key=number,
            sentence=proof.sentence,
            value=proof.value,
            date=proof.hit.passage.date,
            source=proof.hit.passage.source,
            score=proof.share**_SOFTENING,
            quantity=_shift(proof.quantity, -proof.reading.sentence.start),
            context=f"{proof.hit.passage.article} {proof.hit.passage.text}",
        )
        for number, proof in enumerate(proofs)
        if number == 0 or period or not _PAST_OPENING.match(fold_text(proof.sentence))
    ]
    return arrange_findings(asked, findings, period=period)


def _shift(quantity: Quantity | None, by: int) -> Quantity | None:
    return quantity and replace(quantity, start=quantity.start + by, end=quantity.end + by)


def _choose_proofs(
    asked: Question, proofs: Sequence[_Proof], arrangement: Arrangement, confidence: float
) -> list[_Proof]:
    """Return the sentences that answer, the first one first: one where it holds what is asked for
    and other issues tell of the same figure, else up to three, fewer where it holds that and an
    answer is certain. A further one must speak of the same and hold what the first one holds."""
    lead = proofs[arrangement.lead[0].key] if arrangement.lead else proofs[0]
    apart = {f.key for f in (*arrangement.history, *arrangement.contradictions)}
    chosen = [lead]
    complete = _holds_asked(asked, lead)
    alone = complete and not (asked.several or asked.comparison)
    if alone and apart:
        return chosen
    least = _RIVAL_SHARE if alone and confidence >= _CERTAIN else _SUPPORT_SHARE
    for number, proof in enumerate(proofs):
        if proof in chosen or number in apart or len(chosen) == _MOST_SENTENCES:
            continue
        share = proof.share / max(lead.share, 1e-9)
        beside = not complete and share >= _NEIGHBOUR_SHARE and _is_beside(lead, proof)
        if beside or (share >= least and _earns_place(asked, lead, proof)):
            chosen.append(proof)
    return chosen


def _holds_asked(asked: Question, proof: _Proof) -> bool:
    """Say whether a sentence is seen to hold what `asked` asks for: a figure, a name."""
    if is_measured(asked):
        figures = list_figures(asked, proof.hit.passage, proof.reading.sentence)
        relations = ask_relations(asked.text, asked.focus)
        return any(
            tell_relation(relations, proof.sentence, figure) > OTHER_RELATION
            and (asked.kind != "number" or may_count(asked, figure))
            for figure in figures
        )
    return asked.kind in NAMED_KINDS and names_another(
        asked, proof.sentence, proof.hit.passage.language
    )


def _is_beside(lead: _Proof, proof: _Proof) -> bool:
    """Say whether a sentence stands next to the lead in one passage."""
    if proof.hit.passage is not lead.hit.passage:
        return False
    one, other = lead.reading.sentence, proof.reading.sentence
    between = lead.hit.passage.text[min(one.end, other.end) : max(one.start, other.start)]
    return not any(char.isalnum() for char in between)


def _earns_place(asked: Question, lead: _Proof, proof: _Proof) -> bool:
    """Say whether a further sentence is of the lead's passage or names what the question names, and
    holds what is asked for if the lead does. A reason or a way is told where the matter is: in the
    lead's article, or by a sentence that shares a word with the question beside its names."""
    if _holds_asked(asked, lead) and not _holds_asked(asked, proof):
        return False
    if proof.hit.passage is lead.hit.passage:
        return True
    names = {cached_stem(name) for name in asked.names}
    if asked.kind in ("reason", "manner"):
        topic = {cached_stem(word) for word in asked.words} - names
        same = proof.hit.passage.article == lead.hit.passage.article
        if not same and not topic & _stems(proof):
            return False
    return names - _uncovered(asked, lead) <= names - _uncovered(asked, proof)


def _uncovered(asked: Question, lead: _Proof) -> set[str]:
    """Return the stems of names in the question that the passage of `lead` does not mention."""
    passage = lead.hit.passage
    said = list_stems(passage.article) | list_stems(passage.text)
    return {cached_stem(name) for name in asked.names} - said


def _stems(proof: _Proof) -> frozenset[str]:
    return list_stems(proof.sentence)


def _write_answer(
    answer: Answer,
    asked: Question,
    language: str,
    proofs: Sequence[_Proof],
    chosen: Sequence[_Proof],
    arrangement: Arrangement,
) -> Answer:
    phrases = choose_phrases(language)
    lead = chosen[0]
    citations = [_cite(proof, number) for number, proof in enumerate(chosen, 1)]
    origin = ", ".join(
        part
        for part in (
            lead.hit.passage.newsletter,
            format_date(lead.hit.passage.date, language),
        )
        if part
    )
    head = f"{_flatten(lead.value)} — " if _leads(asked, lead, answer.confidence) else ""
    lines = [f"{head}{_flatten(lead.sentence)} [1] ({origin})"]
    lines += [f"{_flatten(p.sentence)} [{n}]" for n, p in enumerate(chosen[1:], 2)]
    note = ""
    for findings, phrase in (
        (arrangement.history, phrases.earlier),
        (arrangement.contradictions, phrases.disputed),
    ):
        parts = []
        for finding in findings:
            proof = proofs[finding.key]
            citations.append(_cite(proof, len(citations) + 1))
            when = format_date(proof.hit.passage.date, language)
            parts.append(f"{_flatten(proof.value)} ({when}) [{len(citations)}]")
        if parts:
            lines.append(f"{phrase} : " if language == "fr" else f"{phrase}: ")
            lines[-1] += " ; ".join(parts)
            note = phrase if findings is arrangement.contradictions else note
    numbers = {(c.source, c.start): c.number for c in citations}
    timeline = []
    for finding in arrangement.changes:
        proof = proofs[finding.key]
        passage = proof.hit.passage
        number = numbers.get((passage.source, passage.start + proof.reading.sentence.start))
        if finding.date and number:
            timeline.append(TimelineEntry(finding.date, _flatten(proof.value), number))
    return replace(
        answer,
        text="\n".join(lines),
        citations=tuple(citations),
        abstained=False,
        timeline=tuple(timeline),
        note=note,
    )


def _leads(asked: Question, lead: _Proof, confidence: float) -> bool:
    return (
        confidence >= _LIKELY
        and asked.kind in _SHORT_KINDS
        and not asked.several
        and not asks_description(asked)
        and not spells_title(asked, lead.hit.passage)
        and (lead.reading.sureness >= _SURE_SHORT or lead.quantity is not None)
        and len(lead.value) <= _LONGEST_SHORT
        and lead.value != lead.sentence
    )


def _cite(proof: _Proof, number: int) -> Citation:
    passage, offset = proof.hit.passage, proof.hit.passage.start
    span = proof.reading.sentence
    return Citation(
        number=number,
        quote=proof.sentence,
        source=passage.source,
        start=offset + span.start,
        end=offset + span.end,
        article=passage.article,
        issue=passage.issue,
        date=passage.date,
        newsletter=passage.newsletter,
        highlights=(Span(offset + proof.short.start, offset + proof.short.end),),
    )


def _cut(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _flatten(text: str) -> str:
    return re.sub(r"\s+", " ", text)
