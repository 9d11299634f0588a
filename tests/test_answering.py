"""Answers: verbatim quotes in order, the newest figure first, abstention without evidence."""

from __future__ import annotations

import re
from datetime import date

import pytest

from rag.answering import compose_answer
from rag.assistant import Assistant
from rag.types import Answer, Filters, Hit, Passage

TRAIN = (
    "La compagnie Rivetrain a transporté 4,2 millions de voyageurs sur la ligne de la côte. "
    "Son président, Yvon Kermadec, annonce l'achat de douze rames. "
    "Le chantier coûtera 310 millions d'euros et sera achevé en 2027."
)
MILL = (
    "À Pornic, un moulin à marée produit de l'électricité pour deux cents maisons. "
    "L'association qui l'exploite cherche un repreneur parce que la digue doit être refaite."
)


def make_hit(
    text: str,
    rank: int,
    *,
    day: date | None = date(2025, 3, 4),
    source: str = "a.txt",
    start: int = 0,
    article: str = "",
) -> Hit:
    passage = Passage(
        text=text,
        article=article,
        issue="La lettre",
        date=day,
        source=source,
        start=start,
        end=start + len(text),
        newsletter="La lettre",
    )
    # What a search gives for a question whose words the passage covers.
    return Hit(
        passage, score=0.5 / rank, rank=rank, cosine=0.5, lexical=1 / rank, coverage=1.0, names=1.0
    )


def answer(question: str, *hits: Hit, abstain_below: float = 0.0) -> Answer:
    return compose_answer(
        question, question, hits, filters=Filters(), abstain_below=abstain_below, newest=None
    )


def test_quotes_are_verbatim_and_numbered_in_order_of_use() -> None:
    hits = [make_hit(TRAIN, 1, start=100), make_hit(MILL, 2, start=900, source="b.txt")]
    given = answer("Combien coûtera le chantier de Rivetrain ?", *hits)
    texts = {"a.txt": " " * 100 + TRAIN, "b.txt": " " * 900 + MILL}
    assert not given.abstained
    for citation in given.citations:
        assert texts[citation.source][citation.start : citation.end] == citation.quote
        for span in citation.highlights:
            assert citation.start <= span.start < span.end <= citation.end
    used = list(dict.fromkeys(int(n) for n in re.findall(r"\[(\d+)\]", given.text)))
    assert used == [c.number for c in given.citations] == list(range(1, len(used) + 1))


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("Combien coûtera le chantier ?", "310 millions d'euros"),
        ("Combien de voyageurs Rivetrain a-t-elle transportés ?", "4,2 millions"),
        ("Qui est le président de Rivetrain ?", "Yvon Kermadec"),
        ("En quelle année le chantier sera-t-il achevé ?", "2027"),
    ],
)
def test_short_answer_is_marked_and_leads(question: str, short: str) -> None:
    given = answer(question, make_hit(TRAIN, 1))
    assert short in given.citations[0].short
    assert given.text.startswith(given.citations[0].short)


def test_the_figure_of_the_newest_issue_leads_and_the_older_follows() -> None:
    old = make_hit(
        "La mairie de Brest consacre 20 millions d'euros au tramway.", 1, day=date(2025, 1, 7)
    )
    new = make_hit(
        "La mairie de Brest consacre désormais 26 millions d'euros au tramway.",
        2,
        day=date(2025, 6, 3),
        source="b.txt",
    )
    given = answer("Combien la mairie de Brest consacre-t-elle au tramway ?", old, new)
    assert given.citations[0].date == date(2025, 6, 3)
    assert given.text.startswith("26 millions d'euros")
    assert [entry.value for entry in given.timeline] == [
        "20 millions d'euros",
        "26 millions d'euros",
    ]
    assert [entry.citation for entry in given.timeline] == [2, 1]


def test_a_sentence_said_twice_is_cited_once_from_the_newest_issue() -> None:
    hits = [
        make_hit(TRAIN, 1, day=date(2025, 1, 7)),
        make_hit(TRAIN, 2, day=date(2025, 6, 3), source="b.txt"),
    ]
    given = answer("Qui est le président de Rivetrain ?", *hits)
    quotes = [c.quote for c in given.citations]
    assert len(quotes) == len(set(quotes))
    assert given.citations[0].source == "b.txt"


def test_abstention_says_so_in_the_language_of_the_question_and_cites_nothing() -> None:
    given = answer("Which river crosses Vienna?", make_hit(MILL, 1), abstain_below=0.999999)
    assert given.abstained
    assert given.citations == ()
    assert len(given.hits) == 1
    assert given.text.startswith("The indexed issues do not answer")


def test_no_hits_is_an_abstention() -> None:
    given = answer("Qui dirige Rivetrain ?")
    assert given.abstained
    assert given.confidence == 0.0


def test_line_breaks_of_the_source_do_not_break_the_text() -> None:
    wrapped = (
        "Le chantier de la ligne de la côte, que la région a lancé au printemps,\n"
        "coûtera 310 millions d'euros selon la compagnie et sera achevé en 2027,\n"
        "après la livraison des douze rames que son président vient de commander."
    )
    given = answer("Combien coûtera le chantier ?", make_hit(wrapped, 1))
    assert "\n" in given.citations[0].quote
    assert given.text.splitlines()[0].count("[1]") == 1


def test_a_text_without_words_is_no_evidence() -> None:
    assert answer("Qui dirige Rivetrain ?", make_hit("…", 1)).abstained


def test_undated_issues_are_named_as_such() -> None:
    given = answer("Combien coûtera le chantier ?", make_hit(TRAIN, 1, day=None))
    assert "sans date" in given.text


@pytest.mark.parametrize(
    "question", ["Why did Nvidia shares fall?", "Pourquoi l'action Nvidia a-t-elle chuté ?"]
)
def test_a_reason_is_told_by_sentences_on_the_matter(
    sample_assistant: Assistant, question: str
) -> None:
    """Other articles tell of Nvidia too: of a charge in its books, of shares it bought."""
    citations = sample_assistant.ask(question).citations
    assert "chuté de 17" in citations[0].quote
    assert {citation.article for citation in citations} == {citations[0].article}


def test_a_figure_that_other_issues_tell_too_needs_no_further_sentence() -> None:
    old = make_hit("La mairie de Brest consacre 20 millions au tramway.", 1, day=date(2025, 1, 7))
    new = make_hit(
        "La mairie de Brest consacre désormais 26 millions au tramway. "
        "La mairie de Brest consacre 3 millions aux pistes cyclables.",
        2,
        day=date(2025, 6, 3),
        source="b.txt",
    )
    given = answer("Combien la mairie de Brest consacre-t-elle au tramway ?", old, new)
    assert [c.quote for c in given.citations] == [
        "La mairie de Brest consacre désormais 26 millions au tramway.",
        "La mairie de Brest consacre 20 millions au tramway.",
    ]


def test_a_rival_comes_along_where_a_reason_is_asked_and_none_where_the_figure_stands() -> None:
    text = "La criée ferme parce que le toit fuit. La criée ferme aussi parce que le port s'envase."
    given = answer("Pourquoi la criée ferme-t-elle ?", make_hit(text, 1))
    assert {c.quote for c in given.citations} == set(re.split(r"(?<=\.) ", text))
    figure = answer("Combien coûtera le chantier ?", make_hit(TRAIN, 1))
    assert len(figure.citations) == 1
