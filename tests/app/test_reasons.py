"""Every reason that a reader can meet, made by what really refuses, is known in French."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from rag.app.api import _as_gradio_error
from rag.app.routes import _say_failure
from rag.app.server import close_page, launch_page, page_url
from rag.app.uploads import MAX_FILES, TYPES, Inbox
from rag.building import build_index
from rag.config import load_settings
from rag.errors import IndexLocked, IndexWriteError, QuestionError, RagError, SourceError
from rag.index import open_index
from rag.inspection import describe_sources

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def translate(chromium, server):
    """Return the function that says reasons as the French page does."""
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(server.url)

    def say(reasons, name="translate"):
        script = f"async (all) => all.map((await import('/page/reasons.js')).{name})"
        return page.evaluate(script, list(reasons))

    yield say
    context.close()


def assert_french(translate, reasons, name="translate"):
    said = translate(reasons, name)
    unknown = [r for r, f in zip(reasons, said, strict=True) if f == r or "en anglais" in f]
    assert unknown == []
    return said


def refusal(function, *arguments):
    with pytest.raises(RagError) as caught:
        function(*arguments)
    return caught.value


def test_questions(translate, library):
    errors = [refusal(library.assistant.ask, text) for text in ("", "x" * 2001)]
    assert all(isinstance(error, QuestionError) for error in errors)
    said = assert_french(translate, [_as_gradio_error(error).message for error in errors])
    assert "2\u202f001" in said[1]


def test_uploads(translate, server, tmp_path):
    inbox = Inbox(tmp_path, 10_000_000)
    refused = [("issue.zip", b"x"), ("issue", b"x"), ("a.txt", b" "), ("a.txt", b"%PDF-1.7")]
    errors = [refusal(inbox.store, *sent) for sent in refused]
    errors.append(refusal(Inbox(tmp_path, 10).store, "a.txt", b"x" * 11))
    for number in range(MAX_FILES):
        inbox.store(f"{number}.txt", b"x")
    errors.append(refusal(inbox.store, "one-more.txt", b"x"))
    assert all(isinstance(error, SourceError) for error in errors)
    sent = httpx.put(f"{server.url}uploads/a.zip", content=b"x").json()["error"]
    hints = [f"{error} ({error.hint})" if error.hint else str(error) for error in errors]
    assert sent == hints[0].replace("'.txt'", "'.zip'")
    said = assert_french(translate, hints)
    assert all(kind in said[0] for kind in TYPES)


def test_requests(translate, library, server):
    closed = launch_page(library.assistant, login=("ali", "sésame"))
    plain = launch_page(library.assistant)
    try:
        answers = [
            httpx.get(f"{server.url}nothing"),
            httpx.get(f"{server.url}issue", params={"source": "none.txt"}),
            httpx.get(f"{server.url}issues", headers={"sec-fetch-site": "cross-site"}),
            httpx.post(f"{server.url}feedback", content=b"x" * 300_000),
            httpx.get(f"{page_url(closed)}issues"),
            httpx.put(f"{page_url(plain)}uploads/a.txt", content=b"x"),
            httpx.post(f"{page_url(plain)}update"),
        ]
    finally:
        close_page(closed)
        close_page(plain)
    assert all(answer.status_code >= 400 for answer in answers)
    assert_french(translate, [answer.json()["error"] for answer in answers])


def test_failed_updates_tell_no_path(translate):
    errors = [kind("in /secret/place", "run it") for kind in (IndexLocked, IndexWriteError)]
    said = [_say_failure(error) for error in (*errors, SourceError("/secret"), OSError("/secret"))]
    assert len(set(said)) == 3
    assert "secret" not in " ".join(said)
    assert_french(translate, said)


def test_files_left_out(translate, tmp_path):
    folder = tmp_path / "issues"
    folder.mkdir()
    (folder / "good.txt").write_text("Le 3 juin 2025, Mistral lève 1,7 milliard d'euros.\n" * 3)
    (folder / "kept.txt").write_text("Le 4 juin 2025, Meta dépense 65 milliards de dollars.\n" * 3)
    settings = load_settings(
        {"index": str(tmp_path / "index"), "sources": [str(folder)], "max_file_mb": 0.01},
        environ={},
    )
    build_index(folder, settings.index, settings=settings)
    bad = {
        "empty.txt": b"",
        "kept.txt": b"",
        "blank.txt": b" \n",
        "large.txt": b"x" * 20_000,
        "binary.txt": b"\0\1\2" * 100,
        "picture.txt": b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        "deep.html": b"<div>" * 1900 + b"x",
        "torn.eml": b"nothing of a mail",
        "rule.txt": b"-----\n",
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    report = build_index(folder, settings.index, settings=settings)
    reasons = {entry.source: entry.reason for entry in report.skipped}
    assert reasons.keys() >= {*bad, "gone.txt"} - {"rule.txt"}
    said = assert_french(translate, list(reasons.values()))
    assert "ce que l’index en contenait est gardé" in said[list(reasons).index("kept.txt")]


def test_states_of_the_sources(translate, tmp_path):
    folder = tmp_path / "issues"
    folder.mkdir()
    for name in ("stays", "changes", "moves", "goes"):
        (folder / f"{name}.txt").write_text(f"Le 3 juin 2025, {name} lève un milliard d'euros.\n")
    settings = load_settings(
        {"index": str(tmp_path / "index"), "sources": [str(folder)]}, environ={}
    )
    build_index(folder, settings.index, settings=settings)
    index = open_index(settings.index)
    states = [describe_sources(index, settings)]
    (folder / "changes.txt").write_text("Le 4 juin 2025, rien ne va plus à Paris.\n")
    (folder / "moves.txt").rename(folder / "moved.txt")
    (folder / "goes.txt").unlink()
    (folder / "comes.txt").write_text("Le 5 juin 2025, tout va mieux à Lyon, semble-t-il.\n")
    states.append(describe_sources(index, settings))
    states.append(describe_sources(index, replace(settings, passage_chars=555)))
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    states.append(describe_sources(index, settings))
    seen = [state.partition(":")[0] for state in states]  # as the endpoint `info` says it
    assert "1 added" in seen[1]
    assert str(tmp_path) not in " ".join(seen)
    said = assert_french(translate, seen, "translateParts")
    assert not re.search(r"\b(added|changed|removed|moved|from|read)\b", " ".join(said))
