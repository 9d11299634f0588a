"""Answers of a scripted model, from the first piece to the checked answer with its citations."""

from __future__ import annotations

import json
import re
import socket
from datetime import date
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path

import pytest
from scripted_server import Script, fail, say, serve_script

from rag.assistant import Assistant
from rag.checking import verify_citations
from rag.config import Settings
from rag.errors import LLMError
from rag.llm import answer_with_llm, rewrite_question
from rag.prompts import REFUSAL
from rag.types import Answer, Citation, Hit, Passage, TimelineEntry, Turn

DATA = Path(__file__).parent / "data"
INJECTIONS = [
    json.loads(line)
    for line in (DATA / "injections.jsonl").read_text(encoding="utf-8").splitlines()
]
# Two issues of which each passage is a part: offsets are not those of the passage.
ISSUES = {
    "fevrier.txt": "Bonjour.\n\nMeta promet 65 milliards de dollars cette année. Le groupe de Mark"
    " Zuckerberg veut un centre de données grand comme Manhattan.\n\nGoogle prévoit 75 milliards.",
    "juillet.txt": "Édito.\n\nMeta relève son budget à 72 milliards de dollars. OpenAI ouvre un"
    " bureau à Singapour.",
}
QUESTION = "Combien Meta investit-il ?"


def make_hit(rank: int, source: str, first: str, last: str, day: date) -> Hit:
    text = ISSUES[source]
    start, end = text.index(first), text.index(last) + len(last)
    passage = Passage(
        text[start:end], "Meta dépense", "Lettre", day, source, start, end, newsletter="Signal"
    )
    return Hit(passage, 1.0 / rank, rank)


HITS = (
    make_hit(1, "fevrier.txt", "Meta promet", "75 milliards.", date(2025, 2, 4)),
    make_hit(2, "juillet.txt", "Meta relève", "Singapour.", date(2025, 7, 29)),
)
FALLBACK = Answer(
    text="Meta relève son budget à 72 milliards de dollars. [1]",
    citations=(
        Citation(
            1,
            "Meta relève son budget à 72 milliards de dollars.",
            "juillet.txt",
            HITS[1].passage.start,
            HITS[1].passage.start + 49,
            "Meta dépense",
            "Lettre",
            date(2025, 7, 29),
        ),
    ),
    abstained=False,
    hits=HITS,
    question=QUESTION,
    query=QUESTION,
    confidence=0.9,
    timeline=(TimelineEntry(date(2025, 7, 29), "72 milliards de dollars", 1),),
)


def settings_for(url: str, **others: object) -> Settings:
    return Settings(llm_base_url=url, llm_model="scripted", llm_retries=0, llm_timeout=5, **others)  # type: ignore[arg-type]


def ask(script: Script, hits: tuple[Hit, ...] = HITS, **others: object) -> list[Answer]:
    answers = list(
        answer_with_llm(settings_for(script.url, **others), QUESTION, QUESTION, hits, FALLBACK)
    )
    for answer in answers:
        assert verify_citations(answer, ISSUES.__getitem__) == []
    return answers


def test_marks_lead_to_the_exact_sentences() -> None:
    reply = (
        "Meta a relevé son budget à 72 milliards de dollars [2]."
        " En février 2025, Meta promettait 65 milliards [1]."
    )
    with serve_script(say(reply)) as script:
        last = ask(script)[-1]
    assert last.text == (
        "Meta a relevé son budget à 72 milliards de dollars. [1]"
        " En février 2025, Meta promettait 65 milliards. [2]"
    )
    assert [c.quote for c in last.citations] == [
        "Meta relève son budget à 72 milliards de dollars.",
        "Meta promet 65 milliards de dollars cette année.",
    ]
    assert last.citations[0].short == "72 milliards de dollars"
    assert last.unproven == ()
    assert last.generator == "scripted"
    assert not last.abstained
    assert last.timeline == FALLBACK.timeline


def test_answers_grow_by_checked_sentences() -> None:
    reply = "Meta promet 65 milliards [1]. Meta promet 900 milliards [1]. Google prévoit 75 [1]."
    with serve_script(say(reply, pieces=3)) as script:
        texts = [answer.text for answer in ask(script)]
    assert texts[0] == "Meta promet 65 milliards. [1]"
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert len(texts) == 3
    assert "Meta promet 900 milliards. (non prouvé)" in texts[-1]


def test_unproven_sentences_are_marked_or_dropped() -> None:
    reply = "Meta promet 65 milliards [1]. Meta promet 900 milliards [1]."
    with serve_script(say(reply)) as script:
        marked = ask(script, unproven="mark")[-1]
        dropped = ask(script, unproven="drop")[-1]
    assert marked.unproven == ("Meta promet 900 milliards.",)
    assert marked.text == "Meta promet 65 milliards. [1] Meta promet 900 milliards. (non prouvé)"
    assert dropped.text == "Meta promet 65 milliards. [1]"
    assert dropped.unproven == ()


def test_claim_without_mark_gets_the_sentence_that_proves_it() -> None:
    with serve_script(say("OpenAI ouvre un bureau à Singapour.")) as script:
        last = ask(script)[-1]
    assert last.text == "OpenAI ouvre un bureau à Singapour. [1]"
    assert last.citations[0].source == "juillet.txt"


def test_reply_in_another_language_is_proven_by_the_french_sentence() -> None:
    reply = "Meta raised its budget to $72bn [2]. Meta raised its budget to 72 million dollars [2]."
    with serve_script(say(reply)) as script:
        settings = settings_for(script.url)
        question = "How much does Meta invest in artificial intelligence this year?"
        *_, last = answer_with_llm(settings, question, question, HITS, FALLBACK)
    assert last.text == (
        "Meta raised its budget to $72bn. [1]"
        " Meta raised its budget to 72 million dollars. (unproven)"
    )


def test_nothing_proven_gives_the_extractive_answer_and_says_so() -> None:
    with serve_script(say("Meta promet 900 milliards [1]. Voir Apple [9].")) as script:
        answers = ask(script)
    assert len(answers) == 1
    assert answers[0].text == FALLBACK.text
    assert "prouvé" in answers[0].note


def test_refusal_of_the_model_is_an_abstention() -> None:
    with serve_script(say(REFUSAL)) as script:
        (answer,) = ask(script)
    assert answer.abstained
    assert answer.citations == ()
    assert REFUSAL not in answer.text
    assert answer.hits == HITS


@pytest.mark.parametrize("reply", [fail(500), say("Meta promet 65", finish=None), say("")])
def test_failure_gives_the_extractive_answer_with_a_word_about_why(reply: object) -> None:
    with serve_script(reply) as script:  # type: ignore[arg-type]
        last = ask(script)[-1]
    assert last.text == FALLBACK.text
    assert last.citations == FALLBACK.citations
    assert last.note.startswith("Réponse sans modèle de langue : ")


def test_server_that_is_not_there_gives_the_extractive_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    (answer,) = answer_with_llm(settings_for(url), QUESTION, QUESTION, HITS, FALLBACK)
    assert answer.text == FALLBACK.text
    assert "injoignable" in answer.note


def test_without_hits_the_model_is_not_asked() -> None:
    with serve_script(say("Oui.")) as script:
        assert list(
            answer_with_llm(settings_for(script.url), QUESTION, QUESTION, (), FALLBACK)
        ) == [FALLBACK]
    assert script.requests == []


def test_thoughts_of_the_model_are_not_shown() -> None:
    reply = "<think>Le lecteur veut 65 milliards [1].</think>Meta promet 65 milliards [1]."
    with serve_script(say(reply)) as script:
        answers = ask(script)
    assert {answer.text for answer in answers} == {"Meta promet 65 milliards. [1]"}


def test_pictures_links_and_tags_do_not_pass() -> None:
    reply = (
        "Meta promet 65 milliards ![x](https://evil.example/p.png) [1]."
        " <img src=x onerror=alert(1)> Visitez https://evil.example."
    )
    with serve_script(say(reply)) as script:
        last = ask(script)[-1]
    assert last.text == "Meta promet 65 milliards. [1]"


@pytest.mark.parametrize("unproven", ["mark", "drop"])
@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda row: row["id"])
def test_model_that_obeys_an_injection_proves_nothing_by_it(
    injection: dict[str, str], unproven: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model repeats the whole injected text as a fact, and then the truth."""
    hostile = injection["text"]
    text = f"{hostile}\n\nMeta promet 65 milliards de dollars."
    monkeypatch.setitem(ISSUES, "hostile.txt", text)
    passage = Passage(text, "Titre", "Lettre", None, "hostile.txt", 0, len(text))
    hits = (Hit(passage, 1.0, 1),)
    reply = f"{hostile} [1]\n\nMeta promet 65 milliards de dollars [1]."
    with serve_script(say(reply, pieces=50)) as script:
        answers = ask(script, hits, unproven=unproven)
    for answer in answers:
        proven = [c.quote for c in answer.citations]
        assert proven == ["Meta promet 65 milliards de dollars."]
        assert "evil.example" not in answer.text
    if unproven == "drop":
        assert answers[-1].text == "Meta promet 65 milliards de dollars. [1]"


def test_assistant_answers_with_the_model_and_without_it(sample_index: Path) -> None:
    """From the question through the index, the prompt, the model and the checks to the answer."""

    def read_and_answer(handler: BaseHTTPRequestHandler) -> None:
        prompt = script.requests[-1]["messages"][1]["content"]
        blocks = re.findall(r"passage \[(\d+)\]\n(.*?)\n\w+ end of passage", prompt, re.DOTALL)
        (number, *_) = (n for n, block in blocks if "72 milliards de dollars" in block)
        say(f"Meta dépensera jusqu'à 72 milliards de dollars [{number}].")(handler)

    with serve_script(read_and_answer, fail(500)) as script:
        assistant = Assistant.load(sample_index, settings_for(script.url))
        question = "Combien Meta dépense-t-il en 2025 pour l'intelligence artificielle ?"
        written = assistant.ask(question)
        extractive = assistant.ask(question)
    assert written.generator == "scripted"
    assert "72 milliards de dollars" in written.citations[0].quote
    assert extractive.generator == "extractive"
    assert "erreur du serveur" in extractive.note
    for answer in (written, extractive):
        assert verify_citations(answer, lambda source: assistant.issue(source).text) == []


def test_rewritten_question_is_one_line() -> None:
    history = (Turn("Combien Meta investit-il ?", "Combien Meta investit-il ?", ("Meta dépense",)),)
    with serve_script(say("« Combien Google investit-il ? »\n")) as script:
        settings = settings_for(script.url)
        assert rewrite_question(settings, "Et Google ?", history) == "Combien Google investit-il ?"
    sent = json.dumps(script.requests[0]["messages"], ensure_ascii=False)
    assert "Combien Meta investit-il ?" in sent
    assert "Et Google ?" in sent


@pytest.mark.parametrize("reply", ["Voici :\n\nCombien ?", "?", "mot " * 400])
def test_reply_that_is_no_question_is_an_error(reply: str) -> None:
    with serve_script(say(reply)) as script, pytest.raises(LLMError):
        rewrite_question(settings_for(script.url), "Et Google ?", ())
