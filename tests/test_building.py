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
                index.search_words(index.analyse(query, "fr"), 10, mask),
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
            "added": ("neuf.md",),
            "changed": ("2025-01-08.md",),
            "moved": (
                ("2025-01-15.md", "autre-nom.md"),
                ("2025-01-22.md", "archive/2025-01-22.md"),
                ("2025-02-01.md", "double.md"),
            ),
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


def test_nothing_changed_makes_no_new_generation(sources: Path, index: Path) -> None:
    first = build(sources, index)
    embedder = HashingEmbedder()
    again = build(sources, index, embedder=embedder)
    assert again.empty
    assert again.generation == first.generation
    assert again.unchanged == first.added
    assert again.articles_unchanged == 18
    assert again.passages == first.passages
    assert embedder.calls == []


@pytest.mark.parametrize(
    ("name", "shard_bytes"), [*((name, 1000) for name in CHANGES), ("all at once", 1 << 22)]
)
def test_increment_equals_full_build(
    name: str,
    shard_bytes: int,
    sources: Path,
    index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.shards.SHARD_BYTES", shard_bytes)
    change, expected = CHANGES[name]
    build(sources, index)
    change(sources)
    planned = build(sources, index, dry_run=True)
    report = build(sources, index)
    for field in ("added", "changed", "removed", "moved", "unchanged"):
        assert getattr(planned, field) == getattr(report, field)
        if field in expected:
            assert getattr(report, field) == expected[field]
    assert_equals_full_build(sources, index, tmp_path)
    assert build(sources, index).empty


def test_many_changes_in_a_row_equal_one_full_build(
    sources: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of shards grows and shrinks on the way."""
    monkeypatch.setattr("rag.shards.SHARD_BYTES", 1500)
    build(sources, index)
    for seed in range(50, 54):
        (sources / f"{seed}.md").write_text(write_letter(seed, articles=seed % 5 + 1))
        build(sources, index)
    swap(sources)
    everything(sources)
    build(sources, index)
    for seed in range(50, 53):
        (sources / f"{seed}.md").unlink()
    build(sources, index)
    assert_equals_full_build(sources, index, tmp_path)


def test_search_over_the_switch_to_codes_equals_full_build(
    sources: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("rag.shardmaking", "rag.vectors"):
        monkeypatch.setattr(f"{module}.FLAT_LIMIT", 15)
    build(sources, index)
    assert (index / "generations" / "000001" / "codes.faiss").exists()
    everything(sources)
    build(sources, index)
    assert_equals_full_build(sources, index, tmp_path)


def test_articles_are_counted_by_their_text(sources: Path, index: Path) -> None:
    build(sources, index)
    path = sources / "2025-01-08.md"
    path.write_text(path.read_text().replace("Nouvelle 1-1", "Autre titre"))
    report = build(sources, index)
    assert (report.articles_added, report.articles_removed, report.articles_unchanged) == (1, 1, 17)
    assert report.embedded == 1


def test_nothing_is_embedded_twice(sources: Path, index: Path) -> None:
    embedder = HashingEmbedder()
    build(sources, index, embedder=embedder)
    path = sources / "2025-01-08.md"
    text = path.read_text()
    path.unlink()
    build(sources, index, embedder=embedder)
    path.write_text(text)
    build(sources, index, embedder=embedder)
    build(sources, index, embedder=embedder, full=True)
    (sources / "again.md").write_text(text)
    build(sources, index, embedder=embedder)
    assert len(embedder.calls) == len(set(embedder.calls))


def test_embeddings_survive_a_build_that_fails(sources: Path, index: Path) -> None:
    class Failing(HashingEmbedder):
        def encode_documents(self, texts, progress=None):  # type: ignore[no-untyped-def]
            if len(self.calls) >= 10:
                raise KeyboardInterrupt
            return super().encode_documents(texts, progress)

    failing, resumed = Failing(), HashingEmbedder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.cache._BATCH", 10)
        with pytest.raises(KeyboardInterrupt):
            build(sources, index, embedder=failing)
    build(sources, index, embedder=resumed)
    assert len(failing.calls) >= 10
    assert not set(failing.calls) & set(resumed.calls)


def test_changed_model_and_settings_are_said_and_never_mixed(
    sources: Path, index: Path, tmp_path: Path
) -> None:
    build(sources, index)
    shorter = Settings(passage_chars=150)
    report = build(sources, index, settings=shorter)
    assert report.reason == "passage_chars changed from 480 to 150"
    assert len(report.unchanged) == 6
    assert_equals_full_build(sources, index, tmp_path, shorter)
    other = HashingEmbedder("other", 16)
    report = build(sources, index, settings=shorter, embedder=other)
    assert report.reason == "the model changed from hashing to other"
    assert open_index(index).vectors([0]).shape == (1, 16)
    assert build(sources, index, settings=shorter, embedder=other).empty


def test_file_that_turns_bad_keeps_its_former_content(
    sources: Path, index: Path, tmp_path: Path
) -> None:
    build(sources, index)
    before = describe(open_index(index))
    path = sources / "2025-01-08.md"
    good = path.read_bytes()
    path.write_bytes(b"\0\1\2\xff" * 500)
    report = build(sources, index)
    (skipped,) = report.skipped
    assert skipped.source == "2025-01-08.md"
    assert skipped.reason.endswith("what the index held of it is kept")
    assert report.changed == ()
    assert describe(open_index(index)) == before
    again = build(sources, index)
    assert again.empty
    assert again.skipped == report.skipped
    build(sources, index, full=True)
    build(sources, index, settings=Settings(passage_chars=200))
    assert {s.source for s in open_index(index).issues()} >= {"2025-01-08.md"}
    path.write_bytes(good + b"\n\nEncore un mot pour finir.\n")
    assert build(sources, index, settings=Settings(passage_chars=200)).skipped == ()
    assert_equals_full_build(sources, index, tmp_path, Settings(passage_chars=200))


def test_bad_files_are_named_and_do_not_stop_the_others(sources: Path, index: Path) -> None:
    (sources / "empty.txt").write_bytes(b"")
    (sources / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (sources / "large.txt").write_text("long " * 50_000)
    (sources / "dangling.txt").symlink_to(sources / "nowhere")
    report = build(sources, index, settings=Settings(max_file_mb=0.1))
    named = {entry.source for entry in report.skipped}
    assert {"empty.txt", "binary.txt", "large.txt"} <= named
    assert len(report.added) == 6 == len(open_index(index).issues())
    assert build(sources, index, settings=Settings(max_file_mb=0.1)).skipped == report.skipped


def test_file_that_vanishes_during_the_build(
    sources: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag import intake

    def cut_late(file, *rest, cut=intake.cut_source):  # type: ignore[no-untyped-def]
        (sources / "2025-01-15.md").unlink(missing_ok=True)
        return cut(file, *rest)

    monkeypatch.setattr("rag.shardmaking.cut_source", cut_late)
    report = build(sources, index)
    assert [entry.source for entry in report.skipped] == ["2025-01-15.md"]
    assert len(open_index(index).issues()) == 5


def test_no_sources_leave_the_index_alone(sources: Path, index: Path, tmp_path: Path) -> None:
    build(sources, index)
    before = open_index(index).generation
    empty = tmp_path / "empty"
    empty.mkdir()
    for nothing in (empty, tmp_path / "missing", []):
        with pytest.raises(SourceError):
            build(nothing, index)
    (empty / "bad.txt").write_bytes(b"\0" * 100)
    with pytest.raises(SourceError, match=r"bad\.txt"):
        build(empty, tmp_path / "other")
    assert open_index(index).generation == before


def test_second_build_is_told_to_wait(sources: Path, index: Path) -> None:
    class Curious(HashingEmbedder):
        def encode_documents(self, texts, progress=None):  # type: ignore[no-untyped-def]
            with pytest.raises(IndexLocked, match="another build"):
                build(sources, index)
            return super().encode_documents(texts, progress)

    build(sources, index, embedder=Curious())
    assert build(sources, index).empty


def test_folder_that_cannot_be_written(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(IndexWriteError):
        build(sources, tmp_path / "file" / "index")


def test_damaged_cache_is_replaced(sources: Path, index: Path) -> None:
    build(sources, index)
    before = describe(open_index(index))
    for junk in (b"no database at all" * 100, b""):
        (index / "cache.sqlite").write_bytes(junk)
        build(sources, index, full=True)
        assert describe(open_index(index)) == before


def test_vector_altered_in_the_cache_is_not_used(sources: Path, index: Path) -> None:
    import sqlite3

    build(sources, index)
    before = describe(open_index(index))
    with sqlite3.connect(index / "cache.sqlite") as database:
        database.execute("UPDATE batches SET vectors = zeroblob(length(vectors))")
    build(sources, index, full=True)
    assert describe(open_index(index)) == before
    with sqlite3.connect(index / "cache.sqlite") as database:
        database.execute("UPDATE batches SET entries = zeroblob(length(entries) - 1)")
    build(sources, index, full=True)
    assert describe(open_index(index)) == before


def test_progress_counts_every_passage(sources: Path, index: Path) -> None:
    counts: list[int] = []
    report = build_index(
        sources, index, settings=SETTINGS, embedder=HashingEmbedder(), progress=counts.append
    )
    assert sum(counts) == report.passages
