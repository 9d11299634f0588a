"""What several issues say of one fact: one value, a value that changed, or a contradiction.

How to call it (answering does): make one `Finding` of every candidate sentence that carries a short
answer of the kind asked, best first or not, then

    arrangement = arrange_findings(question, findings, wants_newest=..., period=...)

`arrangement.lead` says what to answer, `history` what stood before it, `contradictions` what other
sources say at the same date; `changes` has them in the order a timeline shows them. What is about
something else is in none of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from rag.periods import Period


class Quantity(Protocol):
    """The part of a quantity read here: `low` and `high` are its ends where it is a range."""

    @property
    def value(self) -> float: ...
    @property
    def unit(self) -> str: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that may answer the question: `key` is the caller's own number for it.

    `value` is the short answer as it stands in `sentence`; `quantity` what it amounts to, None for
    a name or a phrase. `title` is that of the article. `score` is in 0..1.
    """

    key: int
    sentence: str
    value: str
    kind: str
    date: date | None
    source: str
    score: float
    quantity: Quantity | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`lead` says the value that stands first: its best sentence first, confirmations after it.

    `history` holds the earlier, differing values, newest first; `contradictions` the differing
    values of the lead's own date (or of no date). Empty `lead`: there were no findings.
    """

    lead: tuple[Finding, ...] = ()
    history: tuple[Finding, ...] = ()
    contradictions: tuple[Finding, ...] = ()

    @property
    def changes(self) -> tuple[Finding, ...]:
        """Oldest first, the lead last; empty where the value never changed."""
        return (*reversed(self.history), self.lead[0]) if self.history else ()


def arrange_findings(
    question: str,
    findings: Sequence[Finding],
    *,
    wants_newest: bool = False,
    period: Period | None = None,
) -> Arrangement:
    """Sort `findings` on one question into what is so, what was so, and what is disputed."""
    raise NotImplementedError
