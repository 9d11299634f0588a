"""The text of an issue → its lines, each with the role it plays in the letter's layout."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import rag.boilerplate as wording
from rag.masthead import Masthead
from rag.paragraphs import Paragraph, split_paragraphs

Role = Literal[
    "text",  # a paragraph or bullet of an article
    "note",  # a paragraph under a label in capitals, as they close an article
    "brief",  # « Titre • texte »
    "byline",
    "heading",  # of an article, a section or a part of an article
    "sponsor",  # the heading of a sponsor's text
    "label",  # a short line where the layout has no titles: a caption or a title
    "caption",  # left out: a picture's credit
    "source",  # left out: what a chart rests on
    "closing",  # left out, and nothing after it belongs to the article before it
    "left out",
]

ASIDE = frozenset({"caption", "source", "closing", "left out"})  # roles of what is left out
_HEAVY = 0.5  # a layout is spaced if more than this share of paragraphs follows a blank line
_BRIEF = re.compile(r"(?P<title>\S.{1,108}?\S)\s+•\s+(?=\S)")
_GLUED = re.compile(r"(?<=[^\W\d_A-ZÀ-Ý]|[?!»])(?=[A-ZÀ-Ý])")
_SHORTEST_BRIEF = 40
_SHORTEST_REPEAT, _BEGINNING = 30, 20
_TOLD = ("text", "note", "brief", "byline")
_LATEST_END_MATTER = 0.4


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the issue and its role.

    `text` is the plain text; `start`, `end` what is kept of it in the issue; `title` that of a
    brief; `level` 1–6 of a marked heading, 0 of one known by its shape.
    """

    role: Role
    text: str
    start: int
    end: int
    bullet: bool = False
    spaced: bool = False
    level: int = 0
    title: str = ""


def read_layout(text: str, masthead: Masthead, title: str, newsletter: str) -> list[Line]:
    """Return the lines of an issue after its masthead, in order, each paragraph with its role.

    `title` and `newsletter` are the issue's. A paragraph that stood before in the issue is left
    out the second time.
    """
    lines = [
        Line(
            "text",
            wording.plain_text(text[p.start : p.end]),
            p.start,
            p.end,
            p.bullet,
            p.spaced,
            p.level,
        )
        for p in _skip_masthead(text, split_paragraphs(text), masthead)
    ]
    lines = lines[: _find_end_matter(lines, len(text), newsletter)]
    lines = [_classify(line, newsletter, title) for line in lines]
    lines = _drop_teasers(_find_briefs(text, lines))
    lines = _drop_epigraphs(lines)
    lines = _find_headings(lines)
    return _drop_repeats(lines)


def _skip_masthead(text: str, paragraphs: list[Paragraph], masthead: Masthead) -> list[Paragraph]:
    """Drop front matter, the list of headlines and the short lines above it."""
    return [
        p
        for p in paragraphs
        if p.start >= masthead.end
        or (
            masthead.body <= p.start
            and p.end < masthead.end
            and p.end - p.start > 2 * wording.LONGEST_TITLE
        )
    ]


def _find_end_matter(lines: list[Line], length: int, newsletter: str) -> int:
    """Return the position where biographies and lists of older articles begin.

    They begin where a page's title stands twice in a row, where the letter itself is named as the
    author, or under a heading of their own; only in the later part of the issue.
    """
    name = newsletter.casefold()
    for position, line in enumerate(lines):
        if line.start < _LATEST_END_MATTER * length:
            continue
        following = lines[position + 1].text if position + 1 < len(lines) else ""
        text = line.text.casefold()
        doubled = line.text == following and len(text) <= 120 and not line.bullet
        own_byline = bool(name) and re.match(
            rf"(?:par|by|von|por|di|door) {re.escape(name)}\s*(?::|$)", text
        )
        if doubled or own_byline or wording.is_end_matter(line.text):
            return position
    return len(lines)


def _classify(line: Line, newsletter: str, title: str) -> Line:
    """Return the line with the role its wording gives it."""
    text = line.text
    role: Role = "text"
    if wording.is_cut(text) or (line.level and text == title):
        role = "left out"
    elif wording.is_sponsor_heading(text) and (line.level or _is_heading_like(line)):
        role = "sponsor"
    elif line.level:
        role = "left out" if wording.is_teaser_heading(text) else "heading"
    elif wording.is_signature(text) or wording.is_service_line(text):
        role = "left out"
    elif wording.is_membership_line(text):
        role = "closing"
    elif not line.bullet and wording.is_credit(text, newsletter):
        role = "caption"
    elif wording.is_source_line(text):
        role = "source"
    elif wording.is_note(text):
        role = "note"
    elif wording.is_byline(text):
        role = "byline"
    return replace(line, role=role)


def _is_heading_like(line: Line) -> bool:
    return not line.bullet and wording.looks_like_title(line.text)


def _find_briefs(text: str, lines: list[Line]) -> list[Line]:
    """Recognise briefs, those whose mark between title and text was lost among them."""
    lines = [_read_brief(text, line) if line.role in ("text", "note") else line for line in lines]
    for position, line in enumerate(lines):
        beside = lines[max(0, position - 1) : position + 2]
        if (
            line.role == "text"
            and line.bullet
            and any(near.role == "brief" and near.bullet for near in beside)
        ):
            lines[position] = _read_unmarked_brief(text, line)
    return lines


def _read_brief(text: str, line: Line) -> Line:
    end = line.start + wording.cut_more_link(text[line.start : line.end])
    match = _BRIEF.match(text, line.start, end)
    if not match or end - match.end() < _SHORTEST_BRIEF:
        return replace(line, end=end)
    title = wording.plain_text(match["title"])
    return replace(line, role="brief", title=title, start=match.end(), end=end)


def _read_unmarked_brief(text: str, line: Line) -> Line:
    match = _GLUED.search(text, line.start + 8, min(line.end, line.start + wording.LONGEST_TITLE))
    if match:
        title = wording.plain_text(text[line.start : match.start()])
        return replace(line, role="brief", title=title, start=match.start())
    return replace(line, role="brief")


def _drop_teasers(lines: list[Line]) -> list[Line]:
    """Leave out the headings of what subscribers alone can read, and the bullets under them."""
    kept = []
    teasing = False
    for line in lines:
        if not line.bullet:
            teasing = wording.is_teaser_heading(line.text)
        kept.append(replace(line, role="left out") if teasing else line)
    return kept


def _drop_epigraphs(lines: list[Line]) -> list[Line]:
    """Leave out a quotation with its author above the first article."""
    return [
        replace(line, role="left out")
        if position < 4 and line.role == "text" and wording.is_epigraph(line.text)
        else line
        for position, line in enumerate(lines)
    ]


def _find_headings(lines: list[Line]) -> list[Line]:
    """Recognise the headings that no mark tells: by their shape and what stands around them."""
    kept = [line for line in lines if line.role not in ASIDE]
    marked = sum(line.role == "heading" for line in kept) >= 2
    spaced = sum(line.spaced for line in kept) > _HEAVY * len(kept)
    followed = {id(line): after for line, after in pairwise(kept)}
    out: list[Line] = []
    for line in lines:
        after = followed.get(id(line))
        if line.role == "text" and _is_heading_like(line):
            if not after:
                empty = spaced and not marked and any(other.role == "heading" for other in out)
                line = replace(line, role="left out" if empty else "text")
            elif wording.is_capitals(line.text) or (spaced and not marked and line.spaced):
                line = replace(line, role="heading")
            elif not spaced and not marked:
                line = replace(line, role="label")
        out.append(line)
    return out


def _drop_repeats(lines: list[Line]) -> list[Line]:
    # Most lines are told from all others by how they begin.
    begun = [_fold_spaces(line.text[: 2 * _BEGINNING])[:_BEGINNING] for line in lines]
    common = Counter(begun)
    seen: list[str] = []  # sorted, so that a repeat that was cut off is found by its beginning
    out = []
    for line, start in zip(lines, begun, strict=True):
        told = len(line.text) >= _SHORTEST_REPEAT and line.role in _TOLD
        if told and (common[start] > 1 or len(start) < _BEGINNING):
            key = _fold_spaces(line.text)
            beginning = key.rstrip(".… ") if key.endswith(("…", "...")) else key
            position = bisect_left(seen, beginning)
            known = position < len(seen) and seen[position].startswith(beginning)
            if known and (beginning != key or seen[position] == key):
                line = replace(line, role="left out")
            else:
                insort(seen, key)
        out.append(line)
    return out


def _fold_spaces(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())
