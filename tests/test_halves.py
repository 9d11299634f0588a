from __future__ import annotations

import numpy as np

from rag.halves import widen_halves


def test_half_numbers_are_widened_exactly() -> None:
    half = np.arange(2**16, dtype=np.uint16).view(np.float16)
    half = half[np.isfinite(half)]
    np.testing.assert_array_equal(widen_halves(half), half.astype(np.float32))
