"""What a language model wrote, cut into claims: sentences with the marks [1] that prove them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.sentences import split_sentences

_NUMBERS = r"\^?\d{1,3}(?:\s*[,;–-]\s*\^?\d{1,3})*"
_MARK = re.compile(rf"\s*[\[【]\s*({_NUMBERS})\s*(?:†[^\]】]*)?[\]】]")
_STOP = r"\s?[.!?…](?:[.!?…]|\s?[\"»”’]|[)*_])*"
_MARK_AFTER_STOP = re.compile(rf"({_STOP})((?:\s*[\[【]\s*{_NUMBERS}\s*[\]】])+)")
_LEADING = re.compile(r"^(?:[-*•·]|\d{1,2}[.)]|#+)\s+")
_LONGEST_RANGE = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sentence and the marks that stand at its end."""

    text: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as written, without its marks: `parts` are the stretches that marks divide.

    Words after the last mark belong to the last part. Without marks there is one part.
    """

    text: str
    parts: tuple[Part, ...]

    @property
    def marks(self) -> tuple[int, ...]:
        """All marks, in order of first use."""
        return tuple(dict.fromkeys(mark for part in self.parts for mark in part.marks))


def split_claims(text: str) -> list[Sentence]:
    """Return the sentences of a reply with their marks: [1], [1, 2], [1][2], [1-3], 【1】.

    A mark after the full stop belongs to the sentence before it. Bullets and headings lose their
    signs; what holds no word is left out.
    """
    text = _MARK_AFTER_STOP.sub(lambda m: f"{m[2]}{m[1]}", text)
    sentences = []
    for span in split_sentences(text):
        sentence = _read_sentence(_LEADING.sub("", text[span.start : span.end]))
        if any(c.isalnum() for c in sentence.text):
            sentences.append(sentence)
    return sentences


def strip_marks(text: str) -> str:
    """Return `text` without marks.

    >>> strip_marks("Meta en promet 65 [1, 2].")
    'Meta en promet 65.'
    """
    return re.sub(r"\s+", " ", _MARK.sub("", text)).strip()


def _read_sentence(raw: str) -> Sentence:
    raw = raw.replace("**", "").replace("__", "")
    pieces: list[tuple[str, tuple[int, ...]]] = []
    position = 0
    for match in _MARK.finditer(raw):
        before = raw[position : match.start()]
        numbers = _read_numbers(match[1])
        if pieces and not any(c.isalnum() for c in before):
            pieces[-1] = (pieces[-1][0] + before, pieces[-1][1] + numbers)
        else:
            pieces.append((before, numbers))
        position = match.end()
    rest = raw[position:]
    if not pieces:
        pieces = [(rest, ())]
    elif rest:
        pieces[-1] = (pieces[-1][0] + rest, pieces[-1][1])
    parts = tuple(Part(text.strip(), tuple(dict.fromkeys(marks))) for text, marks in pieces)
    return Sentence(strip_marks(raw), parts)


def _read_numbers(text: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for item in re.split(r"\s*[,;]\s*", text.replace("^", "")):
        ends = [int(n) for n in re.findall(r"\d+", item)]
        if len(ends) == 2 and 0 <= ends[1] - ends[0] <= _LONGEST_RANGE:
            numbers.extend(range(ends[0], ends[1] + 1))
        else:
            numbers.extend(ends)
    return tuple(numbers)
