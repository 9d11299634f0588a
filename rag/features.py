"""What the reader sees of a question alone and of a passage alone, as numbers.

Words carry vectors from one space for seven languages, so a question in one finds words of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from rag.quantities import Quantity, find_quantities
from rag.questions import KINDS, STOPWORDS, UNITS_OF_KIND, Question
from rag.sentences import split_sentences
from rag.types import Span
from rag.words import cached_stem, split_words, tokenise

MODEL_DIR = Path(__file__).parent / "models" / "reader"
_UNIT_CLASSES = ("money", "%", "year", "date", "duration", "other", "bare")
_PUNCTUATION = {",": 0, ".": 1, '"': 2, "(": 3, ")": 3, ":": 4, ";": 4, "-": 5, "'": 6}
STATIC_FEATURES = 18 + len(_UNIT_CLASSES)
QUESTION_FEATURES = len(KINDS) + 4
_DIGITS = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Unit vectors of folded words and how rare they are; row 0 stands for unknown words."""

    rows: dict[str, int]
    vectors: np.ndarray
    idf: np.ndarray

    @property
    def dimension(self) -> int:
        return int(self.vectors.shape[1])


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage as arrays over its tokens and sentences.

    `static` (tokens × features) needs no question. `first` holds the first token of each sentence;
    `spans` their ranges in the text; `sentence_of` the sentence of each token.
    """

    text: str
    language: str
    words: tuple[str, ...]
    starts: np.ndarray
    ends: np.ndarray
    rows: np.ndarray
    stems: tuple[str, ...]
    idf: np.ndarray
    static: np.ndarray
    first: np.ndarray
    sentence_of: np.ndarray
    spans: tuple[Span, ...]
    quantities: tuple[Quantity, ...]
    quantity_of: np.ndarray
    title_stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as arrays over its content words: weights sum to 1."""

    question: Question
    words: tuple[str, ...]
    stems: tuple[str, ...]
    rows: np.ndarray
    vectors: np.ndarray
    weights: np.ndarray
    names: np.ndarray
    mean: np.ndarray
    focus: np.ndarray
    asked: np.ndarray
    features: np.ndarray


def load_vectors(path: Path = MODEL_DIR / "words.npz") -> WordVectors:
    """Return the word vectors of the reader: int8 rows on disk, unit float32 rows in memory."""
    with np.load(path, allow_pickle=False) as file:
        words = bytes(file["words"]).decode().split("\n")
        vectors = file["vectors"].astype(np.float32)
        share = file["share"].astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    unknown = np.zeros((1, vectors.shape[1]), np.float32)
    idf = np.concatenate([[10.0], np.minimum(-np.log(share + 1e-9), 10.0)]).astype(np.float32)
    return WordVectors(
        {word: row for row, word in enumerate(words, 1)},
        np.vstack([unknown, vectors]),
        idf,
    )


def describe_question(question: Question, words: WordVectors) -> QuestionView:
    """Return `question` as arrays. A question without content words has one empty word."""
    content = question.words or ("",)
    rows = np.array([_row(word, words) for word in content])
    vectors = words.vectors[rows]
    weights = words.idf[rows].copy()
    names = np.array([word in question.names for word in content])
    weights[names] = np.maximum(weights[names], 6.0)
    kind_word = np.array([word == question.focus for word in content])
    weights[kind_word] *= 0.6
    weights /= weights.sum()
    mean = weights @ vectors
    tokens = [t.folded for t in tokenise(question.text)]
    asked = words.vectors[[_row(word, words) for word in tokens[:4]] or [0]].mean(axis=0)
    focus = words.vectors[_row(question.focus, words)]
    features = np.zeros(QUESTION_FEATURES, np.float32)
    features[KINDS.index(question.kind)] = 1
    features[-4:] = (
        question.several,
        question.comparison,
        min(len(content), 12) / 12,
        bool(question.names),
    )
    return QuestionView(
        question=question,
        words=content,
        stems=tuple(cached_stem(word) for word in content),
        rows=rows,
        vectors=vectors,
        weights=weights.astype(np.float32),
        names=names,
        mean=mean / (np.linalg.norm(mean) + 1e-9),
        focus=focus,
        asked=asked,
        features=features,
    )


def describe_passage(text: str, title: str, language: str, words: WordVectors) -> PassageView:
    """Return the passage as arrays. A text without a word gives arrays of length 0."""
    spans = tuple(split_sentences(text))
    folded, ranges = split_words(text)
    # What stands before the first sentence, a bullet's mark, is part of none.
    skipped = sum(start < spans[0].start for start, _ in ranges) if spans else len(ranges)
    folded, ranges = folded[skipped:], ranges[skipped:]
    rows = np.array([_row(word, words) for word in folded], np.int64)
    starts, ends = np.array(ranges, np.int64).reshape(-1, 2).T
    borders = np.array([span.start for span in spans], np.int64)
    sentence_of = np.searchsorted(borders, starts, side="right") - 1
    used, first = np.unique(sentence_of, return_index=True)
    sentence_of = np.searchsorted(used, sentence_of)
    quantities = tuple(find_quantities(text, language))
    quantity_of = _quantity_of(starts, quantities)
    return PassageView(
        text=text,
        language=language,
        words=tuple(folded),
        starts=starts,
        ends=ends,
        rows=rows,
        stems=tuple(cached_stem(word) for word in folded),
        idf=words.idf[rows],
        static=_static_features(text, folded, starts, ends, first, quantities, quantity_of),
        first=first,
        sentence_of=sentence_of,
        spans=tuple(spans[number] for number in used),
        quantities=quantities,
        quantity_of=quantity_of,
        title_stems=frozenset(cached_stem(t.folded) for t in tokenise(title)),
    )


def _quantity_of(starts: np.ndarray, quantities: tuple[Quantity, ...]) -> np.ndarray:
    """Return the number of the quantity each token lies in, len(quantities) for none."""
    if not quantities:
        return np.zeros(len(starts), np.int64)
    begins = np.array([q.start for q in quantities])
    ends = np.array([q.end for q in quantities])
    number = np.searchsorted(begins, starts, side="right") - 1
    inside = (number >= 0) & (starts < ends[number])
    return np.where(inside, number, len(quantities))


def _static_features(
    text: str,
    folded: list[str],
    starts: np.ndarray,
    ends: np.ndarray,
    first: np.ndarray,
    quantities: tuple[Quantity, ...],
    quantity_of: np.ndarray,
) -> np.ndarray:
    count = len(folded)
    features = np.zeros((count, STATIC_FEATURES), np.float32)
    quoted = False
    for i, word in enumerate(folded):
        char = text[starts[i]]
        row = features[i]
        if char.isalnum():
            if char.isupper():
                row[0] = 1
                if ends[i] - starts[i] > 1 and text[starts[i] : ends[i]].isupper():
                    row[1] = 1
            if char.isdigit():
                row[2] = 1
            if word in STOPWORDS:
                row[3] = 1
            row[4] = min(len(word), 12) / 12
        else:
            if word == '"':
                quoted = char in "«“" or (not quoted and char not in "»”")
            row[5 + _PUNCTUATION.get(word, 7)] = 1
        row[13] = quoted
    if count:
        features[first, 14] = 1
        features[1:, 15] = features[:-1, 0]
        features[:-1, 16] = features[1:, 0]
        features[:, 17] = features[:, 0] * (1 - features[:, 14]) * (1 - features[:, 3])
        classes = np.array([_unit_class(q.unit) for q in quantities] + [0])
        inside = quantity_of < len(quantities)
        features[np.flatnonzero(inside), 18 + classes[quantity_of[inside]]] = 1
    return features


@lru_cache(256)
def _unit_class(unit: str) -> int:
    for name, kind in (("money", "amount"), ("duration", "duration")):
        if unit in UNITS_OF_KIND[kind]:  # type: ignore[index]
            return _UNIT_CLASSES.index(name)
    if unit == "":
        return _UNIT_CLASSES.index("bare")
    return _UNIT_CLASSES.index(unit) if unit in _UNIT_CLASSES else _UNIT_CLASSES.index("other")


def _row(word: str, words: WordVectors) -> int:
    row = words.rows.get(word)
    if row is None and word and not word.isalpha():
        row = words.rows.get(word.translate(_DIGITS))
    return row or 0
