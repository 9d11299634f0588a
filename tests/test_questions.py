"""The kind of answer a question asks for, in seven languages."""

from __future__ import annotations

import pytest

from rag.questions import KINDS, analyse_question, is_question, is_statement

CASES = [
    ("Combien coûte l'abonnement de base ?", "fr", "amount"),
    ("Quel montant la région verse-t-elle ?", "fr", "amount"),
    ("Combien d'abonnés le service compte-t-il ?", "fr", "number"),
    ("Quelle est la population de Quimper ?", "fr", "number"),
    ("Quelle part des PME utilise un robot ?", "fr", "share"),
    ("Dans quelle proportion le trafic a-t-il baissé ?", "fr", "share"),
    ("En quelle année la coopérative est-elle née ?", "fr", "year"),
    ("Quand ouvre le musée ?", "fr", "date"),
    ("Jusqu'à quelle date l'offre vaut-elle ?", "fr", "date"),
    ("Combien de temps dure le trajet ?", "fr", "duration"),
    ("Où se trouve le siège ?", "fr", "place"),
    ("Dans quel pays le bus sera-t-il testé ?", "fr", "place"),
    ("Qui dirige le laboratoire ?", "fr", "person"),
    ("Quelle entreprise fabrique la batterie ?", "fr", "organisation"),
    ("Selon quel média les dépenses vont-elles augmenter ?", "fr", "organisation"),
    ("Comment s'appelle l'assistant vocal ?", "fr", "name"),
    ("Pourquoi le vol est-il annulé ?", "fr", "reason"),
    ("Comment fonctionne la turbine ?", "fr", "manner"),
    ("Qu'est-ce que le quantique photonique ?", "fr", "definition"),
    ("Le port est-il fermé ?", "fr", "yes_no"),
    ("How much does the ticket cost?", "en", "amount"),
    ("How many drones were sold?", "en", "number"),
    ("When was the bridge opened?", "en", "date"),
    ("Where will the lab open?", "en", "place"),
    ("Who founded the club?", "en", "person"),
    ("Which company builds the rocket?", "en", "organisation"),
    ("Why did the launch fail?", "en", "reason"),
    ("Is the road closed?", "en", "yes_no"),
    ("Wie viel kostet das Gerät?", "de", "amount"),
    ("Wie viele Roboter wurden verkauft?", "de", "number"),
    ("Wann beginnt die Messe?", "de", "date"),
    ("Wer leitet das Institut?", "de", "person"),
    ("Warum wurde der Zug gestrichen?", "de", "reason"),
    ("¿Cuánto invertirá la empresa?", "es", "amount"),
    ("¿Cuántos coches hay?", "es", "number"),
    ("¿Dónde está la fábrica?", "es", "place"),
    ("¿Por qué cerró el museo?", "es", "reason"),
    ("Dove aprirà il negozio?", "it", "place"),
    ("Quanti robot ha venduto?", "it", "number"),
    ("Perché il treno è fermo?", "it", "reason"),
    ("Quando abre a ponte?", "pt", "date"),
    ("Quantas pessoas trabalham ali?", "pt", "number"),
    ("Wie leidt het bedrijf?", "nl", "person"),
    ("Hoeveel kost het kaartje?", "nl", "amount"),
    ("Waar staat de molen?", "nl", "place"),
]


@pytest.mark.parametrize(("question", "language", "kind"), CASES)
def test_kind_by_question_words(question: str, language: str, kind: str) -> None:
    assert analyse_question(question, language).kind == kind
    assert kind in KINDS


def test_words_names_focus_and_quantities() -> None:
    asked = analyse_question("Quel pays a commandé 300 drones à AeroNord en 2024 ?", "fr")
    assert asked.focus == "pays"
    assert asked.names == ("aeronord",)
    assert asked.words == ("pays", "commande", "300", "drones", "aeronord", "2024")
    assert [(q.value, q.unit) for q in asked.quantities] == [(300, ""), (2024, "year")]


def test_identifiers_with_digits_are_one_word() -> None:
    assert "o3" in analyse_question("Les testeurs préfèrent-ils o3-pro à o3 ?", "fr").words


@pytest.mark.parametrize(
    ("question", "several"),
    [("Quels fonds investissent ?", True), ("Quel fonds investit ?", False)],
)
def test_lists_are_recognised(question: str, several: bool) -> None:
    assert analyse_question(question, "fr").several is several


def test_comparison() -> None:
    assert analyse_question("Le train coûte-t-il plus que l'avion ?", "fr").comparison
    assert not analyse_question("Combien coûte le train ?", "fr").comparison


def test_a_question_of_marks_alone_has_no_words() -> None:
    assert analyse_question("???", "fr").words == ()


@pytest.mark.parametrize(
    ("query", "asks"),
    [
        ("Quel modèle Mistral a lancé", True),
        ("Quelle est la stratégie de Meta", True),
        ("« Que prépare Apple »", True),
        ("What did Google announce", True),
        ("Welches Modell hat Mistral veröffentlicht", True),
        ("¿Cuánto vale Mistral", True),
        ("Mistral vaut combien ?", True),
        ("Mistral？", True),
        ("lunettes connectées de Meta", False),
        ("War in Ukraine", False),
        ("Come back of Nokia", False),
        ("nom de domaine", False),
        ("65 milliards", False),
        ("...", False),
    ],
)
def test_a_query_asks_by_its_mark_or_its_first_word(query: str, asks: bool) -> None:
    assert is_question(query) is asks


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("Meta doubled its spending.", True),
        ("“Meta doubled its spending!”", True),
        ("Meta has doubled what it spends on glasses and servers this year", True),
        ("Meta glasses spending", False),
        ("Did Meta double its spending this year, or was it Google who did so?", False),
        ("...", True),
        ("", False),
    ],
)
def test_a_statement_is_a_whole_sentence_that_asks_nothing(query: str, states: bool) -> None:
    assert is_statement(query) is states


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Que vaut Mistral aujourd'hui ?", "fr"),
        ("Que vaut actuellement Mistral ?", "fr"),
        ("What is Mistral worth today?", "en"),
        ("Was ist Mistral heute wert?", "de"),
        ("¿Cuánto vale hoy Mistral?", "es"),
    ],
)
def test_words_of_now_are_no_words_of_a_question(question: str, language: str) -> None:
    words = set(analyse_question(question, language).words)
    assert "mistral" in words
    assert words.isdisjoint({"aujourd", "hui", "actuellement", "today", "heute", "hoy"})


def test_what_is_written_in_capitals_is_no_stopword() -> None:
    assert "ai" in analyse_question("How much will Meta spend on AI?", "en").words
    assert "us" in analyse_question("What did the US decide?", "en").words
    assert "ai" not in analyse_question("Où ai-je lu cela ?", "fr").words
    assert "ai" not in analyse_question("OÙ AI-JE LU CELA ?", "fr").words
