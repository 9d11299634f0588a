"""The head of an issue: front matter, welcome line, list of headlines → title, newsletter, date."""

from __future__ import annotations

import datetime
import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rag.boilerplate import is_capitals, is_epigraph, is_service_line, looks_like_title, plain_text
from rag.dates import find_date, find_file_date, parse_date
from rag.paragraphs import Paragraph, split_paragraphs

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\n(.{0,20000}?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.S)
_NEWSLETTER_KEYS = ("newsletter", "letter", "lettre", "publication", "site", "source", "series")
_WELCOME = re.compile(
    r"(?:Bienvenue (?:dans|sur|à)|Welcome (?:back )?to|Willkommen (?:bei|in|zu[rm]?)"
    r"|Bienvenid\w+ a|Benvenut\w+ (?:in|a|su)|Bem-vind\w+ (?:à|ao|a)|Welkom bij)\s+"
    r"(?P<name>[^,.!?;:•|\n]{1,60}?)\s*(?:[,.!–—|-]|$)(?P<rest>[^•\n]{0,60})",
    re.I,
)
_GREETINGS = ("bienven", "welcome", "willkommen", "benvenut", "bem-vind", "welkom")
_SEPARATOR = re.compile(r"\s+[•|·]\s+")
_HEAD_PARAGRAPHS = 8
_HEAD_LENGTH = 4000
_TITLE_LENGTH = 80
_LONGEST_DATELINE = 80
_LONGEST_LIST = 2000


@dataclass(frozen=True, slots=True)
class Masthead:
    """What the top of an issue says; "", () and None where it says nothing.

    `date` is the welcome line's, `dateline` the front matter's or that of a line of its own.
    `headlines` are the items of the list of contents; `body` is the offset after front matter, and
    `end` the one after the list of headlines (equal where there is none).
    """

    title: str = ""
    newsletter: str = ""
    date: datetime.date | None = None
    dateline: datetime.date | None = None
    headlines: tuple[str, ...] = ()
    body: int = 0
    end: int = 0


@lru_cache(8)  # loading and cutting an issue both ask
def read_masthead(text: str) -> Masthead:
    """Return the masthead of a text. A welcome line is trusted over front matter."""
    fields, body = read_front_matter(text)
    head = split_paragraphs(text[body : body + _HEAD_LENGTH])[:_HEAD_PARAGRAPHS]
    lines = [plain_text(text[body + p.start : body + p.end]) for p in head]
    position, headlines = _find_headlines(head, lines)
    newsletter, day = _read_welcome(lines)
    return Masthead(
        title=_read_text(fields, ("title", "titre", "subject"))
        or _pick_title(lines, position, headlines),
        newsletter=newsletter or _read_text(fields, _NEWSLETTER_KEYS),
        date=day,
        dateline=parse_date(fields.get("date")) or _find_dateline(lines),
        headlines=headlines,
        body=body,
        end=body + head[position].end if position >= 0 else body,
    )


def read_front_matter(text: str) -> tuple[dict[str, Any], int]:
    """Return the fields of the YAML block a text begins with, keys in small letters, and the offset
    after it. No block, or one that is no YAML mapping: ({}, 0)."""
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, 0
    import yaml

    try:
        loaded = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, 0
    if not isinstance(loaded, dict):
        return {}, 0
    return {str(key).lower(): value for key, value in loaded.items()}, match.end()


def read_file_name(stem: str) -> tuple[datetime.date | None, str]:
    """Return the date in a file's name and, where there is one, the name beside it: a newsletter's
    as a rule (`2025-01-28-pause-octet` → "Pause octet")."""
    found = find_file_date(stem)
    if not found:
        return None, ""
    day, start, end = found
    name = re.sub(r"[-_.\s]+", " ", stem[:start] + " " + stem[end:]).strip()
    return day, name[:1].upper() + name[1:] if re.search(r"[^\W\d_]{3}", name) else ""


def shorten_title(text: str) -> str:
    """Return the beginning of a paragraph, cut between words, as a title."""
    start = re.search(r"[^\W_]", text)
    line = plain_text(text[start.start() :] if start else text)
    sentence = re.match(r".{20,}?[^\W\d_]{2}[.!?…](?=\s)", line)
    if sentence and len(sentence[0]) <= _TITLE_LENGTH:
        return sentence[0].rstrip(".")
    return textwrap.shorten(line, _TITLE_LENGTH, placeholder="…").rstrip(".")


def _find_headlines(head: list[Paragraph], lines: list[str]) -> tuple[int, tuple[str, ...]]:
    """Return the position of the list of headlines, or -1, and its items."""
    for position, line in enumerate(lines):
        if len(line) > _LONGEST_LIST:
            continue
        items = [item.strip(" .•") for item in _SEPARATOR.split(line)]
        contents = tuple(item for item in items if item and not _WELCOME.match(item))
        if not head[position].bullet and (
            (len(items) >= 3 and all(len(item) <= 240 for item in items))
            or len(contents) < len(items)
        ):
            return position, contents
    return -1, ()


def _read_welcome(lines: list[str]) -> tuple[str, datetime.date | None]:
    for line in lines:
        lowered = line.lower()
        if not any(greeting in lowered for greeting in _GREETINGS):  # the pattern is slow
            continue
        match = _WELCOME.search(line)
        if match:
            found = find_file_date(match["rest"])
            if found or line[match.start() :].count(" ") <= 12:
                return match["name"].strip(), found[0] if found else None
    return "", None


def _find_dateline(lines: list[str]) -> datetime.date | None:
    for line in lines:
        found = find_date(line) if len(line) <= _LONGEST_DATELINE else None
        if found:
            return found[0]
    return None


def _pick_title(lines: list[str], position: int, headlines: tuple[str, ...]) -> str:
    above = lines[:position] if position >= 0 else lines[:1]
    for line in above:
        alone = position < 0 and (len(lines) == 1 or is_capitals(line))
        if looks_like_title(line) and not (alone or is_service_line(line) or is_epigraph(line)):
            return line
    if headlines:
        return headlines[0]
    return shorten_title(lines[0]) if lines else ""


def _read_text(fields: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((v.strip() for key in keys if isinstance(v := fields.get(key), str)), "")
