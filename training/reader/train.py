"""Train the reader's network and write its weights for numpy.

    python -m training.reader.train --words rag/models/reader/words.npz \\
        --out rag/models/reader/network.npz

Takes about 20 minutes and 4 GB on two cores.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rag.features import (
    PassageView,
    WordVectors,
    describe_passage,
    describe_question,
    load_vectors,
)
from rag.matching import compare
from rag.questions import analyse_question
from rag.sentences import split_sentences
from training.reader.examples import (
    DATA,
    Example,
    find_decoys,
    read_squad,
    read_training,
    sample_news,
)
from training.reader.headlines import read_headlines
from training.reader.lexicon import split_rows, translate_question
from training.reader.network import Reader

MAX_TOKENS = 260
MAX_TERMS = 16
HEADLINES = 34_000
DECOYS = 1
# Longer texts are cut to about this many characters around the answer, as passages are.
WINDOW = 650


@dataclass
class Pair:
    """A question and one passage as arrays; `answers` are token ranges, ends inclusive."""

    rows: np.ndarray
    features: np.ndarray
    sentences: np.ndarray
    sentence_of: np.ndarray
    answers: list[tuple[int, int]]
    view: PassageView | None = None


@dataclass
class Item:
    """A question with its passages, the answering one first."""

    example: Example
    question: np.ndarray
    asked: np.ndarray
    terms: np.ndarray
    pairs: list[Pair]


INPUTS = (
    "vectors", "features", "question", "asked", "terms", "sentences", "sentence_of", "mask"
)  # fmt: skip
_WORDS: WordVectors | None = None
_ROWS: dict[str, np.ndarray] = {}


def prepare_items(
    examples: list[Example],
    pool: list[tuple[str, str]],
    decoys: int,
    words: Path,
    processes: int,
) -> list[Item]:
    """Return the examples as arrays; those whose answer lies in no sentence are left out."""
    searched = [e for e in examples if not e.decoys] if decoys else []
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
    asked_for = analyse_question(example.question, example.language)
    if example.translated:
        rng = random.Random(example.question)
        asked_for = translate_question(asked_for, _WORDS, _ROWS[example.translated], rng)
        asked_for = replace(asked_for, language=example.translated)
    question = describe_question(asked_for, _WORDS)
    pairs = []
    for title, text in [(example.title, example.text), *decoys]:
        language = example.language
        view = describe_passage(text, title, language, _WORDS)
        if not view.words:
            continue
        starts, ends = np.array(view.ranges).T
        sentence_of = np.searchsorted(view.first, np.arange(len(starts)), side="right") - 1
        compared = compare(question, [view], _WORDS)
        features, sentences = compared.tokens, compared.sentences
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
                features[:MAX_TOKENS].astype(np.float16),
                sentences[: sentence_of[:MAX_TOKENS][-1] + 1].astype(np.float16),
                sentence_of[:MAX_TOKENS].astype(np.int32),
                answers,
            )
        )
    if not pairs or not pairs[0].answers:
        return None
    asked = np.stack([question.focus, question.mean, question.asked])
    return Item(example, question.features, asked, question.rows[:MAX_TERMS], pairs)


def cut_window(example: Example) -> Example:
    """Return `example` with no more text than a passage has, whole sentences around its answer."""
    if len(example.text) <= WINDOW:
        return example
    spans = split_sentences(example.text)
    start, end = example.answers[0]
    inside = [n for n, s in enumerate(spans) if s.start < end and start < s.end]
    first, last = (inside[0], inside[-1]) if inside else (0, len(spans) - 1)
    rng = random.Random(example.question)
    while first > 0 or last < len(spans) - 1:
        back = first > 0 and (last == len(spans) - 1 or rng.random() < 0.5)
        low, high = (first - 1, last) if back else (first, last + 1)
        if spans[high].end - spans[low].start > WINDOW:
            break
        first, last = low, high
    at, stop = min(spans[first].start, start), max(spans[last].end, end)
    answers = tuple((a - at, b - at) for a, b in example.answers if at <= a and b <= stop)
    return replace(example, text=example.text[at:stop], answers=answers)


def collate(items: Sequence[Item], vectors: Tensor) -> dict[str, Tensor]:
    """Return a padded batch of all passages of all items, and where the answers are."""
    pairs = [(number, pair) for number, item in enumerate(items) for pair in item.pairs]
    longest = max(len(pair.rows) for _, pair in pairs)
    count = len(pairs)
    rows = torch.zeros(count, longest, dtype=torch.long)
    features = torch.zeros(count, longest, pairs[0][1].features.shape[1])
    mask = torch.zeros(count, longest)
    starts, ends = torch.zeros(count, longest), torch.zeros(count, longest)
    total = sum(len(pair.sentences) for _, pair in pairs)
    sentence_of = torch.full((count, longest), total, dtype=torch.long)
    sentences = torch.cat([torch.from_numpy(p.sentences.astype(np.float32)) for _, p in pairs])
    holds = torch.zeros(total)
    group = torch.zeros(total, dtype=torch.long)
    at = 0
    for row, (number, pair) in enumerate(pairs):
        size = len(pair.rows)
        rows[row, :size] = torch.from_numpy(pair.rows.astype(np.int64))
        features[row, :size] = torch.from_numpy(pair.features.astype(np.float32))
        mask[row, :size] = 1
        sentence_of[row, :size] = torch.from_numpy(pair.sentence_of.astype(np.int64)) + at
        for first, last in pair.answers:
            starts[row, first] = ends[row, last] = 1
            holds[at + int(pair.sentence_of[first])] = 1
        group[at : at + len(pair.sentences)] = number
        at += len(pair.sentences)
    owner = torch.tensor([number for number, _ in pairs])
    terms = torch.zeros(len(items), max(len(i.terms) for i in items), dtype=torch.long)
    for number, item in enumerate(items):
        terms[number, : len(item.terms)] = torch.from_numpy(item.terms.astype(np.int64))
    return {
        "vectors": vectors[rows],
        "features": features,
        "question": torch.from_numpy(np.stack([items[n].question for n, _ in pairs])),
        "asked": torch.from_numpy(np.stack([items[n].asked for n, _ in pairs])),
        "terms": vectors[terms[owner]],
        "sentences": sentences,
        "sentence_of": sentence_of,
        "mask": mask,
        "starts": starts,
        "ends": ends,
        "holds": holds,
        "group": group,
        "owner": owner,
    }


def _batches(items: list[Item], size: int, rng: random.Random) -> Iterator[list[Item]]:
    """Yield batches of questions whose passages are about as long, in random order."""
    for at in range(0, len(items), 30 * size):
        near = sorted(items[at : at + 30 * size], key=lambda i: max(len(p.rows) for p in i.pairs))
        batches = [near[first : first + size] for first in range(0, len(near), size)]
        rng.shuffle(batches)
        yield from batches


def loss_of(model: Reader, batch: dict[str, Tensor], items: int) -> Tensor:
    """Return the summed loss: start, end and sentence among all passages of a question, and whether
    each sentence holds an answer."""
    start, end, judged = model(*(batch[name] for name in INPUTS))
    inside = batch["mask"] > 0
    owner = batch["owner"][:, None].expand(inside.shape)[inside]
    loss = _grouped_loss(start[inside], batch["starts"][inside], owner, items)
    loss = loss + _grouped_loss(end[inside], batch["ends"][inside], owner, items)
    loss = loss + _grouped_loss(judged[:, 0], batch["holds"], batch["group"], items)
    return loss + 2 * functional.binary_cross_entropy_with_logits(judged[:, 1], batch["holds"])


def _grouped_loss(scores: Tensor, gold: Tensor, group: Tensor, count: int) -> Tensor:
    """Return -log of the share of exp(score) that is on gold, averaged over groups."""
    peak = scores.max().detach()
    weights = torch.exp(scores - peak)
    everything = torch.zeros(count).index_add_(0, group, weights)
    right = torch.zeros(count).index_add_(0, group, weights * gold)
    used = right > 0
    return (torch.log(everything[used]) - torch.log(right[used])).mean()


def decode(
    start: np.ndarray,
    end: np.ndarray,
    sentence_of: np.ndarray,
    judged: np.ndarray,
    limit: int = 20,
) -> tuple[int, int, int]:
    """Return the best sentence and the best span in it."""
    count = len(start)
    best = (-1e9, 0, 0, 0)
    for first in range(count):
        last = min(count, first + limit)
        last = first + int(
            np.searchsorted(sentence_of[first:last], sentence_of[first], side="right")
        )
        offset = int(np.argmax(end[first:last]))
        score = start[first] + end[first + offset] + 4 * judged[sentence_of[first]]
        if score > best[0]:
            best = (score, int(sentence_of[first]), first, first + offset)
    return best[1], best[2], best[3]


def evaluate(model: Reader, items: Sequence[Item], vectors: Tensor) -> dict[str, float]:
    """Return figures on the answering passage alone: sentence holds, exact, F1."""
    from training.reader.measure import score_answer

    model.eval()
    right_judged = right_span = exact = f1 = 0.0
    with torch.no_grad():
        for at in range(0, len(items), 64):
            chunk = [
                Item(i.example, i.question, i.asked, i.terms, i.pairs[:1])
                for i in items[at : at + 64]
            ]
            batch = collate(chunk, vectors)
            start, end, judged = (t.numpy() for t in model(*(batch[n] for n in INPUTS)))
            offset = 0
            for row, item in enumerate(chunk):
                pair = item.pairs[0]
                size = len(pair.sentences)
                own = judged[offset : offset + size, 0]
                own = own - np.logaddexp.reduce(own)
                offset += size
                gold = {int(pair.sentence_of[f]) for f, _ in pair.answers}
                right_judged += int(np.argmax(own)) in gold
                length = len(pair.rows)
                chosen, first, last = decode(
                    start[row, :length], end[row, :length], pair.sentence_of, own
                )
                right_span += chosen in gold
                em, f = score_answer(item.example, first, last)
                exact += em
                f1 += f
    n = len(items)
    return {
        "judged": right_judged / n,
        "sentence": right_span / n,
        "exact": exact / n,
        "f1": f1 / n,
    }


# What each stage trains on (all if empty), for how many epochs, at which rate and decay: headings
# of news teach the domain, questions of people what is asked, PIAF how long a short answer is.
STAGES: tuple[tuple[frozenset[str], float, float, float], ...] = (
    (frozenset(), 2.0, 2e-3, 0.03),
    (frozenset({"piaf", "quiz", "squad"}), 1.5, 1.5e-3, 0.03),
    (frozenset({"piaf"}), 1.6, 6e-4, 0.1),
)
BATCH = 24


def train_stage(
    model: Reader,
    items: list[Item],
    vectors: Tensor,
    epochs: float,
    rate: float,
    decay: float,
    rng: random.Random,
) -> None:
    """Train `model` in place with one rise and fall of the learning rate."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    steps = int(epochs * (len(items) // BATCH + 40))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=steps, pct_start=0.1
    )
    model.train()
    done = 0
    while done < steps:
        rng.shuffle(items)
        for chunk in _batches(items, BATCH, rng):
            if done == steps:
                break
            loss = loss_of(model, collate(chunk, vectors), len(chunk))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            done += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = random.Random(0)
    questions = [cut_window(example) for example in read_training()]
    pool = sorted({(e.title, e.text) for e in questions})
    pool += [(title, text[:500]) for title, text in sample_news(4000)]
    examples = [e for n, e in enumerate(questions) if e.source != "squad" or n % 3]
    examples += read_headlines(HEADLINES)
    items = prepare_items(examples, pool, DECOYS, arguments.words, arguments.processes)
    dev = read_squad(DATA / "dev" / "piaf-dev.json", "fr", "dev")
    measured = prepare_items(
        [e for e in dev if e.answers], [], 0, arguments.words, arguments.processes
    )
    print(f"{len(items)} questions, {len(measured)} to measure on", flush=True)
    vectors = torch.from_numpy(load_vectors(arguments.words).vectors)
    model = Reader(vectors.shape[1])
    for sources, epochs, rate, decay in STAGES:
        used = [i for i in items if not sources or i.example.source in sources]
        train_stage(model, used, vectors, epochs, rate, decay, rng)
        figures = evaluate(model, measured, vectors)
        print(", ".join(f"{name} {value:.3f}" for name, value in figures.items()), flush=True)
    np.savez_compressed(
        arguments.out, **{name: value.numpy() for name, value in model.state_dict().items()}
    )


if __name__ == "__main__":
    main()
