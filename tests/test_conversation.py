"""Follow-up questions: what the rules make of them, and whether they find the right passages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.conversation import resolve_question
from rag.evaluation import normalise_text
from rag.types import Answer, Turn

if TYPE_CHECKING:
    from rag.assistant import Assistant

CONVERSATIONS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "conversations.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
NEW_TOPICS = [c for c in CONVERSATIONS if c["kind"] == "new_topic"]


def resolve_last(turns: list[str]) -> str:
    history: list[Turn] = []
    for question in turns:
        query = resolve_question(question, history)
        history.append(Turn(question, query))
    return history[-1].query


@pytest.mark.parametrize(
    ("turns", "query"),
    [
        # a name for a name
        (["Combien Netflix dépense-t-il en séries ?", "Et Disney ?"],
         "Combien Disney dépense-t-il en séries ?"),
        (["Combien vaut l'action d'Airbus ?", "Et Boeing ?"], "Combien vaut l'action de Boeing ?"),
        (["Où se trouve le siège de Spotify ?", "Et celui d'Adobe ?"],
         "Où se trouve le siège d'Adobe ?"),
        (["Qui dirige Renault ?", "Et chez Toyota ?"], "Qui dirige Toyota ?"),
        (["How many staff does Nokia have?", "What about Ericsson?"],
         "How many staff does Ericsson have?"),
        (["Who runs Siemens?", "And Bosch?"], "Who runs Bosch?"),
        (["Wie viel verdient Lidl?", "Und Aldi?"], "Wie viel verdient Aldi?"),
        (["Combien Netflix dépense-t-il en séries ?", "Et Disney ?", "Et Amazon ?"],
         "Combien Amazon dépense-t-il en séries ?"),
        # a time for a time
        (["Combien Renault a-t-il vendu de voitures en 2023 ?", "Et en 2024 ?"],
         "Combien Renault a-t-il vendu de voitures en 2024 ?"),
        (["Combien Renault a-t-il vendu de voitures ?", "Et en mars ?"],
         "Combien Renault a-t-il vendu de voitures en mars ?"),
        (["Combien Renault a-t-il vendu de voitures en 2023 ?", "Et l'année d'avant ?"],
         "Combien Renault a-t-il vendu de voitures en 2022 ?"),
        (["How many cars did Renault sell in 2023?", "And in 2024?"],
         "How many cars did Renault sell in 2024?"),
        (["Qu'a annoncé Renault en mars 2025 ?", "Et le mois dernier ?"],
         "Qu'a annoncé Renault le mois dernier ?"),
        (["Qu'a annoncé Renault en mars 2024 ?", "Et en avril ?"],
         "Qu'a annoncé Renault en avril 2024 ?"),
        (["Qu'a annoncé Renault en décembre 2024 ?", "Et en janvier ?"],
         "Qu'a annoncé Renault en janvier 2025 ?"),
        (["Combien a gagné Renault en 2023 ?", "Et en mars ?"],
         "Combien a gagné Renault en mars 2023 ?"),
        # a topic for a topic
        (["Combien Netflix dépense-t-il dans les séries ?", "Et dans le sport ?"],
         "Combien Netflix dépense-t-il dans le sport ?"),
        (["Combien de clients Netflix a-t-il en Inde ?", "Et au Japon ?"],
         "Combien de clients Netflix a-t-il en Inde au Japon ?"),
        (["Combien d'eau consomme Dublin ?", "Et d'électricité ?"],
         "Combien d'électricité consomme Dublin ?"),
        (["Combien Netflix dépense-t-il en séries ?", "Et Disney en 2024 ?"],
         "Combien Disney dépense-t-il en séries en 2024 ?"),
        # question words alone
        (["Où Tesla construit-elle une usine ?", "Pourquoi ?"],
         "Pourquoi Tesla construit-elle une usine ?"),
        (["Pourquoi Tesla construit-elle une usine ?", "Où ça ?"],
         "Où Tesla construit-elle une usine ?"),
        (["Quand Arm a-t-il été racheté ?", "Par qui ?"], "Par qui Arm a-t-il été racheté ?"),
        # pronouns
        (["Qu'est-ce que Blue Origin ?", "Qui le dirige ?"], "Qui dirige Blue Origin ?"),
        (["Qu'est-ce que Blue Origin ?", "Qui l'a fondé ?"], "Qui a fondé Blue Origin ?"),
        (["Que fait Doctolib ?", "Combien vaut-elle ?"], "Combien vaut Doctolib ?"),
        (["Que fait Doctolib ?", "Combien a-t-elle levé ?"], "Combien Doctolib a-t-elle levé ?"),
        (["Que fait Doctolib ?", "Quel est son siège ?"], "Quel est le siège de Doctolib ?"),
        (["Que fait Airbus ?", "Quelle est sa valeur ?"], "Quelle est la valeur d'Airbus ?"),
        (["Que fait Airbus ?", "Qui a fondé cette société ?"], "Qui a fondé Airbus ?"),
        (["Que fait Airbus ?", "Est-il endetté ?"], "Airbus est-il endetté ?"),
        (["Combien vaut Airbus ?", "Elle a combien de salariés ?"],
         "Airbus a combien de salariés ?"),
        (["Combien vaut Airbus ?", "Dis-m'en plus"], "Combien vaut Airbus ?"),
        (["When was Nokia founded?", "Where is it based?"], "Where is Nokia based?"),
        (["When was Nokia founded?", "What is its revenue?"], "What is Nokia's revenue?"),
        (["When was Nokia founded?", "Who makes the chips it uses?"],
         "Who makes the chips Nokia uses?"),
        (["Qui dirige Doctolib ?", "Quel âge a-t-il ?"], "Quel âge a-t-il (dirige Doctolib) ?"),
        (["Quelle banque a racheté Bankia ?", "Comment s'appelle le patron ?"],
         "Comment s'appelle le patron (banque a racheté Bankia) ?"),
    ],
)  # fmt: skip
def test_follow_ups_become_whole_questions(turns: list[str], query: str) -> None:
    assert resolve_last(turns) == query


@pytest.mark.parametrize(
    "question",
    [
        "Combien Waymo réalise-t-il de courses ?",
        "Quel est le prix du café au Brésil ?",
        "Quel est le prix du café ?",
        "Avec qui OpenAI conçoit-il sa puce ?",
        "Pourquoi Nokia vend-elle ses brevets ?",
        "Quand la loi sur les semi-conducteurs entre-t-elle en vigueur ?",
        "Qu'y a-t-il de neuf chez Apple ?",
        "Que s'est-il passé la semaine dernière ?",
        "Quelle part des jeunes Français lit la presse papier ?",
        "De combien les loyers parisiens vont-ils augmenter ?",
        "Where does Nokia build its phones?",
        "Who did Apple hire for its chip team?",
        "Est-ce que Nokia vend encore des téléphones ?",
        "Est-ce beaucoup ?",
        "Is it true that Nokia sells phones?",
        "résumé DeepSeek",
        "",
    ],
)
def test_questions_that_stand_alone_are_left_as_they_are(question: str) -> None:
    history = [
        Turn("Combien Netflix investit-il en Inde ?", "Combien Netflix investit-il en Inde ?")
    ]
    assert resolve_question(question, history) == question


@pytest.mark.parametrize("conversation", NEW_TOPICS, ids=lambda c: c["id"])
def test_new_topics_of_the_set_are_left_as_they_are(conversation: dict[str, Any]) -> None:
    assert resolve_last(conversation["turns"]) == conversation["rewritten"]


def test_a_first_question_is_left_as_it_is() -> None:
    assert resolve_question("Et Google ?", []) == "Et Google ?"


def test_hostile_text_in_the_history_is_only_text() -> None:
    former = r"Qui dirige \g<0> \1 (?P<x>[ ?"
    assert resolve_question("Et Google ?", [Turn(former, former)])
    assert resolve_question("Combien vaut-il ?", [Turn("Qui est C:\\1 ?", "Qui est C:\\1 ?")])


def ask_turns(assistant: Assistant, turns: list[str]) -> Answer:
    """Ask the turns of a conversation one by one, each with the history of the answers before."""
    history: list[Turn] = []
    for question in turns:
        answer = assistant.ask(question, 5, history=history)
        titles = tuple(c.article for c in answer.citations)
        history.append(Turn(question, answer.query, titles))
    return answer


def holds_gold(answer: Answer, conversation: dict[str, Any]) -> bool:
    """Say whether the passage with the conversation's evidence is among the hits."""
    return any(
        hit.passage.source == conversation["doc"]
        and normalise_text(conversation["evidence"]) in normalise_text(hit.passage.text)
        for hit in answer.hits
    )


def test_follow_ups_find_what_whole_questions_find(sample_assistant: Assistant) -> None:
    """Recall@5 of the last turn is within 3 points of that of the question written out whole."""
    follow_ups = [c for c in CONVERSATIONS if c["kind"] == "follow_up"]
    resolved = [holds_gold(ask_turns(sample_assistant, c["turns"]), c) for c in follow_ups]
    whole = [holds_gold(sample_assistant.ask(c["rewritten"], 5), c) for c in follow_ups]
    bare = [holds_gold(sample_assistant.ask(c["turns"][-1], 5), c) for c in follow_ups]
    count = len(follow_ups)
    print(f"recall@5 of {count}: resolved {sum(resolved) / count:.3f}, whole "
          f"{sum(whole) / count:.3f}, last turn alone {sum(bare) / count:.3f}")  # fmt: skip
    assert count >= 40
    assert sum(resolved) >= sum(whole) - 0.03 * count
    assert sum(bare) < sum(resolved)


@pytest.mark.parametrize("conversation", NEW_TOPICS, ids=lambda c: c["id"])
def test_new_topics_get_the_hits_they_get_alone(
    conversation: dict[str, Any], sample_assistant: Assistant
) -> None:
    answer = ask_turns(sample_assistant, conversation["turns"])
    assert answer.hits == sample_assistant.ask(conversation["turns"][-1], 5).hits


@given(st.lists(st.text(max_size=60), min_size=1, max_size=3))
def test_any_turns_resolve_to_text_of_bounded_length(turns: list[str]) -> None:
    query = resolve_last(turns)
    assert len(query) <= sum(len(turn) for turn in turns) + 20
