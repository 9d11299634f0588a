"""Proper names: found with and without capitals that mean nothing, and known in other languages."""

from __future__ import annotations

import pytest

from rag.names import find_names, holds_name, list_keys


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("Meta et Google investissent.", "fr", ["Meta", "Google"]),
        ("Hier, le fonds de Masayoshi Son a signé.", "fr", ["Masayoshi Son"]),
        ("Les salariés d'OpenAI partent.", "fr", ["OpenAI"]),
        ("Yesterday Elon Musk paid.", "en", ["Elon Musk"]),
        ("Sales of phones rose in Germany.", "en", ["Germany"]),
        ("Researchers left in January.", "en", []),
        ("Das Rechenzentrum der Firma steht.", "de", []),
        ("Das Rechenzentrum von Soitec steht.", "de", ["Soitec"]),
        ("o3 coûte moins que GPT-4o.", "fr", ["o3", "GPT-4o"]),
    ],
)
def test_names_are_found(text: str, language: str, names: list[str]) -> None:
    found = find_names(text, language)
    assert [name.text for name in found] == names
    assert [text[name.start : name.end] for name in found] == names


@pytest.mark.parametrize(
    ("name", "language", "text", "held"),
    [
        ("the United Kingdom", "en", "Londres et le Royaume-Uni signent.", True),
        ("the United Kingdom", "en", "Les États-Unis signent.", False),
        ("to Chinese DeepSeek", "en", "le chinois DeepSeek", True),
        ("to Japanese DeepSeek", "en", "le chinois DeepSeek", False),
        ("in Brussels", "en", "À Bruxelles, la Commission décide.", True),
        ("in London", "en", "À Bruxelles, la Commission décide.", False),
        ("à Lyon", "fr", "ses locaux lyonnais", True),
        ("avec Ray-Ban", "fr", "les Ray Ban de Meta", True),
        ("avec GPT-5", "fr", "GPT-4 revient moins cher", False),
        ("chez Deutsche Bank", "fr", "Deutsche Telekom investit", False),
        ("with the US", "en", "Les États-Unis signent.", True),
        ("à Nice", "fr", "a nice day", False),
    ],
)
def test_names_are_known_in_other_words(name: str, language: str, text: str, held: bool) -> None:
    (found,) = find_names(f"x {name}", language)
    assert holds_name(found, list_keys(text)) is held


def test_common_word_that_is_a_name_elsewhere_is_one_at_the_start() -> None:
    assert find_names("Notre rentre.", "fr") == []
    assert find_names("Table ouvre.", "fr", frozenset({"table"}))[0].text == "Table"
