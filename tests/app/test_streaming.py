"""An answer is on the page while it is still being written."""

from __future__ import annotations

import threading
from dataclasses import replace

import httpx
import pytest
from scripted_server import send_event, serve_script, start_stream

from rag.app.server import close_page, launch_page, page_url
from rag.assistant import Assistant

pytestmark = pytest.mark.browser

QUESTION = "Combien ASML apporte-t-il à Mistral ?"


def test_first_words_show_before_the_last_are_written(chromium, library):
    seen = threading.Event()
    hits = library.assistant.search(QUESTION)
    proof = next(hit.rank for hit in hits if "ASML apporte 1,3 milliard" in hit.passage.text)

    def write_in_two_parts(handler):
        start_stream(handler)
        send_event(handler, {"role": "assistant"})
        send_event(handler, {"content": f"ASML apporte 1,3 milliard d'euros [{proof}]. Le tour "})
        seen.wait(60)
        send_event(handler, {"content": f"de table atteint 1,7 milliard d'euros [{proof}]."})
        send_event(handler, {}, "stop")
        handler.wfile.write(b"data: [DONE]\n\n")

    with serve_script(write_in_two_parts) as script:
        settings = replace(
            library.assistant.settings, llm_base_url=script.url, llm_model="scripted"
        )
        running = launch_page(Assistant.load(settings=settings))
        context = chromium.new_context(locale="fr-FR")
        try:
            page = context.new_page()
            page.goto(page_url(running))
            page.wait_for_selector(".examples button")
            page.fill("#question", QUESTION)
            page.press("#question", "Enter")
            page.locator(".answer", has_text="ASML apporte").wait_for(timeout=30_000)
            assert page.locator(".turn .actions").count() == 0
            seen.set()
            page.wait_for_selector(".turn .actions", timeout=30_000)
            offered = httpx.get(f"{page_url(running)}gradio_api/info").json()["named_endpoints"]
            assert set(offered) == {"/ask", "/search", "/info"}
        finally:
            seen.set()
            context.close()
            close_page(running)


def test_a_server_that_went_away_is_said_plainly(chromium, library):
    running = launch_page(library.assistant)
    context = chromium.new_context(locale="fr-FR")
    try:
        page = context.new_page()
        page.goto(page_url(running))
        page.wait_for_selector(".examples button")
        close_page(running)
        page.fill("#question", "Combien ?")
        page.press("#question", "Enter")
        said = page.locator(".turn [role=alert]")
        said.wait_for(timeout=30_000)
        assert "le serveur ne répond pas" in said.inner_text()
        assert page.get_by_text("Réessayer").is_visible()
    finally:
        context.close()
