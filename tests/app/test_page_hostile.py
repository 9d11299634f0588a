"""Issues and questions that attack the reader: everything shows as text, nothing runs or loads."""

from __future__ import annotations

import pytest
from payloads import OVERRIDE, PAYLOADS

pytestmark = pytest.mark.browser

FORBIDDEN = (
    "script, img, iframe, object, embed, video, link, style, meta, base, form[action], a[href]"
)
SHOWN = "#turns, #evidence, .results"


@pytest.fixture(scope="module")
def hostile_page(chromium, server):
    """A page under watch; `events` collects all that must not happen."""
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.set_default_timeout(30_000)
    events = []
    page.on("dialog", lambda dialog: (events.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda r: r.url.startswith(server.url) or events.append(r.url))
    page.on("popup", lambda popup: events.append(popup.url))
    page.goto(server.url)
    page.wait_for_selector(".examples button")
    yield page, events
    context.close()


def assert_harmless(page, events):
    assert events == []
    assert page.evaluate("window.pwned") is None
    found = page.evaluate(
        "([shown, forbidden]) => [...document.querySelectorAll(shown)]"
        ".flatMap(e => [...e.querySelectorAll(forbidden)].map(x => x.outerHTML))",
        [SHOWN, FORBIDDEN],
    )
    assert [html for html in found if 'class="why"' not in html] == []


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_payload_in_an_issue_shows_as_text(hostile_page, number):
    page, events = hostile_page
    page.locator("#tab-explore").click()
    page.wait_for_selector("#search")
    page.fill("#search", f"zorglub numéro {number} {number + 100} millions")
    card = page.locator(".results .card", has_text=PAYLOADS[number]).first
    card.wait_for()
    assert_harmless(page, events)


def test_hostile_issue_opens_as_text(hostile_page):
    page, events = hostile_page
    page.locator("#tab-explore").click()
    page.wait_for_selector(".issues button")
    page.locator(".issues button", has_text="1er octobre 2025").click()
    page.wait_for_selector(".reading .text")
    text = page.locator(".reading .text").inner_text()
    assert [payload for payload in PAYLOADS if payload not in text] == []
    assert "U+202E" in text
    assert "\u202e" not in text
    assert_harmless(page, events)
    page.keyboard.press("Escape")


@pytest.mark.parametrize("payload", [*PAYLOADS[:12], OVERRIDE])
def test_payload_in_a_question_shows_as_text(hostile_page, payload):
    page, events = hostile_page
    page.locator("#tab-ask").click()
    turns = page.locator(".turn")
    number = turns.count()
    page.fill("#question", f"zorglub {payload}")
    page.press("#question", "Enter")
    turns.nth(number).locator(".actions").wait_for()
    shown = turns.nth(number).locator(".asked").inner_text()
    assert payload in shown or "U+202E" in shown
    assert_harmless(page, events)


def test_marks_stay_exact_after_characters_outside_the_basic_plane(hostile_page, server):
    page, _ = hostile_page
    page.reload()
    question = "Combien coûte le zorglub numéro 20 ?"
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.wait_for_selector(".turn .actions")
    answer = server.library.assistant.ask(question)
    for citation in answer.citations:
        shown = page.locator(f"[data-card='{citation.number}'] mark").inner_text()
        for hidden in "\u202e\u202c":  # told by their names in the page
            shown = shown.replace(f"U+{ord(hidden):04X}", hidden)
        assert "".join(shown.split()) == "".join(citation.quote.split())
