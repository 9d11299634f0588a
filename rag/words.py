"""Words of a text: folding, tokens with their positions, light stems.

Everything that compares a question with a sentence looks at words through this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+(?:(?<=\d)[.,]\d+)*|[^\w\s]|_")
# Endings of inflected and derived forms in the seven languages, longest first: "investissement",
# "investira", "investit" all become "invest".
_ENDINGS = re.compile(
    r"(?:issements?|issions?|issaient|issait|issent|issant|iront|erons|erait|eront|ations?|itions?"
    r"|ements?|aient|ateurs?|atrices?|ierung(?:en)?|ungen|iones|zione|zioni|acion|acao|acoes|ement"
    r"|ances?|ences?|ments?|antes?|ants?|ions?|eurs?|euses?|ment|ages?|ives?|ifs?|elles?|els?"
    r"|iert|ieren|ung|iren|eren|eert|ing|ers|ees?|era|ira|ont|ait|ent|ant|ons|ait|aux|ies|ied"
    r"|iez|ez|ed|er|ir|it|is|es|en|et|at|al|an|on|as|os|ar|re|e|s|t|a|o|i|x|n|y)$"
)
# What is left of inflection once a word has lost an ending (client, clients; premier, premieres).
_INFLECTED = re.compile(r"(?:i[st]|es?|[stx]|(?<=[aeiou])n)$")


class _Folding(dict[int, str]):
    """Characters and what they fold to, one each, filled as they are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = unicodedata.normalize("NFKD", char)[0].lower()
        folded = self[code] = base if len(base) == 1 else char
        return folded


_FOLDING = _Folding(
    {ord(char): "'" for char in "’‘ʼ`´"}
    | {ord(char): '"' for char in "“”„«»"}
    | {ord(char): " " for char in "\u00a0\u202f\u2009\u2007\u200a"}
    | {ord(char): "-" for char in "\u2010\u2011\u2012\u2212"}
)


# Texts up to this many characters, sentences and passages, are folded again and again.
_SHORT = 2000


class Token(NamedTuple):
    """A word, number or mark: `folded` is without case and accents; offsets are into the text."""

    folded: str
    start: int
    end: int


def fold_text(text: str) -> str:
    """Return `text` without case and accents, quotes and spaces plain, of the same length."""
    if text.isascii():
        return text.lower()
    return _fold_again(text) if len(text) <= _SHORT else text.translate(_FOLDING)


@lru_cache(2048)
def _fold_again(text: str) -> str:
    return text.translate(_FOLDING)


def tokenise(text: str) -> list[Token]:
    """Return the words, numbers and marks of `text` in order; elisions and hyphens are borders."""
    words, spans = split_words(text)
    return [Token(word, *span) for word, span in zip(words, spans, strict=True)]


def split_words(text: str) -> tuple[Sequence[str], Sequence[tuple[int, int]]]:
    """Return the same as `tokenise`, folded words and ranges apart: faster for whole passages."""
    return _split_again(text) if len(text) <= _SHORT else _split(text)


def _split(text: str) -> tuple[Sequence[str], Sequence[tuple[int, int]]]:
    folded = fold_text(text)
    spans = [match.span() for match in _TOKEN.finditer(folded)]
    return [folded[start:end] for start, end in spans], spans


# What looks at the words of a passage looks at its figures next.
_split_again = lru_cache(64)(_split)


def stem_word(word: str) -> str:
    """Return the stem of a folded word: what is left of it without its endings, 4 letters at least.

    >>> [stem_word(word) for word in ("investit", "investissement", "investira", "ia")]
    ['inves', 'inves', 'inves', 'ia']
    """
    if not word.isalpha():
        return word
    match = _ENDINGS.search(word, 4)
    if match:
        word = word[: match.start()]
        # What is left may still be inflected: only without that is the stem of all forms one.
        if left := _INFLECTED.search(word, 5):
            word = word[: left.start()]
    return word


@lru_cache(100_000)
def cached_stem(word: str) -> str:
    """Return the stem of a folded word, remembered."""
    return stem_word(word)


@lru_cache(8192)
def list_words(text: str) -> tuple[str, ...]:
    """Return the folded words and numbers of `text` in order, without marks; remembered."""
    return tuple(word for word in split_words(text)[0] if word[0].isalnum())


@lru_cache(8192)
def list_stems(text: str) -> frozenset[str]:
    """Return the stems of the words of `text`; remembered."""
    return frozenset(map(cached_stem, list_words(text)))
