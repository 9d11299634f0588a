"""Which French words a word of another language is translated by, counted in sentence pairs.

The strength of a pair is the Dice coefficient of the sentences both stand in (Smadja et al. 1996);
pairs under a floor, and words of French that are function words, are left out. Languages with few
French pairs go through English too.

    python -m training.reader.dictionary --out rag/models/reader/dictionary.npz
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from rag.questions import STOPWORDS
from rag.words import tokenise
from training.reader.examples import DATA

LANGUAGES = ("en", "de", "es", "it", "nl", "pt")
FLOOR = 0.12
KEPT = 3

Table = dict[str, list[tuple[str, float]]]


def read_pairs(one: str, other: str) -> tuple[list[list[str]], list[list[str]]]:
    """Return the words of each sentence in both languages, function words left out."""
    first, second = sorted((one, other))
    sides: tuple[list[list[str]], list[list[str]]] = ([], [])
    path = DATA / "train" / f"parallel.{first}-{second}.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            texts = line.rstrip("\n").split("\t")[1:3]
            for side, text in zip(sides, texts, strict=True):
                words = {t.folded for t in tokenise(text) if t.folded.isalpha()}
                side.append([w for w in words if w not in STOPWORDS and len(w) > 1])
    return sides if one == first else (sides[1], sides[0])


def count_table(one: str, other: str) -> Table:
    """Return for each word of `one` its best words of `other`, best first."""
    sources, targets = read_pairs(one, other)
    left, left_words = _index(sources, 2)
    right, right_words = _index(targets, 2)
    both = (left.T @ right).tocoo()
    count_left, count_right = (
        np.asarray(left.sum(0)).ravel(),
        np.asarray(right.sum(0)).ravel(),
    )
    dice = 2 * both.data / (count_left[both.row] + count_right[both.col])
    table: Table = defaultdict(list)
    for n in np.flatnonzero((dice >= FLOOR) & (both.data >= 2)):
        table[left_words[both.row[n]]].append((right_words[both.col[n]], float(dice[n])))
    return {w: sorted(found, key=lambda p: -p[1])[:KEPT] for w, found in table.items()}


def compose_tables(first: Table, second: Table) -> Table:
    """Return the table that goes through the words in the middle."""
    table: Table = {}
    for word, middles in first.items():
        found: Counter[str] = Counter()
        for middle, strength in middles:
            for target, further in second.get(middle, []):
                found[target] = max(found[target], strength * further)
        best = [(t, s) for t, s in found.most_common(KEPT) if s >= FLOOR]
        if best:
            table[word] = best
    return table


def build_dictionary() -> dict[str, Table]:
    """Return the tables of all languages into French."""
    english = count_table("en", "fr")
    tables = {"en": english}
    for language in LANGUAGES[1:]:
        through = compose_tables(count_table(language, "en"), english)
        direct = count_table(language, "fr")
        tables[language] = {w: direct.get(w) or through[w] for w in {*direct, *through}}
    return tables


def _index(sentences: list[list[str]], least: int) -> tuple[csr_matrix, list[str]]:
    counts = Counter(word for words in sentences for word in words)
    vocabulary = sorted(word for word, count in counts.items() if count >= least)
    numbers = {word: number for number, word in enumerate(vocabulary)}
    rows = [[numbers[w] for w in words if w in numbers] for words in sentences]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.array([number for row in rows for number in row], np.int64)
    data = np.ones(len(columns), np.float32)
    return csr_matrix((data, columns, starts), (len(rows), len(vocabulary))), vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arrays = {}
    for language, table in build_dictionary().items():
        lines = [f"{w}\t{' '.join(t for t, _ in table[w])}" for w in sorted(table)]
        arrays[language] = np.frombuffer("\n".join(lines).encode(), np.uint8)
        print(language, len(lines))
    np.savez_compressed(arguments.out, **arrays)


if __name__ == "__main__":
    main()
