"""One real server over the sample issues and one Chromium, shared by the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from payloads import OVERRIDE, PAYLOADS

from rag.assistant import Assistant
from rag.building import build_index
from rag.config import load_settings

SAMPLES = Path(__file__).resolve().parents[2] / "seeds"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def write_hostile_issue(folder: Path) -> None:
    """Write an issue whose articles carry the payloads in their text, and one emoji before each."""
    lines = ["Le numéro piégé • Lettre piégée, mercredi 1er octobre 2025.", ""]
    for number, payload in enumerate([*PAYLOADS, OVERRIDE]):
        lines += [
            f"Le zorglub numéro {number} 🦊 coûte {number + 100} millions d'euros avec {payload} "
            "dans sa notice.",
            "",
        ]
    (folder / "2025-10-01-lettre-piegee.txt").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The sample issues and a hostile one, indexed; `sources`, `assistant`."""
    folder = tmp_path_factory.mktemp("page")
    sources = folder / "issues"
    shutil.copytree(SAMPLES, sources)
    write_hostile_issue(sources)
    settings = load_settings(
        {"index": str(folder / "index"), "sources": [str(sources)]}, environ={}, folder=folder
    )
    build_index(sources, settings.index, settings=settings)
    return SimpleNamespace(
        folder=folder, sources=sources, assistant=Assistant.load(settings=settings)
    )


@pytest.fixture(scope="session")
def server(library: SimpleNamespace) -> Iterator[Any]:
    """The page over `library`, uploads and MCP allowed; `url`."""
    from rag.app.server import close_page, launch_page, page_url

    running = launch_page(library.assistant, allow_upload=True, mcp=True)
    yield SimpleNamespace(url=page_url(running), library=library)
    close_page(running)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("no chromium installed")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()
