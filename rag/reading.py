"""Which sentence of the passages answers, and which words of it: a small network in numpy.

The network sees words as vectors and as features (`rag.features`) and scores every token as the
start and end of the short answer and every sentence as holding it: convolutions modulated by the
question (FiLM, Perez et al. 2018) over features like those of FastQA (Weissenborn et al. 2017).
It was trained by `training/reader`; the model card lies beside its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from rag.features import (
    MODEL_DIR,
    SENTENCE_FEATURES,
    PassageView,
    QuestionView,
    WordVectors,
    compare,
    describe_passage,
    describe_question,
    load_vectors,
)
from rag.questions import Question
from rag.types import Hit, Span

_DILATIONS = (1, 2, 4, 1)
_GAP = 4
_LONGEST = 20
_HIT_FEATURES = 5
_NETWORK_FEATURES = 4
# What the network says, the features of the sentence (a second time where question and passage are
# of one language: coverage means more there) and what the search says.
EVIDENCE = _NETWORK_FEATURES + 2 * SENTENCE_FEATURES + _HIT_FEATURES


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence that may answer: `sentence` and `short` are ranges of the passage's text.

    `hit` is the number of its hit, from 0. `score` ranks the sentences of all hits, higher is
    better; `sureness` is the share of the short answer among all spans of the sentence (0..1);
    `evidence` are the features (EVIDENCE of them) that the sentence was judged by.
    """

    hit: int
    sentence: Span
    short: Span
    score: float
    sureness: float
    evidence: np.ndarray


@dataclass(frozen=True, slots=True)
class Network:
    """Words and weights of the reader."""

    words: WordVectors
    weights: dict[str, np.ndarray]


def load_reader(folder: Path = MODEL_DIR) -> Network:
    """Return the reader from `folder`, which holds words.npz, network.npz and ranking.npz."""
    weights: dict[str, np.ndarray] = {}
    for name in ("network.npz", "ranking.npz"):
        with np.load(folder / name, allow_pickle=False) as file:
            weights |= {key: file[key].astype(np.float32) for key in file.files}
    return Network(load_vectors(folder / "words.npz"), weights)


@lru_cache(1)
def own_reader() -> Network:
    """Return the reader of the package, loaded once."""
    return load_reader()


def read_hits(
    question: Question, hits: Sequence[Hit], network: Network | None = None
) -> list[Reading]:
    """Return every sentence of `hits` as a possible answer to `question`, best first."""
    network = network or own_reader()
    asked = describe_question(question, network.words)
    passages = [hit.passage for hit in hits]
    views = [_view(network.words, p.text, p.article, p.language) for p in passages]
    numbers = [number for number, view in enumerate(views) if len(view.starts)]
    if not numbers:
        return []
    used = [views[number] for number in numbers]
    start, end, judged, sentences = _run(network, asked, used)
    top = max(hits[number].score for number in numbers) + 1e-6
    readings = []
    token = row = 0
    for number, view in zip(numbers, used, strict=True):
        hit = hits[number]
        same = float(hit.passage.language == question.language)
        found = (hit.score, hit.score / top, 1 / hit.rank, hit.cosine, hit.lexical)
        borders = [*view.first, len(view.starts)]
        for span, offset, limit in zip(view.spans, borders[:-1], borders[1:], strict=True):
            best, a, b, sureness = _best_span(
                start[token + offset : token + limit], end[token + offset : token + limit]
            )
            network_says = (judged[row, 0], judged[row, 1], best, sureness)
            evidence = np.array(
                [*network_says, *sentences[row], *(sentences[row] * same), *found], np.float32
            )
            readings.append(
                Reading(
                    hit=number,
                    sentence=span,
                    short=Span(int(view.starts[offset + a]), int(view.ends[offset + b])),
                    score=float(evidence @ network.weights["rank.weight"]),
                    sureness=sureness,
                    evidence=evidence,
                )
            )
            row += 1
        token += len(view.starts)
    return sorted(readings, key=lambda r: (-r.score, r.hit, r.sentence.start))


@lru_cache(512)
def _view(words: WordVectors, text: str, title: str, language: str) -> PassageView:
    return describe_passage(text, title, language, words)


def _run(
    network: Network, asked: QuestionView, views: Sequence[PassageView]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return start and end scores of all tokens, two scores and the features of all sentences."""
    weights = network.weights
    pairs = [compare(asked, view, network.words) for view in views]
    sentences = np.concatenate([sentences for _, sentences in pairs])
    sizes = [len(view.starts) for view in views]
    # All passages lie in one array, with gaps that the convolutions see as zeros.
    count = sum(sizes) + _GAP * (len(sizes) + 1)
    places = np.concatenate(
        [np.arange(size) + at for size, at in zip(sizes, _offsets(sizes), strict=True)]
    )
    rows = np.concatenate([view.rows for view in views])
    vectors = network.words.vectors[rows] @ weights["word.weight"].T + weights["word.bias"]
    about = np.stack([asked.focus, asked.mean, asked.asked]) @ weights["word.weight"].T
    given = np.concatenate([asked.features, (about + weights["word.bias"]).ravel()])
    ask = np.maximum(weights["ask.weight"] @ given + weights["ask.bias"], 0)
    width = len(ask)
    film = (weights["film.weight"] @ ask + weights["film.bias"]).reshape(-1, 2, width)
    tokens = np.hstack([vectors, np.concatenate([features for features, _ in pairs])])
    hidden = tokens @ weights["enter.weight"].T + weights["enter.bias"]
    state = np.zeros((count, width), np.float32)
    state[places] = np.maximum(hidden * (1 + film[0, 0]) + film[0, 1], 0)
    for layer, by in enumerate(_DILATIONS):
        before, after = np.zeros_like(state), np.zeros_like(state)
        before[by:], after[:-by] = state[:-by], state[by:]
        around = np.hstack([before[places], state[places], after[places]])
        mixed = around @ weights[f"convs.{layer}.weight"].T + weights[f"convs.{layer}.bias"]
        state[places] += np.maximum(mixed * (1 + film[layer + 1, 0]) + film[layer + 1, 1], 0)
    hidden = state[places]
    pair = (weights["pair.weight"] @ ask + weights["pair.bias"]).reshape(2, width)
    points = hidden @ (weights["point.weight"] + pair / width**0.5).T + weights["point.bias"]
    first = np.concatenate(
        [view.first + at for view, at in zip(views, _starts(sizes), strict=True)]
    )
    lengths = np.diff(np.append(first, len(hidden)))[:, None]
    row = np.hstack(
        [
            np.add.reduceat(hidden, first, axis=0) / lengths,
            np.maximum.reduceat(hidden, first, axis=0),
            sentences,
            np.broadcast_to(ask, (len(first), width)),
        ]
    )
    row = np.maximum(row @ weights["sentence.weight"].T + weights["sentence.bias"], 0)
    judged = row @ weights["judge.weight"].T + weights["judge.bias"]
    return points[:, 0], points[:, 1], judged, sentences


def _offsets(sizes: Sequence[int]) -> list[int]:
    return [_GAP * (i + 1) + start for i, start in enumerate(_starts(sizes))]


def _starts(sizes: Sequence[int]) -> list[int]:
    return [sum(sizes[:i]) for i in range(len(sizes))]


def _best_span(start: np.ndarray, end: np.ndarray) -> tuple[float, int, int, float]:
    """Return score, first and last token of the best span, and its share among all spans."""
    count = len(start)
    scores = start[:, None] + end[None, :] + _band(count)
    best = int(np.argmax(scores))
    top = float(scores.flat[best])
    share = 1 / float(np.exp(scores - top).sum())
    return top, best // count, best % count, share


@lru_cache(256)
def _band(count: int) -> np.ndarray:
    """Return 0 where a span may run from row to column, a large negative number elsewhere."""
    length = np.arange(count)[None, :] - np.arange(count)[:, None]
    return np.where((length >= 0) & (length < _LONGEST), 0.0, -1e9).astype(np.float32)
