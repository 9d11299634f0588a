"""Dense retrieval figures on the development sets, as JSON.

python -m training.evaluate --shared ../shared [--model NAME_OR_FOLDER] [--articles N]
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.embedding import Embedder, load_embedder
from training import corpus

DEPTH = 10
CHUNK = 500
NEWS_CHUNK = 400


def rank(queries: np.ndarray, documents: np.ndarray, depth: int = DEPTH) -> np.ndarray:
    """Rows of the best documents of each query, best first; ties by row."""
    best = []
    for start in range(0, len(queries), 256):
        scores = queries[start : start + 256] @ documents.T
        top = np.argpartition(-scores, min(depth, scores.shape[1] - 1), axis=1)[:, :depth]
        order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
        best.append(np.take_along_axis(top, order, 1))
    return np.concatenate(best)


def score(best: np.ndarray, right: Sequence[set[int]]) -> dict[str, float]:
    """Hit rates at 1, 5 and 10 and nDCG@10 with one right document counted."""
    hits = np.array([[row in good for row in rows] for rows, good in zip(best, right, strict=True)])
    first = np.where(hits.any(1), hits.argmax(1), np.inf)
    figures = {f"R@{k}": float((first < k).mean()) for k in (1, 5, 10)}
    figures["nDCG@10"] = float((1 / np.log2(first + 2)).mean())
    return {name: round(value, 4) for name, value in figures.items()}


def evaluate_squad(
    embedder: Embedder, questions: list[corpus.Paragraph], pool: list[corpus.Paragraph]
) -> dict[str, float]:
    """Questions against the texts of a pool whose first paragraphs are the questions' own."""
    asked = [(q, {row}) for row, p in enumerate(questions) for q in p.questions]
    documents = embedder.encode_documents([p.text for p in pool])
    queries = embedder.encode_query([q for q, _ in asked])
    return score(rank(queries, documents), [good for _, good in asked])


def evaluate_pud(embedder: Embedder, folder: Path) -> dict[str, float]:
    """R@1 of each sentence's translation among 1,000, in both directions."""
    figures = {}
    for path in sorted(folder.glob("pud.*.json")):
        a, b = path.name.split(".")[1].split("-")
        left, right = map(embedder.encode_documents, corpus.read_pud(path))
        truth = [{row} for row in range(len(left))]
        figures[f"{a}→{b}"] = score(rank(left, right), truth)["R@1"]
        figures[f"{b}→{a}"] = score(rank(right, left), truth)["R@1"]
    return figures


def cut_text(text: str, size: int, step: int) -> list[str]:
    """Windows of `size` characters, begun every `step`."""
    return [text[at : at + size] for at in range(0, max(1, len(text) - size + step), step)]


def evaluate_news(embedder: Embedder, data: Path, articles: int) -> dict[str, float]:
    """Title to any passage of its article, among those of news-dev and of `articles` others."""
    own = list(corpus.read_news(data / "dev" / "news-dev.jsonl.gz"))
    others = itertools.islice(corpus.read_news(data / "train" / "news-fr.jsonl.gz"), articles)
    passages, owner = [], []
    for row, article in enumerate(itertools.chain(own, others)):
        chunks = cut_text(article.body, NEWS_CHUNK, NEWS_CHUNK)
        passages += chunks
        owner += [row] * len(chunks)
    documents, owners = embedder.encode_documents(passages), np.array(owner)
    titled = [row for row, article in enumerate(own) if len(article.title) > 10]
    best = owners[rank(embedder.encode_query([own[row].title for row in titled]), documents)]
    return {"passages": len(passages), **score(best, [{row} for row in titled])}


def evaluate_seeds(embedder: Embedder, shared: Path) -> dict[str, dict[str, float]]:
    """Seed questions by language against 500-character windows of all seed issues."""
    chunks: list[tuple[str, str]] = []
    for path in sorted((shared / "seeds").glob("*.txt")):
        windows = cut_text(_plain(path.read_text(encoding="utf-8")), CHUNK, CHUNK // 2)
        chunks += [(path.name, window) for window in windows]
    documents = embedder.encode_documents([text for _, text in chunks])
    asked: dict[str, list[tuple[str, set[int]]]] = defaultdict(list)
    with (shared / "eval" / "seed_questions.jsonl").open(encoding="utf-8") as stream:
        for row in map(json.loads, stream):
            if row["kind"] != "fact":
                continue
            proof = _plain(row["evidence"])
            good = {
                i for i, (doc, text) in enumerate(chunks) if doc == row["doc"] and proof in text
            }
            asked["fr" if row["lang"] == "fr" else "other"].append((row["question"], good))
    figures = {}
    for lang, rows in asked.items():
        best = rank(embedder.encode_query([q for q, _ in rows]), documents)
        figures[lang] = {"questions": len(rows), **score(best, [good for _, good in rows])}
    return figures


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("“", '"').replace("”", '"').split())


def evaluate(embedder: Embedder, shared: Path, articles: int) -> dict[str, object]:
    """Every figure of the model card."""
    data = shared / "data"
    piaf = corpus.read_squad(data / "dev" / "piaf-dev.json")
    piaf_pool = piaf + corpus.read_squad(data / "train" / "piaf-train.json")
    xquad = {
        lang: corpus.read_squad(data / "dev" / f"xquad.{lang}.json") for lang in ("en", "de", "es")
    }
    return {
        "model": embedder.fingerprint,
        "piaf": evaluate_squad(embedder, piaf, piaf_pool),
        "xquad": {
            f"{a}→{b}": evaluate_squad(
                embedder,
                [
                    corpus.Paragraph(there.title, there.text, here.questions)
                    for here, there in zip(xquad[a], xquad[b], strict=True)
                ],
                xquad[b],
            )
            for a, b in itertools.product(xquad, repeat=2)
        },
        "pud": evaluate_pud(embedder, data / "dev"),
        "seeds": evaluate_seeds(embedder, shared),
        "news": evaluate_news(embedder, data, articles),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--model", help="Hugging Face name or folder; default: our own")
    parser.add_argument("--articles", type=int, default=4_000, help="training articles in the pool")
    args = parser.parse_args()
    json.dump(evaluate(load_embedder(args.model), args.shared, args.articles), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
