"""Dates in a question: which period it speaks of, and whether that is the period of the issues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rag.types import Span

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Period:
    """The days a question speaks of, both ends included, None where open.

    `span` is where the question says so. `strict`: it speaks of the issues' own dates, so issues
    of other dates are left out; otherwise of the fact's date, which only weighs.
    """

    since: date | None
    until: date | None
    span: Span
    strict: bool


def find_period(question: str, reference: date) -> Period | None:
    """Return the period `question` speaks of, relative to `reference`, or None."""
    raise NotImplementedError


def weigh_dates(dates: Sequence[date | None], period: Period) -> np.ndarray:
    """Return a factor in 0..1 for each date, to multiply the scores of issues of that date with."""
    raise NotImplementedError
