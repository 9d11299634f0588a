"""Word-by-word translations of questions, from the shared vectors: rough, but enough to teach the
reader to trust the vectors where the words of question and passage differ."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import numpy as np

from rag.features import WordVectors
from rag.questions import Question
from rag.words import fold_text, tokenise
from training.reader.examples import DATA

LANGUAGES = ("en", "de", "es", "it", "nl", "pt")


def count_languages(limit: int = 12_000) -> dict[str, Counter[str]]:
    """Return how often each word stands in each language, from `limit` pairs of each file."""
    counts: dict[str, Counter[str]] = {}
    for path in sorted((DATA / "train").glob("parallel.*.tsv.gz")):
        sides = path.name.split(".")[1].split("-")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for _, line in zip(range(limit), lines, strict=False):
                for side, text in zip(sides, line.rstrip("\n").split("\t")[1:], strict=False):
                    words = {t.folded for t in tokenise(text) if t.folded.isalpha()}
                    counts.setdefault(side, Counter()).update(words)
    return counts


def split_rows(words: WordVectors) -> dict[str, np.ndarray]:
    """Return the rows of the words of each language: those at home there most."""
    counts = count_languages()
    totals = {language: sum(counter.values()) for language, counter in counts.items()}
    rows: dict[str, list[int]] = {language: [] for language in LANGUAGES}
    for word, row in words.rows.items():
        shares = {language: counts[language][word] / totals[language] for language in counts}
        home = max(shares, key=shares.__getitem__)
        if home in rows and shares[home] > 0:
            rows[home].append(row)
    return {language: np.array(numbers) for language, numbers in rows.items()}


def translate_question(
    question: Question, words: WordVectors, rows: np.ndarray, rng: random.Random
) -> Question:
    """Return `question` with every word but names replaced by a near word among `rows`."""
    names = words_by_row(words)
    changed: dict[str, str] = {}
    for token in tokenise(question.text):
        row = words.rows.get(token.folded)
        if row is None or not token.folded.isalpha() or token.folded in question.names:
            continue
        cosines = words.vectors[rows] @ words.vectors[row]
        near = np.argsort(-cosines)[:3]
        best = [number for number in near if cosines[number] > 0.5]
        if best:
            changed[token.folded] = names[int(rows[rng.choice(best)])]
    text = " ".join(changed.get(t, t) for t in (token.folded for token in tokenise(question.text)))
    return replace(
        question,
        text=text,
        words=tuple(changed.get(word, word) for word in question.words),
        focus=changed.get(fold_text(question.focus), question.focus),
    )


@lru_cache(2)
def words_by_row(words: WordVectors) -> dict[int, str]:
    """Return the word of each row."""
    return {row: word for word, row in words.rows.items()}
