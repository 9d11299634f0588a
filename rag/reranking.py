"""Hits in the order that reading them suggests: search finds the matter, the reader the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.reading import Reading
from rag.types import Hit

# How many hits are read for a search; reading takes most of its time. More find nothing more.
READ = 16
# See rag/models/ranking/README.md: from 0.6 to 1.2 little changes.
_WEIGHT = 1.2
_LEAST = 1e-6


def rerank_hits(hits: Sequence[Hit], readings: Sequence[Reading]) -> list[Hit]:
    """Return `hits` with new scores (0..1) and ranks, best first; equal ones in their old order.

    The log-odds of a hit's score fall with how far the best of its `readings`, those of
    `rag.reading.read_hits`, scores below the best of all. A hit that was not read counts as the
    worst that was.
    """
    if not readings:
        return list(hits)
    best: dict[int, float] = {}
    for reading in readings:
        best[reading.hit] = max(reading.score, best.get(reading.hit, reading.score))
    top, worst = max(best.values()), min(best.values())
    behind = np.array([top - best.get(number, worst) for number in range(len(hits))])
    scores = np.clip([hit.score for hit in hits], _LEAST, 1 - _LEAST)
    odds = scores / (1 - scores) * np.exp(-_WEIGHT * behind)
    scores = (odds / (1 + odds)).round(6)
    order = np.argsort(-scores, kind="stable").tolist()
    return [
        replace(hits[number], score=float(scores[number]), rank=rank)
        for rank, number in enumerate(order, 1)
    ]
