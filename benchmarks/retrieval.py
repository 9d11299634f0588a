"""How well passages are found: python -m benchmarks.retrieval [--news] [--languages]

By each engine alone, fused, and reranked by reading as `Assistant.search` does. Reads
../shared/data/dev (and, for --news, the training articles as the crowd among which the 1,000 are
sought). Documents are paragraphs or articles; one is found where its best passage is. Prints JSON
and writes it to benchmarks/out/retrieval.json: recall@1, @5, @10 and nDCG@10.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.news import NEWS, OUT
from rag.assistant import Assistant
from rag.building import build_index
from rag.config import Settings
from rag.embedding import load_embedder
from rag.index import Index, open_index
from rag.retrieval import Retriever

DATA = NEWS.parents[1]
DEPTH = 60
LANGUAGES = ("en", "de", "es")
Asked = list[tuple[str, str]]


def read_piaf() -> tuple[dict[str, str], Asked]:
    """Return the paragraphs of PIAF dev and train by file name; questions of dev with theirs."""
    files: dict[str, str] = {}
    asked: Asked = []
    for path in (DATA / "dev" / "piaf-dev.json", DATA / "train" / "piaf-train.json"):
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                name = f"{len(files):06d}.txt"
                files[name] = paragraph["context"]
                if path.name == "piaf-dev.json":
                    asked += [(qa["question"], name) for qa in paragraph["qas"]]
    return files, asked


def read_news() -> tuple[dict[str, str], Asked]:
    """Return all news articles without titles by file name; titles of the development ones."""
    files: dict[str, str] = {}
    asked: Asked = []
    for path in (DATA / "dev" / "news-dev.jsonl.gz", NEWS):
        for row in _read_lines(path):
            name = f"{len(files):06d}.txt"
            files[name] = row["article"]
            if path != NEWS:
                asked.append((row["title"], name))
    return files, asked


def read_xquad(question: str, paragraph: str) -> tuple[dict[str, str], Asked]:
    """Return the paragraphs of XQuAD in one language by file name; every third question in
    another."""
    files: dict[str, str] = {}
    homes: dict[str, str] = {}
    for context, qas in _read_paragraphs(paragraph):
        name = f"{len(files):06d}.txt"
        files[name] = context
        homes |= {qa["id"]: name for qa in qas}
    asked = [
        (qa["question"], homes[qa["id"]]) for _, qas in _read_paragraphs(question) for qa in qas
    ]
    return files, asked[::3]


def _read_paragraphs(language: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    path = DATA / "dev" / f"xquad.{language}.json"
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"], paragraph["qas"]


def _read_lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def measure(files: dict[str, str], asked: Asked, passage_chars: int) -> dict[str, Any]:
    """Return the figures of each engine alone and of both fused."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder, "sources")
        sources.mkdir()
        for name, text in files.items():
            (sources / name).write_text(text, encoding="utf-8", newline="\n")
        build_index(sources, Path(folder, "index"), settings=Settings(passage_chars=passage_chars))
        index = open_index(Path(folder, "index"))
        embedder = load_embedder()
        retriever = Retriever(index, embedder)
        assistant = Assistant.load(Path(folder, "index"))

        def search_words(query: str) -> list[str]:
            return _list_sources(index, index.search_words(index.analyse(query), DEPTH)[0])

        def search_vectors(query: str) -> list[str]:
            vector = embedder.encode_query([query])[0]
            return _list_sources(index, index.search_vectors(vector, DEPTH)[0])

        def search_both(query: str) -> list[str]:
            return [hit.passage.source for hit in retriever.search(query, DEPTH)]

        def search_and_read(query: str) -> list[str]:
            return [hit.passage.source for hit in assistant.search(query, DEPTH)]

        return {
            "documents": len(files),
            "passages": len(index),
            "queries": len(asked),
            "lexical": summarise(search_words, asked),
            "dense": summarise(search_vectors, asked),
            "fused": summarise(search_both, asked),
            "reranked": summarise(search_and_read, asked),
        }


def summarise(search: Callable[[str], Sequence[str]], asked: Asked) -> dict[str, float]:
    ranks = []
    for query, right in asked:
        order = list(dict.fromkeys(search(query)))
        ranks.append(order.index(right) + 1 if right in order else math.inf)
    gains = [1 / math.log2(rank + 1) if rank <= 10 else 0.0 for rank in ranks]
    return {
        **{f"recall@{k}": round(float(np.mean([r <= k for r in ranks])), 4) for k in (1, 5, 10)},
        "ndcg@10": round(float(np.mean(gains)), 4),
    }


def _list_sources(index: Index, rows: np.ndarray) -> list[str]:
    return [passage.source for passage in index.passages(rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--news", action="store_true", help="titles among 35,000 articles too")
    parser.add_argument("--languages", action="store_true", help="XQuAD from and to each language")
    args = parser.parse_args()
    if not NEWS.exists():
        print("skipped: no development sets beside the repository", file=sys.stderr)
        return
    result = {
        "PIAF, whole paragraphs": measure(*read_piaf(), 4000),
        "PIAF, passages": measure(*read_piaf(), 480),
    }
    if args.news:
        result["news titles"] = measure(*read_news(), 480)
    if args.languages:
        for pair in itertools.product(LANGUAGES, repeat=2):
            result["XQuAD " + " → ".join(pair)] = measure(*read_xquad(*pair), 480)
    OUT.mkdir(exist_ok=True)
    text = json.dumps(result, indent=2)
    (OUT / "retrieval.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
