from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.paragraphs import split_paragraphs

LINES = st.text(alphabet="ab A.\n•-#> *=é…1", max_size=200)


def read(text: str) -> list[str]:
    return [text[p.start : p.end] for p in split_paragraphs(text)]


def test_every_line_is_a_paragraph() -> None:
    assert read("Une ligne.\nUne autre\n\nEt la fin") == ["Une ligne.", "Une autre", "Et la fin"]


@pytest.mark.parametrize("mark", ["•", "-", "*", "–", "▪", "  • ", "→"])
def test_bullet_marks_stand_outside(mark: str) -> None:
    text = f"{mark} un point"
    (paragraph,) = split_paragraphs(text)
    assert paragraph.bullet
    assert text[paragraph.start : paragraph.end] == "un point"


def test_headings_have_their_level() -> None:
    paragraphs = split_paragraphs("# Un\n\n### Trois\n\nDeux\n----\n\nTexte #1")
    assert [p.level for p in paragraphs] == [1, 3, 2, 0]


def test_rules_are_left_out() -> None:
    assert read("Un\n\n---\n\n* * *\n\nDeux") == ["Un", "Deux"]


def test_lines_wrapped_at_a_column_are_joined() -> None:
    text = (
        "The company will spend up to sixty-five billion dollars on data centers\n"
        "this year, its founder wrote. Analysts had expected less than that sum.\n"
        "Meta stays silent.\n\nShort title\n\n"
        "- A bullet whose text is wrapped at the column as the paragraph above it\n"
        "  was."
    )
    assert [len(p.splitlines()) for p in read(text)] == [3, 1, 2]


def test_short_lines_are_not_joined() -> None:
    assert len(read("Jean Rognetta\nMaurice\nParis")) == 3


@given(LINES)
def test_paragraphs_are_stripped_in_order_and_hold_every_word(text: str) -> None:
    paragraphs = split_paragraphs(text)
    ends = [0, *(p.end for p in paragraphs)]
    for before, paragraph in zip(ends, paragraphs, strict=False):
        assert before <= paragraph.start < paragraph.end <= len(text)
        inner = text[paragraph.start : paragraph.end]
        assert inner == inner.strip()
    kept = "".join(text[p.start : p.end] for p in paragraphs)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]
