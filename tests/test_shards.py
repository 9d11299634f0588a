"""Shards: what is written comes back, and where a source lies depends on its name alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.shards import (
    MAX_SHARDS,
    SHARD_BYTES,
    CutArticle,
    CutIssue,
    Shard,
    StemRuns,
    count_shards,
    digest_article,
    place_source,
    write_shard,
)
from rag.types import Issue, Span

TEXT = "« Été » à Noël.\n\nLe 🚲 coûte 12 €. Fin."


def make_issue(source: str, day: date | None, text: str = TEXT) -> Issue:
    return Issue(
        source=source,
        path=f"there/{source}",
        text=text,
        title=f"Titre de {source}",
        date=day,
        newsletter="Lettre",
        encoding="utf-8",
        digest="0" * 8,
    )


CUT = [
    CutIssue(
        make_issue("été.txt", date(2025, 2, 4)),
        (
            CutArticle("Un", "", "article", (Span(0, 15), Span(17, 33)), ("fr", "en")),
            CutArticle("Deux", "Brèves", "brief", (Span(34, 38),), ("de",)),
        ),
    ),
    CutIssue(
        make_issue("b.txt", None, "plain text"),
        (CutArticle("", "", "sponsor", (Span(0, 5),), ("fr",)),),
    ),
]
VECTORS = np.arange(8, dtype=np.float16).reshape(4, 2)
# Section, title, two passages; section, title, passage; section, title, passage.
STEMS = [
    StemRuns(np.arange(1, 8, dtype=np.uint32), np.array([0, 1, 3, 0, 1, 1, 1], np.uint32)),
    StemRuns(np.array([9], np.uint32), np.array([0, 0, 1], np.uint32)),
]


@pytest.fixture
def shard(tmp_path: Path) -> Shard:
    write_shard(tmp_path / "00", CUT, VECTORS, STEMS)
    return Shard(tmp_path / "00")


def test_issues_come_back(shard: Shard) -> None:
    found = shard.cut_issues()
    assert [(cut.issue, cut.articles) for cut in found] == [(c.issue, c.articles) for c in CUT]
    assert np.array_equal(np.concatenate([cut.vectors for cut in found]), VECTORS)


def test_stems_come_back_by_passage(shard: Shard) -> None:
    found = [(s.own.tolist(), s.title.tolist()) for s in shard.stems(np.array([0, 1, 2, 3]))]
    assert found == [([2, 3, 4], [1]), ([], [1]), ([7], [5, 6]), ([9], [])]
    (alone,) = shard.stems(np.array([2]))
    assert (alone.own.tolist(), alone.title.tolist()) == ([7], [5, 6])
    again = [cut.stems for cut in shard.cut_issues()]
    for one, other in zip(again, STEMS, strict=True):
        assert one is not None
        assert np.array_equal(one.numbers, other.numbers)
        assert np.array_equal(one.lengths, other.lengths)


def test_title_counts_only_where_the_passage_does_not_begin_with_it(tmp_path: Path) -> None:
    article = CutArticle("« Été »", "", "article", (Span(0, 15), Span(17, 33)), ("fr", "fr"))
    cut = CutIssue(make_issue("a", None), (article,))
    runs = StemRuns(np.array([1, 2, 3], np.uint32), np.array([0, 1, 1, 1], np.uint32))
    write_shard(tmp_path / "00", [cut], VECTORS[:2], [runs])
    found = Shard(tmp_path / "00").stems(np.array([0, 1]))
    assert [stems.title.tolist() for stems in found] == [[], [1]]


def test_context_is_the_passage_before_and_after_in_the_article(tmp_path: Path) -> None:
    ends = ((0, 4), (5, 9), (10, 14), (15, 19))
    spans = tuple(Span(*pair) for pair in ends)
    first = CutArticle("A", "", "article", spans[:3], ("fr",) * 3)
    second = CutArticle("B", "", "article", spans[3:], ("fr",))
    cut = CutIssue(make_issue("a", None), (first, second))
    # Section, title, three passages; section, title, passage.
    lengths = np.array([1, 1, 2, 1, 1, 1, 1, 2], np.uint32)
    runs = StemRuns(np.arange(1, 11, dtype=np.uint32), lengths)
    write_shard(tmp_path / "00", [cut], np.zeros((4, 8), np.float16), [runs])
    found = Shard(tmp_path / "00").stems(np.arange(4))
    assert [s.context.tolist() for s in found] == [[3, 4, 5], [3, 4, 5, 6], [5, 6], [9, 10]]
    assert [s.own.tolist() for s in found] == [[3, 4], [5], [6], [9, 10]]


def test_passages_are_cut_from_the_bytes_at_their_characters(shard: Shard) -> None:
    passages = [shard.passage(row) for row in range(4)]
    assert [p.text for p in passages] == [TEXT[0:15], TEXT[17:33], TEXT[34:38], "plain"]
    assert passages[0].text == "« Été » à Noël."
    assert [p.article for p in passages] == ["Un", "Un", "Deux", ""]
    assert [p.kind for p in passages] == ["article", "article", "brief", "sponsor"]
    assert [p.language for p in passages] == ["fr", "en", "de", "fr"]
    assert [p.date for p in passages] == [date(2025, 2, 4)] * 3 + [None]
    assert passages[2].section == "Brèves"
    assert passages[3].issue == "Titre de b.txt"


def test_count_grows_by_doubling() -> None:
    sizes = (0, 1, SHARD_BYTES, SHARD_BYTES + 1, 3 * SHARD_BYTES, 10**12)
    assert [count_shards(size) for size in sizes] == [1, 1, 1, 2, 4, MAX_SHARDS]


def test_place_is_the_same_on_every_machine() -> None:
    """A source that moved house would be in two shards of an index carried to another machine."""
    names = ("2025-01-01.md", "été.txt", "a/b.eml")
    assert [place_source(name, 32) for name in names] == [23, 20, 18]
    places = [place_source(f"{n}.md", 8) for n in range(800)]
    assert all(70 < places.count(number) < 130 for number in range(8))


def test_article_is_told_by_title_kind_and_text() -> None:
    issue = make_issue("a", None)
    article = CUT[0].articles[0]
    elsewhere = make_issue("b", date(2025, 1, 1))
    assert digest_article(issue, article) == digest_article(elsewhere, article)
    others = [
        CutArticle("Autre", "", "article", article.spans, article.languages),
        CutArticle("Un", "Brèves", "article", article.spans, article.languages),
        CutArticle("Un", "", "brief", article.spans, article.languages),
        CutArticle("Un", "", "article", (Span(0, 15), Span(17, 32)), article.languages),
        CutArticle("Un", "", "article", (Span(0, 33),), ("fr",)),
    ]
    assert len({digest_article(issue, other) for other in (article, *others)}) == 6
