"""Folding keeps positions; stems bring inflected forms together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.words import fold_text, stem_word, tokenise


@given(st.text(max_size=200))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold_text(text)) == len(text)


@given(st.text(max_size=200))
def test_tokens_stand_where_they_say(text: str) -> None:
    folded = fold_text(text)
    end = 0
    for token in tokenise(text):
        assert end <= token.start < token.end
        assert folded[token.start : token.end] == token.folded
        end = token.end


def test_elisions_quotes_and_identifiers() -> None:
    assert [t.folded for t in tokenise("L’« École » d'o3-pro à 97,4 %")] == [
        "l", "'", '"', "ecole", '"', "d", "'", "o3", "-", "pro", "a", "97,4", "%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [("investit", "investissement"), ("vendues", "vendu"), ("fondee", "fonde")],
)
def test_forms_of_one_word_share_a_stem(one: str, other: str) -> None:
    assert stem_word(one) == stem_word(other)
