"""How fast an index is searched: python -m benchmarks.search INDEX [--queries N]

INDEX is one that `python -m benchmarks.build --keep FOLDER` left in FOLDER/index. Queries are
titles of its own articles. Prints JSON and writes it, with a plot, to benchmarks/out/search.*:
milliseconds of each engine, with and without a filter, how often the dense engine finds the ten
nearest passages that an exhaustive search finds, and the memory of the process.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.news import OUT
from rag.embedding import load_embedder
from rag.index import Index, open_index
from rag.types import Filters

DEPTH = 50


def time_calls(call: Callable[[int], object], count: int) -> dict[str, float]:
    """Return the median and the 95th percentile, in milliseconds, of `call` with 0 to count - 1."""
    for number in range(min(10, count)):
        call(number)
    times = []
    for number in range(count):
        started = time.perf_counter()
        call(number)
        times.append(1000 * (time.perf_counter() - started))
    return {
        "p50": round(float(np.median(times)), 2),
        "p95": round(float(np.quantile(times, 0.95)), 2),
    }


def find_exactly(index: Index, query: np.ndarray, k: int) -> set[int]:
    scores = np.concatenate(
        [
            index.vectors(np.arange(n, min(n + 8192, len(index)))) @ query
            for n in range(0, len(index), 8192)
        ]
    )
    return set(np.argsort(-scores, kind="stable")[:k].tolist())


def measure(folder: Path, count: int) -> dict[str, Any]:
    started = time.perf_counter()
    index = open_index(folder)
    opening = time.perf_counter() - started
    embedder = load_embedder()
    rows = random.Random(0).sample(range(len(index)), count)
    queries = [passage.article for passage in index.passages(rows)]
    vectors = embedder.encode_query(queries)
    assert index.newest
    year = index.mask(Filters(since=index.newest - timedelta(days=365)))
    issue = [index.mask(Filters(source=p.source)) for p in index.passages(rows[:20])]
    result = {
        "passages": len(index),
        "open_seconds": round(opening, 3),
        "milliseconds": {
            "embedding": time_calls(lambda n: embedder.encode_query([queries[n]]), count),
            "words": time_calls(
                lambda n: index.search_words(index.analyse(queries[n]), DEPTH), count
            ),
            "vectors": time_calls(lambda n: index.search_vectors(vectors[n], DEPTH), count),
            "words, one year": time_calls(
                lambda n: index.search_words(index.analyse(queries[n]), DEPTH, year), count
            ),
            "vectors, one year": time_calls(
                lambda n: index.search_vectors(vectors[n], DEPTH, year), count
            ),
            "words, one issue": time_calls(
                lambda n: index.search_words(index.analyse(queries[n]), DEPTH, issue[n % 20]), count
            ),
            "vectors, one issue": time_calls(
                lambda n: index.search_vectors(vectors[n], DEPTH, issue[n % 20]), count
            ),
            "passages": time_calls(lambda n: index.passages(rows[n : n + 50]), count),
        },
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    found = [set(index.search_vectors(vector, 10)[0].tolist()) for vector in vectors[:50]]
    exact = [find_exactly(index, vector, 10) for vector in vectors[:50]]
    overlap = [len(a & b) / 10 for a, b in zip(found, exact, strict=True)]
    return {**result, "dense_recall_at_10": round(float(np.mean(overlap)), 4)}


def plot(result: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    names = list(result["milliseconds"])
    for part, shade in (("p95", "lightsteelblue"), ("p50", "steelblue")):
        axes.barh(
            names,
            [times[part] for times in result["milliseconds"].values()],
            label=part,
            color=shade,
        )
    axes.invert_yaxis()
    axes.set_xlabel("milliseconds")
    axes.set_title(f"{result['passages']:,} passages")
    axes.legend()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    result = measure(options.index, options.queries)
    OUT.mkdir(exist_ok=True)
    (OUT / "search.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    plot(result, OUT / "search.svg")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
