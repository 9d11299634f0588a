"""News articles as issues of a letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.reader.own import read_news

# As many as letters have.
_IN_ISSUE = 5


@dataclass(frozen=True)
class Printed:
    """An article in an issue: the issue's file, where the text begins in it, and the text."""

    source: str
    start: int
    text: str


def write_issues(ids: Iterable[str], folder: Path) -> dict[str, Printed]:
    """Write the news articles of these ids as issues into `folder`; return where each stands."""
    folder.mkdir(parents=True, exist_ok=True)
    news = sorted(read_news(ids).values(), key=lambda one: (one.day, one.id))
    places = {}
    for at in range(0, len(news), _IN_ISSUE):
        part = news[at : at + _IN_ISSUE]
        name = f"{part[-1].day}-{at // _IN_ISSUE:03d}.md"
        issue = ""
        for one in part:
            issue += f"# {one.title}\n\n"
            places[one.id] = Printed(name, len(issue), one.text)
            issue += f"{one.text}\n\n"
        (folder / name).write_text(issue, encoding="utf-8", newline="\n")
    return places
