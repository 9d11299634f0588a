"""A reply cut into sentences with their marks, whatever way a model writes them."""

from __future__ import annotations

import pytest

from rag.claims import split_claims


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Meta dépense [1]. Google aussi [2].", [("Meta dépense.", (1,)), ("Google aussi.", (2,))]),
        ("Meta dépense. [1] Google aussi. [2]", [("Meta dépense.", (1,)), ("Google aussi.", (2,))]),
        ("Meta dépense [1, 3].", [("Meta dépense.", (1, 3))]),
        ("Meta dépense [1][2] [2].", [("Meta dépense.", (1, 2))]),
        ("Meta dépense [2-4].", [("Meta dépense.", (2, 3, 4))]),
        ("Meta dépense 【1】.", [("Meta dépense.", (1,))]),
        ("Meta dépense [^1].", [("Meta dépense.", (1,))]),
        ("- **Meta** [1]\n- Google [2]", [("Meta", (1,)), ("Google", (2,))]),
        ("Meta dépense.", [("Meta dépense.", ())]),
        ("Il en veut 3,5 [1] !", [("Il en veut 3,5 !", (1,))]),
        ("*Meta dépense.* [1]", [("*Meta dépense.*", (1,))]),
        ("Elle paie. (Meta aussi.) [1]", [("Elle paie.", ()), ("(Meta aussi.)", (1,))]),
        (
            "Il en vend (gants, bas...). [1] Oui. [2]",
            [("Il en vend (gants, bas...).", (1,)), ("Oui.", (2,))],
        ),
        ("Il a dit « non ! ». [1]", [("Il a dit « non ! ».", (1,))]),
        ("[1]", []),
        ("", []),
    ],
)
def test_sentences_and_marks(text: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(s.text, s.marks) for s in split_claims(text)] == expected


def test_marks_divide_a_sentence() -> None:
    (sentence,) = split_claims("Alan a 7 clients [1] et Qonto 6 [2], dit-on.")
    assert [part.marks for part in sentence.parts] == [(1,), (2,)]
    assert sentence.parts[1].text == "et Qonto 6, dit-on."


def test_a_mark_after_a_french_quotation_belongs_to_it() -> None:
    (first, second) = split_claims(
        "« Meta dépense 65 milliards. » [1]\nIl ajoute : « Assez ! » [2]"
    )
    assert (first.marks, second.marks) == ((1,), (2,))
