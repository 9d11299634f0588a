from __future__ import annotations

from datetime import date

from rag.display import clean, render_answer, render_hits, render_report
from rag.types import Answer, BuildReport, Citation, Hit, Passage, Skipped, Span

QUOTE = "Soit 65\u202fmilliards \n en 2025."
CITATION = Citation(
    1, QUOTE, "a.txt", 100, 100 + len(QUOTE), "Meta relance", "Numéro 3", date(2025, 2, 4), "",
    (Span(105, 117),),
)  # fmt: skip
PASSAGE = Passage("Une baleine.", "Mer", "Numéro 1", None, "b.txt", 5, 17)


def make_answer(**changes: object) -> Answer:
    fields: dict[str, object] = {
        "text": "65 milliards [1]",
        "citations": (CITATION,),
        "abstained": False,
        "hits": (Hit(PASSAGE, 0.5, 1),),
        "question": "Combien ?",
        "query": "Combien ?",
        "confidence": 0.9,
    }
    return Answer(**(fields | changes))  # type: ignore[arg-type]


def test_a_citation_tells_quote_article_issue_date_file_and_position() -> None:
    lines = render_answer(make_answer()).splitlines()
    assert lines[0] == "65 milliards [1]"
    assert lines[2] == "[1] « Soit 65 milliards en 2025. »"
    assert lines[3].strip() == "Meta relance · Numéro 3 · 2025-02-04"
    assert lines[4].strip() == "a.txt, characters 100–128"


def test_the_short_answer_is_bold_on_a_terminal_only() -> None:
    assert "\x1b[1m65 milliards\x1b[0m" in render_answer(make_answer(), color=True)
    assert "\x1b" not in render_answer(make_answer())


def test_an_abstention_shows_what_is_nearest() -> None:
    shown = render_answer(make_answer(text="Rien.", citations=(), abstained=True))
    assert shown.startswith("Rien.")
    assert "Une baleine." in shown
    assert "no date" in shown


def test_what_was_searched_is_shown_where_it_differs() -> None:
    shown = render_answer(make_answer(query="Combien Google investit-il ?", note="À vérifier."))
    assert "(Combien Google investit-il ?)" in shown
    assert "À vérifier." in shown


def test_text_of_issues_cannot_steer_the_terminal() -> None:
    assert clean("a\x1b[2Jb\x07\u202e\r\nc") == "a[2Jb c"
    hostile = Passage("\x1b]0;owned\x07", "t\x1b[31m", "i", None, "f\n", 0, 1)
    assert "\x1b" not in render_hits([Hit(hostile, 1.0, 1)])


def test_no_hits() -> None:
    assert render_hits([]) == "no passage"


def test_a_report_names_every_file_that_differs() -> None:
    report = BuildReport(
        added=("a",), changed=("b",), removed=("c",), moved=(("d", "e"),), unchanged=("f", "g"),
        skipped=(Skipped("h", "binary"),), reason="the model changed",
    )  # fmt: skip
    lines = render_report(report).splitlines()
    assert lines[:6] == [
        "full build: the model changed", "+ a", "~ b", "- c", "> d → e", "! h: binary",
    ]  # fmt: skip
    assert "1 added, 1 changed, 1 removed, 1 moved, 2 unchanged, 1 skipped" in lines[6]
    assert render_report(report, dry_run=True).endswith("nothing was written")


def test_a_long_report_names_some_and_counts_the_rest() -> None:
    added = tuple(f"{n}.md" for n in range(60))
    lines = render_report(BuildReport(added=added)).splitlines()
    assert lines[49:51] == ["+ 49.md", "+ … and 10 more (--json names all)"]
