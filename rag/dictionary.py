"""Words of the other six languages in French: what lets a question find words of another language.

Made by training/reader/dictionary.py from sentence pairs; the languages are read when first needed.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

DICTIONARY = Path(__file__).parent / "models" / "reader" / "dictionary.npz"


def translate_word(word: str, language: str) -> tuple[str, ...]:
    """Return the French words for a folded word of `language`, best first; none if unknown."""
    return _load_language(DICTIONARY, language).get(word, ())


@lru_cache(16)
def _load_language(path: Path, language: str) -> dict[str, tuple[str, ...]]:
    with np.load(path, allow_pickle=False) as file:
        if language not in file.files:
            return {}
        lines = bytes(file[language]).decode().split("\n")
    return {w: tuple(found.split(" ")) for w, _, found in (row.partition("\t") for row in lines)}
