"""Generations: a build killed at any instant leaves an index whole; space and locks."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from corpora import HashingEmbedder, write_corpus, write_letter

from rag.building import build_index
from rag.config import Settings
from rag.errors import IndexLocked, IndexWriteError
from rag.generations import clean_generations, lock_index
from rag.index import open_index

SETTINGS = Settings()
HERE = Path(__file__).parent


def build(sources: Path, index: Path) -> None:
    build_index(sources, index, settings=SETTINGS, embedder=HashingEmbedder())


def list_texts(index: Path) -> list[str]:
    opened = open_index(index)
    return [passage.text for passage in opened.passages(range(len(opened)))]


@pytest.mark.slow
def test_killed_at_any_instant_the_index_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    sources = write_corpus(tmp_path / "letters", 4)
    build(sources, tmp_path / "old")
    (sources / "neuf.md").write_text(write_letter(30))
    (sources / "2025-01-08.md").unlink()
    build(sources, tmp_path / "new")
    old, new = list_texts(tmp_path / "old"), list_texts(tmp_path / "new")
    assert old != new
    points = [*map(str, (*range(1, 52, 6), *range(52, 58), 999)), "0.02", "0.1"]
    out = subprocess.run(
        [sys.executable, HERE / "crashing.py", sources, tmp_path / "old", tmp_path / "at", *points],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])},
    )
    ends = dict(line.split() for line in out.stdout.splitlines())
    assert ends.keys() == set(points)
    assert ends["1"] == ends["31"] == "killed"
    assert ends["999"] == "finished"
    left = [list_texts(tmp_path / "at" / point) for point in points]
    assert all(texts in (old, new) for texts in left)
    assert old in left
    assert new in left
    for point in points:
        index = tmp_path / "at" / point
        build(sources, index)
        assert list_texts(index) == new
        assert len(list((index / "generations").iterdir())) <= 2
        assert not (index / "CURRENT.new").exists()


def test_full_disk_leaves_the_old_index(tmp_path: Path) -> None:
    sources = write_corpus(tmp_path / "letters", 4)
    index = tmp_path / "index"
    build(sources, index)
    before = list_texts(index)
    (sources / "neuf.md").write_text(write_letter(30, articles=40))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (100, 2_000, 6_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(IndexWriteError, match=str(index)) as caught:
                build(sources, index)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "python -m rag build" in caught.value.hint
        assert list_texts(index) == before
    build(sources, index)
    assert len(list_texts(index)) > len(before)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_index_of_another_user_opens_and_cannot_be_built(tmp_path: Path) -> None:
    index = tmp_path / "index"
    build(write_corpus(tmp_path / "letters", 2), index)
    for path in (*tmp_path.parents[:2], *tmp_path.rglob("*"), tmp_path):
        path.chmod(0o755 if path.is_dir() else 0o644)
    open_index(index).search_words([("satellit",)], 3)  # loads what the other user may not read
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setuid(65534)
            rows, _ = open_index(index).search_words([("satellit",)], 3)
            with pytest.raises(IndexWriteError):
                build(tmp_path / "letters", index)
            code = 0 if len(rows) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_lock_is_refused_at_once_and_given_back(tmp_path: Path) -> None:
    with lock_index(tmp_path / "index"), pytest.raises(IndexLocked), lock_index(tmp_path / "index"):
        pass
    with lock_index(tmp_path / "index"):
        pass


def test_only_the_last_two_generations_stay(tmp_path: Path) -> None:
    for name in ("000001", "000002", "000004", "000005", ".building"):
        (tmp_path / "generations" / name / "words").mkdir(parents=True)
    clean_generations(tmp_path, "000004")
    assert {p.name for p in (tmp_path / "generations").iterdir()} == {"000002", "000004"}


def test_readers_keep_what_they_have_open(tmp_path: Path) -> None:
    sources = write_corpus(tmp_path / "letters", 3)
    index = tmp_path / "index"
    build(sources, index)
    reader = open_index(index)
    before = [passage.text for passage in reader.passages(range(len(reader)))]
    for seed in range(40, 43):
        (sources / "2025-01-01.md").write_text(write_letter(seed))
        build(sources, index)
    assert not (index / "generations" / reader.generation).exists()
    assert [passage.text for passage in reader.passages(range(len(reader)))] == before
    assert len(reader.search_words([("satellit",)], 3)[0])
