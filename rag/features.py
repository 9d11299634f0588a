"""What the reader sees of a question alone and of a passage alone, as numbers.

Words carry vectors from one space for seven languages, so a question in one finds words of another.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from rag.quantities import Quantity, list_quantities
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
_MOST_CODES = 200_000
# More words than that hardly any question has; what follows them is not read in order.
_MOST_TERMS = 24


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
    """A passage's tokens and sentences, as far as they need no question.

    `ranges` are where the tokens stand in the text, `rows` their word vectors, `shapes` their rows
    of _SHAPES; `capitals` and `shouted` are the tokens with a capital and all in capitals, `quoted`
    the ranges of tokens between quotes. `first` holds the first token of each sentence, `spans` are
    the sentences' ranges in the text; `placed` are the ranges of the tokens of `quantities`.
    """

    text: str
    language: str
    words: Sequence[str]
    ranges: Sequence[tuple[int, int]]
    rows: np.ndarray
    shapes: np.ndarray
    capitals: list[int]
    shouted: list[int]
    quoted: list[tuple[int, int]]
    first: list[int]
    spans: tuple[Span, ...]
    quantities: tuple[Quantity, ...]
    placed: list[tuple[int, int]]
    title_stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as arrays over its content words: weights sum to 1; `sequence` are the rows of all
    its words, stopwords and marks too, in order, _MOST_TERMS at most."""

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
    sequence: np.ndarray
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
    sequence = np.array([_row(word, words) for word in tokens[:_MOST_TERMS]] or [0])
    asked = words.vectors[sequence[:4]].mean(axis=0)
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
        sequence=sequence,
        features=features,
    )


def describe_passage(text: str, title: str, language: str, words: WordVectors) -> PassageView:
    """Return the passage as arrays. A text without a word gives arrays of length 0."""
    spans = tuple(split_sentences(text))
    folded, ranges = split_words(text)
    # What stands before the first sentence, a bullet's mark, is part of none.
    skipped = 0
    while skipped < len(ranges) and not (spans and ranges[skipped][0] >= spans[0].start):
        skipped += 1
    if skipped:
        folded, ranges = folded[skipped:], ranges[skipped:]
    codes = np.array([*map(_word_codes(words).__getitem__, folded)], np.int64)
    first, used = [], []
    borders = [*(span.start for span in spans[1:]), len(text) + 1]
    for span, after in zip(spans, borders, strict=False):
        token = bisect_left(ranges, (span.start,))
        if token < len(ranges) and ranges[token][0] < after:
            first.append(token)
            used.append(span)
    capitals = [i for i, (start, _) in enumerate(ranges) if text[start].isupper()]
    longer = (i for i in capitals if len(folded[i]) > 1)
    quantities = list_quantities(text, language)
    return PassageView(
        text=text,
        language=language,
        words=folded,
        ranges=ranges,
        rows=codes // len(_SHAPES),
        shapes=codes % len(_SHAPES),
        capitals=capitals,
        shouted=[i for i in longer if text[slice(*ranges[i])].isupper()],
        quoted=_find_quoted(text, folded, ranges) if '"' in folded else [],
        first=first,
        spans=tuple(used),
        quantities=quantities,
        placed=[
            (bisect_left(ranges, (q.start,)), bisect_left(ranges, (q.end,))) for q in quantities
        ],
        title_stems=_title_stems(title),
    )


@lru_cache(1024)
def _title_stems(title: str) -> frozenset[str]:
    return frozenset(cached_stem(t.folded) for t in tokenise(title))


def _find_quoted(
    text: str, folded: Sequence[str], ranges: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    quoted, begin = [], -1
    for i, word in enumerate(folded):
        if word == '"':
            char = text[ranges[i][0]]
            opens = char in "«“" or (begin < 0 and char not in "»”")
            if begin >= 0:
                quoted.append((begin, i))
            begin = i if opens else -1
    return [*quoted, (begin, len(folded))] if begin >= 0 else quoted


def describe_tokens(passages: Sequence[PassageView]) -> np.ndarray:
    """Return what the tokens of `passages` look like (STATIC_FEATURES × n), passages in a row:
    shape, case, quotes, where sentences begin, capitals beside, quantities."""
    static = _SHAPES.T[:, np.concatenate([p.shapes for p in passages])]
    ends = list(itertools.accumulate(len(p.words) for p in passages))
    starts = [0, *ends[:-1]]
    placed = list(zip(passages, starts, strict=True))
    static[0, [at + i for p, at in placed for i in p.capitals]] = 1
    static[1, [at + i for p, at in placed for i in p.shouted]] = 1
    for passage, at in placed:
        for begin, end in passage.quoted:
            static[13, at + begin : at + end] = 1
        for quantity, (begin, end) in zip(passage.quantities, passage.placed, strict=True):
            static[18 + _unit_class(quantity.unit), at + begin : at + end] = 1
    static[14, [at + i for p, at in placed for i in p.first]] = 1
    static[15, 1:] = static[0, :-1]
    static[15, starts] = 0
    static[16, :-1] = static[0, 1:]
    static[16, np.array(ends) - 1] = 0
    static[17] = static[0] * (1 - static[14]) * (1 - static[3])
    return static


class _WordCodes(dict[str, int]):
    """Folded words with their row and their row of _SHAPES in one number, filled as they are
    met."""

    def __init__(self, words: WordVectors) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_CODES:
            self.clear()
        code = self[word] = _row(word, self._words) * len(_SHAPES) + _shape(word)
        return code


@lru_cache(2)
def _word_codes(words: WordVectors) -> _WordCodes:
    return _WordCodes(words)


def _shape(word: str) -> int:
    if not word[0].isalnum():
        return _PUNCTUATION.get(word, 7)
    kind = 2 * word[0].isdigit() + (word in STOPWORDS)
    return 8 + 13 * kind + min(len(word), 12)


def _make_shapes() -> np.ndarray:
    """Return the static features of every shape of word: marks, then kinds of words by length."""
    shapes = np.zeros((8 + 4 * 13, STATIC_FEATURES), np.float32)
    shapes[np.arange(8), 5 + np.arange(8)] = 1
    lengths = np.tile(np.arange(13) / 12, 4)
    kinds = np.repeat(np.arange(4), 13)
    shapes[8:, 2], shapes[8:, 3], shapes[8:, 4] = kinds // 2, kinds % 2, lengths
    return shapes


_SHAPES = _make_shapes()


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
