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
_LANGUAGE_SAMPLE = 1000
_EDGES = re.compile(r"\s*(?:[•‣◦▪●○■·►▶➤→\-–—*+>#]+\s+)*(?P<text>.*?)(?:\s+[•‣◦▪●○■·►▶➤→\-–—*+>#]+)*\s*", re.S)


def split_passages(issue: Issue, article: Article, size: int) -> list[Passage]:
    """Return the passages of an article in order, `issue.text[p.start:p.end] == p.text`.

    Each holds consecutive sentences of one block, as many as fit in `size` characters; at most
    2 × `size` characters, a sentence longer than that being cut. Everything the blocks hold, space
    and bullet marks aside, is in exactly one passage.
    """
    text = issue.text
    language = detect_language(
        " ".join(text[block.start : block.end] for block in article.blocks)[:_LANGUAGE_SAMPLE]
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
        if spans and span.end - span.start < size // _SHORTEST_END and end == block.end:
            if span.end - spans[-1].start <= 2 * size:
                span = Span(spans.pop().start, span.end)
        spans.append(span)
    return spans


def _strip_edges(text: str, start: int, end: int) -> Span | None:
    """Return the range without the space and bullet marks around it, or None if nothing is left."""
    match = _EDGES.fullmatch(text, start, end)
    return Span(*match.span("text")) if match and match["text"] else None


@lru_cache(maxsize=4)
def _load_splitter(size: int) -> SentenceSplitter:
    from rag.splitter import SentenceSplitter

    return SentenceSplitter(size)
