from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.articles import split_articles
from rag.chunking import split_passages, tell_context
from rag.loading import find_files, read_issue
from rag.types import Article, Issue, Passage, Span

SIZE = 200
MARKS = set("•-*–>#")


def make_issue(text: str) -> Issue:
    return Issue("a.txt", "a.txt", text, "Le numéro", None, "La Lettre", "utf-8", "")


def split(text: str, *blocks: tuple[int, int], size: int = SIZE) -> list[Passage]:
    spans = tuple(Span(*block) for block in blocks or [(0, len(text))])
    return split_passages(make_issue(text), Article("Titre", "Rubrique", "brief", spans), size)


def test_passages_are_whole_sentences_up_to_the_size() -> None:
    text = "Une phrase de quarante signes tout ronds. " * 12
    passages = split(text.strip())
    assert [len(p.text) for p in passages] == [167, 167, 167]
    assert all(p.text.endswith("ronds.") for p in passages)


def test_passages_say_where_they_come_from() -> None:
    (passage,) = split("Le quai nord reçoit les plus hautes grues de la ville.")
    assert (passage.article, passage.section, passage.kind) == ("Titre", "Rubrique", "brief")
    assert (passage.issue, passage.source, passage.newsletter) == (
        "Le numéro",
        "a.txt",
        "La Lettre",
    )
    assert passage.language == "fr"
    (english,) = split("The north quay will take the highest cranes of the town.")
    assert english.language == "en"


def test_short_bullets_share_a_passage_without_their_outer_marks() -> None:
    text = "  • Un point court.\n\n  • Un autre point.\n\n  • Et le dernier."
    (passage,) = split(text)
    assert passage.text == text[4:]


def test_no_passage_crosses_a_gap() -> None:
    text = "Avant le trou. XXXX Après le trou."
    assert [p.text for p in split(text, (0, 14), (20, 34))] == ["Avant le trou.", "Après le trou."]


def test_a_long_sentence_stands_alone_and_a_longer_one_is_cut_between_words() -> None:
    alone = "Mot " * 80 + "fin."
    assert [
        p.text for p in split(f"Avant. {alone} Après cela, la suite reprend son cours de nouveau.")
    ][1] == alone
    cut = split("mot, " * 400 + "fin.")
    assert len(cut) >= 10
    assert all(p.text.startswith(("mot,", "fin")) for p in cut)


def test_a_last_crumb_joins_the_passage_before_it() -> None:
    text = "Une phrase de quarante signes tout ronds. " * 4 + "Une de plus, pour déborder. Fin."
    assert [p.text[-4:] for p in split(text)] == ["Fin."]


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        split("mot " * 80 + "fin. " + "mot " * 300 + "fin.")
    assert caplog.records == []


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                "Un mot.",
                " ",
                "\n",
                "\n\n  • ",
                "long" * 30,
                "a, b; c",
                "« Oui. »",
                " – ",
                "3.5 % ",
                "…",
                "Mot " * 60,
                "#",
                "- ",
                "?!",
                "\u00a0",
                "é",
            ]
        ),
        max_size=40,
    ),
    st.integers(20, 300),
)
def test_every_sign_is_in_exactly_one_passage(parts: list[str], size: int) -> None:
    text = "".join(parts)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if start >= end:
        return
    passages = split(text, (start, end), size=size)
    position = start
    for passage in passages:
        assert position <= passage.start < passage.end <= end
        assert passage.text == text[passage.start : passage.end] == passage.text.strip()
        assert len(passage.text) <= 2 * size
        assert not {c for c in text[position : passage.start] if not c.isspace()} - MARKS
        position = passage.end
    assert not {c for c in text[position:end] if not c.isspace()} - MARKS


def test_the_evidence_for_every_real_question_is_in_a_passage(shared: Path) -> None:
    texts: dict[str, list[str]] = {}
    for file in find_files(shared / "seeds")[0]:
        issue = read_issue(file, 1_000_000)
        texts[file.source] = [
            normalise(passage.text)
            for article in split_articles(issue)
            for passage in split_passages(issue, article, 480)
        ]
    lines = (shared / "eval" / "seed_questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [row for row in map(json.loads, lines) if row["evidence"]]
    missing = [
        row["id"]
        for row in asked
        if not any(normalise(row["evidence"]) in text for text in texts[row["doc"]])
    ]
    assert len(asked) > 30
    assert missing == []


def normalise(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub("[’‘]", "'", re.sub("[“”]", '"', text))).casefold()


@pytest.mark.parametrize(
    ("title", "text", "context"),
    [
        ("Meta relance", "Le groupe investit.", "Meta relance"),
        ("La baleine remonte…", "La baleine\nremonte la Seine.", ""),
        ("La baleine", "La baleine remonte la Seine.", ""),
        ("", "La baleine.", ""),
    ],
)
def test_a_title_drawn_from_the_text_adds_nothing(title: str, text: str, context: str) -> None:
    assert tell_context(title, text) == context
