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
from itertools import pairwise
from pathlib import Path

import numpy as np

from rag.embedding import load_embedder
from rag.embedding.static import StaticEmbedder
from rag.features import (
    MODEL_DIR,
    PassageView,
    QuestionView,
    WordVectors,
    describe_passage,
    describe_question,
    load_vectors,
)
from rag.matching import COVERAGE_FEATURES, SENTENCE_FEATURES, Comparison, compare
from rag.questions import Question, is_measured
from rag.types import Hit, Span

_DILATIONS = (1, 2, 4, 1)
_GAP = 4
_LONGEST = 20
_MOST_TERMS = 16
_SHARPNESS = 8.0
_UNKNOWN = -1e4
_IMPOSSIBLE = np.float32(-1e9)
_HIT_FEATURES = 7
# What is left unread: hits that score this far below the best or speak of less than this share of
# the names that the best speaks of; and, where neither a figure, which changes from issue to issue,
# nor a list is asked for, all after the fifth. Of 754 answers 20 changed, as many for the better.
_ALWAYS_READ = 3
_READ_SHARE = 0.005
_READ_NAMES = 0.5
_READ_OF_ONE_FACT = 5
# How many passages are remembered as they were read.
_REMEMBERED = 512
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
    question: Question,
    hits: Sequence[Hit],
    network: Network | None = None,
    *,
    every: bool = False,
) -> list[Reading]:
    """Return every sentence of `hits` as a possible answer to `question`, best first.

    Of hits that promise little only the first few are read, unless `every` one is wanted.
    """
    network = network or own_reader()
    asked = describe_question(question, network.words)
    chosen = range(len(hits)) if every else _list_promising(question, hits)
    views = {
        number: _view(network.words, passage.text, passage.article, passage.language)
        for number, passage in ((n, hits[n].passage) for n in chosen)
    }
    numbers = [number for number, view in views.items() if view.words]
    if not numbers:
        return []
    used = [views[number] for number in numbers]
    compared = compare(asked, used, network.words)
    start, end, judged = _run(network, asked, compared)
    best, a, b, sureness = _best_spans(start, end, compared.first)
    near = _cosines(question, [hits[number] for number in numbers], used)
    owner = np.repeat(numbers, [len(view.first) for view in used])
    top = max(hits[number].score for number in numbers) + 1e-6
    found = np.array(
        [(h.score, h.score / top, 1 / h.rank, h.cosine, h.lexical) for h in hits], np.float32
    )
    same = np.array([hit.passage.language == question.language for hit in hits])
    described = np.hstack([compared.sentences, compared.coverage])
    evidence = np.hstack(
        [
            judged,
            np.stack([best, sureness], axis=1),
            described,
            described * same[owner, None],
            found[owner],
            np.stack([near, near - near.max()], axis=1),
        ]
    ).astype(np.float32)
    ranked = evidence @ network.weights["rank.weight"]
    places = [
        (view, number, span)
        for number, view in zip(numbers, used, strict=True)
        for span in view.spans
    ]
    ranges = [place for view in used for place in view.ranges]
    readings = [
        Reading(
            hit=number,
            sentence=span,
            short=Span(ranges[a[row]][0], ranges[b[row]][1]),
            score=float(ranked[row]),
            sureness=float(sureness[row]),
            evidence=evidence[row],
        )
        for row, (view, number, span) in enumerate(places)
        if any(char.isalnum() for char in view.text[span.start : span.end])
    ]
    return sorted(readings, key=lambda r: (-r.score, r.hit, r.sentence.start))


def _list_promising(question: Question, hits: Sequence[Hit]) -> list[int]:
    """Return the numbers of the hits that may answer: the first few, and those not far behind the
    best in score and in the names of the question that they speak of."""
    widely = question.several or is_measured(question)
    score = _READ_SHARE * max((hit.score for hit in hits), default=0.0)
    names = _READ_NAMES * max((hit.names for hit in hits), default=0.0)
    return [
        number
        for number, hit in enumerate(hits[: None if widely else _READ_OF_ONE_FACT])
        if number < _ALWAYS_READ or (hit.score >= score and hit.names >= names)
    ]


@lru_cache(_REMEMBERED)
def _view(words: WordVectors, text: str, title: str, language: str) -> PassageView:
    return describe_passage(text, title, language, words)


def _cosines(question: Question, hits: Sequence[Hit], views: Sequence[PassageView]) -> np.ndarray:
    """Return the cosine of the question and each sentence, with the model of the package."""
    asked = _own_embedder().sum_tokens([question.text])[0]
    rows = np.concatenate(_sum_sentences([hit.passage.article for hit in hits], views))
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(asked)
    return rows @ asked / (lengths + 1e-9)


def _sum_sentences(titles: Sequence[str], views: Sequence[PassageView]) -> list[np.ndarray]:
    """Return of each passage the sums of the vectors of its title and each of its sentences."""
    keys = [(title, view.text) for title, view in zip(titles, views, strict=True)]
    found = {key: known for key in keys if (known := _sums.get(key)) is not None}
    fresh = {key: view for key, view in zip(keys, views, strict=True) if key not in found}
    if fresh:
        heads = [title for title, _ in fresh]
        # The folded words, of which far fewer differ than of words as they are written.
        texts = [
            " ".join(view.words[first:end])
            for view in fresh.values()
            for first, end in pairwise([*view.first, len(view.words)])
        ]
        sums = _own_embedder().sum_tokens([*heads, *texts])
        at = len(heads)
        for head, (key, view) in zip(sums, fresh.items(), strict=False):
            found[key] = head + sums[at : at + len(view.spans)]
            at += len(view.spans)
        if len(_sums) > _REMEMBERED:
            _sums.clear()
        _sums.update((key, found[key]) for key in fresh)
    return [found[key] for key in keys]


_sums: dict[tuple[str, str], np.ndarray] = {}


@lru_cache(1)
def _own_embedder() -> StaticEmbedder:
    embedder = load_embedder()
    assert isinstance(embedder, StaticEmbedder)
    return embedder


def _run(
    network: Network, asked: QuestionView, compared: Comparison
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start and end scores of all tokens and two scores of all sentences."""
    weights, sizes = network.weights, compared.sizes
    # All passages lie in one array, with gaps that the convolutions see as zeros.
    places = np.arange(sizes.sum()) + np.repeat(_GAP * np.arange(1, len(sizes) + 1), sizes)
    gaps = np.ones(places[-1] + _GAP + 1, bool)
    gaps[places] = False
    about = np.stack([asked.focus, asked.mean, asked.asked]) @ weights["word.weight"].T
    given = np.concatenate([asked.features, (about + weights["word.bias"]).ravel()])
    ask = np.maximum(weights["ask.weight"] @ given + weights["ask.bias"], 0)
    width = len(ask)
    film = (weights["film.weight"] @ ask + weights["film.bias"]).reshape(-1, 2, width)
    film[:, 0] += 1
    vectors = compared.vectors @ weights["word.weight"].T + weights["word.bias"]
    aligned = _align(network, asked.vectors[:_MOST_TERMS], compared.vectors)
    # The question's modulation of a layer is folded into the weights of the layer.
    enter = weights["enter.weight"] * film[0, 0, :, None]
    by_word = 2 * vectors.shape[1]
    hidden = np.hstack([vectors, vectors * aligned]) @ enter[:, :by_word].T
    hidden += weights["enter.bias"] * film[0, 0] + film[0, 1]
    state = np.zeros((len(gaps), width), np.float32)
    state[places] = np.maximum(hidden[compared.place] + compared.tokens @ enter[:, by_word:].T, 0)
    # The gaps at both ends are as wide as the taps reach.
    inner, between = state[_GAP:-_GAP], np.flatnonzero(gaps[_GAP:-_GAP])
    for layer, by in enumerate(_DILATIONS):
        gain, shift = film[layer + 1]
        left, middle, right = np.split((weights[f"convs.{layer}.weight"] * gain[:, None]).T, 3)
        mixed = state[_GAP - by : -_GAP - by] @ left
        mixed += inner @ middle
        mixed += state[_GAP + by : len(state) - _GAP + by] @ right
        mixed += weights[f"convs.{layer}.bias"] * gain + shift
        np.maximum(mixed, 0, out=mixed)
        mixed[between] = 0
        inner += mixed
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
    return points[:, 0], points[:, 1], judged


def _align(network: Network, terms: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return for each row of `vectors` the words of the question, the nearest weighing most."""
    weights = network.weights
    near = _SHARPNESS * (vectors @ terms.T)
    near[:, ~terms.any(axis=1)] = _UNKNOWN
    near = np.exp(near - near.max(axis=1, keepdims=True))
    words = terms @ weights["word.weight"].T + weights["word.bias"]
    return (near / near.sum(axis=1, keepdims=True)) @ words


def _best_spans(
    start: np.ndarray, end: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return for each sentence score, first and last token of its best span, and the span's share
    among all its spans. `first` are the first tokens of the sentences."""
    count = len(start)
    sizes = np.diff(first, append=count)
    left = np.repeat(first + sizes, sizes) - np.arange(count)
    padded = np.concatenate([end, np.full(_LONGEST - 1, _IMPOSSIBLE)])
    # Rows are lengths, columns first tokens.
    windows = np.lib.stride_tricks.sliding_window_view(padded, count)
    scores = np.where(np.arange(_LONGEST)[:, None] < left, windows, _IMPOSSIBLE) + start
    tops = scores.max(axis=0)
    best = np.maximum.reduceat(tops, first)
    among = np.exp(scores - np.repeat(best, sizes)).sum(axis=0)
    begins = [
        at + int(tops[at : at + size].argmax()) for at, size in zip(first, sizes, strict=True)
    ]
    lengths = scores[:, begins].argmax(axis=0)
    return best, np.array(begins), begins + lengths, 1 / np.add.reduceat(among, first)
