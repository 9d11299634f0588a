"""Lines of text → paragraphs at exact positions: bullets, headings, wrapped lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"""^[^\S\n]*
    (?:>[^\S\n]?)*[^\S\n]*                                  # quoted
    (?:(?P<hash>\#{1,6})[^\S\n]+
      |(?P<bullet>[•‣◦▪●○■·►▶➤→][^\S\n]*|[-–—*+][^\S\n]+))?
    (?P<body>[^\n]*)$""",
    re.MULTILINE | re.VERBOSE,
)
_RULE = re.compile(r"(?:[-*_=~–—·•#]\s*){3,}")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_LONGEST_RULE = 200
_CLOSED = re.compile(r"""[.!?…:;][»”"’')\]*_\s]*$""")
_LOWER_WORD = re.compile(r"[a-zà-öø-ÿ]{2,}(?![\w])")
_WRAP_WIDTHS = range(50, 101)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The range of a paragraph, stripped, its bullet or heading marks outside.

    `level` is 1–6 for a marked heading, else 0; `spaced`: a blank line stands before it (or it is
    the first).
    """

    start: int
    end: int
    bullet: bool = False
    level: int = 0
    spaced: bool = True


def split_paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of `text` in order.

    Every line is a paragraph of its own, except where lines were wrapped at a column: then the
    lines up to the paragraph's end are one. Markdown headings (`#` and underlined) are recognised;
    rules (`---`, `***`) are left out.
    """
    paragraphs: list[Paragraph] = []
    run: list[Paragraph] = []
    spaced = True
    for match in _LINE.finditer(text):
        start, end = match.span("body")
        while end > start and text[end - 1].isspace():
            end -= 1
        while start < end and text[start].isspace():
            start += 1
        if start == end and not match["bullet"]:
            paragraphs += _join_wrapped(text, run)
            run = []
            spaced = True
            continue
        line = text[match.start() : end].strip() if end - start <= _LONGEST_RULE else ""
        if run and not spaced and _UNDERLINE.fullmatch(line) and end - run[-1].start <= 240:
            last = run.pop()
            run.append(Paragraph(last.start, last.end, level=1 if line[0] == "=" else 2))
            continue
        if start == end or _RULE.fullmatch(line):
            continue
        level = len(match["hash"] or "")
        run.append(Paragraph(start, end, bool(match["bullet"]), level, spaced))
        spaced = False
    return paragraphs + _join_wrapped(text, run)


def _join_wrapped(text: str, run: list[Paragraph]) -> list[Paragraph]:
    """Join those lines of a run without blank line that were broken only to fit a column."""
    if len(run) < 2:
        return run
    width = max(line.end - line.start for line in run)
    joined = [run[0]]
    length = run[0].end - run[0].start
    for line in run[1:]:
        last = joined[-1]
        if (
            not line.bullet
            and not line.level
            and not last.level
            and width < _WRAP_WIDTHS.stop
            and not _CLOSED.search(text, max(last.start, last.end - 8), last.end)
            and (
                _LOWER_WORD.match(text, line.start)
                or (width in _WRAP_WIDTHS and length + 1 + _first_word(text, line) > width)
            )
        ) or _continues_wrapped(text, last, line, length, width):
            joined[-1] = Paragraph(last.start, line.end, last.bullet, 0, last.spaced)
        else:
            joined.append(line)
        length = line.end - line.start
    return joined


def _continues_wrapped(
    text: str, last: Paragraph, line: Paragraph, length: int, width: int
) -> bool:
    """A sentence ended by chance at the column, inside a paragraph already known to be wrapped."""
    return (
        not line.bullet
        and not line.level
        and width in _WRAP_WIDTHS
        and last.end - last.start > length
        and length + 1 + _first_word(text, line) > width
    )


def _first_word(text: str, line: Paragraph) -> int:
    space = text.find(" ", line.start, line.end)
    return (space if space >= 0 else line.end) - line.start
