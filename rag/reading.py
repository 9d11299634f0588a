"""Which sentence of the passages answers, and which words of it: a small network in numpy.

The network sees words as vectors and as features (`rag.features`) and scores every token as the
start and end of the short answer and every sentence as holding it: convolutions modulated by the
question (FiLM, Perez et al. 2018) over features like those of FastQA (Weissenborn et al. 2017).
It was trained by `training/reader`; the model card lies beside its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from rag.embedding import Embedder, load_embedder
from rag.features import (
    MODEL_DIR,
    PassageView,
    QuestionView,
    WordVectors,
    describe_passage,
    describe_question,
    load_vectors,
)
from rag.matching import COVERAGE_FEATURES, SENTENCE_FEATURES, compare
from rag.questions import Question
from rag.types import Hit, Span

_DILATIONS = (1, 2, 4, 1)
_GAP = 4
_LONGEST = 20
_MOST_TERMS = 16
_SHARPNESS = 8.0
_UNKNOWN = -1e4
_HIT_FEATURES = 7
_NETWORK_FEATURES = 4
# What the network says, the features of the sentence (a second time where question and passage are
# of one language: coverage means more there) and what the search says.
_JUDGED = SENTENCE_FEATURES + COVERAGE_FEATURES
EVIDENCE = _NETWORK_FEATURES + 2 * _JUDGED + _HIT_FEATURES


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
    network = load_network(folder)
    return replace(network, weights=network.weights | _load_arrays(folder / "ranking.npz"))


def load_network(folder: Path = MODEL_DIR) -> Network:
    """Return the reader of `folder` as it is before the ranking is fitted: every sentence equal."""
    weights = _load_arrays(folder / "network.npz")
    weights["rank.weight"] = np.zeros(EVIDENCE, np.float32)
    return Network(load_vectors(folder / "words.npz"), weights)


def _load_arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


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
    cosines = _cosines(question, [hits[number] for number in numbers], used)
    top = max(hits[number].score for number in numbers) + 1e-6
    readings = []
    token, row, nearest = 0, -1, cosines.max()
    for number, view in zip(numbers, used, strict=True):
        hit = hits[number]
        same = float(hit.passage.language == question.language)
        borders = [*view.first, len(view.starts)]
        for span, offset, limit in zip(view.spans, borders[:-1], borders[1:], strict=True):
            row += 1
            if not any(char.isalnum() for char in view.text[span.start : span.end]):
                continue
            best, a, b, sureness = _best_span(
                start[token + offset : token + limit],
                end[token + offset : token + limit],
            )
            found = (hit.score, hit.score / top, 1 / hit.rank, hit.cosine, hit.lexical)
            near = (cosines[row], cosines[row] - nearest)
            network_says = (judged[row, 0], judged[row, 1], best, sureness)
            evidence = np.array(
                [
                    *network_says,
                    *sentences[row],
                    *(sentences[row] * same),
                    *found,
                    *near,
                ],
                np.float32,
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
        token += len(view.starts)
    return sorted(readings, key=lambda r: (-r.score, r.hit, r.sentence.start))


@lru_cache(512)
def _view(words: WordVectors, text: str, title: str, language: str) -> PassageView:
    return describe_passage(text, title, language, words)


def _cosines(question: Question, hits: Sequence[Hit], views: Sequence[PassageView]) -> np.ndarray:
    """Return the cosine of the question and each sentence, with the model of the package."""
    texts = [
        f"{hit.passage.article}\n{view.text[span.start : span.end]}"
        for hit, view in zip(hits, views, strict=True)
        for span in view.spans
    ]
    embedder = _own_embedder()
    rows = embedder.encode_documents(texts)
    return rows @ embedder.encode_query([question.text])[0]


@lru_cache(1)
def _own_embedder() -> Embedder:
    return load_embedder()


def _run(
    network: Network, asked: QuestionView, views: Sequence[PassageView]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return start and end scores of all tokens, two scores and the features of all sentences."""
    weights = network.weights
    compared = compare(asked, views, network.words)
    sizes = [len(view.starts) for view in views]
    # All passages lie in one array, with gaps that the convolutions see as zeros.
    count = sum(sizes) + _GAP * (len(sizes) + 1)
    places = np.concatenate(
        [np.arange(size) + at for size, at in zip(sizes, _offsets(sizes), strict=True)]
    )
    vectors = compared.vectors @ weights["word.weight"].T + weights["word.bias"]
    terms = asked.vectors[:_MOST_TERMS]
    near = _SHARPNESS * (compared.vectors @ terms.T)
    near[:, ~terms.any(axis=1)] = _UNKNOWN
    near = np.exp(near - near.max(axis=1, keepdims=True))
    term_vectors = terms @ weights["word.weight"].T + weights["word.bias"]
    aligned = (near / near.sum(axis=1, keepdims=True)) @ term_vectors
    about = np.stack([asked.focus, asked.mean, asked.asked]) @ weights["word.weight"].T
    given = np.concatenate([asked.features, (about + weights["word.bias"]).ravel()])
    ask = np.maximum(weights["ask.weight"] @ given + weights["ask.bias"], 0)
    width = len(ask)
    film = (weights["film.weight"] @ ask + weights["film.bias"]).reshape(-1, 2, width)
    tokens = np.hstack([vectors, vectors * aligned, compared.tokens])
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
    first = compared.first
    lengths = np.diff(np.append(first, len(hidden)))[:, None]
    row = np.hstack(
        [
            np.add.reduceat(hidden, first, axis=0) / lengths,
            np.maximum.reduceat(hidden, first, axis=0),
            compared.sentences,
            np.broadcast_to(ask, (len(first), width)),
        ]
    )
    row = np.maximum(row @ weights["sentence.weight"].T + weights["sentence.bias"], 0)
    judged = row @ weights["judge.weight"].T + weights["judge.bias"]
    return (
        points[:, 0],
        points[:, 1],
        judged,
        np.hstack([compared.sentences, compared.coverage]),
    )


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
