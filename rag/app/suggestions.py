"""Questions to begin with, drawn from the index at hand."""

from __future__ import annotations

from collections.abc import Iterator

from rag.assistant import Assistant

_PER_ISSUE = 30
_TITLE_CHARS = (18, 90)


def suggest_titles(assistant: Assistant, count: int = 4) -> list[str]:
    """Return titles of articles to ask about: the newest issues' first, one an issue in turn."""
    rounds = [list(_list_titles(assistant, i.source, i.title)) for i in assistant.issues()[:count]]
    chosen: list[str] = []
    while any(rounds) and len(chosen) < count:
        for titles in rounds:
            if titles and (title := titles.pop(0)) not in chosen:
                chosen.append(title)
    return chosen[:count]


def _list_titles(assistant: Assistant, source: str, title: str) -> Iterator[str]:
    low, high = _TITLE_CHARS
    hits = assistant.search(title or source, _PER_ISSUE, source=source, kind="article")
    seen = set()
    for passage in sorted((hit.passage for hit in hits), key=lambda p: p.start):
        title = passage.article
        # The page asks about the title in a question of its own: a second mark would trip readers.
        if title not in seen and low <= len(title) <= high and not title.endswith(("?", "!", "…")):
            seen.add(title)
            yield title
