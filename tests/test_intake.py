"""Sources of a build: one bad file is named with its reason and never ends a build."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import write_corpus, write_letter

from rag import intake
from rag.errors import SourceError
from rag.intake import cut_source, digest_file, read_known, survey_sources, write_known
from rag.loading import SourceFile
from rag.planning import KnownFile


def test_survey_sees_every_issue_once(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "letters", 3)
    survey = survey_sources([folder, folder])
    assert sorted(survey.seen) == sorted(survey.files) == [p.name for p in sorted(folder.iterdir())]
    assert survey.unusable == {}
    for file in survey.seen.values():
        assert file.size == Path(file.path).stat().st_size


def test_digest_of_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert digest_file(str(tmp_path / "a"))
    assert digest_file(str(tmp_path / "b")) == digest_file(str(tmp_path)) == ""


def test_source_is_cut_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(write_letter(4), encoding="utf-8")
    cut = cut_source(SourceFile(str(path), "a.md"), 10_000, 480)
    assert [article.title for article in cut.articles] == [
        "Nouvelle 4-0",
        "Nouvelle 4-1",
        "Nouvelle 4-2",
    ]
    assert cut.passages == sum(len(article.spans) for article in cut.articles)


@pytest.mark.parametrize("error", [RecursionError("deep"), ValueError("odd"), MemoryError()])
def test_any_failure_of_a_parser_is_a_reason(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(intake, "split_articles", fail)
    path = tmp_path / "a.md"
    path.write_text(write_letter(4), encoding="utf-8")
    with pytest.raises(SourceError, match=type(error).__name__):
        cut_source(SourceFile(str(path), "a.md"), 10_000, 480)


def test_source_without_text_is_no_issue(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\n\n---\n", encoding="utf-8")
    with pytest.raises(SourceError):
        cut_source(SourceFile(str(path), "a.md"), 10_000, 480)


def test_what_is_known_comes_back(tmp_path: Path) -> None:
    known = {
        "a.md": KnownFile("/x/a.md", 3, "3-1-1-1", "d", "d"),
        b"caf\xe9.md".decode("utf-8", "surrogateescape"): KnownFile("/x", 0, "", "", "", "broken"),
    }
    write_known(tmp_path, known)
    assert read_known(tmp_path) == known
