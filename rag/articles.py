"""An issue → its articles: titles, sections and kinds; boilerplate and repeats left out."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

from rag.boilerplate import is_quotation, read_caption, refers_back
from rag.layout import ASIDE, Line, read_layout
from rag.masthead import read_masthead, shorten_title
from rag.types import Article, ArticleKind, Issue, Span

_LEAST_OVERLAP = 0.4
_LEAST_COMMON = 2
_WORD = re.compile(r"[^\W_]+(?:[-.,][^\W_]+)*")
_STEM = 5
_SHORTEST_WORD = 4


@dataclass(slots=True, eq=False)
class _Draft:
    """An article while it is put together: `kept` its lines, `lines` the same with None where one
    was left out. `quoted`: it begins with a by-line and holds quotations."""

    title: str = ""
    section: str = ""
    kind: ArticleKind = "article"
    level: int = 0
    caption: str = ""
    lines: list[Line | None] = field(default_factory=list)
    kept: list[Line] = field(default_factory=list)
    quoted: bool = False
    closed: bool = False

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.kept.append(line)
        self.quoted |= self.kept[0].role == "byline" and is_quotation(line.text)

    def skip(self) -> None:
        self.lines.append(None)

    def extend(self, other: _Draft) -> None:
        self.lines += [None, *other.lines]
        self.kept += other.kept

    @property
    def noted(self) -> bool:
        """Whether notes in capitals have followed its text."""
        return len(self.kept) > 1 and self.kept[-1].role == "note"


def split_articles(issue: Issue) -> list[Article]:
    """Return the articles of an issue in the order they begin.

    Three layouts are understood: titles above articles (marked headings, or short lines between
    blank ones), no titles (an article ends with its notes in capitals, or at a brief, a by-line or
    a closing line), and running prose. An article without a title takes the headline of the issue's
    list that shares most words with it, else its picture's caption, else its own beginning.
    """
    masthead = read_masthead(issue.text)
    lines = read_layout(issue.text, masthead, issue.title, issue.newsletter)
    titled = any(line.role == "heading" and (line.level or line.spaced) for line in lines)
    drafts = [
        draft
        for draft in _assemble(lines, titled)
        if any(line.role != "byline" for line in draft.kept)
    ]
    if titled:
        drafts = _merge_parts(drafts)
    _entitle(drafts, issue.title, masthead.headlines)
    articles = [
        Article(draft.title, draft.section, draft.kind, _join_blocks(draft.lines))
        for draft in drafts
    ]
    return sorted(articles, key=lambda article: article.start)


def _assemble(lines: list[Line], titled: bool) -> list[_Draft]:
    """Gather the lines into drafts, some of which may stay empty."""
    current = _Draft()
    drafts = [current]
    interrupted: _Draft | None = None
    section, section_level, caption = "", 0, ""
    shown = [line for line in lines if line.role not in ASIDE]
    following = {id(line): after for line, after in pairwise(shown)}
    for line in lines:
        ended = current.closed or (not titled and current.noted)
        if line.role in ("heading", "sponsor"):
            if not section_level or line.level <= section_level:
                section, section_level = "", 0
            if _is_section(line, following.get(id(line))):
                section, section_level, current.closed = line.text, line.level, True
            elif line.role == "heading" and current.kept and 0 < current.level < line.level:
                current.skip()
            else:
                interrupted = None if ended else current
                kind: ArticleKind = "sponsor" if line.role == "sponsor" else "article"
                current = _Draft(line.text, section, kind, line.level)
                drafts.append(current)
        elif line.role == "brief":
            title = line.title or shorten_title(line.text)
            current = _Draft(title, section, "brief", closed=True)
            current.add(line)
            drafts.append(current)
        elif line.role in ASIDE:
            current.skip()
            current.closed |= line.role == "closing" or (line.role == "source" and not titled)
            if line.role == "caption" and (ended or not current.kept):
                caption = read_caption(line.text)
            elif line.role == "caption":
                current.caption = current.caption or read_caption(line.text)
        else:
            if current.kind == "sponsor" and current.kept and not titled:
                current = interrupted or _Draft()
                current.skip()
                drafts.append(current)
            elif _begins_article(line, current, titled):
                current = _Draft()
                drafts.append(current)
            current.caption = current.caption or caption
            caption = ""
            current.add(line)
    return list(dict.fromkeys(drafts))


def _is_section(line: Line, after: Line | None) -> bool:
    """Whether a heading stands over briefs or over further headings."""
    return after is not None and (
        after.role == "brief"
        or (
            after.role == "heading" and (after.level > line.level or after.level == line.level == 0)
        )
    )


def _begins_article(line: Line, current: _Draft, titled: bool) -> bool:
    """Whether a line that no heading announces begins an article of its own.

    In layouts without titles it does after notes, with a by-line, and after the quotations that
    such letters give of a signed piece.
    """
    if current.closed:
        return True
    if titled or line.role == "note" or line.bullet:
        return False
    return (
        current.noted
        or (line.role == "byline" and len(current.kept) > 1)
        or (current.quoted and not (is_quotation(line.text) or refers_back(line.text)))
    )


def _merge_parts(drafts: list[_Draft]) -> list[_Draft]:
    """Merge what stands under the inner headings of an article into it.

    Where articles have a standfirst and paragraphs, a heading over a lone paragraph that follows an
    article in prose is taken for one of its inner headings.
    """
    articles = [draft for draft in drafts if draft.kind == "article" and draft.title]
    lone = {draft for draft in articles if len(draft.kept) == 1}
    if len(lone) * 3 > len(articles):
        return drafts
    merged: list[_Draft] = []
    for draft in drafts:
        last = merged[-1] if merged else None
        if (
            last
            and draft in lone
            and draft.level == last.level == 0
            and last.kind == "article"
            and last.title
            and len(last.kept) > 1
            and not any(line.bullet or line.role == "note" for line in last.kept + draft.kept)
        ):
            last.extend(draft)
        else:
            merged.append(draft)
    return merged


def _entitle(drafts: list[_Draft], issue_title: str, headlines: tuple[str, ...]) -> None:
    """Give the drafts without title one."""
    matches: dict[int, int] = {}
    if headlines and not all(draft.title for draft in drafts):
        texts = [" ".join([draft.title, *(line.text for line in draft.kept)]) for draft in drafts]
        matches = _match_headlines(texts, headlines)
    for position, draft in enumerate(drafts):
        first = draft.kept[0]
        if draft.title:
            continue
        if position in matches:
            draft.title = headlines[matches[position]]
        elif first.role == "label" and len(draft.kept) > 1:
            draft.title = first.text
            draft.lines[draft.lines.index(first)] = None
            draft.kept.remove(first)
        elif draft.caption:
            draft.title = draft.caption.rstrip(".")
        elif draft is drafts[0] and not headlines:
            draft.title = issue_title
        else:
            below = [line for line in draft.kept if line.role != "byline"]
            draft.title = shorten_title((below or draft.kept)[0].text)


def _match_headlines(texts: list[str], headlines: tuple[str, ...]) -> dict[int, int]:
    """Pair texts with headlines, the best pair first, each once: position → headline.

    A pair is one only if the text has at least two words and two fifths of the headline's weight.
    Words weigh by inverse document frequency over the texts (Spärck Jones 1972).
    """
    stems = [_read_stems(text) for text in texts]
    scored = []
    for number, headline in enumerate(headlines):
        weights = {
            word: math.log((len(stems) + 1) / (0.5 + sum(word in known for known in stems)))
            for word in _read_stems(headline)
        }
        for position, known in enumerate(stems):
            common = [weight for word, weight in weights.items() if word in known]
            if len(common) >= _LEAST_COMMON and sum(common) >= _LEAST_OVERLAP * sum(
                weights.values()
            ):
                scored.append((-sum(common) / sum(weights.values()), position, number))
    matches: dict[int, int] = {}
    for _, position, number in sorted(scored):
        if position not in matches and number not in matches.values():
            matches[position] = number
    return matches


def _read_stems(text: str) -> set[str]:
    """Return the beginnings of words of four letters or more, and acronyms and figures."""
    return {
        _fold(match[0])[:_STEM]
        for match in _WORD.finditer(text)
        if len(match[0]) >= _SHORTEST_WORD or match[0].isupper() or match[0][0].isdigit()
    }


def _fold(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def _join_blocks(lines: list[Line | None]) -> tuple[Span, ...]:
    """Return the ranges of lines kept without anything left out between them."""
    blocks: list[Span] = []
    open_block = False
    for line in lines:
        if line is None:
            open_block = False
        elif open_block:
            blocks[-1] = Span(blocks[-1].start, line.end)
        else:
            blocks.append(Span(line.start, line.end))
            open_block = True
    return tuple(blocks)
