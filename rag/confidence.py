"""How likely it is that the best sentence answers: calibrated on questions with and without answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rag.reading import Reading

# The threshold under which no answer is given, see benchmarks/reliability.py.
ABSTAIN_BELOW = 0.3


def estimate_confidence(readings: Sequence[Reading]) -> float:
    """Return the probability (0..1) that the best of `readings`, best first, holds an answer."""
    if not readings:
        return 0.0
    return float(1 / (1 + math.exp(-float(np.clip(readings[0].holds, -30, 30)))))
