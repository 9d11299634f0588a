"""What must not be reachable through the page's server, asked of a real one."""

from __future__ import annotations

import httpx
import pytest


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/proxy=https://example.org",
        "/gradio_api/stream/x/1/1/playlist.m3u8",
        "/gradio_api/deep_link",
        "/gradio_api/vibe-code",
        "/monitoring",
        "/docs",
        "/openapi.json",
        "/static/../../../etc/passwd",
        "/page/..%2f..%2fserver.py",
        "/page/server.py",
        "/page/index.html/..",
    ],
)
def test_other_routes_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_gradio_uploads_are_not_found(client):
    assert client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 404


@pytest.mark.parametrize("source", ["/etc/passwd", "../../etc/passwd", "..", "", "x\0y"])
def test_only_issues_of_the_index_can_be_read(client, source):
    assert client.get("/issue", params={"source": source}).status_code == 404


def test_other_sites_are_refused(client):
    ask = {"json": {"question": "Meta"}}
    path = "/gradio_api/call/v2/ask"
    assert client.post(path, **ask, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post(path, **ask, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("/issues", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post(path, **ask, headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_bodies_are_bounded(client):
    declared = client.post("/feedback", content=b"x" * 300_000)
    assert declared.status_code == 413
    undeclared = client.post("/feedback", content=iter([b"x" * 100_000] * 4))
    assert undeclared.status_code == 413


def test_page_may_load_nothing_from_elsewhere(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
