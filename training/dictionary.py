"""Word translations learnt from the sentence pairs (IBM model 1, Brown et al. 1993).

    python -m training.dictionary --out training/out

French news and questions with words replaced by these translations teach retrieval across
languages, for which there are no training pairs. Writes `--out`/dictionary.npz: for each language
the `BEST` likeliest tokens of each French token, (vocabulary, BEST), and their cumulated shares.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from training.corpus import LANGUAGES
from training.prepare import load
from training.ragged import Ragged, concatenate

BEST = 4
ROUNDS = 4
LONGEST = 40
LEAST_SHARE = 0.08
LEAST_COUNT = 4
REPEATS = {"news": 1, "tatoeba": 1, "tico19": 1, "django-docs-translations": 1, "glossary": 8}


def read_pairs(folder: Path, source: str, target: str) -> tuple[Ragged, Ragged]:
    """Sentence pairs of two languages in this order."""
    lefts, rights = [], []
    for path in sorted(folder.glob("parallel.*.npz")):
        _, pair, kind = path.stem.split(".", 2)
        if kind not in REPEATS or set(pair.split("-")) != {source, target}:
            continue
        stored = load(path)
        sides = (stored["left"], stored["right"])
        left, right = sides if pair.startswith(source) else sides[::-1]
        lefts += [left] * REPEATS[kind]
        rights += [right] * REPEATS[kind]
    return concatenate(lefts), concatenate(rights)


def cross(left: Ragged, right: Ragged) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every (sentence and target position, source token, target token) of all sentence pairs."""
    counts = np.repeat(left.lengths, right.lengths)
    position = np.repeat(np.arange(len(right.ids)), counts)
    starts = np.repeat(left.offsets[:-1], right.lengths)
    step = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
    return position, left.ids[np.repeat(starts, counts) + step], right.ids[position]


def translate(left: Ragged, right: Ragged, vocabulary: int) -> tuple[np.ndarray, np.ndarray]:
    """Best translations of each source token and their cumulated shares, each (vocabulary, BEST).
    A token without a trustworthy translation keeps itself."""
    short = np.flatnonzero((left.lengths <= LONGEST) & (right.lengths <= LONGEST))
    left, right = left.take(short), right.take(short)
    position, source, target = cross(left, right)
    keys, entry = np.unique(source.astype(np.int64) * vocabulary + target, return_inverse=True)
    sources = keys // vocabulary
    chance = np.ones(len(keys))
    for _ in range(ROUNDS):
        weight = chance[entry]
        weight /= np.bincount(position, weight)[position]
        expected = np.bincount(entry, weight)
        chance = expected / np.bincount(sources, expected, vocabulary)[sources]
    order = np.lexsort((-chance, sources))
    place = np.arange(len(order)) - np.searchsorted(sources[order], sources[order])
    seen = np.bincount(left.ids, minlength=vocabulary)
    kept = order[place < BEST]
    kept_place = place[place < BEST]
    strong = (chance[kept] >= LEAST_SHARE) & (seen[sources[kept]] >= LEAST_COUNT)
    kept, kept_place = kept[strong], kept_place[strong]
    best = np.repeat(np.arange(vocabulary, dtype=np.int32)[:, None], BEST, axis=1)
    share = np.zeros((vocabulary, BEST))
    best[sources[kept], kept_place] = (keys % vocabulary)[kept]
    share[sources[kept], kept_place] = chance[kept]
    share[share.sum(1) == 0, 0] = 1
    return best, np.cumsum(share / share.sum(1, keepdims=True), axis=1).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("training/out"))
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(args.out / "tokenizer.json"))
    arrays: dict[str, np.ndarray] = {}
    for lang in LANGUAGES[1:]:
        pairs = read_pairs(args.out / "tokens", "fr", lang)
        best, share = translate(*pairs, tokenizer.get_vocab_size())
        arrays[f"{lang}.best"], arrays[f"{lang}.share"] = best, share
        words = ("entreprise", "ia", "argent", "poursuivi", "combien", "lunettes", "tesla")
        row = [tokenizer.id_to_token(best[tokenizer.token_to_id(w), 0]) for w in words]
        moved = (best[:, 0] != np.arange(len(best))).mean()
        print(lang, len(pairs[0]), f"{moved:.2f}", row, flush=True)
    np.savez(args.out / "dictionary.npz", **arrays)


if __name__ == "__main__":
    main()
