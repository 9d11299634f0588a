"""Readers of the raw training and development files: path in, plain tuples of text out."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl")
_RST_ROLE = re.compile(r":[\w:.+-]+:`([^`<]*)(?:<[^`]*>)?`")
_RST_MARK = re.compile(r"`{1,2}|\*{1,2}|(?<=\w)_\b|::")
_GLUED = re.compile(r"(?<=[a-zà-ÿ\"»)])([.!?…]+[\"»)]?)(?=[A-ZÀ-Ý\"«])")


@dataclass(frozen=True)
class Parallel:
    """Aligned sentences of one language pair and source, in file order."""

    languages: tuple[str, str]
    source: str
    left: list[str]
    right: list[str]


@dataclass(frozen=True)
class NewsArticle:
    title: str
    heading: str
    body: str


@dataclass(frozen=True)
class QuizItem:
    """One quiz question; `key` is the same for its translations."""

    key: str
    lang: str
    theme: str
    question: str
    answer: str
    anecdote: str


@dataclass(frozen=True)
class Paragraph:
    """A SQuAD paragraph and the questions that it answers."""

    title: str
    text: str
    questions: list[str]


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def read_parallel(folder: Path) -> list[Parallel]:
    """Every `parallel.*` and `techdocs.*` file, cut by source; reST mark-up is taken out."""
    groups: list[Parallel] = []
    for path in sorted([*folder.glob("parallel.*.tsv.gz"), *folder.glob("techdocs.*.tsv.gz")]):
        a, b = path.name.split(".")[1].split("-")
        rows: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        with _open(path) as stream:
            for row in csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                if len(row) != 3 or row[0] == "source":
                    continue
                source, left, right = row
                if path.name.startswith("techdocs"):
                    left, right = _strip_rst(left), _strip_rst(right)
                rows[source][0].append(left)
                rows[source][1].append(right)
        groups += [Parallel((a, b), s, left, right) for s, (left, right) in sorted(rows.items())]
    return groups


def read_glossary() -> dict[str, list[str]]:
    """Our own list of terms of technology news: language → terms, aligned by position."""
    with _open(Path(__file__).with_name("glossary.tsv")) as stream:
        header, *rows = csv.reader(stream, delimiter="\t")
    return {lang: [row[column] for row in rows] for column, lang in enumerate(header)}


def read_news(path: Path) -> Iterator[NewsArticle]:
    """News articles; sentences glued together are set apart, date-only headings emptied."""
    with _open(path) as stream:
        for line in stream:
            row = json.loads(line)
            title, heading = row["title"], row["heading"]
            if "infos, scoop" in title:
                title, heading = "", ""
            body = _GLUED.sub(r"\1 ", row["article"])
            yield NewsArticle(title, heading, body)


def read_quiz(path: Path) -> list[QuizItem]:
    """All quiz questions, in every language."""
    with _open(path) as stream:
        rows = [json.loads(line) for line in stream]
    return [
        QuizItem(
            key=f"{row['file']}:{row['id']}",
            lang=row["lang"],
            theme=row["theme"].split("(")[0],
            question=row["q"],
            answer=row["answer"],
            anecdote=row["anecdote"],
        )
        for row in rows
    ]


def read_squad(path: Path) -> list[Paragraph]:
    """Paragraphs of a SQuAD-form file, in file order."""
    with _open(path) as stream:
        data = json.load(stream)["data"]
    return [
        Paragraph(article.get("title", ""), p["context"], [qa["question"] for qa in p["qas"]])
        for article in data
        for p in article["paragraphs"]
    ]


def read_pud(path: Path) -> tuple[list[str], list[str]]:
    """Aligned sentences of one PUD file."""
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return [a for a, _ in rows], [b for _, b in rows]


def _strip_rst(text: str) -> str:
    return _RST_MARK.sub(" ", _RST_ROLE.sub(r"\1", text))
