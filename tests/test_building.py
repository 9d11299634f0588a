"""Builds: what they find changed, that increments equal full builds, that nothing good is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from corpora import TOPICS, HashingEmbedder, write_corpus, write_letter

from rag.building import build_index
from rag.config import Settings
from rag.errors import IndexLocked, IndexWriteError, SourceError
from rag.index import Index, open_index
from rag.types import BuildReport, Filters

SETTINGS = Settings()


def build(
    sources: Path | list[Path],
    index: Path,
    *,
    settings: Settings = SETTINGS,
    embedder: HashingEmbedder | None = None,
    full: bool = False,
    dry_run: bool = False,
) -> BuildReport:
    return build_index(
        sources,
        index,
        settings=settings,
        embedder=embedder or HashingEmbedder(),
        full=full,
        dry_run=dry_run,
    )


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "letters")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def describe(index: Index) -> tuple[object, ...]:
    """Everything an index says: passages, issues, vectors, answers of both engines with scores."""
    embedder = HashingEmbedder()
    rows = np.arange(len(index))
    answers = []
    for query in (*TOPICS, "dépêche de la semaine", "Nouvelle 3-1", "65", "lettre"):
        for filters in (Filters(), Filters(source="2025-01*")):
            mask = index.mask(filters)
            vector = embedder.encode_query([query])[0]
            for found, scores in (
                index.search_words(query, 10, mask, "fr"),
                index.search_vectors(vector, 10, mask),
            ):
                answers.append([p.id for p in index.passages(found)])
                answers.append(scores.tolist())
    return (
        index.passages(rows),
        [replace(index.issue(s.source), path="") for s in index.issues()],
        index.issues(),
        index.vectors(rows).tolist(),
        answers,
    )


def assert_equals_full_build(
    sources: Path, index: Path, tmp_path: Path, settings: Settings = SETTINGS
) -> None:
    fresh = tmp_path / "fresh"
    build(sources, fresh, settings=settings)
    assert describe(open_index(index)) == describe(open_index(fresh))
    assert open_index(index).manifest.fingerprint == open_index(fresh).manifest.fingerprint
    shutil.rmtree(fresh)


def edit(folder: Path) -> None:
    path = folder / "2025-01-08.md"
    path.write_text(path.read_text() + "\n## Ajout\n\nUne phrase de plus pour la route.\n")


def add(folder: Path) -> None:
    (folder / "neuf.md").write_text(write_letter(40))


def delete(folder: Path) -> None:
    (folder / "2025-01-01.md").unlink()


def rename(folder: Path) -> None:
    (folder / "2025-01-15.md").rename(folder / "autre-nom.md")


def move(folder: Path) -> None:
    (folder / "archive").mkdir(exist_ok=True)
    (folder / "2025-01-22.md").rename(folder / "archive" / "2025-01-22.md")


def swap(folder: Path) -> None:
    a, b = folder / "2025-01-01.md", folder / "2025-01-08.md"
    a.rename(folder / "tmp")
    b.rename(a)
    (folder / "tmp").rename(b)


def duplicate(folder: Path) -> None:
    shutil.copy2(folder / "2025-02-01.md", folder / "double.md")


def rewrite_keeping_time(folder: Path) -> None:
    path = folder / "2025-01-08.md"
    before = path.stat()
    text = path.read_text()
    path.write_text(text.replace("semaine", "journée"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size != before.st_size or "semaine" not in text


def everything(folder: Path) -> None:
    for change in (edit, add, rename, move, duplicate):
        change(folder)
    (folder / "2025-02-01.md").unlink()


CHANGES: dict[str, tuple[Callable[[Path], None], dict[str, tuple[object, ...]]]] = {
    "edited": (edit, {"changed": ("2025-01-08.md",)}),
    "added": (add, {"added": ("neuf.md",)}),
    "deleted": (delete, {"removed": ("2025-01-01.md",)}),
    "renamed": (rename, {"moved": (("2025-01-15.md", "autre-nom.md"),)}),
    "moved": (move, {"moved": (("2025-01-22.md", "archive/2025-01-22.md"),)}),
    "swapped": (swap, {"changed": ("2025-01-01.md", "2025-01-08.md")}),
    "same text twice": (duplicate, {"added": ("double.md",)}),
    "old time put back": (rewrite_keeping_time, {"changed": ("2025-01-08.md",)}),
    "all at once": (
        everything,
        {
            "added": ("double.md", "neuf.md"),
            "changed": ("2025-01-08.md",),
            "removed": ("2025-02-01.md",),
        },
    ),
}


def test_first_build(sources: Path, index: Path) -> None:
    report = build(sources, index)
    opened = open_index(index)
    assert len(report.added) == 6 == len(opened.issues())
    assert report.articles_added == 18
    assert report.passages == len(opened) == report.embedded >= 18
    assert report.generation == opened.generation
    for passage in opened.passages(range(len(opened))):
        text = (sources / passage.source).read_text(encoding="utf-8")
        assert text[passage.start : passage.end] == passage.text
