"""The reader's network in numpy: scores of ranges of words as the short answer, and of sentences.

The network sees words as vectors and as features (`rag.features`, `rag.matching`). Convolutions
over the passage are modulated by the question (FiLM, Perez et al. 2018); each word of the passage
is told which words of the question it is nearest to (aligned embeddings, Chen et al. 2017) and each
sentence what its passage's others are like; ranges are scored as a whole (Lee et al. 2016). Trained
by `training/reader`; the model card lies beside the weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from rag.features import MODEL_DIR, QuestionView, WordVectors, load_vectors
from rag.matching import Comparison
from rag.spans import IMPOSSIBLE, LONGEST

DILATIONS = (1, 2, 4, 1)
# How much nearer words weigh when those of question and passage are aligned.
SHARPNESS = 8.0
# Passages lie in one array with as many zeros between them as the taps reach.
_GAP = max(DILATIONS)
# Ranges are scored in blocks of so many tokens: larger ones reckon more that is no range.
_BLOCK = 64


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
    """Return the reader of `folder` without the ranking and the confidence fitted to it."""
    return Network(load_vectors(folder / "words.npz"), _load_arrays(folder / "network.npz"))


def _load_arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


@lru_cache(1)
def own_reader() -> Network:
    """Return the reader of the package, loaded once."""
    return load_reader()


def score_passages(
    network: Network, asked: QuestionView, compared: Comparison
) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores of ranges (tokens × LONGEST, by first token and length less one, those
    across sentences IMPOSSIBLE) and two scores of each sentence."""
    weights, sizes = network.weights, compared.sizes
    vectors = network.words.vectors[asked.sequence]
    terms = _apply(weights, "word", vectors)
    said = _read_terms(network, vectors, terms)
    shares = _softmax(_apply(weights, "pool", said).T)
    about = _apply(weights, "word", np.stack([asked.focus, asked.mean, asked.asked]))
    given = np.concatenate([asked.features, about.ravel(), (shares @ said).ravel()])
    ask = np.maximum(_apply(weights, "ask", given), 0)
    width = len(ask)
    film = _apply(weights, "film", ask).reshape(-1, 2, width)
    film[:, 0] += 1
    # The question's modulation of a layer is folded into the weights of the layer.
    enter = weights["enter.weight"] * film[0, 0, :, None]
    met = _meet(network, vectors, terms, said, compared.vectors)
    hidden = met @ enter[:, : met.shape[1]].T
    hidden += weights["enter.bias"] * film[0, 0] + film[0, 1]
    # All passages lie in one array, with gaps that the convolutions see as zeros.
    places = np.arange(sizes.sum()) + np.repeat(_GAP * np.arange(1, len(sizes) + 1), sizes)
    gaps = np.ones(places[-1] + _GAP + 1, bool)
    gaps[places] = False
    state = np.zeros((len(gaps), width), np.float32)
    tokens = hidden[compared.place] + compared.tokens @ enter[:, met.shape[1] :].T
    state[places] = np.maximum(tokens, 0)
    # The gaps at both ends are as wide as the taps reach.
    inner, between = state[_GAP:-_GAP], np.flatnonzero(gaps[_GAP:-_GAP])
    for layer, by in enumerate(DILATIONS):
        gain, shift = film[layer + 1]
        mixed = _mix(state, weights[f"convs.{layer}.weight"] * gain[:, None], by)
        mixed += weights[f"convs.{layer}.bias"] * gain + shift
        np.maximum(mixed, 0, out=mixed)
        mixed[between] = 0
        inner += mixed
    known = _weigh_sentences(network, state[places], compared, ask)
    lengths = np.diff(compared.first, append=len(places))
    state[places] += np.repeat(_apply(weights, "back", known), lengths, axis=0)
    last = _mix(state, weights["last.weight"], 1)[places - _GAP] + weights["last.bias"]
    ranges = _score_ranges(network, np.maximum(last, 0), ask, lengths)
    return ranges, _apply(weights, "judge", known)


def _apply(weights: dict[str, np.ndarray], layer: str, rows: np.ndarray) -> np.ndarray:
    result: np.ndarray = rows @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"]
    return result


def _softmax(rows: np.ndarray) -> np.ndarray:
    shares = np.exp(rows - rows.max(axis=1, keepdims=True))
    result: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
    return result


def _mix(state: np.ndarray, weight: np.ndarray, by: int) -> np.ndarray:
    """Return what a convolution over each row and those `by` before and after it gives, without the
    rows of the outer gaps."""
    left, middle, right = np.split(weight.T, 3)
    mixed: np.ndarray = state[_GAP - by : -_GAP - by] @ left
    mixed += state[_GAP:-_GAP] @ middle
    mixed += state[_GAP + by : len(state) - _GAP + by] @ right
    return mixed


def _read_terms(network: Network, vectors: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Return the words of the question, each with its neighbours seen."""
    weights = network.weights
    unknown = ~vectors.any(axis=1, keepdims=True)
    said = np.hstack([terms, unknown]).astype(np.float32)
    for layer in ("terms.0", "terms.1"):
        border = np.zeros((1, said.shape[1]), np.float32)
        padded = np.vstack([border, said, border])
        said = np.maximum(_apply(weights, layer, np.hstack([padded[:-2], said, padded[2:]])), 0)
    return said


def _meet(
    network: Network, asked: np.ndarray, terms: np.ndarray, said: np.ndarray, vectors: np.ndarray
) -> np.ndarray:
    """Return for each word of the passages, of these `vectors`, what it is and what of the question
    it is nearest to: of the words with vectors `asked`, as they are (`terms`) and in order."""
    weights = network.weights
    words = _apply(weights, "word", vectors)
    aligned = _softmax(SHARPNESS * (vectors @ asked.T)) @ terms
    sought = _apply(weights, "key", words) @ _apply(weights, "seek", said).T
    found = _softmax(sought / np.float32(weights["key.bias"].size ** 0.5)) @ said
    return np.hstack([words, words * aligned, np.abs(words - aligned), found])


def _weigh_sentences(
    network: Network, hidden: np.ndarray, compared: Comparison, ask: np.ndarray
) -> np.ndarray:
    """Return the sentences, each with what its passage's others are like."""
    weights, first = network.weights, compared.first
    lengths = np.diff(first, append=len(hidden)).astype(np.float32)[:, None]
    heads, counts = compared.heads, np.diff(compared.heads, append=len(first))

    def spread(rows: np.ndarray) -> np.ndarray:
        return np.repeat(rows, counts, axis=0)

    def average(rows: np.ndarray) -> np.ndarray:
        return spread(np.add.reduceat(rows, heads, axis=0) / counts.astype(np.float32)[:, None])

    row = np.hstack(
        [
            np.add.reduceat(hidden, first, axis=0) / lengths,
            np.maximum.reduceat(hidden, first, axis=0),
            np.broadcast_to(ask, (len(first), len(ask))),
            compared.sentences,
            compared.sentences - average(compared.sentences),
        ]
    )
    own = np.maximum(_apply(weights, "sentence", row), 0)
    most = spread(np.maximum.reduceat(own, heads, axis=0))
    return np.maximum(_apply(weights, "among", np.hstack([own, most, average(own)])), 0)


def _score_ranges(
    network: Network, hidden: np.ndarray, ask: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """Return the scores of ranges (tokens × LONGEST); `sizes` are those of the sentences."""
    count = len(hidden)
    point = _apply(network.weights, "point", hidden)
    begins, ends = np.split(_apply(network.weights, "fit", hidden), 2, axis=1)
    scores = _fit_ranges(begins / np.float32(begins.shape[1] ** 0.5), ends)
    scores += point[:, :1]
    ahead = np.pad(point[:, 1], (0, LONGEST - 1))
    scores += np.lib.stride_tricks.sliding_window_view(ahead, LONGEST)
    scores += _apply(network.weights, "length", ask)
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(count)
    scores[np.arange(LONGEST) >= left[:, None]] = IMPOSSIBLE
    return scores


def _fit_ranges(begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return how each of `begins` (tokens × any) fits each of `ends` from its own token to
    LONGEST - 1 further (tokens × LONGEST): the diagonals of products of blocks."""
    padded = np.pad(ends, ((0, LONGEST - 1), (0, 0)))
    scores = np.empty((len(begins), LONGEST), np.float32)
    for at in range(0, len(begins), _BLOCK):
        part = begins[at : at + _BLOCK]
        block = part @ padded[at : at + len(part) + LONGEST - 1].T
        row, column = block.strides
        scores[at : at + len(part)] = np.lib.stride_tricks.as_strided(
            block, (len(part), LONGEST), (row + column, column), writeable=False
        )
    return scores


def weigh(network: Network, layer: str, rows: np.ndarray, kind: int = 0) -> np.ndarray:
    """Return what the fitted `layer` ("choice" or "told") makes of `rows` of evidence, held between
    the bounds it knows: a line, and a hidden layer whose bias the kind of question gives."""
    weights = network.weights
    rows = np.clip(rows, weights[f"{layer}.low"], weights[f"{layer}.high"])
    hidden = rows @ weights[f"{layer}.hidden"].T + weights[f"{layer}.kind"][kind]
    line = rows @ weights[f"{layer}.line"] + weights[f"{layer}.bias"]
    result: np.ndarray = line + np.maximum(hidden, 0) @ weights[f"{layer}.out"]
    return result
