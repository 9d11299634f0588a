"""Take the screenshots of the page over the sample issues: python -m docs.screenshots

Needs Chromium and the development requirements. Overwrites docs/page-*.png.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from rag.app.server import close_page, launch_page, page_url
from rag.assistant import Assistant
from rag.building import build_index
from rag.config import load_settings

DOCS = Path(__file__).resolve().parent
ANSWERED = "Combien ASML apporte-t-il à Mistral ?"
CHANGED = "Combien de Ray-Ban Meta se sont écoulées au total ?"
REFUSED = "Quelle est la population de Singapour ?"
WIDE = {"width": 1360, "height": 860}
PHONE: dict[str, Any] = {"width": 390, "height": 844}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {"index": str(Path(folder) / "index"), "sources": [str(DOCS.parent / "seeds")]},
            environ={},
        )
        build_index(settings.sources, settings.index, settings=settings)
        server = launch_page(Assistant.load(settings=settings))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                take_all(browser, page_url(server))
                browser.close()
        finally:
            close_page(server)
    return 0


def take_all(browser: Browser, url: str) -> None:
    take(browser, url, "answer", ANSWERED)
    take(browser, url, "timeline", CHANGED)
    take(browser, url, "no-answer", REFUSED)
    take(browser, url, "dark", CHANGED, color_scheme="dark", open_first=True)
    take(browser, url, "phone", ANSWERED, viewport=PHONE, device_scale_factor=2, is_mobile=True)
    take(browser, url, "index", None)


def take(
    browser: Browser,
    url: str,
    name: str,
    question: str | None,
    open_first: bool = False,
    **options: Any,
) -> None:
    """Save docs/page-`name`.png: the page after `question`, or the tab of the index without one."""
    context = browser.new_context(**{"viewport": WIDE, "locale": "fr-FR", **options})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".examples button")
    if question:
        page.fill("#question", question)
        page.press("#question", "Enter")
        page.wait_for_selector(".turn .actions")
    else:
        page.click("#tab-explore")
        page.wait_for_selector(".state dd")
    if open_first:
        page.locator(".card .open").first.click()
        page.wait_for_selector(".reading .text mark")
    page.wait_for_timeout(400)
    page.screenshot(path=DOCS / f"page-{name}.png")
    context.close()


if __name__ == "__main__":
    sys.exit(main())
