"""Does a claim say the contrary of its source: negation, rise and fall, more and less, rates?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.facts import Facts, find_rates, same_figure
from rag.types import Span

_NEGATIONS = {
    "fr": r"\b(?:ne|n'|ni|jamais|aucune?|nulle?|rien)\b|\bn'(?=\w)|\bnon\b(?! seulement)",
    "en": (
        r"\b(?:not(?! only)|never|no(?! longer than)|none|nor|neither|cannot|nobody|nothing)\b"
        r"|n't\b"
    ),
    "de": r"\b(?:nicht(?! nur)|kein\w*|nie|niemals|niemand|nichts|weder)\b",
    "es": r"\b(?:no(?! solo)|nunca|ningun\w*|nadie|nada|tampoco)\b",
    "it": r"\b(?:non(?! solo)|nessun\w*|nulla|niente)\b",
    "pt": r"\b(?:nao(?! so)|nunca|nenhum\w*|ninguem|nada)\b",
    "nl": r"\b(?:niet(?! alleen)|geen|nooit|niemand|niets)\b",
}
# « ne … que » says « only ».
_ONLY = re.compile(r"\b(?:ne |n')(?:[\w']+ ){0,4}?(?:qu[e']|pas seulement)")
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


def check_polarity(facts: Facts, said: Sequence[Facts]) -> str:
    """Return the fault of a claim that says the contrary of those of the sources, or "".

    It is "negation", "direction", or "figure" where a rate is of another period.
    """
    joined = " ".join(source.folded for source in said)
    if not _REFUSAL.search(facts.folded) and not _REFUSAL.search(joined):
        denied = is_negated(facts)
        if denied and not any(is_negated(source) for source in said):
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


def refuses(facts: Facts, span: Span | None = None) -> bool:
    """Return True if a sentence, or a stretch of it, denies, refuses or ends something."""
    folded = facts.folded[span.start : span.end] if span else facts.folded
    return bool(_REFUSAL.search(folded)) or is_negated(facts, span)


def is_negated(facts: Facts, span: Span | None = None) -> bool:
    """Return True if a sentence, or a stretch of it, denies something."""
    folded = facts.folded[span.start : span.end] if span else facts.folded
    if facts.language == "fr":
        folded = _ONLY.sub(" ", folded)
    return bool(re.search(_NEGATIONS.get(facts.language, _NEGATIONS["fr"]), folded))


def _denies(facts: Facts, source: Facts) -> bool:
    """Return True if the stretch of the source that is nearest to the claim holds a negation."""
    if facts.language != source.language or not is_negated(source):
        return False
    nearest = max(source.segments, key=lambda span: len(facts.stems & source.stems_in(span)))
    shared = facts.stems & source.stems_in(nearest)
    return len(shared) >= 2 and is_negated(source, nearest)


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
