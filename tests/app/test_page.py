"""The page in a real Chromium, as a person uses it."""

from __future__ import annotations

import json
import re

import pytest

from rag.app.routes import STATIC
from rag.app.server import close_page, launch_page, page_url

pytestmark = pytest.mark.browser

QUESTION = "Combien ASML apporte-t-il à Mistral ?"
CHANGED = "Combien Meta dépensera-t-il en infrastructures d'intelligence artificielle ?"
UNANSWERABLE = "Quelle est la recette de la tarte aux pommes ?"
WIDE = {"width": 1360, "height": 860}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def open_page(chromium, server):
    """Open the page in a new browser context; at the end check what no page may do."""
    contexts = []
    faults = []

    def open_one(viewport=None, locale="fr-FR", **options):
        context = chromium.new_context(locale=locale, viewport=viewport or WIDE, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        own = (server.url, "blob:")
        page.on("request", lambda r: r.url.startswith(own) or faults.append(r.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.goto(server.url)
        page.wait_for_selector(".examples button")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


def ask(page, question):
    """Ask and return the new turn, answered."""
    turns = page.locator(".turn")
    number = turns.count()
    page.fill("#question", question)
    page.press("#question", "Enter")
    turn = turns.nth(number)
    turn.locator(".actions").wait_for()
    return turn


def test_answer_stands_beside_its_sources(open_page, server):
    page = open_page()
    turn = ask(page, QUESTION)
    expected = server.library.assistant.ask(QUESTION)
    cards = page.locator(".evidence .card[data-card]")
    assert cards.count() == len(expected.citations)
    first = expected.citations[0]
    assert squeeze(cards.first.locator("mark").inner_text()) == squeeze(first.quote)
    if first.short:
        assert cards.first.locator("mark strong").first.inner_text() == first.short
    assert turn.locator(".mark").first.get_attribute("aria-label").startswith("Source 1")
    answer_box, panel_box = turn.bounding_box(), page.locator("#evidence").bounding_box()
    assert panel_box["x"] >= answer_box["x"] + answer_box["width"]


@pytest.mark.parametrize(
    "question", ["How much does ASML invest in Mistral?", "Wie viel investiert ASML in Mistral?"]
)
def test_questions_in_other_languages(open_page, server, question):
    page = open_page(locale="en-GB")
    turn = ask(page, question)
    expected = server.library.assistant.ask(question)
    quotes = page.locator(".evidence .card[data-card] mark").all_inner_texts()
    assert [squeeze(quote) for quote in quotes] == [squeeze(c.quote) for c in expected.citations]
    assert quotes
    assert turn.locator(".mark").first.get_attribute("aria-label").startswith("Source 1:")


def test_what_was_not_cited_is_folded_away(open_page, server):
    page = open_page()
    ask(page, QUESTION)
    expected = server.library.assistant.ask(QUESTION)
    proving = {
        hit.passage.id
        for hit in expected.hits
        for c in expected.citations
        if hit.passage.source == c.source
        and hit.passage.start <= c.start
        and c.end <= hit.passage.end
    }
    others = len(expected.hits) - len(proving)
    also = page.locator(".also")
    assert f"({others})" in also.locator("summary").inner_text()
    assert not also.locator(".card").first.is_visible()
    also.locator("summary").click()
    assert also.locator(".card").count() == others


def test_mark_leads_to_card_and_card_to_the_issue(open_page, server):
    page = open_page()
    turn = ask(page, QUESTION)
    turn.locator(".mark").first.click()
    assert page.locator(".card.current").get_attribute("data-card") == "1"
    page.keyboard.press("Enter")
    mark = page.locator(".reading .text mark")
    mark.first.wait_for()
    quote = server.library.assistant.ask(QUESTION).citations[0].quote
    assert squeeze(" ".join(mark.all_inner_texts())) == squeeze(quote)
    box = mark.first.bounding_box()
    assert 0 < box["y"] < WIDE["height"]
    assert page.evaluate("document.activeElement.tagName") == "MARK"
    page.keyboard.press("Escape")
    assert page.locator(".reading").count() == 0
    assert page.evaluate("document.activeElement.closest('.card').dataset.card") == "1"


def test_keyboard(open_page):
    page = open_page()
    assert page.evaluate("document.activeElement.id") == "question"
    page.keyboard.type("ligne")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("suite")
    assert page.input_value("#question") == "ligne\nsuite"
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn .actions")
    assert page.input_value("#question") == ""
    page.keyboard.press("ArrowUp")
    assert page.input_value("#question") == QUESTION


def test_keyboard_alone_reaches_everything(open_page):
    page = open_page()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn .actions")

    def press_until(key, selector):
        for _ in range(30):
            page.keyboard.press(key)
            if page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{key} does not reach {selector}")

    press_until("Shift+Tab", ".turn .mark")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('.card').dataset.card") == "1"
    press_until("Tab", ".also summary")
    page.keyboard.press("Enter")
    assert page.locator(".also .card").first.is_visible()
    press_until("Shift+Tab", "#question")
    press_until("Tab", "#filters summary")
    page.keyboard.press("Enter")
    press_until("Tab", "[name=newsletter]")
    page.keyboard.press("ArrowDown")
    assert page.locator("#chips .chip").count() == 1
    press_until("Shift+Tab", "#chips .chip")
    page.keyboard.press("Enter")
    assert page.locator("#chips .chip").count() == 0
    press_until("Shift+Tab", "#tab-ask")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-explore"
    press_until("Tab", "#search")
    page.keyboard.type("lunettes")
    page.wait_for_selector(".results .card b")
    press_until("Tab", ".results .open")
    page.keyboard.press("Enter")
    page.wait_for_selector(".reading .text mark")
    page.keyboard.press("Escape")
    assert page.locator(".reading").count() == 0


def test_follow_up_shows_the_query_searched(open_page):
    page = open_page()
    ask(page, QUESTION)
    turn = ask(page, "Et Google ?")
    searched = turn.locator(".searched q").inner_text()
    assert "Google" in searched
    assert searched != "Et Google ?"


def test_no_answer_is_said_plainly(open_page):
    page = open_page()
    turn = ask(page, UNANSWERABLE)
    assert "abstained" in turn.get_attribute("class")
    assert turn.locator(".mark").count() == 0
    assert page.locator(".card[data-card]").count() == 0
    assert "proches" in page.locator("#evidence h2").inner_text()
    assert page.locator("#evidence .card").count() > 0


def test_every_value_of_the_text_is_strong_whatever_its_spaces(open_page, server):
    question = "Combien d'utilisateurs a Le Chat ?"
    values = [c.short for c in server.library.assistant.ask(question).citations]
    assert any("\u00a0" in value for value in values)
    page = open_page()
    turn = ask(page, question)
    strong = turn.locator("strong").all_inner_texts()
    assert [" ".join(text.split()) for text in strong] == [" ".join(v.split()) for v in values]


def test_timeline_stands_above_the_cards_newest_first(open_page, server):
    page = open_page()
    ask(page, CHANGED)
    expected = server.library.assistant.ask(CHANGED)
    entries = page.locator(".timeline li")
    dates = entries.locator("time").evaluate_all("all => all.map(t => t.dateTime)")
    assert dates == [entry.date.isoformat() for entry in reversed(expected.timeline)]
    assert len(dates) > 1
    assert "le plus récent" in entries.first.inner_text()
    assert expected.timeline[-1].value in entries.first.inner_text()
    timeline, card = page.locator(".timeline").bounding_box(), page.locator(".card").first
    assert timeline["y"] < card.bounding_box()["y"]
    entries.last.locator("button").click()
    oldest = expected.timeline[0].citation
    assert page.locator(".card.current").get_attribute("data-card") == str(oldest)


def test_filters_are_visible_and_cleared_by_one_click(open_page):
    page = open_page()
    page.click("#filters summary")
    page.fill("[name=since]", "2025-06-01")
    page.select_option("[name=kind]", "article")
    assert page.locator("#chips .chip").count() == 2
    ask(page, "Que fait Mistral ?")
    dates = page.locator("#evidence .card time").evaluate_all("all => all.map(t => t.dateTime)")
    assert dates
    assert min(dates) >= "2025-06-01"
    page.locator("#chips .chip").first.click()
    assert page.locator("#chips .chip").count() == 1
    assert page.input_value("[name=since]") == ""


def test_newsletter_and_last_day_narrow(open_page, server):
    page = open_page()
    newsletters = {issue.newsletter for issue in server.library.assistant.issues()}
    chosen = next(name for name in sorted(newsletters) if "pieg" not in name and name)
    page.click("#filters summary")
    page.select_option("[name=newsletter]", chosen)
    page.fill("[name=until]", "2025-07-31")
    ask(page, "Que fait Mistral ?")
    footers = page.locator("#evidence .card footer").all_text_contents()
    assert footers
    assert all(chosen in footer for footer in footers)
    dates = page.locator("#evidence .card time").evaluate_all("all => all.map(t => t.dateTime)")
    assert max(dates) <= "2025-07-31"


@pytest.mark.parametrize(
    "question", ["Qu'a fait Meta depuis l'été ?", "Qu'a dit Mistral la semaine dernière ?"]
)
def test_relative_periods_are_shown(open_page, server, question):
    page = open_page()
    turn = ask(page, question)
    filters = server.library.assistant.ask(question).filters
    assert filters.since
    shown = turn.locator(".period").inner_text()
    assert str(filters.since.year) in shown
    assert "Chercher partout" in shown


def test_period_named_in_the_question_is_shown_and_overruled(open_page):
    page = open_page()
    turn = ask(page, "Qu'a annoncé Meta en février 2025 ?")
    assert "février 2025" in turn.locator(".period").inner_text()
    dates = page.locator("#evidence .card time").evaluate_all("all => all.map(t => t.dateTime)")
    assert {date[:7] for date in dates} == {"2025-02"}
    turn.locator(".period button").click()
    again = page.locator(".turn").nth(1)
    again.locator(".actions").wait_for()
    assert again.locator(".period").count() == 0


def test_examples_come_from_the_index(open_page, server):
    page = open_page()
    titles = {hit.passage.article for hit in all_hits(server)}
    examples = page.locator(".examples button").all_inner_texts()
    assert len(examples) >= 3
    assert all(any(title in example for title in titles) for example in examples)
    page.locator(".examples button").first.click()
    page.wait_for_selector(".turn .actions")


def test_language_follows_the_browser_and_can_be_switched(open_page):
    page = open_page(locale="en-GB")
    assert page.locator("#send").inner_text() == "Ask"
    assert page.evaluate("document.documentElement.lang") == "en"
    page.click("#language")
    assert page.locator("#send").inner_text() == "Demander"
    page.reload()
    assert page.locator("#send").inner_text() == "Demander"


def test_switching_the_language_says_everything_anew(open_page):
    page = open_page(locale="fr-FR")
    page.click("#tab-explore")
    page.wait_for_selector(".state dd")
    page.fill("#search", "lunettes")
    page.wait_for_selector(".results .card b")
    page.set_input_files(
        "#files", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"%PDF-1.7"}
    )
    page.wait_for_selector(".report li.error")
    page.click("#tab-ask")
    page.click("#filters summary")
    page.fill("[name=until]", "2025-12-31")
    page.select_option("[name=kind]", "article")
    ask(page, UNANSWERABLE)
    ask(page, CHANGED)
    page.locator("#chips .chip").first.click()
    ask(page, "Qu'a annoncé Meta en février 2025 ?")
    last = ask(page, "Et Google ?")
    last.get_by_label("Mauvaise réponse").click()
    page.locator(".why input").fill("en cours de frappe")
    page.locator(".turn").first.get_by_label("Bonne réponse").click()
    page.wait_for_selector(".thanks")
    page.evaluate("document.getElementById('question').removeAttribute('maxlength')")
    page.fill("#question", "x" * 2001)
    page.press("#question", "Enter")
    failed = page.locator(".turn [role=alert]")
    failed.wait_for()
    assert "2\u202f001" in failed.inner_text()

    page.click("#language")
    assert find_words(page, "fr") == []
    assert "2,001" in failed.inner_text()
    assert page.input_value(".why input") == "en cours de frappe"
    assert page.locator("[name=kind]").input_value() == "article"
    page.click("#tab-explore")
    assert find_words(page, "fr") == []
    assert "an archive" in page.locator(".report li.error").inner_text()
    assert page.input_value("#search") == "lunettes"
    page.locator(".results .open").first.click()
    page.wait_for_selector(".reading .text mark")
    page.click("#language")
    assert find_words(page, "en") == []
    assert page.locator(".reading .text mark").count() > 0


def find_words(page, language):
    """List what the page says, to the eye or to a screen reader, in the interface's `language`."""
    text = (STATIC / "texts.js").read_text(encoding="utf-8")
    parts = dict(re.findall(r"\n  (fr|en): \{(.*?)\n  \},", text, re.S))
    words = {
        name: set(re.findall(r'^    \w+: "(.*)",$', part, re.M)) for name, part in parts.items()
    }
    own = words.pop(language)
    (other,) = words.values()
    patterns = [
        re.compile(re.sub(r"\\{\w+\\}", r"(?:.*\\S)", re.escape(line)), re.S)
        for line in own - other
        if len(re.sub(r"\{\w+\}", "", line)) > 7 or "{" not in line
    ]
    said = page.evaluate(
        """() => {
          const said = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) said.push(walker.currentNode.textContent);
          for (const element of document.querySelectorAll("body *")) {
            for (const name of ["title", "placeholder", "aria-label", "aria-description"]) {
              if (element.hasAttribute(name)) said.push(element.getAttribute(name));
            }
          }
          return said.map((text) => text.trim());
        }"""
    )
    return [text for text in said if any(pattern.fullmatch(text) for pattern in patterns)]


def test_dark_follows_the_system_and_can_be_switched(open_page):
    page = open_page(color_scheme="dark")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(background)
    page.click("#theme")
    light = page.evaluate(background)
    assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 200
    assert sum(map(int, re.findall(r"\d+", light)[:3])) > 600


def test_phone_puts_the_sources_below_and_never_scrolls_sideways(open_page):
    page = open_page(viewport=PHONE)
    turn = ask(page, QUESTION)
    text, panel = turn.locator(".answer").bounding_box(), page.locator("#evidence").bounding_box()
    assert panel["y"] >= text["y"] + text["height"] - 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator(".card .open").first.click()
    page.wait_for_selector(".reading .text mark")
    assert page.locator(".reading").bounding_box()["width"] == PHONE["width"]


def test_readable_at_twice_the_size(open_page):
    page = open_page(viewport={"width": WIDE["width"] // 2, "height": WIDE["height"] // 2})
    ask(page, QUESTION)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"] // 2
    assert page.locator("#question").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_by_axe(open_page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(color_scheme=scheme)
    assert_accessible(axe, page)
    ask(page, QUESTION)
    page.locator(".also summary").click()
    page.click("#filters summary")
    assert_accessible(axe, page)
    page.locator(".card .open").first.click()
    page.wait_for_selector(".reading .text mark")
    assert_accessible(axe, page)
    page.keyboard.press("Escape")
    ask(page, UNANSWERABLE)
    page.click("#tab-explore")
    page.wait_for_selector(".state dd")
    assert_accessible(axe, page)


def test_conversation_is_taken_away_with_its_citations(open_page, server):
    page = open_page()
    ask(page, QUESTION)
    ask(page, UNANSWERABLE)
    citation = server.library.assistant.ask(QUESTION).citations[0]
    with page.expect_download() as download:
        page.click("#keep-json")
    turns = json.loads(download.value.path().read_text(encoding="utf-8"))["turns"]
    assert [turn["question"] for turn in turns] == [QUESTION, UNANSWERABLE]
    kept = turns[0]["citations"][0]
    assert (kept["quote"], kept["start"], kept["end"]) == (
        citation.quote,
        citation.start,
        citation.end,
    )
    with page.expect_download() as download:
        page.click("#keep-markdown")
    markdown = download.value.path().read_text(encoding="utf-8")
    assert QUESTION in markdown
    assert f"{citation.source}:{citation.start}-{citation.end}" in markdown
    assert "[1]" in markdown


def test_copy_works_where_the_browser_keeps_its_clipboard(open_page, server):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("window.kept = navigator.clipboard")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    turn = ask(page, QUESTION)
    turn.get_by_text("Copier").click()
    turn.get_by_text("Copié").wait_for()
    copied = page.evaluate("window.kept.readText()")
    assert server.library.assistant.ask(QUESTION).citations[0].source in copied


def test_copy_takes_the_citations_along(open_page, server):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    turn = ask(page, QUESTION)
    turn.get_by_text("Copier").click()
    turn.get_by_text("Copié").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert server.library.assistant.ask(QUESTION).citations[0].source in copied


def test_verdict_becomes_a_test_case(open_page, server):
    page = open_page()
    turn = ask(page, QUESTION)
    turn.get_by_label("Mauvaise réponse").click()
    page.keyboard.type("1,7 milliard")
    page.keyboard.press("Enter")
    turn.locator(".thanks").wait_for()
    lines = (server.library.folder / "feedback" / "feedback.jsonl").read_text(encoding="utf-8")
    case = json.loads(lines.splitlines()[-1])
    assert (case["question"], case["answers"]) == (QUESTION, ["1,7 milliard"])
    assert (case["lang"], case["verdict"]) == ("fr", "down")


def test_open_issue_shows_its_headlines(open_page):
    page = open_page()
    ask(page, QUESTION)
    article = page.locator(".card .open").first.inner_text()
    page.locator(".card .open").first.click()
    page.wait_for_selector(".reading .text mark")
    headlines = page.locator(".reading .text").get_by_role("heading").all_inner_texts()
    assert len(headlines) > 3
    assert article in headlines


def test_praise_keeps_the_evidence(open_page, server):
    page = open_page()
    turn = ask(page, QUESTION)
    turn.get_by_label("Bonne réponse").click()
    turn.locator(".thanks").wait_for()
    lines = (server.library.folder / "feedback" / "feedback.jsonl").read_text(encoding="utf-8")
    case = json.loads(lines.splitlines()[-1])
    assert (case["question"], case["verdict"]) == (QUESTION, "up")
    assert case["evidence"] == server.library.assistant.ask(QUESTION).citations[0].quote


def test_index_can_be_looked_around(open_page, server):
    page = open_page()
    page.click("#tab-explore")
    page.wait_for_selector(".state dd")
    issues = server.library.assistant.issues()
    assert page.locator(".issues li").count() == len(issues)
    months = page.locator(".chart .hidden").all_inner_texts()
    counted = sum(int(re.search(r": (\d+)", month)[1]) for month in months)
    assert counted == sum(1 for issue in issues if issue.date)
    page.fill("#search", "lunettes")
    page.wait_for_selector(".results .card b")
    page.locator(".results .open").first.click()
    page.wait_for_selector(".reading .text mark")


def test_uploaded_issue_is_found_by_the_next_question_in_every_page(open_page):
    other = open_page()
    page = open_page()
    page.click("#tab-explore")
    text = (
        "La gazette des fromages, vendredi 3 octobre 2025.\n\nLe roquefort de Mazamet\n\n"
        "La coopérative de Mazamet a vendu 4 312 tonnes de roquefort à Osaka en 2025.\n"
    )
    files = [
        {"name": "2025-10-03-fromages.txt", "mimeType": "text/plain", "buffer": text.encode()},
        {"name": "bombe.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04" + b"0" * 99},
        {"name": "<img src=x onerror=alert(1)>.txt", "mimeType": "text/plain", "buffer": b" "},
    ]
    page.set_input_files("#files", files)
    page.wait_for_selector(".report .done", timeout=30_000)
    report = page.locator(".report").inner_text()
    assert "uploads/2025-10-03-fromages.txt" in report
    assert page.locator(".report li.error").count() == 2
    turn = ask(other, "Combien de tonnes de roquefort la coopérative de Mazamet a-t-elle vendues ?")
    assert "4 312" in turn.inner_text()
    assert page.locator(".issues li", has_text="fromages").count() == 1
    page.click("#tab-ask")
    page.click("#tab-explore")
    assert page.locator(".report .done").is_visible()


def test_dropped_issue_and_its_new_edition(open_page):
    page = open_page()
    drop = """(text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "2025-10-04-tulipes.txt"));
      for (const type of ["dragover", "drop"]) {
        const options = { dataTransfer, bubbles: true, cancelable: true };
        document.body.dispatchEvent(new DragEvent(type, options));
      }
    }"""
    text = "La tulipe, samedi 4 octobre 2025.\n\nHaarlem a planté {} bulbes de tulipes noires.\n"
    for count, title in (("7 310", "Ajoutés : 1"), ("8 420", "Modifiés : 1")):
        page.evaluate(drop, text.format(count))
        page.locator(".report .done", has_text=title).wait_for(timeout=30_000)
        assert page.locator("#view-explore").is_visible()
        page.click("#tab-ask")
        turn = ask(page, "Combien de bulbes de tulipes noires Haarlem a-t-elle plantés ?")
        assert count in turn.inner_text()


def test_nothing_to_feed_where_uploads_are_not_allowed(chromium, library):
    running = launch_page(library.assistant)
    context = chromium.new_context(locale="fr-FR")
    try:
        page = context.new_page()
        page.goto(page_url(running))
        page.wait_for_selector(".examples button")
        page.click("#tab-explore")
        page.wait_for_selector(".state dd")
        assert page.locator("#files, .feed").count() == 0
    finally:
        context.close()
        close_page(running)


def test_too_many_files_are_refused_politely(open_page):
    page = open_page()
    page.click("#tab-explore")
    page.wait_for_selector("#files", state="attached")
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          for (let i = 0; i < 10000; i++) transfer.items.add(new File(["x"], `${i}.txt`));
          const input = document.getElementById("files");
          input.files = transfer.files;
          input.dispatchEvent(new Event("change"));
        }"""
    )
    assert "10000" in page.locator(".report .error").inner_text()


def all_hits(server):
    assistant = server.library.assistant
    for issue in assistant.issues():
        yield from assistant.search(issue.title or issue.source, 50, source=issue.source)


def squeeze(text):
    return re.sub(r"\s+", " ", text).strip()


def assert_accessible(axe, page):
    results = axe.run(page).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in results] == []
