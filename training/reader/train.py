"""Train the reader's network and write its weights for numpy.

    python -m training.reader.train --words rag/models/reader/words.npz \\
        --out rag/models/reader/network.npz

Takes about an hour and 4 GB on one core.
"""

from __future__ import annotations

import argparse
import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rag.features import WordVectors, describe_passage, describe_question, load_vectors
from rag.matching import compare
from rag.questions import analyse_question
from rag.spans import LONGEST, choose_span
from training.reader.decoys import find_decoys, sample_news
from training.reader.examples import (
    DATA,
    SOURCES,
    Example,
    cut_window,
    read_squad,
    read_training,
)
from training.reader.lexicon import split_rows, translate_question
from training.reader.measure import score_answer
from training.reader.network import NEVER, Reader
from training.reader.own import (
    FITTED,
    HELD_OUT,
    read_asked,
    read_own_news,
    read_own_paragraphs,
    read_own_piaf,
)

# Longer passages than the product makes are cut.
MAX_TOKENS = 260
DECOYS = 1
BATCH, DECAY = 32, 0.03
# Questions of these sources, the French ones as they were asked, are seen twice an epoch at first,
# and alone at last.
CHIEF = ("piaf", "own")
# How much the best range of a sentence adds to the sentence's own score.
RANGE = 0.2


@dataclass(frozen=True)
class Stage:
    """So many epochs at this highest rate; the weights kept are an exponential mean with this
    memory (Izmailov et al. 2018 average alike)."""

    epochs: int
    rate: float
    memory: float


FIRST, LAST = Stage(5, 1.5e-3, 0.998), Stage(1, 5e-4, 0.995)
# The last stage is gone through so many times in other orders; the mean of the weights is kept
# (model soup, Wortsman et al. 2022).
TIMES = 3


@dataclass
class Pair:
    """A question and one passage as arrays; `answers` are token ranges, ends inclusive."""

    rows: np.ndarray
    features: np.ndarray
    sentences: np.ndarray
    sentence_of: np.ndarray
    answers: list[tuple[int, int]]


@dataclass
class Item:
    """A question with its passages, the answering one first; `terms` are the rows of its words."""

    example: Example
    question: np.ndarray
    asked: np.ndarray
    terms: np.ndarray
    pairs: list[Pair]


INPUTS = (
    "vectors",
    "features",
    "question",
    "asked",
    "terms",
    "sentences",
    "sentence_of",
    "owner",
    "source",
)
_WORDS: WordVectors | None = None
_ROWS: dict[str, np.ndarray] = {}


def prepare_items(
    examples: list[Example],
    pool: list[tuple[str, str]],
    decoys: int,
    words: Path,
    processes: int,
) -> list[Item]:
    """Return the examples as arrays; those whose answer lies in no sentence are left out. Those
    that have answers and no decoys get `decoys` passages of `pool`."""
    searched = [e for e in examples if e.answers and not e.decoys] if decoys else []
    near = find_decoys(searched, pool, decoys) if searched else []
    found = dict(zip(map(id, searched), near, strict=True))
    lists = [[*e.decoys, *found.get(id(e), [])] for e in examples]
    jobs = list(zip(examples, lists, strict=True))
    with Pool(processes, initializer=_load, initargs=(words,)) as workers:
        return [i for i in workers.imap(_prepare, jobs, chunksize=64) if i is not None]


def _load(path: Path) -> None:
    global _WORDS
    _WORDS = load_vectors(path)
    _ROWS.update(split_rows(_WORDS))


def _prepare(job: tuple[Example, list[tuple[str, str]]]) -> Item | None:
    example, decoys = job
    assert _WORDS is not None
    asked_for = analyse_question(example.question, example.asked_in or example.language)
    if example.translated:
        rng = random.Random(example.question)
        asked_for = translate_question(asked_for, _WORDS, _ROWS[example.translated], rng)
        asked_for = replace(asked_for, language=example.translated)
    question = describe_question(asked_for, _WORDS)
    pairs = []
    for title, text in [(example.title, example.text), *decoys]:
        view = describe_passage(text, title, example.language, _WORDS)
        if not view.words:
            continue
        starts, ends = np.array(view.ranges).T
        sentence_of = np.searchsorted(view.first, np.arange(len(starts)), side="right") - 1
        compared = compare(question, [view], _WORDS)
        answers = []
        if text == example.text:
            for start, end in example.answers:
                first = int(np.searchsorted(ends, start, side="right"))
                last = int(np.searchsorted(starts, end, side="left")) - 1
                if first <= last < min(len(starts), MAX_TOKENS):
                    last = min(
                        last,
                        int(np.searchsorted(sentence_of, sentence_of[first], side="right")) - 1,
                    )
                    answers.append((first, last))
        pairs.append(
            Pair(
                view.rows[:MAX_TOKENS].astype(np.int32),
                compared.tokens[:MAX_TOKENS].astype(np.float16),
                compared.sentences[: sentence_of[:MAX_TOKENS][-1] + 1].astype(np.float16),
                sentence_of[:MAX_TOKENS].astype(np.int32),
                answers,
            )
        )
    if not pairs or (example.answers and not pairs[0].answers):
        return None
    asked = np.stack([question.focus, question.mean, question.asked])
    return Item(example, question.features, asked, question.sequence, pairs)


def collate(items: Sequence[Item], vectors: Tensor) -> dict[str, Tensor]:
    """Return a padded batch of all passages of all items, and where the answers are: `holds` says
    it of sentences, `ranges` of tokens (passage, first, length less one)."""
    pairs = [(number, pair) for number, item in enumerate(items) for pair in item.pairs]
    tokens = max(len(pair.rows) for _, pair in pairs)
    most = max(len(pair.sentences) for _, pair in pairs)
    rows = torch.zeros(len(pairs), tokens, dtype=torch.long)
    features = torch.zeros(len(pairs), tokens, pairs[0][1].features.shape[1])
    sentence_of = torch.full((len(pairs), tokens), most, dtype=torch.long)
    sentences = torch.full((len(pairs), most, pairs[0][1].sentences.shape[1]), torch.nan)
    holds = torch.zeros(len(pairs), most)
    ranges = []
    for row, (_, pair) in enumerate(pairs):
        size = len(pair.rows)
        rows[row, :size] = torch.from_numpy(pair.rows.astype(np.int64))
        features[row, :size] = torch.from_numpy(pair.features.astype(np.float32))
        sentence_of[row, :size] = torch.from_numpy(pair.sentence_of.astype(np.int64))
        sentences[row, : len(pair.sentences)] = torch.from_numpy(pair.sentences.astype(np.float32))
        for first, last in pair.answers:
            holds[row, pair.sentence_of[first]] = 1
            ranges.append((row, first, min(last - first, LONGEST - 1)))
    terms = torch.full((len(items), max(len(i.terms) for i in items), vectors.shape[1]), torch.nan)
    for number, item in enumerate(items):
        terms[number, : len(item.terms)] = vectors[torch.from_numpy(item.terms.astype(np.int64))]
    return {
        "vectors": vectors[rows],
        "features": features,
        "question": torch.from_numpy(np.stack([item.question for item in items])),
        "asked": torch.from_numpy(np.stack([item.asked for item in items])),
        "terms": terms,
        "sentences": sentences,
        "sentence_of": sentence_of,
        "owner": torch.tensor([number for number, _ in pairs]),
        "source": torch.tensor([SOURCES.index(item.example.source) for item in items]),
        "holds": holds,
        "ranges": torch.tensor(ranges, dtype=torch.long).reshape(-1, 3),
    }


def _batches(items: list[Item], size: int, rng: random.Random) -> Iterator[list[Item]]:
    """Yield batches of questions whose passages are about as long, in random order."""
    rng.shuffle(items)
    for at in range(0, len(items), 30 * size):
        near = sorted(items[at : at + 30 * size], key=lambda i: max(len(p.rows) for p in i.pairs))
        batches = [near[first : first + size] for first in range(0, len(near), size)]
        rng.shuffle(batches)
        yield from batches


def loss_of(model: Reader, batch: dict[str, Tensor]) -> Tensor:
    """Return the summed loss: which sentence among all passages of a question, whether each
    sentence holds an answer, and which range of a sentence that does."""
    scores, judged = model(**{name: batch[name] for name in INPUTS})
    present = ~batch["sentences"].isnan().any(dim=2)
    holds = batch["holds"][present]
    owner = batch["owner"][:, None].expand(present.shape)[present]
    which, whether = judged[present].T
    loss = 2 * _choice_loss(which, holds, owner, len(batch["question"]))
    loss = loss + 2 * functional.binary_cross_entropy_with_logits(whether, holds)
    right = torch.zeros_like(scores)
    passage, first, more = batch["ranges"].T
    right[passage, first, more] = 1
    answered = passage.unique()
    padded = functional.pad(batch["holds"], (0, 1))
    inside = torch.gather(padded, 1, batch["sentence_of"])[answered] > 0
    scores = scores[answered].masked_fill(~inside[..., None], NEVER).flatten(1)
    told = scores.masked_fill(right[answered].flatten(1) == 0, NEVER).logsumexp(dim=1)
    return loss + (scores.logsumexp(dim=1) - told).sum() / max(1, len(answered))


def _choice_loss(scores: Tensor, right: Tensor, group: Tensor, count: int) -> Tensor:
    """Return -log of the share of exp(score) that is right, averaged over the groups that have
    anything right."""
    told = right > 0
    whole = _sum_groups(scores, group, count)
    part = _sum_groups(scores[told], group[told], count)
    used = part.isfinite()
    return (whole[used] - part[used]).sum() / max(1, int(used.sum()))


def _sum_groups(scores: Tensor, group: Tensor, count: int) -> Tensor:
    """Return log of the sum of exp(score) of each group, -inf for one without scores."""
    peaks = torch.full((count,), -torch.inf)
    peaks = peaks.scatter_reduce(0, group, scores.detach(), "amax").clamp(min=NEVER)
    sums = torch.zeros(count).index_add(0, group, torch.exp(scores - peaks[group]))
    return sums.log() + peaks


def evaluate(model: Reader, items: Sequence[Item], vectors: Tensor) -> dict[str, float]:
    """Return figures on the answering passage alone: the chosen sentence holds an answer, and exact
    match and F1 of the short answer chosen in it."""
    model.eval()
    totals = np.zeros(3)
    with torch.no_grad():
        for at in range(0, len(items), 64):
            chunk = [replace(item, pairs=item.pairs[:1]) for item in items[at : at + 64]]
            batch = collate(chunk, vectors)
            scores, judged = (t.numpy() for t in model(**{name: batch[name] for name in INPUTS}))
            for row, item in enumerate(chunk):
                pair = item.pairs[0]
                best = np.maximum.reduceat(scores[row].max(axis=1), _list_first(pair))
                chosen = int((judged[row, : len(best), 0] + RANGE * best).argmax())
                inside = np.flatnonzero(pair.sentence_of == chosen)
                first, last, _ = choose_span(scores[row, inside])
                said = score_answer(item.example, inside[0] + first, inside[0] + last)
                right = chosen in {int(pair.sentence_of[f]) for f, _ in pair.answers}
                totals += (right, *said)
    sentence, exact, f1 = totals / len(items)
    return {"sentence": sentence, "exact": exact, "f1": f1}


def _list_first(pair: Pair) -> np.ndarray:
    return np.searchsorted(pair.sentence_of, np.arange(len(pair.sentences)))


def train(
    model: Reader, items: list[Item], vectors: Tensor, stage: Stage, rng: random.Random
) -> None:
    """Train `model` in place with one rise and fall of the learning rate."""
    steps = stage.epochs * (len(items) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=stage.rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, stage.rate, total_steps=steps, pct_start=0.1
    )
    mean = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(stage.memory)
    )
    model.train()
    done = 0
    while done < steps:
        for chunk in _batches(items, BATCH, rng):
            if done == steps:
                break
            loss = loss_of(model, collate(chunk, vectors))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(model)
            done += 1
            if done % 500 == 0:
                print(f"step {done} of {steps}, loss {loss.item():.3f}", flush=True)
    model.load_state_dict(mean.module.state_dict())


def prepare_dev(words: Path, processes: int = 2) -> list[Item]:
    """Return the questions of PIAF dev that have an answer, with their paragraphs."""
    dev = read_squad(DATA / "dev" / "piaf-dev.json", "fr", "piaf")
    return prepare_items([e for e in dev if e.answers], [], 0, words, processes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = random.Random(0)
    questions = [
        cut_window(example)
        for example in (*read_training(), *read_own_piaf(), *read_own_paragraphs())
    ]
    pool = sorted({(e.title, e.text) for e in questions})
    others = {row.id for path in (FITTED, HELD_OUT) for row in read_asked(path)}
    pool += sample_news(4000, others)
    examples = [*questions, *read_own_news()]
    items = prepare_items(examples, pool, DECOYS, arguments.words, arguments.processes)
    chief = [i for i in items if i.example.source in CHIEF and not i.example.translated]
    measured = prepare_dev(arguments.words, arguments.processes)
    print(f"{len(items)} questions, {len(measured)} to measure on", flush=True)
    vectors = torch.from_numpy(load_vectors(arguments.words).vectors)
    model = Reader(vectors.shape[1], len(SOURCES))
    train(model, items + chief, vectors, FIRST, rng)
    print(evaluate(model, measured, vectors), flush=True)
    ends = []
    for seed in range(TIMES):
        torch.manual_seed(seed)
        end = copy.deepcopy(model)
        train(end, list(chief), vectors, LAST, random.Random(seed))
        ends.append(end.state_dict())
    model.load_state_dict({name: sum(e[name] for e in ends) / TIMES for name in ends[0]})
    print(evaluate(model, measured, vectors), flush=True)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    del weights["manner"]
    np.savez_compressed(arguments.out, **weights)


if __name__ == "__main__":
    main()
