"""Fit what stands on the network: the order of sentences over all hits, and the confidence.

All are logistic regressions on `rag.reading`'s evidence, the confidence also on what the search
says. Questions, each searched with the package's own retrieval: PIAF dev over paragraphs of PIAF
dev and train, the sample questions over the sample issues, and questions of our own over the real
issues (tests/data/real_questions*.jsonl; those of ../shared/eval are not trained on), and
questions to refuse (tests/data/refusals_fitting.jsonl; those of PIAF train and of the quiz, which
no letter answers). Unanswerable are those marked so, those whose answer is in no hit, and PIAF
questions whose answering passages were taken out of the hits.

    python -m training.reader.rank --out rag/models/reader/ranking.npz
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from rag.building import build_index
from rag.choosing import choose_readings, describe_choice
from rag.confidence import describe_readings
from rag.embedding import load_embedder
from rag.evaluation import holds_answer
from rag.index import open_index
from rag.questions import Question, analyse_question
from rag.questions_file import read_questions
from rag.reading import Network, Reading, load_network, read_hits
from rag.retrieval import Retriever
from rag.types import Hit
from training.reader.examples import DATA, read_quiz, read_squad

ROOT = Path(__file__).resolve().parents[2]
DEPTH = 24
TOP = 8
# The sample questions are few and of the kind that counts; those to refuse are more than there are
# among the questions people ask.
WEIGHTS = {"piaf": 1.0, "sample": 10.0, "refusal": 4.0, "foreign": 0.0}
# Of a case in the fit of the confidence, and of whether the issues speak of a matter.
TOLD = {"piaf": 0.2, "sample": 8.0, "refusal": 12.0, "foreign": 0.0}
SPOKEN_OF = {"piaf": 1.0, "sample": 10.0, "refusal": 10.0, "foreign": 2.0}
STRENGTH = 0.03
# How many questions on other matters are asked of each folder of issues: of PIAF, and of the quiz
# in each language.
FOREIGN, FOREIGN_QUIZ = 400, 120


@dataclass
class Case:
    """A question with its hits and, where it has one, its answer in the file `source`."""

    question: Question
    hits: list[Hit]
    answers: tuple[str, ...]
    source: str
    origin: str

    @property
    def weight(self) -> float:
        return WEIGHTS[self.origin]

    def holds(self, hit: Hit, text: str) -> bool:
        """Say whether `text`, a part of `hit`, answers."""
        right = not self.source or Path(hit.passage.source).name == self.source
        return right and holds_answer(text, self.answers)

    def without_answer(self) -> Case | None:
        """Return the case with hits that do not hold the answer, None if too few are left."""
        left = [h for h in self.hits if not holds_answer(h.passage.text, self.answers)]
        return replace(self, hits=left, answers=()) if len(left) >= TOP else None


@dataclass
class Group:
    """The sentences of one case: features (n × any), scores so far and flags (n each)."""

    features: np.ndarray
    scores: np.ndarray
    holds: np.ndarray
    weight: float


def make_cases(folder: Path) -> list[Case]:
    """Return the cases of PIAF and of the sample questions; `folder` is for the indexes."""
    return [*make_sample_cases(folder), *make_piaf_cases(folder)]


def make_sample_cases(folder: Path) -> list[Case]:
    questions = ROOT / "tests" / "data"
    issues = DATA.parent / "seeds"
    return [
        *search_questions(ROOT / "seeds", questions / "sample_questions.jsonl", folder / "sample"),
        *search_questions(
            ROOT / "seeds", questions / "sample_questions_more.jsonl", folder / "sample"
        ),
        *search_questions(
            ROOT / "seeds", questions / "refusals_fitting.jsonl", folder / "sample", "refusal"
        ),
        *search_questions(issues, questions / "real_questions.jsonl", folder / "real"),
        *search_questions(issues, questions / "real_questions_more.jsonl", folder / "real"),
        *make_foreign_cases(folder / "sample"),
        *make_foreign_cases(folder / "real"),
    ]


def make_foreign_cases(index: Path) -> list[Case]:
    """Return cases of questions on other matters than the issues of `index`."""
    rng = random.Random(1)
    piaf = read_squad(DATA / "train" / "piaf-train.json", "fr", "train")
    chosen = rng.sample(piaf, FOREIGN)
    quiz = read_quiz()
    for language in sorted({example.language for example in quiz}):
        own = [example for example in quiz if example.language == language]
        chosen += rng.sample(own, min(FOREIGN_QUIZ, len(own)))
    retriever = Retriever(open_index(index), load_embedder())
    return [
        Case(
            analyse_question(example.question),
            retriever.search(example.question, TOP),
            (),
            "",
            "foreign",
        )
        for example in chosen
    ]


def search_questions(
    issues: Path, questions: Path, index: Path, origin: str = "sample"
) -> list[Case]:
    """Return the cases of a file of questions over a folder of issues."""
    build_index(issues, index)
    retriever = Retriever(open_index(index), load_embedder())
    cases = []
    for row in read_questions(questions).questions:
        hits = retriever.search(row.question, DEPTH)
        asked = analyse_question(row.question)
        cases.append(Case(asked, hits, row.answers, row.source, origin))
    return cases


def make_piaf_cases(folder: Path) -> list[Case]:
    dev = [e for e in read_squad(DATA / "dev" / "piaf-dev.json", "fr", "dev") if e.answers]
    train = read_squad(DATA / "train" / "piaf-train.json", "fr", "train")
    sources = folder / "piaf-sources"
    sources.mkdir()
    names: dict[str, str] = {}
    for example in [*dev, *train[::3]]:
        if example.text not in names:
            names[example.text] = f"{len(names):05d}.md"
            text = f"# {example.title}\n\n{example.text}\n"
            (sources / names[example.text]).write_text(text, encoding="utf-8", newline="\n")
    build_index(sources, folder / "piaf")
    retriever = Retriever(open_index(folder / "piaf"), load_embedder())
    cases = []
    for example in dev:
        answers = tuple(example.text[a:b] for a, b in example.answers)
        hits = retriever.search(example.question, DEPTH)
        asked = analyse_question(example.question, "fr")
        cases.append(Case(asked, hits, answers, names[example.text], "piaf"))
    return cases


def read_case(case: Case, network: Network) -> tuple[list[Reading], list[bool]]:
    """Return the readings of the case's first hits and which of them hold an answer."""
    hits = case.hits[:TOP]
    readings = read_hits(case.question, hits, network)
    holds = [
        case.holds(hits[r.hit], hits[r.hit].passage.text[r.sentence.start : r.sentence.end])
        for r in readings
    ]
    return readings, holds


def fit_ranking(groups: Sequence[Group], decay: float = 1e-3) -> np.ndarray:
    """Return the weights under which sentences that hold an answer come first (softmax over each
    group, with its weight), added to the scores they have."""
    everything = np.concatenate([group.features for group in groups])
    scale = everything.std(axis=0) + 1e-3
    weights = torch.zeros(everything.shape[1], requires_grad=True)
    data = [
        (torch.tensor(g.features / scale), torch.tensor(g.scores), torch.tensor(g.holds), g.weight)
        for g in groups
        if g.holds.any()
    ]
    optimiser = torch.optim.LBFGS([weights], max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = decay * (weights**2).sum()
        total = sum(weight for *_, weight in data)
        for features, given, holds, weight in data:
            scores = given + features @ weights
            right = torch.logsumexp(scores[holds], 0)
            loss = loss + weight / total * (torch.logsumexp(scores, 0) - right)
        loss.backward()
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call, arg-type]
    return (weights.detach().numpy() / scale).astype(np.float32)


def fit_confidence(
    features: np.ndarray, right: np.ndarray, weights: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    """Return weights and bias of a logistic regression on standardised features; a case of weight
    0 is left out."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    model = LogisticRegression(C=strength, max_iter=2000)
    used = weights > 0
    model.fit(((features - mean) / scale)[used], right[used], sample_weight=weights[used])
    slope = model.coef_[0] / scale
    return slope.astype(np.float32), float(model.intercept_[0] - slope @ mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=ROOT / "rag" / "models" / "reader")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cases = make_cases(Path(folder))
    weights = fit_all(cases, load_network(arguments.model))
    np.savez(arguments.out, **weights)


def fit_all(cases: Sequence[Case], network: Network) -> dict[str, np.ndarray]:
    """Return the weights of ranking and confidence."""
    groups = []
    for case in cases:
        if case.answers:
            readings, holds = read_case(case, network)
            if readings:
                evidence = np.stack([r.evidence for r in readings])
                scores = np.zeros(len(readings), np.float32)
                groups.append(Group(evidence, scores, np.array(holds), case.weight))
    network.weights["rank.weight"] = fit_ranking(groups)
    groups = []
    for case in cases:
        if case.answers:
            readings, holds = read_case(case, network)
            if readings:
                choice = describe_choice(case.question, readings, case.hits[:TOP])
                scores = np.array([r.score for r in readings], np.float32)
                groups.append(Group(choice, scores, np.array(holds), case.weight))
    network.weights["choice.weight"] = fit_ranking(groups)
    features, right, origins = [], [], []
    for case in [*cases, *remove_answers(c for c in cases if c.origin == "piaf")]:
        readings, holds = read_case(case, network)
        if readings:
            readings = choose_readings(case.question, readings, case.hits[:TOP], network)
            features.append(describe_readings(case.question, readings, case.hits[:TOP]))
            right.append(any(holds))
            origins.append(case.origin)
    known = np.array([origin != "foreign" for origin in origins])
    told = fit_confidence(
        np.stack(features), np.array(right), np.array([TOLD[o] for o in origins]), STRENGTH
    )
    spoken_of = fit_confidence(
        np.stack(features), known, np.array([SPOKEN_OF[o] for o in origins]), STRENGTH
    )
    return {
        "rank.weight": network.weights["rank.weight"],
        "choice.weight": network.weights["choice.weight"],
        "confidence.weight": told[0],
        "confidence.bias": np.float32(told[1]),
        "topic.weight": spoken_of[0],
        "topic.bias": np.float32(spoken_of[1]),
    }


def remove_answers(cases: Iterable[Case], share: float = 0.4) -> list[Case]:
    """Return a `share` of the answerable cases without the hits that answer."""
    rng = random.Random(0)
    removed = [case.without_answer() for case in cases if case.answers and rng.random() < share]
    return [case for case in removed if case is not None]


if __name__ == "__main__":
    main()
