"""Learn the weights of the ranking, and measure them on the development sets.

    python -m training.ranking.train --data ../shared/data

Trained on questions whose paragraphs the embedding model has not seen: its cosines of texts that
it was trained on are too good to be learned from. Italian and Spanish SQuAD are such; XQuAD has the
same articles, so its figures here are no measure of new text. Those of PIAF dev are.

Writes rag/models/ranking/weights.json; prints recall@1, @5 and @10 of the lexical engine, the
dense engine, their best convex sum and the learned ranking. Deterministic.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import rag.ranking
from rag.ranking import FEATURES
from training.ranking import sets
from training.ranking.sets import Ranked

L2 = 3e-4
# Less for statements, where nearly all lies in the cosine.
L2_STATEMENT = 3e-5
PAIRS = ("de-en", "de-fr", "en-es", "en-fr", "en-it", "es-fr", "fr-it", "fr-pt")
DISTRACTORS = 8000
SAMPLES = 1.0
ROOT = Path(__file__).resolve().parents[2]
PENALISED_TITLE = FEATURES.index("title_coverage")
Weighted = tuple[list[Ranked], float]


def fit(groups: Sequence[Weighted], l2: float = L2) -> tuple[np.ndarray, float]:
    """Return weights and bias: listwise cross-entropy, then a logistic fit of scale and bias.

    `groups` are sets of queries with the weight of each set; `l2` holds the weights down.
    """
    data = [
        (r.features, np.flatnonzero(r.right), weight / len(ranked))
        for ranked, weight in groups
        for r in ranked
        if r.right.any()
    ]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = l2 * w @ w, 2 * l2 * w
        for features, right, weight in data:
            raw = features @ w
            p = np.exp(raw - raw.max())
            p /= p.sum()
            held = p[right].sum()
            share = np.zeros_like(p)
            share[right] = p[right] / held
            total -= weight * np.log(held)
            gradient = gradient + weight * features.T @ (p - share)
        return total, gradient

    weights = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B").x
    raw, right, share = [], [], []
    for ranked, weight in groups:
        for r in ranked:
            raw.append(r.features @ weights)
            right.append(r.right)
            share.append(np.full(len(r.right), weight / len(ranked)))
    x, y, s = np.concatenate(raw), np.concatenate(right), np.concatenate(share)

    def logistic(ab: np.ndarray) -> float:
        z = ab[0] * x + ab[1]
        return float((s * (np.logaddexp(0, z) - y * z)).sum())

    scale, bias = minimize(logistic, np.array([1.0, -3.0]), method="Nelder-Mead").x
    return weights * scale, float(bias)


def measure(ranked: Sequence[Ranked], score: np.ndarray | str, k: int) -> float:
    """Return the share of queries with a right passage among the best `k` by `score`.

    `score` is weights over the features, or "lexical" or "cosine" for one engine alone.
    """
    found = 0
    for r in ranked:
        if not len(r.right):
            continue
        if isinstance(score, str):
            values = r.lexical if score == "lexical" else r.features[:, FEATURES.index("cosine")]
        else:
            values = r.features @ score
        found += bool(r.right[np.argsort(-values, kind="stable")[:k]].any())
    return found / len(ranked)


def report(name: str, ranked: Sequence[Ranked], weights: np.ndarray) -> None:
    convex = np.zeros(len(FEATURES))
    best: tuple[float, float] = (0.0, 0.0)
    for share in np.arange(0.1, 1.0, 0.1):
        convex[FEATURES.index("bm25_share")] = 1 - share
        convex[FEATURES.index("cosine")] = share
        best = max(best, (measure(ranked, convex, 5), share))
    convex[FEATURES.index("bm25_share")] = 1 - best[1]
    convex[FEATURES.index("cosine")] = best[1]
    for label, score in (
        ("lexical", "lexical"),
        ("dense", "cosine"),
        (f"convex {best[1]:.1f}", convex),
        ("learned", weights),
    ):
        figures = "  ".join(f"{measure(ranked, score, k):.3f}" for k in (1, 5, 10))
        print(f"{name:<24} {label:<11} {figures}")
    candidates = np.mean([r.right.any() for r in ranked])
    print(f"{name:<24} {'candidates':<11} {candidates:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    train, dev = (parser.parse_args().data / part for part in ("train", "dev"))

    def ask_squad(language: str, titled: bool, first: int, step: int) -> list[Ranked]:
        files, (asked,) = sets.read_squad([train / f"squad-{language}.json.gz"], titled)
        return sets.collect(files, asked[first::step])

    def cross_squad(one: str, two: str) -> list[Ranked]:
        files, asked = sets.read_crossed(
            train / f"squad-{one}.json.gz", train / f"squad-{two}.json.gz"
        )
        return sets.collect(files, asked[::6])

    files, titles = sets.read_news(
        dev / "news-dev.jsonl.gz", train / "news-fr.jsonl.gz", DISTRACTORS
    )
    news = sets.collect(files, titles)
    own = ask_squad("es", False, 0, 6) + ask_squad("it", False, 1, 6)
    titled = ask_squad("es", True, 2, 8) + ask_squad("it", True, 3, 8)
    crossed = cross_squad("es", "it") + cross_squad("it", "es")

    files, (french, foreign) = sets.read_samples(
        ROOT / "seeds", ROOT / "tests" / "data" / "sample_questions.jsonl"
    )
    sample = sets.collect(files, french)
    sample_foreign = sets.collect(files, foreign)

    groups = [(own, 1.0), (titled, 0.5), (news[:500], 1.0)]
    same, same_bias = fit([*groups, (sample, SAMPLES)])
    other, other_bias = fit([(crossed, 1.0), (sample_foreign, SAMPLES)])
    translated = [
        ranked
        for pair in PAIRS
        for ranked in sets.collect_pairs(
            sets.read_pairs(train / f"parallel.{pair}.tsv.gz", 1000), 150
        )
    ]
    statement, statement_bias = fit([(translated, 1.0)], L2_STATEMENT)
    path = Path(rag.ranking.__file__).parent / "models" / "ranking" / "weights.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {
        part: {**dict(zip(FEATURES, np.round(w, 4).tolist(), strict=True)), "bias": round(bias, 4)}
        for part, w, bias in (
            ("same", same, same_bias),
            ("other", other, other_bias),
            ("statement", statement, statement_bias),
        )
    }
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")

    print(f"{'':<24} {'':<11} R@1    R@5    R@10")
    for part, fitted in ((0, 1), (1, 0)):
        half = [*groups, (sample[fitted::2], SAMPLES)]
        report(f"samples, half {part + 1}", sample[part::2], fit(half)[0])
    report("samples, other → fr", sample_foreign, other)
    files, (asked, asked_foreign) = sets.read_samples(
        train.parent.parent / "seeds", train.parent.parent / "eval" / "seed_questions.jsonl"
    )
    report("real issues, fr", sets.collect(files, asked), same)
    report("real issues, other → fr", sets.collect(files, asked_foreign), other)
    report("news titles, held out", news[500:], same)
    for titled_too in (False, True):
        paths = [dev / "piaf-dev.json", train / "piaf-train.json"]
        files, (asked, _) = sets.read_squad(paths, titled_too)
        name = "PIAF dev, titled" if titled_too else "PIAF dev"
        report(name, sets.collect(files, asked), same)
    for language in ("en", "de"):
        files, (asked,) = sets.read_squad([dev / f"xquad.{language}.json"], titled=False)
        report(f"XQuAD {language} → {language}", sets.collect(files, asked[::3]), same)
    for one, two in (("en", "de"), ("en", "es")):
        files, asked = sets.read_crossed(dev / f"xquad.{one}.json", dev / f"xquad.{two}.json")
        report(f"XQuAD {one} → {two}", sets.collect(files, asked[::3]), other)
    for pair in PAIRS:
        rows = json.loads((dev / f"pud.{pair}.json").read_text(encoding="utf-8"))["rows"]
        report(f"PUD {pair}, both ways", sets.collect_pairs(rows, len(rows)), statement)


if __name__ == "__main__":
    main()
