"""How fast the model of our own embeds: python -m benchmarks.embed [--articles N]

Prints JSON and writes it, with a plot, to benchmarks/out/embed.*: seconds of import, load and first
question in a process of its own, and news passages a second, first with nothing remembered and then
with the words of the first round known: by the wall clock, best taken on an idle machine, and by
the processor time spent, which other work on the machine hardly moves.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.news import NEWS, OUT
from rag.embedding import load_embedder

CHARACTERS = 400
COLD_RUNS = 5
COLD = """
import time; start = time.perf_counter()
from rag.embedding import load_embedder
load_embedder().encode_query(["Combien l'entreprise investit-elle ?"])
print(time.perf_counter() - start)
"""


def read_passages(articles: int) -> list[str]:
    """The articles' texts in pieces of 400 characters."""
    if not NEWS.exists():
        print(f"skipped: no {NEWS.name} beside the repository", file=sys.stderr)
        raise SystemExit(0)
    with gzip.open(NEWS, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["article"] for line in itertools.islice(lines, articles)]
    return [text[at : at + CHARACTERS] for text in texts for at in range(0, len(text), CHARACTERS)]


def time_cold() -> float:
    """Seconds of import, load and first question, the median of a few processes."""
    runs = [
        subprocess.run([sys.executable, "-c", COLD], check=True, capture_output=True, text=True)
        for _ in range(COLD_RUNS)
    ]
    return round(statistics.median(float(run.stdout) for run in runs), 3)


def measure(articles: int) -> dict[str, Any]:
    passages = read_passages(articles)
    embedder = load_embedder()
    rates = {}
    for name in ("fresh", "known"):
        start, spent = time.perf_counter(), time.process_time()
        embedder.encode_documents(passages)
        rates[name] = round(len(passages) / (time.perf_counter() - start))
        rates[f"{name}, per core second"] = round(len(passages) / (time.process_time() - spent))
    return {
        "model": embedder.fingerprint,
        "cold_start_s": time_cold(),
        "passages": len(passages),
        "passages_per_second": rates,
    }


def plot(results: dict[str, Any]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3))
    rates = results["passages_per_second"]
    axes.barh(list(rates), list(rates.values()))
    axes.set_xlabel(f"passages of {CHARACTERS} characters a second")
    figure.tight_layout()
    figure.savefig(OUT / "embed.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=34_152)
    results = measure(parser.parse_args().articles)
    OUT.mkdir(exist_ok=True)
    (OUT / "embed.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    plot(results)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
