from __future__ import annotations

import socket
import subprocess
import sys

import httpx
import pytest

from rag.app.server import (
    DEFAULT_PORT,
    close_page,
    find_port,
    find_source_folder,
    launch_page,
    page_url,
)
from rag.config import load_settings
from rag.errors import ServerError


def test_taken_port_is_an_error_only_if_asked_for():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=str(port)):
            find_port("127.0.0.1", port)
    assert find_port("127.0.0.1", None) >= DEFAULT_PORT


@pytest.mark.parametrize(("host", "port"), [("203.0.113.7", 7861), ("no-such-host.invalid", 7861)])
def test_impossible_address_is_an_error(host, port):
    with pytest.raises(ServerError, match="cannot listen"):
        find_port(host, port)


@pytest.mark.parametrize("port", [-1, 0, 99999])
def test_impossible_port_is_an_error(port):
    with pytest.raises(ServerError, match="does not exist"):
        find_port("127.0.0.1", port)


def test_uploads_need_a_folder(tmp_path):
    settings = load_settings({"sources": ["no-such-folder", str(tmp_path)]}, environ={})
    assert find_source_folder(settings) == tmp_path
    with pytest.raises(ServerError, match="folder"):
        find_source_folder(load_settings({"sources": ["no-such-folder"]}, environ={}))


def test_server_calls_nobody(library, monkeypatch):
    called = []
    connect = socket.socket.connect

    def watch(self, address):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            called.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watch)
    running = launch_page(library.assistant, mcp=True)
    try:
        values = {"data": ["Que fait Meta ?", [], *[None] * 6, True]}
        answer = httpx.post(f"{page_url(running)}gradio_api/run/ask", json=values)
        assert answer.json()["data"][0]["text"]
    finally:
        close_page(running)
    assert called == []


def test_public_host_without_login_is_warned_of(library):
    command = [sys.executable, "-m", "rag", "serve", "--index", library.assistant.settings.index]
    with subprocess.Popen(
        [*command, "--host", "0.0.0.0", "--mcp"], stderr=subprocess.PIPE, text=True
    ) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "page is open" in line:
                break
        process.terminate()
    said = "".join(lines)
    assert "anyone who reaches 0.0.0.0" in said
    assert "gradio_api/mcp/" in said


def test_health_tells_the_loaded_index(server):
    health = httpx.get(f"{server.url}health").json()
    assert health == {"status": "ok", "generation": server.library.assistant.index.generation}


def test_long_issue_is_sent_in_part():
    from rag.app.routes import _cut_window

    text = "".join(f"ligne {n}\n" for n in range(100_000))
    at = text.index("ligne 60000\n")
    start, end = _cut_window(text, at)
    assert start < at < end
    assert end - start < 310_000
    assert start == 0 or text[start - 1] == "\n"
    assert _cut_window("court", 3) == (0, 5)


def test_page_works_behind_a_proxy_that_keeps_or_strips_its_path(library):
    running = launch_page(library.assistant, root_path="/lettres")
    try:
        with httpx.Client(base_url=page_url(running)) as client:
            for prefix in ("", "lettres/"):
                assert 'href="page/page.css"' in client.get(prefix).text
                assert client.get(f"{prefix}page/page.css").status_code == 200
                assert client.get(f"{prefix}issues").json()["upload"] is None
                found = client.post(
                    f"{prefix}gradio_api/run/search", json={"data": ["Meta", *[None] * 6]}
                )
                assert found.json()["data"][0]
            bare = client.get("lettres")
            assert bare.status_code == 307
            assert bare.headers["location"].endswith("/lettres/")
    finally:
        close_page(running)
