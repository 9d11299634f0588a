"""An index on disk: what it gives back, filters, and every kind of damage noticed at load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xxhash
from corpora import TOPICS, HashingEmbedder, write_corpus, write_letter

from rag.building import build_index
from rag.config import Settings
from rag.errors import IndexDamaged, IndexMismatch, IndexMissing
from rag.index import Index, current_generation, match_sources, open_index
from rag.types import Filters

SETTINGS = Settings()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_corpus(tmp_path_factory.mktemp("corpus") / "letters")
    (folder / "sans-date.md").write_text(write_letter(20), encoding="utf-8")
    (folder / "annexe").mkdir()
    (folder / "annexe" / "été.txt").write_bytes(
        "Un été à Orléans\r\n\r\nÇa coûte 12 € à Noël, « dit-on ».\r\n".encode("utf-8-sig")
    )
    return folder


@pytest.fixture(scope="module")
def folder(sources: Path) -> Path:
    build_index(sources, sources.parent / "index", settings=SETTINGS, embedder=HashingEmbedder())
    return sources.parent / "index"


@pytest.fixture(scope="module")
def index(folder: Path) -> Index:
    return open_index(folder)


def test_passages_are_the_text_of_their_issues(index: Index) -> None:
    for row in range(len(index)):
        passage = index.passage(row)
        issue = index.issue(passage.source)
        assert issue.text[passage.start : passage.end] == passage.text
        assert (passage.issue, passage.date) == (issue.title, issue.date)
        assert index.columns.start[row] == passage.start
        assert index.columns.day[row] == (issue.date.toordinal() if issue.date else 0)


def test_issue_is_the_file_as_python_reads_it(index: Index, sources: Path) -> None:
    for summary in index.issues():
        issue = index.issue(summary.source)
        with open(sources / issue.source, encoding=issue.encoding) as file:
            assert file.read() == issue.text
    with pytest.raises(KeyError):
        index.issue("nowhere.md")


def test_rows_of_an_article_are_together(index: Index) -> None:
    assert (np.diff(index.columns.article) >= 0).all()
    assert (np.diff(index.columns.issue) >= 0).all()
    assert sum(summary.passages for summary in index.issues()) == len(index)
    assert sum(summary.articles for summary in index.issues()) == index.manifest.articles


def test_issues_are_newest_first_and_undated_last(index: Index) -> None:
    dates = [summary.date for summary in index.issues()]
    dated = [day for day in dates if day]
    assert dated == sorted(dated, reverse=True)
    assert dates[: len(dated)] == dated
    assert len(dates) == len(dated) + 2
    assert index.newest == dated[0] == date(2025, 2, 8)
    assert index.oldest == dated[-1] == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(since=date(2025, 1, 22)), {"2025-01-22.md", "2025-02-01.md", "2025-02-08.md"}),
        (Filters(until=date(2025, 1, 1)), {"2025-01-01.md"}),
        (Filters(since=date(2025, 1, 8), until=date(2025, 1, 8)), {"2025-01-08.md"}),
        (Filters(since=date(2030, 1, 1)), set()),
        (Filters(source="sans-date.md"), {"sans-date.md"}),
        (Filters(source="été"), {"annexe/été.txt"}),
        (Filters(source="annexe/*"), {"annexe/été.txt"}),
        (Filters(source="2025-02-0?.md"), {"2025-02-01.md", "2025-02-08.md"}),
        (Filters(kind="sponsor"), set()),
        (Filters(newsletter="nobody's"), set()),
    ],
)
def test_filters(filters: Filters, expected: set[str], index: Index) -> None:
    mask = index.mask(filters)
    assert mask is not None
    sources = [passage.source for passage in index.passages(range(len(index)))]
    assert {source for source, kept in zip(sources, mask, strict=True) if kept} == expected
    assert [source in expected for source in sources] == mask.tolist()
    vector = HashingEmbedder().encode_query(["satellite"])[0]
    for rows, _ in (
        index.search_words(index.analyse("été satellite dépêche"), 50, mask),
        index.search_vectors(vector, 50, mask),
    ):
        assert {sources[row] for row in rows} <= expected
    assert len(index.search_vectors(vector, 1000, mask)[0]) == mask.sum()


def test_no_filter_is_no_mask(index: Index) -> None:
    assert index.mask(Filters()) is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("a/Lettre 3.txt", True),
        ("Lettre 3.txt", True),
        ("Lettre 3", True),
        ("a/*", True),
        ("Lettre*", True),
        ("3.txt", False),
        ("Lettre 3.md", False),
        ("lettre 3.txt", False),
    ],
)
def test_source_is_meant_by_path_name_or_pattern(wanted: str, found: bool) -> None:
    assert match_sources(["a/Lettre 3.txt"], wanted) == [found]


def test_equal_scores_are_in_the_order_of_ids(tmp_path: Path) -> None:
    for name in ("b", "c", "a", "d", "e"):
        (tmp_path / "letters").mkdir(exist_ok=True)
        (tmp_path / "letters" / f"{name}.md").write_text(write_letter(3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.shards.SHARD_BYTES", 500)
        build_index(
            tmp_path / "letters", tmp_path / "i", settings=SETTINGS, embedder=HashingEmbedder()
        )
    index = open_index(tmp_path / "i")
    vector = HashingEmbedder().encode_query([TOPICS[3]])[0]
    for rows, scores in (
        index.search_words(index.analyse(TOPICS[3]), 5),
        index.search_vectors(vector, 5),
    ):
        assert len(set(scores.tolist())) == 1
        assert [p.source for p in index.passages(rows)] == ["a.md", "b.md", "c.md", "d.md", "e.md"]


def test_threads_share_one_index(index: Index) -> None:
    def ask(query: str) -> list[str]:
        mask = index.mask(Filters(since=date(2025, 1, len(query) % 28 + 1)))
        return [
            passage.id
            for passage in index.passages(index.search_words(index.analyse(query), 5, mask)[0])
        ]

    expected = [ask(query) for query in TOPICS]
    with ThreadPoolExecutor(8) as executor:
        assert list(executor.map(ask, TOPICS * 10)) == expected * 10


def test_missing_index_says_how_to_build_it(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(IndexMissing) as caught:
            open_index(place)
        assert "python -m rag build" in caught.value.hint


def list_files(folder: Path) -> Iterator[Path]:
    generation = folder / "generations" / current_generation(folder)
    return (path for path in sorted(generation.rglob("*")) if not path.name.startswith("."))


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def alter(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [remove, cut, alter])
def test_damage_to_any_file_is_noticed(damage, sources: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "index"
    build_index(sources, folder, settings=SETTINGS, embedder=HashingEmbedder())
    files = [path for path in list_files(folder) if path.is_file()]
    assert len(files) > 12
    for path in files:
        if not path.stat().st_size:
            continue
        good = path.read_bytes()
        damage(path)
        with pytest.raises(IndexDamaged) as caught:
            open_index(folder)
        assert path.name in str(caught.value)
        assert "build --full" in caught.value.hint
        path.write_bytes(good)
    open_index(folder)


def test_damaged_index_is_built_anew(sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(sources, folder, settings=SETTINGS, embedder=HashingEmbedder())
    whole = open_index(folder).manifest.fingerprint
    for path in list_files(folder):
        if path.name == "texts.bin":
            alter(path)
    embedder = HashingEmbedder()
    report = build_index(sources, folder, settings=SETTINGS, embedder=embedder)
    assert "texts.bin" in report.reason
    assert embedder.calls == []
    assert open_index(folder).manifest.fingerprint == whole


@pytest.mark.parametrize("line", ["", "../../etc 0", "000001", "000001 " + "z" * 32, "\xff"])
def test_pointer_that_is_none(line: str, sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(sources, folder, settings=SETTINGS, embedder=HashingEmbedder())
    (folder / "CURRENT").write_bytes(line.encode("latin-1"))
    with pytest.raises(IndexDamaged, match="CURRENT"):
        open_index(folder)
    build_index(sources, folder, settings=SETTINGS, embedder=HashingEmbedder())
    assert len(open_index(folder)) > 18


def test_index_of_another_version(sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(sources, folder, settings=SETTINGS, embedder=HashingEmbedder())
    path = folder / "generations" / current_generation(folder) / "manifest.json"
    data = json.dumps({**json.loads(path.read_bytes()), "format": 0}).encode()
    path.write_bytes(data)
    (folder / "CURRENT").write_text(f"{path.parent.name} {xxhash.xxh3_128_hexdigest(data)}\n")
    with pytest.raises(IndexMismatch, match="format 0"):
        open_index(folder)
    report = build_index(sources, folder, settings=SETTINGS, embedder=HashingEmbedder())
    assert "format 0" in report.reason
    open_index(folder)
