"""How fast a question is answered: python -m benchmarks.ask INDEX [--cold N]

INDEX is any index; `python -m benchmarks.build --keep FOLDER` leaves one of 190,000 passages in
FOLDER/index. Questions are those of tests/data. Prints JSON and writes it, with a plot, to
benchmarks/out/ask.*: seconds of a cold `rag ask`, milliseconds of a warm question and of a warm
search of other questions, each once, and the memory of the process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.news import OUT
from rag.assistant import Assistant
from rag.questions_file import read_questions

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ROOT / "tests" / "data" / "sample_questions.jsonl"
OTHER_QUESTIONS = ROOT / "tests" / "data" / "real_questions.jsonl"


def time_cold(index: Path, question: str, count: int) -> list[float]:
    """Return the seconds of `count` runs of `rag ask`, each in a process of its own."""
    seconds = []
    for _ in range(count):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "rag", "ask", question, "--index", str(index)],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        seconds.append(time.perf_counter() - started)
    return seconds


def measure(index: Path, cold: int) -> dict[str, Any]:
    questions = [q.question for q in read_questions(QUESTIONS).questions]
    cold_seconds = time_cold(index, questions[0], cold)
    started = time.perf_counter()
    assistant = Assistant.load(index)
    loaded = time.perf_counter() - started
    for question in questions[:10]:
        assistant.ask(question)
    # Each question once: passages that were read are remembered, and would be read faster.
    times = {"ask": time_calls(assistant.ask, questions)}
    others = [q.question for q in read_questions(OTHER_QUESTIONS).questions]
    times["search alone"] = time_calls(assistant.search, others)
    return {
        "passages": len(assistant.index),
        "questions": len(questions),
        "cold_seconds": {
            "best": round(min(cold_seconds), 2),
            "median": round(float(np.median(cold_seconds)), 2),
        },
        "load_seconds": round(loaded, 2),
        "warm_milliseconds": {name: summarise(values) for name, values in times.items()},
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "all": times,
    }


def time_calls(call: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Return the milliseconds of each `call` with a question."""
    times = []
    for question in questions:
        started = time.perf_counter()
        call(question)
        times.append(1000 * (time.perf_counter() - started))
    return times


def summarise(values: list[float]) -> dict[str, float]:
    return {
        "p50": round(float(np.median(values)), 2),
        "p95": round(float(np.quantile(values, 0.95)), 2),
    }


def plot(result: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    for name, values in result["all"].items():
        axes.plot(np.sort(values), np.linspace(0, 1, len(values)), label=name)
    axes.set_xlabel("milliseconds, warm")
    axes.set_ylabel("share of questions")
    axes.set_title(f"{result['passages']:,} passages")
    axes.legend()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("--cold", type=int, default=5, help="cold runs (%(default)s)")
    args = parser.parse_args()
    result = measure(args.index.resolve(), args.cold)
    OUT.mkdir(exist_ok=True)
    plot(result, OUT / "ask.png")
    del result["all"]
    text = json.dumps(result, indent=2)
    (OUT / "ask.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
