"""Exact match and F1 of short answers as SQuAD's script has them, for other languages too."""

from __future__ import annotations

import re
from collections import Counter

from rag.words import Token, fold_text, tokenise
from training.reader.examples import Example

_ARTICLES = frozenset("le la les l un une des du de d the a an el los las il lo gli i".split())


def score_answer(example: Example, first: int, last: int) -> tuple[float, float]:
    """Return exact match and F1 of the tokens `first`..`last` against the best gold answer."""
    tokens = _sentence_tokens(example.text)
    said = example.text[tokens[first].start : tokens[last].end]
    return max_scores(said, [example.text[a:b] for a, b in example.answers])


def max_scores(said: str, answers: list[str]) -> tuple[float, float]:
    """Return the best exact match and F1 of `said` against `answers`."""
    pairs = [(_normalise(said), _normalise(answer)) for answer in answers]
    exact = max(float(a == b) for a, b in pairs)
    return exact, max(_f1(a, b) for a, b in pairs)


def _sentence_tokens(text: str) -> list[Token]:
    from rag.sentences import split_sentences

    spans = split_sentences(text)
    return [t for t in tokenise(text) if t.start >= spans[0].start]


def _normalise(text: str) -> list[str]:
    words = re.findall(r"\w+", fold_text(text))
    return [word for word in words if word not in _ARTICLES] or words


def _f1(said: list[str], gold: list[str]) -> float:
    shared = sum((Counter(said) & Counter(gold)).values())
    return 2 * shared / (len(said) + len(gold)) if shared else 0.0
