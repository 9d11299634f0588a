"""Tokenize the training data once.

    python -m training.prepare --data ../shared/data/train --out training/out

Writes one .npz of flat token arrays per kind of pair to `--out`/tokens.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from training import corpus
from training.ragged import Ragged, encode


def save(path: Path, **arrays: Ragged | np.ndarray) -> None:
    """Write Ragged and plain arrays under their names."""
    flat: dict[str, np.ndarray] = {}
    for name, value in arrays.items():
        if isinstance(value, Ragged):
            flat[f"{name}.ids"], flat[f"{name}.offsets"] = value.ids, value.offsets
        else:
            flat[name] = value
    np.savez(path, **flat)


def load(path: Path) -> dict[str, Ragged | np.ndarray]:
    """What `save` wrote."""
    with np.load(path) as stored:
        plain = {name: stored[name] for name in stored.files}
    names = [name.removesuffix(".offsets") for name in plain if name.endswith(".offsets")]
    ragged = {
        name: Ragged(plain.pop(f"{name}.ids"), plain.pop(f"{name}.offsets")) for name in names
    }
    return {**plain, **ragged}


def prepare_parallel(data: Path, out: Path, tokenizer: Tokenizer) -> None:
    """One file a language pair and source, duplicates left out."""
    for group in corpus.read_parallel(data):
        pairs = list(dict.fromkeys(zip(group.left, group.right, strict=True)))
        left = encode([a for a, _ in pairs], tokenizer)
        right = encode([b for _, b in pairs], tokenizer)
        name = f"parallel.{'-'.join(group.languages)}.{group.source}"
        save(out / f"{name}.npz", left=left, right=right)


def prepare_glossary(out: Path, tokenizer: Tokenizer) -> None:
    """French with each other language, then English with the rest."""
    terms = {lang: encode(texts, tokenizer) for lang, texts in corpus.read_glossary().items()}
    for hub in ("fr", "en"):
        for lang in corpus.LANGUAGES[corpus.LANGUAGES.index(hub) + 1 :]:
            save(out / f"parallel.{hub}-{lang}.glossary.npz", left=terms[hub], right=terms[lang])


def prepare_news(data: Path, out: Path, tokenizer: Tokenizer) -> None:
    """Titles, headings and bodies, row by row."""
    articles = list(corpus.read_news(data / "news-fr.jsonl.gz"))
    save(
        out / "news.npz",
        title=encode([a.title for a in articles], tokenizer),
        heading=encode([a.heading for a in articles], tokenizer),
        body=encode([a.body for a in articles], tokenizer),
    )


def prepare_questions(data: Path, out: Path, tokenizer: Tokenizer) -> None:
    """PIAF: `document` is the row of the paragraph that answers. Quiz: `key` ties translations."""
    paragraphs = corpus.read_squad(data / "piaf-train.json")
    questions = [(q, row) for row, p in enumerate(paragraphs) for q in p.questions]
    save(
        out / "piaf.npz",
        question=encode([q for q, _ in questions], tokenizer),
        document=np.array([row for _, row in questions]),
        title=encode([p.title for p in paragraphs], tokenizer),
        text=encode([p.text for p in paragraphs], tokenizer),
    )
    quiz = corpus.read_quiz(data / "quiz.jsonl.gz")
    keys = {key: number for number, key in enumerate(dict.fromkeys(item.key for item in quiz))}
    save(
        out / "quiz.npz",
        question=encode([item.question for item in quiz], tokenizer),
        answer=encode([item.answer for item in quiz], tokenizer),
        text=encode([item.anecdote for item in quiz], tokenizer),
        theme=encode([item.theme for item in quiz], tokenizer),
        key=np.array([keys[item.key] for item in quiz]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("training/out"))
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(args.out / "tokenizer.json"))
    out = args.out / "tokens"
    out.mkdir(parents=True, exist_ok=True)
    prepare_parallel(args.data, out, tokenizer)
    prepare_glossary(out, tokenizer)
    prepare_news(args.data, out, tokenizer)
    prepare_questions(args.data, out, tokenizer)
    sizes = {path.stem: path.stat().st_size for path in sorted(out.glob("*.npz"))}
    print(json.dumps(sizes, indent=1))


if __name__ == "__main__":
    main()
