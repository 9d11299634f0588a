"""Queries with their right passages, as candidates of the product's own retriever.

Each set builds a small index of its corpus with the product itself and keeps, for every query, the
features of the candidates and which of them are right.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rag.building import build_index
from rag.embedding import load_embedder
from rag.evaluation import holds_evidence
from rag.index import open_index
from rag.questions_file import GoldQuestion, read_questions
from rag.ranking import FEATURES, PARTS, Weights
from rag.retrieval import Retriever
from rag.types import Passage

PAIR_CHARS = 60
UNFITTED = Weights(np.zeros((len(PARTS), len(FEATURES))), np.zeros(len(PARTS)))


@dataclass(frozen=True)
class Query:
    """A text to search with, and whether a passage is right for it."""

    text: str
    is_right: Callable[[Passage], bool]


@dataclass(frozen=True)
class Ranked:
    """The candidates of one query: features (n, f), whether each is right, and in its language."""

    features: np.ndarray
    right: np.ndarray
    same: np.ndarray
    lexical: np.ndarray


def collect(files: dict[str, str], queries: Sequence[Query]) -> list[Ranked]:
    """Return the candidates of each of `queries` over an index of `files` (name → text)."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder, "sources")
        sources.mkdir()
        for name, text in files.items():
            (sources / name).write_text(text, encoding="utf-8", newline="\n")
        build_index(sources, Path(folder, "index"))
        index = open_index(Path(folder, "index"))
        retriever = Retriever(index, load_embedder(), UNFITTED)
        ranked = []
        for query in queries:
            found = retriever.find_candidates(query.text)
            right = np.array([query.is_right(p) for p in index.passages(found.rows)], bool)
            ranked.append(Ranked(found.features, right, found.same_language, found.lexical))
    return ranked


def read_squad(paths: Iterable[Path], titled: bool) -> tuple[dict[str, str], list[list[Query]]]:
    """Return the paragraphs of SQuAD files as one corpus, and the questions of each file."""
    files: dict[str, str] = {}
    queries: list[list[Query]] = []
    for path in paths:
        queries.append([])
        for article in _load(path)["data"]:
            for paragraph in article["paragraphs"]:
                head = f"# {article['title']}\n\n" if titled and article.get("title") else ""
                name = f"{len(files):06d}.md" if head else f"{len(files):06d}.txt"
                files[name] = head + paragraph["context"]
                for qa in paragraph["qas"]:
                    start = len(head) + qa["answers"][0]["answer_start"]
                    queries[-1].append(Query(qa["question"], _Holds(name, start)))
    return files, queries


def read_crossed(questions: Path, paragraphs: Path) -> tuple[dict[str, str], list[Query]]:
    """Return the paragraphs of one translated SQuAD file and the questions of another, by id."""
    files, _ = read_squad([paragraphs], titled=False)
    places: dict[str, _Holds] = {}
    names = iter(files)
    for article in _load(paragraphs)["data"]:
        for paragraph in article["paragraphs"]:
            name = next(names)
            for qa in paragraph["qas"]:
                places[qa["id"]] = _Holds(name, qa["answers"][0]["answer_start"])
    asked = [
        Query(qa["question"], places[qa["id"]])
        for article in _load(questions)["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
        if qa["id"] in places
    ]
    return files, asked


def read_news(path: Path, distractors: Path, count: int) -> tuple[dict[str, str], list[Query]]:
    """Return news articles without their titles as a corpus, and the titles of `path` as queries.

    `count` articles of `distractors` are in the corpus too.
    """
    files, queries = {}, []
    for row in _read_lines(path):
        name = f"{len(files):06d}.txt"
        files[name] = row["article"]
        queries.append(Query(row["title"], _Holds(name)))
    for row in islice(_read_lines(distractors), count):
        files[f"{len(files):06d}.txt"] = row["article"]
    return files, queries


def read_pairs(path: Path, count: int) -> list[tuple[str, str]]:
    """Return up to `count` sentences of a file of translated pairs (source, text, text), drawn with
    a fixed seed from its first 200,000; both texts of each are longer than PAIR_CHARS."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [line.rstrip("\n").split("\t")[1:3] for line in islice(stream, 200_000)]
    long = [(row[0], row[1]) for row in rows if len(row) == 2 and min(map(len, row)) > PAIR_CHARS]
    return random.Random(0).sample(long, min(count, len(long)))


def collect_pairs(pairs: Sequence[tuple[str, str]], count: int) -> list[Ranked]:
    """Return the candidates of the first `count` sentences over all translations, and the other
    way round."""
    ranked = []
    for turned in (pairs, [(b, a) for a, b in pairs]):
        files = {f"{number:06d}.txt": text for number, (_, text) in enumerate(turned)}
        asked = zip(turned[:count], files, strict=False)
        ranked += collect(files, [Query(text, _Holds(name)) for (text, _), name in asked])
    return ranked


def read_samples(folder: Path, questions: Path) -> tuple[dict[str, str], list[list[Query]]]:
    """Return the issues in `folder` as a corpus; the questions in French, then the others."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
    queries: list[list[Query]] = [[], []]
    for question in read_questions(questions).questions:
        if question.answerable:
            is_right = partial(_is_evidence, question)
            queries[question.lang != "fr"].append(Query(question.question, is_right))
    return files, queries


def _is_evidence(question: GoldQuestion, passage: Passage) -> bool:
    return holds_evidence(passage, question)


def _read_lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


@dataclass(frozen=True)
class _Holds:
    """True for a passage of the file `name`, and over `start` where that is known."""

    name: str
    start: int = -1

    def __call__(self, passage: Passage) -> bool:
        if passage.source != self.name:
            return False
        return self.start < 0 or passage.start <= self.start < passage.end


def _load(path: Path) -> Any:
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
