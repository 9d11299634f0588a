"""What several issues say of one fact: one value, a value that changed, or a contradiction.

How to call it (answering does): make one `Finding` of every candidate sentence that carries a short
answer of the kind asked, then

    arrangement = arrange_findings(question, findings, period=period)

with the analysed question and the period it names, if any. `lead` says what to answer, `history`
what stood before it, `contradictions` what other sources say at the same date; `changes` has lead
and history in the order a timeline shows them. What speaks of something else is in none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rag.periods import Period
from rag.quantities import Quantity
from rag.questions import STOPWORDS, Question
from rag.words import fold_text, stem_word, tokenise

# A sentence with less than this share of the best one's score hardly answers the same question;
# names and phrases, whose equality is hard to tell, must come nearer.
_SCORE_SHARE = 0.6
_SCORE_SHARE_NAMES = 0.8
# Figures further apart than this factor are not versions of one fact.
_LARGEST_CHANGE = 20.0
_CURRENCY = re.compile(r"[A-Z]{3}")
_NAMED_KINDS = frozenset({"person", "organisation", "place", "name"})
# What any two sentences with amounts share.
_MEASURES = frozenset(
    {"milliard", "milliards", "million", "millions", "mille", "dollar", "dollars", "euro", "euros"}
    | {"an", "ans", "annee", "annees", "mois", "billion", "billions", "year", "years"}
)
_ABOUT = re.compile(
    r"\b(environ|pres d[e']|quelque|presque|autour d[e']|about|around|nearly|almost"
    r"|roughly|some|rund|etwa|fast|knapp|unos|unas|casi|cerca de|circa|quasi|ongeveer|bijna)\b"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that may answer the question: `key` is the caller's own number for it.

    `value` is the short answer as it stands in `sentence`; `quantity` what it amounts to, None for
    a name or a phrase. `context` is where its subject may be named: passage and article title.
    `score` in 0..1 says how well it answers.
    """

    key: int
    sentence: str
    value: str
    date: date | None
    source: str
    score: float
    quantity: Quantity | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`lead` says the value that stands first: its best sentence first, confirmations after it.

    `history` holds the earlier, differing values, newest first; `contradictions` the differing
    figures of the lead's own date (or of no date). Empty `lead`: there were no findings.
    """

    lead: tuple[Finding, ...] = ()
    history: tuple[Finding, ...] = ()
    contradictions: tuple[Finding, ...] = ()

    @property
    def changes(self) -> tuple[Finding, ...]:
        """Oldest first, the lead last; empty where the value never changed."""
        return (*reversed(self.history), self.lead[0]) if self.history else ()


def arrange_findings(
    question: Question, findings: Sequence[Finding], *, period: Period | None = None
) -> Arrangement:
    """Sort `findings` on one question into what is so, what was so, and what is disputed.

    Only findings on the same fact as the best-scored one take part, see `is_same_fact`. Of those,
    the newest issue leads; with a `period`, the newest issue of that period or that names its year,
    and later ones are left out. Findings of equal value confirm each other; a value that came back
    counts anew.
    """
    ranked = sorted(_within(period, findings), key=lambda f: (-f.score, f.key))
    if not ranked:
        return Arrangement()
    best = ranked[0]
    alike = [best, *(f for f in ranked[1:] if is_same_fact(question, best, f))]
    dated = [f for f in alike if f.date is not None]
    if not dated:
        return _arrange_one_date(alike, alike)
    newest = max(f.date for f in dated if f.date)
    head = _arrange_one_date([f for f in dated if f.date == newest], alike)
    return _add_history(head, dated, newest)


def is_same_fact(question: Question, best: Finding, other: Finding) -> bool:
    """Say whether `other` speaks of the fact that `best` speaks of, at another time or elsewhere.

    Two values of one issue never do. They must be of one unit (all currencies are one), within a
    factor of twenty, nearly as well scored, and share the question's names: where `best` or what
    surrounds it names "IA", `other` must. Three words of the question must stand in both (all, if
    it has fewer) or, where it is put in other words or another language, two words beyond it.
    """
    if best.source == other.source:
        return _is_same_value(best, other)
    if not _is_comparable(question, best, other):
        return False
    share = _SCORE_SHARE if best.quantity else _SCORE_SHARE_NAMES
    if other.score < share * best.score:
        return False
    best_words, other_words = _list_words(best), _list_words(other)
    if any(_names(best_words, n) and not _names(other_words, n) for n in question.names):
        return False
    best_stems, other_stems = _stem_all(best_words), _stem_all(other_words)
    asked = {stem_word(word) for word in question.words}
    pins = sum(
        _names(best_words, word) and _names(other_words, word)
        if word in question.names
        else stem_word(word) in best_stems & other_stems
        for word in set(question.words)
    )
    return pins >= min(3, len(asked)) or len((best_stems & other_stems) - asked) >= 2


def _within(period: Period | None, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of `period`; all of them if it is None or has none."""
    if period is None:
        return list(findings)
    since, until = period.since or date.min, period.until or date.max
    years = {str(day.year) for day in (period.since, period.until) if day}
    inside = [f for f in findings if f.date and since <= f.date <= until]
    if len(years) == 1 and not inside:
        inside = [f for f in findings if years & set(re.findall(r"\d{4}", f.sentence))]
    return inside or list(findings)


def _arrange_one_date(group: list[Finding], alike: list[Finding]) -> Arrangement:
    """Arrange the findings of the newest date, best first, with the undated ones among `alike`."""
    best = group[0]
    lead = [f for f in group if _is_same_value(best, f)]
    disputed: list[Finding] = []
    for finding in [*group, *(f for f in alike if f.date is None and f not in group)]:
        if finding.source != best.source and _contradicts(best, finding):
            disputed.append(finding)
    return Arrangement(tuple(lead), (), tuple(_drop_repeats(disputed)))


def _add_history(head: Arrangement, dated: list[Finding], newest: date) -> Arrangement:
    best = head.lead[0]
    lead = list(head.lead)
    history: list[Finding] = []
    for finding in sorted(dated, key=lambda f: (f.date or newest, f.score), reverse=True):
        if finding.date == newest:
            continue
        if not history and _is_same_value(best, finding):
            lead.append(finding)
        else:
            history.append(finding)
    return Arrangement(tuple(lead), tuple(_drop_repeats(history)), head.contradictions)


def _drop_repeats(findings: Iterable[Finding]) -> list[Finding]:
    """Return `findings` without those that repeat the value of the one before."""
    kept: list[Finding] = []
    for finding in findings:
        if kept and _is_same_value(kept[-1], finding):
            kept[-1] = finding if finding.date and finding.date != kept[-1].date else kept[-1]
        else:
            kept.append(finding)
    return kept


# --- values ---------------------------------------------------------------------------------------


def _is_comparable(question: Question, one: Finding, other: Finding) -> bool:
    a, b = one.quantity, other.quantity
    if a is None or b is None:
        return a is b and (question.kind in _NAMED_KINDS or _is_same_value(one, other))
    if a.unit != b.unit and not (_CURRENCY.fullmatch(a.unit) and _CURRENCY.fullmatch(b.unit)):
        return False
    if a.unit in ("year", "date"):
        return True
    small, large = sorted((abs(a.value), abs(b.value)))
    return large <= _LARGEST_CHANGE * small


def _is_same_value(one: Finding, other: Finding) -> bool:
    a, b = one.quantity, other.quantity
    if a is None or b is None:
        words, others = set(fold_text(one.value).split()), set(fold_text(other.value).split())
        return a is b and (words <= others or others <= words)
    if a.unit != b.unit:
        return False
    if a.low <= b.high and b.low <= a.high:
        return True
    return _is_rounded(one, a, b) or _is_rounded(other, b, a)


def _is_rounded(finding: Finding, rounded: Quantity, exact: Quantity) -> bool:
    """Say whether `rounded`, said to be "environ", is `exact` to its own leading digits."""
    before, found, _ = finding.sentence.partition(finding.value)
    if not found or not _ABOUT.search(fold_text(f"{before[-25:]} {finding.value}")):
        return False
    digits = len(f"{rounded.value:.10e}".split("e")[0].replace(".", "").rstrip("0"))
    return float(f"{exact.value:.{digits - 1}e}") == rounded.value


def _contradicts(one: Finding, other: Finding) -> bool:
    """Say whether two figures of one unit differ; other currencies never contradict."""
    a, b = one.quantity, other.quantity
    return bool(a and b and a.unit == b.unit and not _is_same_value(one, other))


# --- subjects -------------------------------------------------------------------------------------


def _list_words(finding: Finding) -> list[str]:
    return [
        t.folded for t in tokenise(f"{finding.context} {finding.sentence}") if t.folded.isalnum()
    ]


def _stem_all(words: Iterable[str]) -> set[str]:
    return {
        stem_word(word)
        for word in words
        if word.isalpha() and word not in STOPWORDS and word not in _MEASURES
    }


def _names(words: list[str], name: str) -> bool:
    """Say whether `name` is among `words`, or spelt by the initials of some ("IA")."""
    if name in words:
        return True
    initials = "".join(word[0] for word in words)
    return 2 <= len(name) <= 5 and any(
        all(len(word) > 3 for word in words[at : at + len(name)])
        for at in range(len(initials))
        if initials.startswith(name, at)
    )
