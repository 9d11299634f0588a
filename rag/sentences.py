"""Text → sentences, in the seven languages of the product."""

from __future__ import annotations

import re

from rag.paragraphs import split_paragraphs
from rag.types import Span

_UPPER = "A-ZÀ-ÖØ-ÞŒŠŽ"
_LOWER = "a-zß-öø-ÿœšž"
# A full stop with what closes after it, then either space and a start, or, where the space was
# lost ("la fin.Le début"), a capital right after a word in small letters.
_END = re.compile(
    rf"""[.!?…]+(?:\s?[»”]|["’')\]*_])*
    (?:[ \t\n\r\f\u2009]+
       (?=["“„«‘'(\[¿¡*_]*\s?(?:[{_UPPER}0-9]|[a-z]{{1,2}}[A-Z0-9])|[^\w\s.,;:!?…%»”)\]–—+=/&-])
      |(?<=[{_LOWER}]{{2}}[.!?…])(?=[{_UPPER}](?:[{_LOWER}]|['’ ]))
      |(?<=[»”)%][.!?…])(?=[{_UPPER}](?:[{_LOWER}]|['’ ])))""",
    re.VERBOSE,
)
_QUOTE = re.compile(r"«[^«»\n]{1,250}»|„[^„“\n]{1,250}[“”]|“[^“”\n]{1,250}”|\"[^\"\n]{1,250}\"")
_INNER = re.compile(r"[.!?…]\s")


def _read_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Before a name, written with a capital; before anything; before a number.
_TITLES = _read_words(
    "M MM Mme Mmes Mlle Mr Mrs Ms Me Mgr Dr Drs Pr Prof St Ste Sr Sra Srta Jr Fr Hr Dhr Mevr Sig"
    " Dott Gen Gén Col Lt Sen Rep Gov Hon Rev Inc Corp Ltd Co"
)
_ABBREVIATIONS = _read_words("cf ex vs viz ca bzw evtl ggf inkl resp ibid approx av apr bijv")
_BEFORE_NUMBER = _read_words(
    "p pp art chap fig vol no nº nr núm num pag pág blz env ca tél tel éd ed"
    " janv févr jan feb mar apr jun jul aug sep sept oct okt nov dec dez déc"
)
_LAST_WORD = re.compile(r"[\w.'’]+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_ORDINAL_BEFORE = re.compile(
    r"\b(?:der|die|das|dem|den|des|am|vom|im|zum|beim|ab|bis|seit|jeder|und)\s\d{1,2}$", re.I
)
_GERMAN_MONTH = re.compile(r"(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez)", re.I)


def split_sentences(text: str) -> list[Span]:
    """Return the ranges of the sentences of `text`, in order, without the space around them.

    A new line ends a sentence unless it only wraps at a column; marks of bullets and headings are
    outside. Abbreviations, initials, decimals and full stops inside a quotation that runs within a
    sentence end none.
    """
    sentences: list[Span] = []
    for paragraph in split_paragraphs(text):
        _split_paragraph(text, paragraph.start, paragraph.end, sentences)
    return sentences


def _split_paragraph(text: str, start: int, end: int, sentences: list[Span]) -> None:
    quotes: list[tuple[int, int]] | None = None
    first = start
    for match in _END.finditer(text, start, end):
        stop, border = match.span()
        if text[stop] == "." and _is_abbreviation(text, first, stop, border):
            continue
        if quotes is None:
            quotes = _find_running_quotes(text, start, end)
        while quotes and quotes[-1][1] <= stop:
            quotes.pop()
        if quotes and quotes[-1][0] < stop and border < quotes[-1][1]:
            continue
        sentences.append(Span(first, _strip_end(text, border)))
        first = border
    if first < end:
        sentences.append(Span(first, end))


def _strip_end(text: str, end: int) -> int:
    while text[end - 1].isspace():
        end -= 1
    return end


def _is_abbreviation(text: str, first: int, stop: int, following: int) -> bool:
    """Whether the full stop at `stop` belongs to the word before it."""
    if text[stop + 1 : stop + 2] in (".", "…"):
        return False
    match = _LAST_WORD.search(text, max(first, stop - 24), stop)
    if not match:
        return False
    word = match[0].rpartition("’")[2].rpartition("'")[2]
    if word.isdigit():
        return len(word) <= 2 and bool(
            _ORDINAL_BEFORE.search(text, max(first, stop - 12), stop)
            or word == text[first:stop]
            or _GERMAN_MONTH.match(text, following)
        )
    if word in _TITLES or word.lower() in _ABBREVIATIONS:
        return True
    if word.lower() in _BEFORE_NUMBER:
        return text[following : following + 1].isdigit()
    return bool(_INITIALS.fullmatch(word)) and (word[-1].isupper() or "." in word)


def _find_running_quotes(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Ranges of short quotations that are part of a longer sentence, with full stops inside; last
    first."""
    found = []
    for match in _QUOTE.finditer(text, start, end):
        if not _INNER.search(text, match.start(), match.end() - 1):
            continue
        before = text[max(start, match.start() - 4) : match.start()].rstrip()[-1:]
        after = text[match.end() : min(end, match.end() + 4)].lstrip()[:1]
        opens = not before or before in ".!?…»”"
        closes = not after or after.isupper() or after in '«“"('
        if not (opens and closes):
            found.append(match.span())
    return found[::-1]
