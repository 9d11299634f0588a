from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.loading import SourceFile, find_files, read_issue
from rag.types import Issue

LIMIT = 1_000_000
WELCOME = (
    "Un titre • Deux titres • Bienvenue dans La Lettre, mardi 4 février 2025.\n\nDu texte ici."
)


def write(path: Path, content: str | bytes = "Du texte.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, limit: int = LIMIT) -> Issue:
    return read_issue(SourceFile(str(path), path.name), limit)


def test_files_are_found_in_the_order_of_their_sources(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/z.md",
        "a/y.HTML",
        "c.eml",
        "d.htm",
        "e.pdf",
        ".hidden.txt",
        ".git/f.txt",
    ):
        write(tmp_path / name)
    files, skipped = find_files(tmp_path)
    assert [file.source for file in files] == ["a/y.HTML", "a/z.md", "b.txt", "c.eml", "d.htm"]
    assert skipped == []


def test_a_file_given_by_itself_has_its_name_as_source(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "b.txt")
    assert [f.source for f in find_files([path])[0]] == ["b.txt"]
    assert len(find_files([path, tmp_path])[0]) == 1


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    files, skipped = find_files([write(tmp_path / "a.pdf")])
    assert files == []
    assert [s.source for s in skipped] == ["a.pdf"]


def test_colliding_sources_take_their_folders_names(tmp_path: Path) -> None:
    for name in ("x/in/a.txt", "y/in/a.txt", "y/in/b.txt"):
        write(tmp_path / name)
    files, _ = find_files([tmp_path / "x", tmp_path / "y"])
    assert [f.source for f in files] == ["in/b.txt", "x/in/a.txt", "y/in/a.txt"]
    files, _ = find_files([tmp_path / "x" / "in", tmp_path / "y" / "in"])
    assert [f.source for f in files] == ["b.txt", "x/in/a.txt", "y/in/a.txt"]


def test_loops_of_links_end_and_broken_links_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    files, skipped = find_files(tmp_path)
    assert [f.source for f in files] == ["a.txt"]
    assert [s.source for s in skipped] == ["gone.txt"]


def test_a_pipe_is_not_waited_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    files, skipped = find_files(tmp_path)
    assert files == []
    assert [s.source for s in skipped] == ["pipe.txt"]


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        find_files([tmp_path / "nowhere"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path / "closed" / "a.txt")
    (tmp_path / "closed").chmod(0)
    files, skipped = find_files(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert files == []
    assert [s.source for s in skipped] == ["closed"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n....", "not a text"),
        ("a.txt", b"mot\x00mot", "not a text"),
        ("a.txt", b"x" * (LIMIT + 1), "too large"),
        ("a.html", b"<div>" * 5000, "nested"),
        ("a.html", b"<script>x</script>", "no text"),
        ("a.eml", b"no mail", "broken mail"),
    ],
)
def test_bad_files_are_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        read(write(tmp_path / name, content))


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)  # sparse: reading it would take the memory of the machine
    with pytest.raises(SourceError, match="too large"):
        read(path)


def test_a_vanished_file_is_refused(tmp_path: Path) -> None:
    (file,), _ = find_files(write(tmp_path / "a.txt"))
    Path(file.path).unlink()
    with pytest.raises(SourceError, match="vanished"):
        read_issue(file, LIMIT)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_the_text_is_the_file_as_open_gives_it(tmp_path: Path, encoding: str, suffix: str) -> None:
    path = write(tmp_path / f"a{suffix}", WELCOME.replace("\n", "\r\n").encode(encoding))
    issue = read(path)
    with path.open(encoding=issue.encoding) as stream:
        assert issue.text == stream.read()
    assert issue.text == WELCOME


def test_the_welcome_line_is_trusted_over_the_mails_headers(tmp_path: Path) -> None:
    mail = (
        "From: Autre <a@b.c>\nSubject: Le sujet\nDate: Wed, 5 Feb 2025 08:00:00 +0100\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{WELCOME}\n"
    )
    issue = read(write(tmp_path / "2020-01-01.eml", mail))
    assert (issue.title, issue.newsletter, issue.date) == (
        "Le sujet", "La Lettre", date(2025, 2, 4),
    )  # fmt: skip


def test_mail_over_front_matter_over_file_name(tmp_path: Path) -> None:
    headers = "From: Nom <a@b.c>\nSubject: S\nDate: Wed, 5 Feb 2025 08:00:00 +0100\n"
    mail = read(write(tmp_path / "2020-01-01-x.eml", headers + "\nDu texte."))
    assert (mail.newsletter, mail.date) == ("Nom", date(2025, 2, 5))
    front = read(write(tmp_path / "2020-01-01-y.md", "---\ndate: 2025-03-01\n---\n\nDu texte."))
    assert front.date == date(2025, 3, 1)
    name = read(write(tmp_path / "2020-01-01-ma-lettre.txt", "Du texte sans date."))
    assert (name.newsletter, name.date) == ("Ma lettre", date(2020, 1, 1))
    none = read(write(tmp_path / "lettre.txt", "Du texte sans date."))
    assert (none.newsletter, none.date) == ("", None)


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.txt", "été"), write(tmp_path / "b.txt", "été".encode("utf-16"))
    assert read(one).text == read(two).text
    assert read(one).digest != read(two).digest


def test_the_real_issues(shared: Path) -> None:
    files, skipped = find_files(shared / "seeds")
    issues = [read_issue(file, LIMIT) for file in files]
    assert skipped == []
    assert [issue.date for issue in issues] == [
        date(2025, 2, 4), date(2025, 1, 22), None, date(2025, 2, 11), date(2025, 6, 12),
    ]  # fmt: skip
    assert [issue.newsletter for issue in issues] == ["Qant", "Qant", "", "Qant", "Qant"]
    assert issues[1].title == "500 milliards pour l'infrastructure IA"
    assert issues[3].title == "Mobilisation vers une IA souveraine"
    for issue in issues:
        assert issue.text == Path(issue.path).read_text(encoding=issue.encoding)


def test_the_sample_issues_have_date_title_and_newsletter() -> None:
    samples = Path(__file__).resolve().parent.parent / "seeds"
    for file in find_files(samples)[0]:
        issue = read_issue(file, LIMIT)
        assert issue.date
        assert issue.date.isoformat() == file.source[:10]
        assert issue.newsletter in ("Signal faible", "Pause octet")
        assert 5 < len(issue.title) <= 100
