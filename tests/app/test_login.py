from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest

from rag.app.login import read_login
from rag.app.server import close_page, launch_page, page_url
from rag.errors import ServerError


def test_password_comes_from_the_file(tmp_path):
    (tmp_path / "secret").write_text("sésame ouvre-toi\n", encoding="utf-8")
    assert read_login(f"ali:{tmp_path / 'secret'}", {}) == ("ali", "sésame ouvre-toi")


def test_password_comes_from_the_environment():
    assert read_login(None, {"RAG_AUTH": "ali:a:b"}) == ("ali", "a:b")
    assert read_login(None, {}) is None


@pytest.mark.parametrize("argument", ["ali", ":file", "ali:", "ali:no-such-file"])
def test_unusable_login_is_an_error(argument):
    with pytest.raises(ServerError):
        read_login(argument, {})


def test_empty_password_is_an_error(tmp_path):
    (tmp_path / "empty").write_text(" \n")
    with pytest.raises(ServerError, match="empty"):
        read_login(f"ali:{tmp_path / 'empty'}", {})
    with pytest.raises(ServerError):
        read_login(None, {"RAG_AUTH": "ali:"})


def test_nothing_is_served_before_login(library: SimpleNamespace):
    running = launch_page(library.assistant, login=("ali", "sésame"))
    try:
        with httpx.Client(base_url=page_url(running)) as client:
            page = client.get("/").text
            assert "password" in page
            assert "composer" not in page
            for path in ("/issues", "/issue?source=x", "/config", "/gradio_api/info"):
                assert client.get(path).status_code == 401, path
            for path in ("/gradio_api/run/info", "/gradio_api/call/ask", "/feedback", "/update"):
                assert client.post(path, json={"data": []}).status_code == 401, path
            assert client.get("/health").status_code == 200

            wrong = client.post("/login", data={"username": "ali", "password": "non"})
            assert wrong.status_code == 400
            assert client.get("/issues").status_code == 401
            right = client.post("/login", data={"username": "ali", "password": "sésame"})
            assert right.status_code == 200
            assert "composer" in client.get("/").text
            assert client.get("/issues").json()["issues"]
    finally:
        close_page(running)
