"""Word vectors of the reader: two spaces for seven languages side by side.

One is by correspondence analysis of translated pairs and slices of French news: a sparse table of
words × texts is scaled by the square roots of its margins; its leading left singular vectors,
without the first, are the word vectors (Benzécri 1973; for translated texts, Littman, Dumais and
Landauer 1998). It knows which words turn up together. The other are the rows that the package's
embedding model gives to each word alone, on their principal axes: it knows which words mean the
same. Each half is of unit length, weighted by 0.6 and 0.8, so that a cosine is 0.36 of the one and
0.64 of the other.

    python -m training.reader.vectors --out rag/models/reader/words.npz

Takes about 3 minutes and 4 GB on two cores.
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

from rag.embedding import load_embedder
from rag.words import fold_text

SHARED = Path(__file__).resolve().parents[3] / "shared"
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_DIGIT = re.compile(r"\d")
_SLICE = 30
FITTED, KEPT = 50_000, 36_000


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
    for article in json.loads((train / "piaf-train.json").read_text())["data"]:
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
        (
            np.ones(len(rows), np.float32),
            np.array(rows, np.int32),
            np.array(starts, np.int64),
        ),
        shape=(len(starts) - 1, len(vocabulary)),
    )
    lengths = np.asarray(texts.sum(axis=1)).ravel()
    frequency = np.asarray(texts.sum(axis=0)).ravel()
    # Rare words get a smaller share than plain correspondence analysis gives them.
    scaled = diags(1 / np.sqrt(np.maximum(lengths, 4))) @ texts @ diags(1 / np.sqrt(frequency + 20))
    _, _, words_t = randomized_svd(
        scaled.T.tocsr().T, n_components=dimension + 1, n_iter=3, random_state=0
    )
    vectors = words_t.T[:, 1:] / np.sqrt(frequency + 20)[:, None]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    return vocabulary, vectors.astype(np.float32), frequency / total


def embed_words(words: list[str], dimension: int) -> np.ndarray:
    """Return the vectors of the embedding model for `words`, unit rows on `dimension` axes."""
    rows = load_embedder().encode_documents(words).astype(np.float64)
    axes, _, _ = np.linalg.svd(rows.T @ rows)
    return _unit_rows(rows @ axes[:, :dimension])


def _unit_rows(rows: np.ndarray) -> np.ndarray:
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    vocabulary, topical, share = fit_vectors(FITTED, 256)
    vocabulary, share = vocabulary[:KEPT], share[:KEPT]
    halves = (
        0.8 * embed_words(vocabulary, 112),
        0.6 * _unit_rows(topical[:KEPT, :64].astype(np.float64)),
    )
    vectors = np.hstack(halves)
    vectors = np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127)
    np.savez_compressed(
        arguments.out,
        words=np.frombuffer("\n".join(vocabulary).encode(), np.uint8),
        vectors=vectors.astype(np.int8),
        share=share.astype(np.float32),
    )
    print(f"{len(vocabulary)} words, {vectors.shape[1]} dimensions")


if __name__ == "__main__":
    main()
