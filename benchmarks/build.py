"""How fast an index is built: python -m benchmarks.build [--articles N] [--keep FOLDER]

Writes French news articles, one Markdown issue each (34,152, some 190,000 passages), then builds an
index of them from nothing, builds again with nothing changed, and again after one issue was edited.
Prints JSON and writes it, with a plot, to benchmarks/out/build.*; times are wall clock, best taken
on an idle machine. `--keep` leaves the issues and the index in FOLDER for benchmarks/search.py.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.news import OUT, write_news
from rag.building import build_index
from rag.config import Settings
from rag.embedding import load_embedder
from rag.index import open_index
from rag.types import BuildReport


def measure(letters: Path, index: Path) -> dict[str, Any]:
    embedder = load_embedder()
    times: dict[str, float] = {}

    def build(name: str) -> BuildReport:
        report = build_index(letters, index, settings=Settings(), embedder=embedder)
        times[name] = round(report.seconds, 2)
        print(f"{name}: {report.seconds:.2f} s", file=sys.stderr)
        return report

    full = build("from nothing")
    build("nothing changed")
    edited = sorted(letters.rglob("*.md"))[1234 % full.articles_added]
    with edited.open("a", encoding="utf-8") as file:
        file.write("\nUne phrase de plus, pour voir.\n")
    assert build("one issue edited").embedded >= 1
    started = time.perf_counter()
    opened = open_index(index)
    times["open"] = round(time.perf_counter() - started, 3)
    return {
        "issues": opened.manifest.issues,
        "articles": opened.manifest.articles,
        "passages": full.passages,
        "seconds": times,
        "passages_a_second": round(full.passages / full.seconds),
        "index_mb": round(opened.manifest.bytes / 1e6),
        "cache_mb": round((index / "cache.sqlite").stat().st_size / 1e6),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "skipped": len(full.skipped),
    }


def plot(result: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 2.2), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(list(result["seconds"]), list(result["seconds"].values()))
    axes.bar_label(bars, padding=3)
    axes.invert_yaxis()
    axes.set_xlabel("seconds")
    axes.set_title(f"{result['passages']:,} passages, {result['passages_a_second']:,} a second")
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, help="how many articles (default: all)")
    parser.add_argument("--keep", type=Path, help="folder to leave the issues and the index in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        write_news(folder / "letters", options.articles)
        result = measure(folder / "letters", folder / "index")
    OUT.mkdir(exist_ok=True)
    (OUT / "build.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    plot(result, OUT / "build.svg")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
