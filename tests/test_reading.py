"""The reader: numpy runs what torch trained, passages do not leak into each other, ranges hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rag.choosing import choose_readings
from rag.confidence import estimate_confidence, estimate_shares
from rag.features import describe_passage, describe_question
from rag.matching import SENTENCE_FEATURES, TOKEN_FEATURES, compare
from rag.network import own_reader
from rag.questions import analyse_question
from rag.reading import EVIDENCE, read_hits
from rag.types import Hit, Passage

TEXTS = (
    "Le port de Lannion a vendu 340 tonnes de homards. La criée ferme le lundi.",
    "Une start-up brestoise, Algoma, imprime des coques de bateau. Elle emploie 45 personnes.",
    "Le festival des vieilles coques attire 12 000 visiteurs à Paimpol.",
)
QUESTIONS = (
    ("Combien de personnes Algoma emploie-t-elle ?", "fr", "45 personnes"),
    ("How many people does Algoma employ?", "en", "45 personnes"),
    ("Combien de tonnes de homards le port a-t-il vendues ?", "fr", "340 tonnes"),
)


def make_hits() -> list[Hit]:
    return [
        Hit(Passage(text, "", "", None, f"{n}.txt", 0, len(text)), 1.0, n, 0.5, 0.5)
        for n, text in enumerate(TEXTS, 1)
    ]


@pytest.mark.parametrize(("question", "language", "short"), QUESTIONS)
def test_best_reading_holds_the_answer(question: str, language: str, short: str) -> None:
    hits = make_hits()
    best = read_hits(analyse_question(question, language), hits)[0]
    text = hits[best.hit].passage.text
    assert short in text[best.sentence.start : best.sentence.end]
    assert text[best.short.start : best.short.end] in short


def test_every_sentence_is_read_once_and_short_answers_lie_inside() -> None:
    readings = read_hits(analyse_question("Qui imprime des coques ?", "fr"), make_hits())
    assert len(readings) == 5
    assert len({(r.hit, r.sentence.start) for r in readings}) == 5
    for reading in readings:
        assert reading.sentence.start <= reading.short.start < reading.short.end
        assert reading.short.end <= reading.sentence.end
        assert 0 < reading.sureness <= 1 + 1e-6
        assert reading.evidence.shape == (EVIDENCE,)
    assert [r.score for r in readings] == sorted((r.score for r in readings), reverse=True)


def test_passages_compared_together_are_as_compared_alone() -> None:
    words = own_reader().words
    asked = describe_question(analyse_question("Combien de coques Algoma imprime-t-elle ?"), words)
    views = [describe_passage(text, "", "fr", words) for text in TEXTS]
    together = compare(asked, views, words)
    alone = [compare(asked, [view], words) for view in views]
    for name in ("tokens", "sentences", "coverage"):
        expected = np.concatenate([getattr(part, name) for part in alone])
        np.testing.assert_allclose(getattr(together, name), expected, atol=1e-5)
    assert together.tokens.shape[1] == TOKEN_FEATURES
    assert together.sentences.shape[1] == SENTENCE_FEATURES


def test_confidence_is_higher_with_the_answer_than_without() -> None:
    question = analyse_question(QUESTIONS[0][0], "fr")
    hits = make_hits()
    without = [hits[0], hits[2]]

    def judge(hits: list[Hit]) -> float:
        readings = choose_readings(question, read_hits(question, hits), hits)
        return estimate_confidence(question, readings, hits)

    assert judge(without) < judge(hits) < 1


def test_shares_begin_with_one_and_fall() -> None:
    readings = read_hits(analyse_question("Qui imprime des coques ?", "fr"), make_hits())
    shares = estimate_shares(readings)
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("text", ["", " \n", "…", "- ", "* * *\n\n"])
def test_passages_without_words_are_passed_over(text: str) -> None:
    hits = make_hits()
    hits[0] = Hit(Passage(text, "", "", None, "0.txt", 0, len(text)), 1.0, 1, 0.5, 0.5)
    question = analyse_question("Qui imprime des coques ?", "fr")
    assert {r.hit for r in read_hits(question, hits)} == {1, 2}
    assert read_hits(question, hits[:1]) == []


def test_nothing_to_read_is_no_confidence() -> None:
    question = analyse_question("Qui ?", "fr")
    assert read_hits(question, []) == []
    assert estimate_confidence(question, [], []) == 0.0


def test_a_title_that_holds_the_question_makes_an_answer_likelier() -> None:
    question = analyse_question("Pourquoi Algoma ferme-t-elle son chantier ?", "fr")
    hits = make_hits()
    titled = [
        replace(hit, passage=replace(hit.passage, article="Algoma ferme un chantier"))
        for hit in hits
    ]
    readings = choose_readings(question, read_hits(question, hits), hits)
    plain, held = (estimate_confidence(question, readings, h) for h in (hits, titled))
    assert held > plain


def test_what_is_told_of_others_is_less_of_an_answer() -> None:
    question = analyse_question("Combien de personnes Algoma emploie-t-elle ?", "fr")
    hits = make_hits()
    others = [replace(hit, names=0.0) for hit in hits]
    readings = choose_readings(question, read_hits(question, hits), hits)
    told, untold = (estimate_confidence(question, readings, h) for h in (hits, others))
    assert untold < told / 2


def test_hits_far_below_the_best_are_read_only_if_they_are_among_the_first() -> None:
    hits = [
        replace(hit, score=0.5 if number == 0 else 0.002)
        for number, hit in enumerate((*make_hits(), *make_hits()))
    ]
    question = analyse_question("Combien de coques imprime-t-elle ?", "fr")
    assert {reading.hit for reading in read_hits(question, hits)} == {0, 1, 2}
    assert {r.hit for r in read_hits(question, hits, every=True)} == set(range(len(hits)))


def test_hits_that_speak_of_fewer_of_the_names_are_left_unread_likewise() -> None:
    hits = [
        replace(hit, names=float(number != 4))
        for number, hit in enumerate((*make_hits(), *make_hits()))
    ]
    question = analyse_question("Combien de coques imprime-t-elle ?", "fr")
    assert {reading.hit for reading in read_hits(question, hits)} == {0, 1, 2, 3, 5}


def test_more_hits_are_read_where_a_figure_or_a_list_is_asked_for() -> None:
    hits = [*make_hits(), *make_hits()]
    for text, read in (
        ("Qui imprime des coques ?", 4),
        ("Quelles entreprises impriment des coques ?", 6),
        ("Combien de coques imprime-t-elle ?", 6),
    ):
        question = analyse_question(text, "fr")
        assert {reading.hit for reading in read_hits(question, hits)} == set(range(read))


def test_near_words_count_in_the_sentence_and_not_as_the_topic_covered() -> None:
    words = own_reader().words
    asked = describe_question(analyse_question("Qui a acheté Zorblax ?", "fr"), words)
    plain, near, none = (
        compare(asked, [describe_passage(text, "", "fr", words)], words)
        for text in ("Il a acheté Zorblax.", "Il a acquis Zorblax.", "Il a chanté Zorblax.")
    )
    assert plain.sentences[0, 0] > near.sentences[0, 0] > none.sentences[0, 0]
    topic = 0
    assert plain.coverage[0, topic] > near.coverage[0, topic]
