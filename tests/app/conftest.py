"""One real server over the sample issues and one Chromium, shared by the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

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

# Each would run something, load something or disguise itself if it were taken for more than text.
PAYLOADS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<a href='javascript:window.pwned=1'>cliquez</a>",
    "[cliquez](javascript:window.pwned=1)",
    "![pixel](https://evil.example/pixel.png)",
    "<img src='https://evil.example/track.gif'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>x</details>",
    "<video><source onerror=window.pwned=1></video>",
    "<object data='javascript:window.pwned=1'></object>",
    "<embed src='https://evil.example/x.swf'>",
    "<form action='https://evil.example'><button>ok</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    '"><script>window.pwned=1</script>',
    "'-alert(1)-'",
    "${window.pwned=1} {{window.pwned=1}}",
    "</bdi></p></main><script>window.pwned=1</script>",
    "<math><mtext><img src=x onerror=window.pwned=1></mtext></math>",
    "data:text/html,<script>window.pwned=1</script>",
    "%3Cscript%3Ewindow.pwned=1%3C/script%3E &lt;script&gt;window.pwned=1&lt;/script&gt;",
)
OVERRIDE = "facture \u202etxt.exe\u202c payée"


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
