"""Passages that look as if they answered a question and do not."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Container, Iterator

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from rag.words import fold_text, stem_word, tokenise
from training.reader.examples import DATA, Example

# How many near passages are looked at for each decoy: many hold the answer too.
LOOKED_AT = 12


def find_decoys(
    examples: list[Example], pool: list[tuple[str, str]], count: int
) -> Iterator[list[tuple[str, str]]]:
    """Yield for each example `count` passages (title, text) of `pool` that are near its question
    but are not its text and do not hold its answer."""
    vectorizer = TfidfVectorizer(analyzer=_stems, sublinear_tf=True, dtype=np.float32)
    matrix = vectorizer.fit_transform([f"{title} {text}" for title, text in pool])
    for start in range(0, len(examples), 256):
        batch = examples[start : start + 256]
        scores = vectorizer.transform([e.question for e in batch]) @ matrix.T
        for example, row in zip(batch, scores.toarray(), strict=True):
            best = np.argpartition(-row, LOOKED_AT * count)[: LOOKED_AT * count]
            answers = [fold_text(example.text[a:b]) for a, b in example.answers]
            found = []
            for index in best[np.argsort(-row[best])]:
                title, text = pool[index]
                folded = fold_text(text)
                if not _overlap(text, example.text) and not any(a in folded for a in answers):
                    found.append((title, text))
            yield found[:count]


def sample_news(count: int, without: Container[str]) -> list[tuple[str, str]]:
    """Return (title, text) of `count` slices of French news, about 480 characters each, none of an
    article whose id is in `without`."""
    rows = []
    with gzip.open(DATA / "train" / "news-fr.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["id"] not in without:
                rows.append((row["title"], row["article"]))
    rng = random.Random(0)
    slices = []
    for title, text in rng.sample(rows, count):
        at = rng.randrange(0, max(1, len(text) - 480))
        at = text.find(" ", at) + 1
        slices.append((title, text[at : at + 480]))
    return slices


def _stems(text: str) -> list[str]:
    return [stem_word(t.folded) for t in tokenise(text) if len(t.folded) > 1]


def _overlap(one: str, other: str) -> bool:
    """Say whether two texts share a part: windows of one text, of which the later begins in the
    earlier."""
    return one[:60] in other or other[:60] in one
