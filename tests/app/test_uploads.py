from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from rag.app.uploads import MAX_FILES, Inbox, check_content, make_name
from rag.errors import SourceError


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2025-06-12-qant.txt", "2025-06-12-qant.txt"),
        ("Numéro du 12 juin.EML", "Numéro-du-12-juin.eml"),
        ("../../etc/cron.d/job.txt", "job.txt"),
        ("..\\..\\boot.md", "boot.md"),
        ("/absolute.html", "absolute.html"),
        (".hidden.txt", "hidden.txt"),
        ("...txt", "issue.txt"),
        ("a\0b\n<img onerror=x>.txt", "a-b-img-onerror-x.txt"),
        ("x" * 500 + ".txt", "x" * 100 + ".txt"),
    ],
)
def test_name_is_never_a_path(sent, kept):
    assert make_name(sent) == kept


@pytest.mark.parametrize("name", ["issues.zip", "x.pdf", "txt", "", "x.txt.exe", "x.txt/"])
def test_other_types_are_refused(name):
    with pytest.raises(SourceError, match="type"):
        make_name(name)


def test_archives_and_binaries_are_refused():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.txt", b"0" * 1_000_000)
    for content in (bomb.getvalue(), gzip.compress(b"0" * 1_000_000), b"a\0b", b"%PDF-1.7"):
        with pytest.raises(SourceError, match="not a text"):
            check_content(content, 10_000_000)


def test_empty_and_large_are_refused():
    with pytest.raises(SourceError, match="empty"):
        check_content(b" \n", 100)
    with pytest.raises(SourceError, match="larger"):
        check_content(b"x" * 101, 100)
    check_content("é".encode("utf-16"), 100)


def test_store_replaces_only_earlier_uploads(tmp_path):
    original = tmp_path / "issue.txt"
    original.write_text("of the owner")
    inbox = Inbox(tmp_path, 1000)
    assert inbox.store("issue.txt", b"first") == "issue.txt"
    inbox.store("issue.txt", b"second")
    assert original.read_text() == "of the owner"
    assert (tmp_path / "uploads" / "issue.txt").read_bytes() == b"second"
    assert [p.name for p in (tmp_path / "uploads").iterdir()] == ["issue.txt"]


def test_number_of_files_is_bounded_until_the_next_update(tmp_path):
    inbox = Inbox(tmp_path, 1000)
    for number in range(MAX_FILES):
        inbox.store(f"{number}.txt", b"x")
    with pytest.raises(SourceError, match="at once"):
        inbox.store("one-more.txt", b"x")
    inbox.store("0.txt", b"again")
    inbox.clear()
    inbox.store("one-more.txt", b"x")
