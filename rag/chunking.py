"""Articles → passages: whole sentences up to a size, each with its exact range in the issue."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.language import detect_language
from rag.types import Article, Issue, Passage, Span

if TYPE_CHECKING:
    from rag.splitter import SentenceSplitter

_SHORTEST_END = 4  # a last passage of less than a fourth of the size joins the one before
_LANGUAGE_SAMPLE = 400
_FIRST_MARKS = re.compile(r"\s*(?:(?:[•‣◦▪●○■·►▶➤→–—*+>-]|#{1,6})\s+)*")
_MARKS = frozenset("•‣◦▪●○■·►▶➤→–—*+>-#")


def split_passages(issue: Issue, article: Article, size: int) -> list[Passage]:
    """Return the passages of an article in order, `issue.text[p.start:p.end] == p.text`.

    Each holds consecutive sentences of one block, as many as fit in `size` characters; at most
    2 × `size` characters, a sentence longer than that being cut. Everything the blocks hold, space
    and bullet marks aside, is in exactly one passage.
    """
    text = issue.text
    language = detect_language(
        " ".join(text[b.start : b.end] for b in article.blocks[:3])[:_LANGUAGE_SAMPLE]
    )
    return [
        Passage(
            text=text[span.start : span.end],
            article=article.title,
            issue=issue.title,
            date=issue.date,
            source=issue.source,
            start=span.start,
            end=span.end,
            section=article.section,
            kind=article.kind,
            newsletter=issue.newsletter,
            language=language,
        )
        for block in article.blocks
        for span in _split_block(text, block, size)
    ]


def _split_block(text: str, block: Span, size: int) -> list[Span]:
    spans: list[Span] = []
    position = block.start
    for chunk in _load_splitter(size).split_text(text[block.start : block.end]):
        end = position + len(chunk)
        span = _strip_edges(text, position, end)
        position = end
        if not span:
            continue
        short = end == block.end and span.end - span.start < size // _SHORTEST_END
        if short and spans and span.end - spans[-1].start <= 2 * size:
            span = Span(spans.pop().start, span.end)
        spans.append(span)
    return spans


def _strip_edges(text: str, start: int, end: int) -> Span | None:
    """Return the range without the space and bullet marks around it, or None if nothing is left."""
    kept = text[start:end].rstrip()
    while kept[-1:] in _MARKS and kept[-2:-1].isspace():
        kept = kept[:-1].rstrip()
    mark = _FIRST_MARKS.match(kept)
    first = mark.end() if mark else 0
    return Span(start + first, start + len(kept)) if len(kept) > first else None


@lru_cache(maxsize=4)
def _load_splitter(size: int) -> SentenceSplitter:
    from rag.splitter import SentenceSplitter

    return SentenceSplitter(size)


def tell_context(title: str, text: str) -> str:
    """Return what the article's title adds to a passage's text: "" where the text begins with it.

    Titles drawn from the beginning of a text would count its first words twice.
    """
    beginning = " ".join(text[: 2 * len(title) + 20].split())
    return "" if beginning.startswith(title.rstrip("… ")) else title
