"""Small corpora and a small embedding model for tests of the index."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

TOPICS = (
    "Orion lance un satellite de communication à basse altitude pour les zones rurales.",
    "La banque Delmas investit 65 millions d'euros dans une usine de batteries.",
    "L'élevage d'abeilles urbaines séduit trente communes de la région lyonnaise.",
    "Un chercheur de Grenoble mesure la chaleur des serveurs avec un thermomètre quantique.",
    "Les ventes de vélos électriques reculent de 12,5 % au deuxième trimestre.",
    "Le tribunal de Nantes rejette la plainte des éditeurs de jeux de société.",
    "Une application traduit la langue des signes en quatre secondes.",
)


class HashingEmbedder:
    """A bag of hashed words: quick, the same everywhere, near for texts that share words.

    `calls` lists every text ever embedded.
    """

    def __init__(self, name: str = "hashing", dimension: int = 32) -> None:
        self.name = name
        self.fingerprint = f"{name}-{dimension}"
        self.dimension = dimension
        self.max_tokens = 128
        self.calls: list[str] = []

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                code = zlib.crc32(f"{self.name} {word}".encode())
                row[code % self.dimension] += 1 + code % 7 / 7
        rows[:, 0] += 0.1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> np.ndarray:
        self.calls += texts
        return self.encode_query(texts)


def write_letter(seed: int, articles: int = 3) -> str:
    """Return an issue of a few articles, another one for each `seed`."""
    parts = [f"# Lettre {seed}", ""]
    for number in range(articles):
        topic = TOPICS[(seed + number) % len(TOPICS)]
        parts += [
            f"## Nouvelle {seed}-{number}",
            "",
            f"{topic} C'est la dépêche numéro {seed * 10 + number} de la semaine. "
            f"{TOPICS[(seed * 3 + number + 1) % len(TOPICS)]}",
            "",
        ]
    return "\n".join(parts)


def write_corpus(folder: Path, letters: int = 6) -> Path:
    """Write issues of 2025, a week apart, into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(letters):
        path = folder / f"2025-{seed // 4 + 1:02d}-{seed % 4 * 7 + 1:02d}.md"
        path.write_text(write_letter(seed), encoding="utf-8")
    return folder
