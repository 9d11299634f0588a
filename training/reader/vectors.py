"""Word vectors in one space for seven languages, by correspondence analysis of translated pairs.

A sparse table of words × texts, a text being a sentence with its translation or a slice of a
French news article, is scaled by the square roots of its margins; its leading left singular
vectors, without the first, are the word vectors (Benzécri 1973; for translated texts, Littman,
Dumais and Landauer 1998). Words that translate each other stand in the same texts and so get
nearly the same vector.

    python -m training.reader.vectors --out training/reader/vectors.npz

Takes about 5 minutes and 4 GB on two cores.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.utils.extmath import randomized_svd

from rag.words import fold_text

SHARED = Path(__file__).resolve().parents[3] / "shared"
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_DIGIT = re.compile(r"\d")
_SLICE = 30


def read_texts() -> Iterator[list[str]]:
    """Yield texts as lists of folded words: both sides of a pair, or a slice of an article."""
    train = SHARED / "data" / "train"
    for path in sorted(train.glob("parallel.*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield split_words(line.split("\t", 1)[1])
    with gzip.open(train / "news-fr.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            words = split_words(f"{row['title']} {row['heading']} {row['article']}")
            for start in range(0, min(len(words), 120), _SLICE):
                yield words[start : start + _SLICE]
    for name in ("piaf-train.json",):
        for article in json.loads((train / name).read_text())["data"]:
            for paragraph in article["paragraphs"]:
                yield split_words(paragraph["context"])


def split_words(text: str) -> list[str]:
    """Return the folded words of `text`, digits as zeros."""
    return [_DIGIT.sub("0", word) for word in _WORD.findall(fold_text(text))]


def fit_vectors(size: int, dimension: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the `size` most frequent words, their vectors (unit rows) and document counts."""
    counts: Counter[str] = Counter()
    total = 0
    for words in read_texts():
        counts.update(set(words))
        total += 1
    vocabulary = [word for word, count in counts.most_common(size) if count >= 4]
    numbers = {word: number for number, word in enumerate(vocabulary)}
    rows: list[int] = []
    starts = [0]
    for words in read_texts():
        rows.extend({numbers[word] for word in words if word in numbers})
        starts.append(len(rows))
    texts = csr_matrix(
        (np.ones(len(rows), np.float32), np.array(rows, np.int32), np.array(starts, np.int64)),
        shape=(len(starts) - 1, len(vocabulary)),
    )
    lengths = np.asarray(texts.sum(axis=1)).ravel()
    frequency = np.asarray(texts.sum(axis=0)).ravel()
    # Rare words get a smaller share than plain correspondence analysis gives them.
    scaled = diags(1 / np.sqrt(np.maximum(lengths, 4))) @ texts @ diags(1 / np.sqrt(frequency + 20))
    _, values, words_t = randomized_svd(
        scaled.T.tocsr().T, n_components=dimension + 1, n_iter=3, random_state=0
    )
    vectors = words_t.T[:, 1:] / np.sqrt(frequency + 20)[:, None]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    return vocabulary, vectors.astype(np.float32), frequency / total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--words", type=int, default=50_000)
    parser.add_argument("--dimension", type=int, default=96)
    arguments = parser.parse_args()
    vocabulary, vectors, share = fit_vectors(arguments.words, arguments.dimension)
    joined = np.frombuffer("\n".join(vocabulary).encode(), np.uint8)
    np.savez_compressed(arguments.out, words=joined, vectors=vectors, share=share)
    print(f"{len(vocabulary)} words, {vectors.shape[1]} dimensions")


if __name__ == "__main__":
    main()
