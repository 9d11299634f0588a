"""Fit what stands on the network: the order of sentences over all hits, and the confidence.

All stand on `rag.reading`'s evidence, the confidence also on what the search says. The order of all
sentences and whether the issues speak of a matter are logistic regressions; the choice among the
first sentences and whether they tell what is asked are small layers (`training.reader.layer`).

Questions, each searched with the package's own retrieval: PIAF dev over paragraphs of PIAF dev and
train, the sample questions over the sample issues, questions of our own over the real issues
(tests/data/real_questions*.jsonl; those of ../shared/eval are not trained on) and over French news
(questions/news_fitted.jsonl, questions that the network has not learned from), and questions to
refuse (tests/data/refusals_fitting.jsonl; those of PIAF train and of the quiz, which no letter
answers). Unanswerable are those marked so, those whose answer is in no hit, and PIAF questions
whose answering passages were taken out of the hits.

    python -m training.reader.rank --out rag/models/reader/ranking.npz
"""

from __future__ import annotations

import argparse
import random
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from rag.building import build_index
from rag.choosing import choose_readings, gather_evidence
from rag.confidence import describe_readings
from rag.embedding import load_embedder
from rag.evaluation import holds_answer
from rag.index import open_index
from rag.network import Network, load_network
from rag.questions import Question, analyse_question
from rag.questions_file import read_questions
from rag.reading import EVIDENCE, LOOKED_AT, Reading, read_hits
from rag.retrieval import Retriever
from rag.types import Hit, Span
from training.reader.examples import DATA, read_quiz, read_squad
from training.reader.issues import write_issues
from training.reader.layer import Group, fit_choice, fit_told
from training.reader.own import FITTED, read_asked

ROOT = Path(__file__).resolve().parents[2]
DEPTH = 24
TOP = 8
# The sample questions are few and of the kind that counts; those to refuse are more than there are
# among the questions people ask.
WEIGHTS = {"piaf": 1.0, "news": 4.0, "sample": 6.0, "refusal": 4.0, "foreign": 0.0}
# Of a case in the fit of the confidence, and of whether the issues speak of a matter.
TOLD = {"piaf": 0.2, "news": 4.0, "sample": 8.0, "refusal": 12.0, "foreign": 0.0}
SPOKEN_OF = {"piaf": 1.0, "news": 2.0, "sample": 10.0, "refusal": 10.0, "foreign": 5.0}
STRENGTH = 0.03
# How many questions on other matters are asked of each folder of issues: of PIAF, and of the quiz
# in each language.
FOREIGN, FOREIGN_QUIZ = 400, 120


@dataclass
class Case:
    """A question with its hits and, where it has one, its answer in the file `source`, at `place`
    of its text if that is known."""

    question: Question
    hits: list[Hit]
    answers: tuple[str, ...]
    source: str
    origin: str
    place: Span | None = None

    @property
    def weight(self) -> float:
        return WEIGHTS[self.origin]

    def holds(self, hit: Hit, part: Span) -> bool:
        """Say whether `part` of the text of `hit` answers."""
        passage = hit.passage
        if self.source and Path(passage.source).name != self.source:
            return False
        if self.place:
            start, end = passage.start + part.start, passage.start + part.end
            return start <= self.place.start and self.place.end <= end
        return holds_answer(passage.text[part.start : part.end], self.answers)

    def without_answer(self) -> Case | None:
        """Return the case with hits that do not hold the answer, None if too few are left."""
        left = [h for h in self.hits if not holds_answer(h.passage.text, self.answers)]
        return replace(self, hits=left, answers=()) if len(left) >= TOP else None


def make_cases(folder: Path) -> list[Case]:
    """Return the cases of all questions; `folder` is for the indexes."""
    return [*make_sample_cases(folder), *make_piaf_cases(folder), *make_news_cases(folder)]


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


def make_news_cases(folder: Path) -> list[Case]:
    """Return the cases of our own questions over news, all articles asked about in one index."""
    asked = read_asked(FITTED)
    places = write_issues([row.id for row in asked], folder / "news-sources")
    build_index(folder / "news-sources", folder / "news")
    retriever = Retriever(open_index(folder / "news"), load_embedder())
    cases = []
    for row in asked:
        printed = places[row.id]
        place = answer = None
        if row.answer:
            place = Span(printed.start + row.answer.start, printed.start + row.answer.end)
            answer = printed.text[row.answer.start : row.answer.end]
        cases.append(
            Case(
                analyse_question(row.question),
                retriever.search(row.question, DEPTH),
                (answer,) if answer else (),
                printed.source,
                "news",
                place,
            )
        )
    return cases


def read_cases(
    cases: Iterable[Case], network: Network
) -> Iterator[tuple[Case, list[Reading], list[bool]]]:
    """Yield each case with the readings of its first hits and which of them hold an answer, those
    without readings left out."""
    for case in cases:
        hits = case.hits[:TOP]
        readings = read_hits(case.question, hits, network)
        if readings:
            yield case, readings, [case.holds(hits[r.hit], r.sentence) for r in readings]


def _group(
    case: Case, features: np.ndarray, readings: Sequence[Reading], holds: Sequence[bool]
) -> Group:
    scores = np.array([r.score for r in readings], np.float32)
    return Group(features, scores, np.array(holds), case.weight, case.question.kind)


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


def fit_topic(
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


def fit_all(cases: Sequence[Case], network: Network) -> dict[str, np.ndarray]:
    """Return the weights of ranking and confidence."""
    network.weights["rank.weight"] = np.zeros(EVIDENCE, np.float32)
    answered = [case for case in cases if case.answers]
    groups = [
        _group(case, np.stack([r.evidence for r in readings]), readings, holds)
        for case, readings, holds in read_cases(answered, network)
    ]
    network.weights["rank.weight"] = fit_ranking(groups)
    halves: tuple[list[Group], list[Group]] = ([], [])
    for case, readings, holds in read_cases(answered, network):
        rows = gather_evidence(case.question, readings[:LOOKED_AT], case.hits[:TOP])
        group = _group(case, rows, readings[:LOOKED_AT], holds[:LOOKED_AT])
        halves[_half(case)].append(group)
    # Whether the hits tell is learned from choices made as in use: of questions not learned from.
    others = [_name("choice", fit_choice(halves[1 - half])) for half in (0, 1)]
    features, right, origins = [], [], []
    everything = [*cases, *remove_answers(c for c in cases if c.origin == "piaf")]
    for case, readings, holds in read_cases(everything, network):
        network.weights.update(others[_half(case)])
        chosen = choose_readings(case.question, readings, case.hits[:TOP], network)
        features.append(describe_readings(case.question, chosen, case.hits[:TOP]))
        right.append(any(holds))
        origins.append(case.origin)
    known = np.array([origin != "foreign" for origin in origins])
    weights = np.array([TOLD[o] for o in origins])
    told = fit_told(np.stack(features), np.array(right), weights)
    spoken_of = fit_topic(
        np.stack(features), known, np.array([SPOKEN_OF[o] for o in origins]), STRENGTH
    )
    return {
        "rank.weight": network.weights["rank.weight"],
        **_name("choice", fit_choice([*halves[0], *halves[1]])),
        **_name("told", told),
        "topic.weight": spoken_of[0],
        "topic.bias": np.float32(spoken_of[1]),
    }


def _half(case: Case) -> int:
    return zlib.crc32(case.question.text.encode()) % 2


def _name(layer: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{layer}.{name}": array for name, array in arrays.items()}


def remove_answers(cases: Iterable[Case], share: float = 0.4) -> list[Case]:
    """Return a `share` of the answerable cases without the hits that answer."""
    rng = random.Random(0)
    removed = [case.without_answer() for case in cases if case.answers and rng.random() < share]
    return [case for case in removed if case is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=ROOT / "rag" / "models" / "reader")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cases = make_cases(Path(folder))
    weights = fit_all(cases, load_network(arguments.model))
    np.savez(arguments.out, **weights)


if __name__ == "__main__":
    main()
