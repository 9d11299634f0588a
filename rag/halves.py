"""Numbers of 16 bits, as vectors are kept, to numbers of 32, as they are reckoned with."""

from __future__ import annotations

import numpy as np

_HALF_BITS = np.array(0x8FFFE000, np.uint32).view(np.int32)
_HALF_BIAS = np.float32(2.0**112)


def widen_halves(half: np.ndarray) -> np.ndarray:
    """Return finite float16 numbers as float32, exactly, several times as fast as astype.

    Sign, exponent and fraction are shifted into place, then the exponent's other bias made good.
    """
    bits = half.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= _HALF_BITS
    wide = bits.view(np.float32)
    wide *= _HALF_BIAS
    return wide
