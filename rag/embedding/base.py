"""What every embedding model is to the rest of the package, and the one place that normalises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from rag.errors import ModelError

Progress = Callable[[int], None]


class Embedder(Protocol):
    """An embedding model, safe to share between threads.

    `fingerprint` differs where vectors may differ: weights, revision, prompts, backend.
    `max_tokens` is the length of passage, in the model's tokens, that the model does well with.
    """

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimension) float32 unit rows, in the order of the questions."""
        ...

    def encode_documents(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> np.ndarray:
        """(n, dimension) float32 unit rows, in the order of the passages; `progress` is called
        with the number of passages done since its last call."""
        ...


def to_unit_rows(rows: np.ndarray) -> np.ndarray:
    """Scale each row to length 1, as float32. A row of zeros, which an empty text gives, becomes
    the first unit vector, so that every text has a direction. Raises ModelError on nan or inf."""
    rows = np.asarray(rows, dtype=np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    if not np.isfinite(lengths).all():
        raise ModelError(
            "the embedding model gave numbers that are not finite",
            hint="load another model: set `model` to another name, or to `own`",
        )
    empty = lengths[:, 0] == 0
    units = rows / np.where(lengths == 0, 1, lengths)
    units[empty, 0] = 1
    return units
