from __future__ import annotations

import pytest

from rag.synonyms import find_synonyms


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("IA", "artificielle"),
        ("artificial", "ai"),
        ("CEO", "pdg"),
        ("valorisée", "valeur"),
        ("Européenne", None),
    ],
)
def test_synonyms_go_both_ways_and_case_and_accents_do_not_matter(
    word: str, other: str | None
) -> None:
    found = find_synonyms(word)
    assert (other in found) if other else found == ()
    assert word.lower() not in found
