"""Questions written for this package, files of `questions/`.

Those over news articles (by id) and paragraphs of PIAF train (by number), which are not in the
package, give the place of the short answer there, or none where the article does not answer;
`paragraphs.jsonl` holds paragraphs written for the package together with their questions.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.sentences import split_sentences
from rag.types import Span
from rag.words import fold_text, list_stems
from training.reader.examples import DATA, WINDOW, Example, cut_window

FOLDER = Path(__file__).parent / "questions"
# Questions that the network learns from, that ranking and confidence are fitted to, and that
# nothing has seen.
TAUGHT, FITTED, HELD_OUT = (FOLDER / f"news_{n}.jsonl" for n in ("taught", "fitted", "held_out"))


@dataclass(frozen=True)
class Asked:
    """A question about the news article `id`; `answer` is its place in the article's text."""

    id: str
    language: str
    question: str
    answer: Span | None


@dataclass(frozen=True)
class News:
    """A news article."""

    id: str
    day: str
    title: str
    text: str


def read_asked(path: Path) -> list[Asked]:
    """Return the questions of a file about news articles."""
    return [
        Asked(
            row["article"],
            row["lang"],
            row["question"],
            Span(row["start"], row["end"]) if "start" in row else None,
        )
        for row in _read_rows(path)
    ]


def read_news(ids: Iterable[str]) -> dict[str, News]:
    """Return the news articles of these ids."""
    wanted = set(ids)
    found = {}
    with gzip.open(DATA / "train" / "news-fr.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["id"] in wanted:
                found[row["id"]] = News(row["id"], row["date"][:10], row["title"], row["article"])
    return found


def read_own_news() -> list[Example]:
    """Return the questions of TAUGHT, each with the part of the article that answers it and, if
    there is one, a part that does not; or with the part that looks most as if it did."""
    asked = read_asked(TAUGHT)
    news = read_news(row.id for row in asked)
    return [_make_example(row, news[row.id]) for row in asked]


def _make_example(asked: Asked, news: News) -> Example:
    other = asked.language if asked.language != "fr" else ""
    if asked.answer:
        answers = ((asked.answer.start, asked.answer.end),)
        whole = Example(asked.question, "fr", news.title, news.text, answers, "own", other)
        cut = cut_window(whole)
        before, _, after = news.text.partition(cut.text)
        answer = fold_text(news.text[asked.answer.start : asked.answer.end])
        parts = _cut_parts(max(before, after, key=len))
        left = [part for part in parts if answer not in fold_text(part)]
        rng = random.Random(asked.question)
        return replace(cut, decoys=((news.title, rng.choice(left)),)) if left else cut
    stems = list_stems(asked.question)
    parts = list(_cut_parts(news.text)) or [news.text]
    nearest = max(parts, key=lambda part: len(stems & list_stems(part)))
    return Example(asked.question, "fr", news.title, nearest, (), "own", other)


def _cut_parts(text: str) -> Iterator[str]:
    """Yield `text` in parts of whole sentences, those of a sentence alone left out."""
    spans = split_sentences(text)
    first = 0
    for number in range(1, len(spans) + 1):
        if number == len(spans) or spans[number].end - spans[first].start > WINDOW:
            if number - first > 1:
                yield text[spans[first].start : spans[number - 1].end]
            first = number


def read_own_piaf() -> list[Example]:
    """Return the questions over the paragraphs of PIAF train."""
    articles = json.loads((DATA / "train" / "piaf-train.json").read_text(encoding="utf-8"))["data"]
    paragraphs = [
        (article.get("title", "").replace("_", " "), paragraph["context"])
        for article in articles
        for paragraph in article["paragraphs"]
    ]
    examples = []
    for row in _read_rows(FOLDER / "piaf.jsonl"):
        title, text = paragraphs[row["paragraph"]]
        answers = ((row["start"], row["end"]),)
        examples.append(Example(row["question"], "fr", title, text, answers, "own"))
    return examples


def read_own_paragraphs() -> list[Example]:
    """Return the questions over the paragraphs written with them."""
    return [
        Example(
            asked["question"],
            "fr",
            row["title"],
            row["text"],
            ((asked["start"], asked["end"]),),
            "own",
        )
        for row in _read_rows(FOLDER / "paragraphs.jsonl")
        for asked in row["questions"]
    ]


def _read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
