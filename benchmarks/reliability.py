"""Does the confidence mean what it says? python -m benchmarks.reliability QUESTIONS ISSUES

Asks every question of a file (form of `rag eval`) over a folder of issues, never abstaining, and
writes reliability.json and reliability.png: how often answers of a confidence are right, and what
abstaining under each threshold gives (precision, recall, share of answerable questions refused).

    python -m benchmarks.reliability tests/data/sample_questions.jsonl seeds
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rag import Assistant, build_index
from rag.confidence import ABSTAIN_BELOW
from rag.config import load_settings
from rag.evaluation import holds_answer, measure_abstention
from rag.questions_file import GoldQuestion, read_questions

BINS = 5


def ask_all(issues: Path, questions: Sequence[GoldQuestion]) -> list[tuple[float, bool, bool]]:
    """Return of each question the confidence, whether its first quote answers, and whether the
    issues have an answer at all."""
    settings = replace(load_settings(), abstain_below=0.0)
    with tempfile.TemporaryDirectory() as folder:
        build_index(issues, folder)
        assistant = Assistant.load(folder, settings)
        rows = []
        for question in questions:
            answer = assistant.ask(question.question)
            first = answer.citations[0].quote if answer.citations else ""
            right = holds_answer(first, question.answers)
            rows.append((answer.confidence, right, question.answerable))
    return rows


def measure_reliability(rows: Sequence[tuple[float, bool, bool]]) -> dict[str, object]:
    """Return the reliability by bins of equal size, the expected calibration error and the curve
    of abstention."""
    ordered = sorted(rows)
    bins = []
    size = -(-len(ordered) // BINS)
    for at in range(0, len(ordered), size):
        part = ordered[at : at + size]
        bins.append(
            {
                "confidence": round(float(np.mean([c for c, _, _ in part])), 4),
                "right": round(float(np.mean([r for _, r, _ in part])), 4),
                "questions": len(part),
            }
        )
    error = sum(b["questions"] * abs(b["confidence"] - b["right"]) for b in bins) / len(ordered)
    thresholds = sorted({round(t, 2) for t in (*np.arange(0.05, 0.95, 0.05), ABSTAIN_BELOW)})
    return {
        "questions": len(ordered),
        "bins": bins,
        "calibration_error": round(error, 4),
        "threshold": ABSTAIN_BELOW,
        "abstention": {
            f"{t:.2f}": measure_abstention([(c < t, a) for c, _, a in rows]) for t in thresholds
        },
    }


def draw_reliability(figures: dict, path: Path) -> None:
    """Draw both curves."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4.5))
    left.plot([0, 1], [0, 1], color="grey", linewidth=1)
    left.plot(
        [b["confidence"] for b in figures["bins"]], [b["right"] for b in figures["bins"]], "o-"
    )
    left.set(xlabel="confidence", ylabel="first quote answers", xlim=(0, 1), ylim=(0, 1))
    curve = figures["abstention"]
    for name in ("precision", "recall", "answerable_refused"):
        points = [(float(t), v[name]) for t, v in curve.items() if v[name] is not None]
        right.plot(*zip(*points, strict=True), label=name.replace("_", " "))
    right.axvline(figures["threshold"], color="grey", linewidth=1)
    right.set(xlabel="abstain below", ylim=(0, 1.02))
    right.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("issues", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out"))
    arguments = parser.parse_args()
    figures = measure_reliability(
        ask_all(arguments.issues, read_questions(arguments.questions).questions)
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "reliability.json").write_text(json.dumps(figures, indent=2) + "\n")
    draw_reliability(figures, arguments.out / "reliability.png")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
