"""Hits in the order that reading them suggests: search finds the matter, the reader the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.reading import Reading
from rag.types import Hit

# How many hits are read for a search; reading takes most of its time.
READ = 16
# See rag/models/ranking/README.md: at 0.6 PIAF and the gate gain less, the real issues more.
_WEIGHT = 1.2
_LEAST = 1e-6


def rerank_hits(hits: Sequence[Hit], readings: Sequence[Reading]) -> list[Hit]:
    """Return `hits` by the log-odds of their scores, less how far the best of their `readings`,
    those of `rag.reading.read_hits`, scores below the best of all; equal ones in their old order.

    The scores and ranks stay what they are, and go to the hits in the new order. A hit that was not
    read counts as the worst that was.
    """
    if not readings:
        return list(hits)
    best: dict[int, float] = {}
    for reading in readings:
        best[reading.hit] = max(reading.score, best.get(reading.hit, reading.score))
    top, worst = max(best.values()), min(best.values())
    behind = np.array([top - best.get(number, worst) for number in range(len(hits))])
    scores = np.clip([hit.score for hit in hits], _LEAST, 1 - _LEAST)
    order = np.argsort(_WEIGHT * behind - np.log(scores / (1 - scores)), kind="stable")
    return [
        replace(hits[number], score=hit.score, rank=hit.rank)
        for hit, number in zip(hits, order.tolist(), strict=True)
    ]
