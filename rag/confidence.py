"""How likely it is that the hits hold an answer: what the reader and the search say of them.

A logistic regression, calibrated on questions that the issues answer and on others, see
training/reader/rank.py and benchmarks/reliability.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.questions import Question
from rag.reading import EVIDENCE, Network, Reading, own_reader
from rag.types import Hit

# The threshold under which no answer is given, see benchmarks/reliability.py.
ABSTAIN_BELOW = 0.6
_SEARCH_FEATURES = 9
FEATURES = EVIDENCE + 2 + _SEARCH_FEATURES


def describe_readings(
    question: Question, readings: Sequence[Reading], hits: Sequence[Hit]
) -> np.ndarray:
    """Return FEATURES numbers: the evidence of the best of `readings`, how far it stands out, and
    how well `hits` and the one of the best reading match `question`."""
    best = readings[0]
    others = [r.score for r in readings[1:]]
    standing = (best.score, best.score - max(others, default=best.score))
    home = hits[best.hit]
    search = (
        home.coverage,
        max(hit.coverage for hit in hits),
        home.names,
        max(hit.names for hit in hits),
        home.score,
        max(hit.score for hit in hits),
        float(np.mean([hit.score for hit in hits])),
        max(hit.cosine for hit in hits),
        min(len(question.words), 12) / 12,
    )
    return np.concatenate([best.evidence, standing, search]).astype(np.float32)


def estimate_confidence(
    question: Question,
    readings: Sequence[Reading],
    hits: Sequence[Hit],
    network: Network | None = None,
) -> float:
    """Return the probability (0..1) that `hits`, read as `readings`, answer `question`."""
    if not readings:
        return 0.0
    weights = (network or own_reader()).weights
    features = describe_readings(question, readings, hits)
    logit = features @ weights["confidence.weight"] + weights["confidence.bias"]
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def estimate_shares(readings: Sequence[Reading]) -> list[float]:
    """Return how likely each of `readings` is to answer, as a share of the best one's (0..1)."""
    top = max((r.score for r in readings), default=0.0)
    return [float(np.exp(r.score - top)) for r in readings]
