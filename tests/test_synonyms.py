from __future__ import annotations

from pathlib import Path

import pytest

import rag.synonyms
from rag.questions import STOPWORDS
from rag.synonyms import find_synonyms, list_near, replace_turns
from rag.words import fold_text, stem_word


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


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("Qui est à la tête de Bullish ?", "Qui est dirigeant de Bullish ?"),
        ("Qui est aux commandes d’Aker ?", "Qui est dirigeant d’Aker ?"),
        ("Quand Mistral a-t-elle vu le jour ?", "Quand Mistral a-t-elle cree ?"),
        ("Who heads Snap?", "who leads Snap?"),
        ("Qui vend un jeton stable ?", "Qui vend un stablecoins ?"),
        ("Who runs Bullish?", "who leads Bullish?"),
        ("Who runs faster?", "Who runs faster?"),
        ("Le patron a la tête dure", "Le patron a la tête dure"),
    ],
)
def test_turns_of_phrase_become_the_word_they_stand_for(question: str, plain: str) -> None:
    assert replace_turns(question) == plain


def test_near_words_go_both_ways_whatever_their_endings() -> None:
    assert stem_word("acquerir") in list_near(stem_word("rachetee"))
    assert stem_word("racheter") in list_near(stem_word("acquis"))
    assert list_near("zzz") == ()


def test_the_thesaurus_holds_folded_words_of_several_stems_once_a_row() -> None:
    rows = (Path(rag.synonyms.__file__).parent / "thesaurus.txt").read_text().splitlines()
    assert rows == sorted(rows)
    for row in rows:
        words = row.split()
        assert row == fold_text(row)
        assert len({stem_word(word) for word in words}) == len(words) > 1, row
        assert STOPWORDS.isdisjoint(words), row
