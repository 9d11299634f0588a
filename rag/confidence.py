"""How likely it is that the best sentence answers, calibrated on answerable and other questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.questions import KINDS, Question
from rag.reading import EVIDENCE, Network, Reading, own_reader

# The threshold under which no answer is given, see benchmarks/reliability.py.
ABSTAIN_BELOW = 0.2
FEATURES = EVIDENCE + len(KINDS) + 2


def describe_readings(question: Question, readings: Sequence[Reading]) -> np.ndarray:
    """Return FEATURES numbers: the evidence of the best of `readings`, how far it stands out, and
    the kind of `question`."""
    best = readings[0]
    others = [r.score for r in readings[1:]]
    kind = np.zeros(len(KINDS), np.float32)
    kind[KINDS.index(question.kind)] = 1
    standing = (best.score, best.score - max(others, default=best.score))
    return np.concatenate([best.evidence, kind, standing]).astype(np.float32)


def estimate_confidence(
    question: Question, readings: Sequence[Reading], network: Network | None = None
) -> float:
    """Return the probability (0..1) that the best of `readings` holds an answer to `question`."""
    if not readings:
        return 0.0
    weights = (network or own_reader()).weights
    features = describe_readings(question, readings)
    logit = features @ weights["confidence.weight"] + weights["confidence.bias"]
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def estimate_shares(readings: Sequence[Reading]) -> list[float]:
    """Return how likely each of `readings` is to answer, as a share of the best one's (0..1)."""
    top = max((r.score for r in readings), default=0.0)
    return [float(np.exp(r.score - top)) for r in readings]
