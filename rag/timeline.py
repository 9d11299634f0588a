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
from functools import lru_cache
from itertools import pairwise

from rag.names import find_names
from rag.periods import Period
from rag.quantities import Quantity, same_quantity
from rag.questions import FIELDS, NAMED_KINDS, STOPWORDS, Question
from rag.relations import OTHER_RELATION, ask_relations, list_codes, tell_relation
from rag.words import cached_stem, fold_text, split_words, tokenise

# Scores tell which sentence answers best, hardly which ones speak of the same: the smaller the
# share of the best score, the more the words must agree. Names and phrases, whose equality is hard
# to tell, must come nearer.
_SCORE_SHARES = (0.6, 0.35, 0.3, 0.05)
_SCORE_SHARE_NAMES = 0.8
# Figures that count the same things need this share alone.
_SCORE_SHARE_COUNTED = 0.15
# What lies outside a period that only weighs may still be the answer, unless this good is within.
_WITHIN_SHARE = 0.45
_ALIKE_WORDS = 3
# Figures further apart than this factor are not versions of one fact.
_LARGEST_CHANGE = 20.0
_CURRENCY = re.compile(r"[A-Z]{3}")
# What any two sentences with amounts share.
_MEASURES = frozenset(
    {"milliard", "milliards", "million", "millions", "mille", "dollar", "dollars", "euro", "euros"}
    | {"an", "ans", "annee", "annees", "mois", "billion", "billions", "year", "years"}
)
_COUNTED = re.compile(r" (?:d[e'] ?|of )?(?!chaque|nouve|ancien|autre|more|other)([a-z]{4,})")
_ABOUT = re.compile(
    r"\b(environ|pres d[e']|quelque|presque|autour d[e']|about|around|nearly|almost"
    r"|roughly|some|rund|etwa|fast|knapp|unos|unas|casi|cerca de|circa|quasi|ongeveer|bijna)\b"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that may answer the question: `key` is the caller's own number for it.

    `value` is the short answer as it stands in `sentence`; `quantity` what it amounts to, with its
    place in the sentence, None for a name or a phrase. `context` is where its subject may be named:
    passage and article title. `score` in 0..1 says how well it answers.
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

    Only findings that `is_same_fact` ties to the best-scored one, directly or through others, take
    part. Of those the newest issue leads; with a `period`, the newest issue of that period or that
    names its year, and later ones are left out. Findings of equal value confirm each other; a value
    that came back counts anew.
    """
    ranked = sorted(_within(period, findings), key=lambda f: (-f.score, f.key))
    if not ranked:
        return Arrangement()
    alike = _collect_versions(question, ranked)
    dated = [f for f in alike if f.date is not None]
    if not dated:
        return _arrange_one_date(alike, alike)
    newest = max(f.date for f in dated if f.date)
    head = _arrange_one_date([f for f in dated if f.date == newest], alike)
    return _add_history(head, dated, newest)


def _collect_versions(question: Question, ranked: Sequence[Finding]) -> list[Finding]:
    """Return the best finding and all that speak of its fact, best first, one of an issue."""
    best = ranked[0]
    alike = [best]
    grown = True
    while grown:
        grown = False
        for finding in ranked[1:]:
            known = {f.source for f in alike if not _is_same_value(f, finding)}
            if finding in alike or finding.source in known:
                continue
            share = finding.score / best.score if best.score else 1.0
            if any(is_same_fact(question, other, finding, share) for other in alike):
                alike.append(finding)
                grown = True
    return sorted(alike, key=lambda f: (-f.score, f.key))


def is_same_fact(question: Question, one: Finding, other: Finding, share: float) -> bool:
    """Say whether `other` speaks of the fact that `one` speaks of, at another time or elsewhere.

    Two values of one issue never do. They must be of one unit (all currencies are one) and within
    a factor of twenty. `other` must be told of the version and in the relation asked (a price, a
    worth) and name what the question names and `one` does, unless the sentences are much alike; if
    its sentence names others first, then in the sentence. The less `share`, its score by the best
    one's, the more words must stand in both sentences, unless it says all that is asked itself or
    both figures count the same (« millions d'utilisateurs »).
    """
    if one.source == other.source:
        return _is_same_value(one, other)
    names = _list_names(question)
    if not _is_comparable(question, one, other) or not _speaks_of(names, other):
        return False
    if one.quantity is None and share < _SCORE_SHARE_NAMES:
        return False
    if not _tells_of(question, other):
        return False
    shared = _stem_all(_split(one.sentence)) & _stem_all(_split(other.sentence))
    one_words, other_words = _list_words(one), _list_words(other)
    missing = any(_names(one_words, n) and not _names(other_words, n) for n in names)
    clear, likely, unlikely, possible = _SCORE_SHARES
    near = bool(names) and not missing and share >= _SCORE_SHARE_COUNTED
    if near and _list_counted(one) & _list_counted(other):
        return True
    if missing or share < possible:
        return len(shared) >= _ALIKE_WORDS
    says_so = _says_so(question, names, other)
    if says_so and (share < clear or list_codes(question.text)):
        return True
    asked = {cached_stem(word) for word in question.words}
    if share >= clear:
        around = _stem_all(one_words) & _stem_all(other_words)
        around |= {cached_stem(n) for n in names if _names(one_words, n) and _names(other_words, n)}
        return len(around & asked) >= min(3, len(asked)) or len(around - asked) >= 2
    if share < unlikely:
        return False
    topics = shared - {cached_stem(name) for name in names}
    if share >= likely:
        return bool(topics) or len(shared) >= 2
    return bool(topics & asked) or (bool(topics) and len(shared) >= 2)


def _within(period: Period | None, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of `period`, if one of them is good; else the good ones whose sentences
    name its year; all of them if there are none or `period` is None."""
    if period is None:
        return list(findings)
    since, until = period.since or date.min, period.until or date.max
    years = {str(day.year) for day in (period.since, period.until) if day}
    best = max((f.score for f in findings), default=0.0)
    good = [f for f in findings if period.strict or f.score >= _WITHIN_SHARE * best]
    inside = [f for f in findings if f.date and since <= f.date <= until]
    if any(f in good for f in inside):
        return inside
    said = [f for f in good if years & set(re.findall(r"\d{4}", f.sentence))]
    return said if said and len(years) == 1 else list(findings)


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
        return a is b and (question.kind in NAMED_KINDS or _is_same_value(one, other))
    if a.unit != b.unit and not all(_CURRENCY.fullmatch(q.unit) or _is_large(q) for q in (a, b)):
        return False
    if a.unit in ("year", "date"):
        return True
    small, large = sorted((abs(a.value), abs(b.value)))
    return large <= _LARGEST_CHANGE * small


def _list_counted(finding: Finding) -> set[str]:
    """Return the stem of the noun that the figure of `finding` counts, if there is one."""
    quantity = finding.quantity
    if quantity is None or quantity.unit:
        return set()
    after = _COUNTED.match(fold_text(finding.sentence), quantity.end)
    return _stem_all([after[1]]) if after else set()


def _is_large(quantity: Quantity) -> bool:
    """Say whether a number without a unit may be an amount: « 72 milliards »."""
    return quantity.unit == "" and quantity.value >= 1e6


def _is_same_value(one: Finding, other: Finding) -> bool:
    a, b = one.quantity, other.quantity
    if a is None or b is None:
        words, others = set(fold_text(one.value).split()), set(fold_text(other.value).split())
        return a is b and (words <= others or others <= words)
    if same_quantity(a, b):
        return True
    if a.unit != b.unit and "" not in (a.unit, b.unit):
        return False
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


def _list_names(question: Question) -> list[str]:
    """Return the folded words of the names in `question`; German ones the common words tell."""
    if question.language != "de":
        return list(question.names)
    found = find_names(question.text, question.language)
    return [word for name in found for word in _split(name.text) if word not in STOPWORDS]


def _says_so(question: Question, names: Sequence[str], finding: Finding) -> bool:
    """Say whether the sentence itself names all that is asked about, and what is asked of it."""
    words = _split(finding.sentence)
    asked = list_codes(question.text)
    if not (names or asked) or not asked <= list_codes(finding.sentence):
        return False
    relations = ask_relations(question.text, question.focus)
    told = finding.quantity and tell_relation(relations, finding.sentence, finding.quantity) > 0
    topics = {cached_stem(w) for w in question.words if w not in names}
    return all(_names(words, name) for name in names) and bool(told or topics & _stem_all(words))


def _tells_of(question: Question, finding: Finding) -> bool:
    """Say whether the figure of `finding` may be of the version and in the relation asked."""
    asked = list_codes(question.text)
    said = list_codes(finding.sentence) or list_codes(finding.context)
    if asked and said and asked.isdisjoint(said):
        return False
    relations = ask_relations(question.text, question.focus)
    return finding.quantity is None or (
        tell_relation(relations, finding.sentence, finding.quantity) > OTHER_RELATION
    )


def _speaks_of(names: Sequence[str], finding: Finding) -> bool:
    """Say whether `finding` has one of `names`, or no other before its value."""
    subjects = [name for name in names if name not in FIELDS]
    words = _split(finding.sentence)
    return (
        not subjects
        or any(_names(words, name) for name in subjects)
        or not _list_capitals(finding.sentence.partition(finding.value)[0])
    )


def _list_capitals(sentence: str) -> list[str]:
    """Return the words of `sentence` that a capital marks as names."""
    tokens = tokenise(sentence)
    found = []
    for before, token in pairwise([None, *tokens]):
        word = sentence[token.start : token.end] if token else ""
        inside = before is not None and (before.folded.isalpha() or before.folded in "',")
        coined = any(char.isupper() for char in word[1:]) and not (word.isupper() and len(word) > 5)
        if coined or (inside and word[:1].isupper() and not word.isupper()):
            found.append(word)
    return found


def _list_words(finding: Finding) -> tuple[str, ...]:
    return _split(finding.context) + _split(finding.sentence)


@lru_cache(8192)
def _split(text: str) -> tuple[str, ...]:
    return tuple(word for word in split_words(text)[0] if word.isalnum())


def _stem_all(words: Iterable[str]) -> set[str]:
    return {
        cached_stem(word)
        for word in words
        if word.isalpha() and word not in STOPWORDS and word not in _MEASURES
    }


def _names(words: Sequence[str], name: str) -> bool:
    """Say whether `name` is among `words`, or spelt by the initials of some ("IA")."""
    if name in words:
        return True
    initials = "".join(word[0] for word in words)
    return 2 <= len(name) <= 5 and any(
        all(len(word) > 3 for word in words[at : at + len(name)])
        for at in range(len(initials))
        if initials.startswith(name, at)
    )
