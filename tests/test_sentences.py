from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import split_sentences


def read(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "M. Dupont propose 97,4 milliards à Mme. Durand.",
        "J.D. Vance et J. R. Martin ont vu le Dr. No.",
        "Le modèle 3.5 coûte 1.500 euros par mois.",
        "Together.ai et Comand.ai sont des sites.",
        "Eric Schmidt… – rencontreront les Français.",
        "Il a dit : « Non. Jamais. », puis il est parti.",
        "« Il faut agir. Vite ! », dit-il.",
        "Apple Inc. Chief Executive Tim Cook spoke, e.g. in the U.S. Senate.",
        "Am 3. März kam der 2. Weltkrieg, z.B. Nr. 5 der Liste.",
        "La Sra. García y el Sr. López firmaron.",
        "Qui ? demanda-t-il.",
        "Vol. 3, p. 12 et art. 5 du code.",
        "1. Un point de la liste",
        "Yahoo! et les autres",
    ],
)
def test_no_border_inside(sentence: str) -> None:
    assert read(f"Avant cela. {sentence}") == ["Avant cela.", sentence]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Un fait. Un autre ! Un troisième ?", ["Un fait.", "Un autre !", "Un troisième ?"]),
        ("Double piste.Le chemin reste long.", ["Double piste.", "Le chemin reste long."]),
        ("En 2025. Le reste suit.", ["En 2025.", "Le reste suit."]),
        ("Il vaut 16 %. xAI suit.", ["Il vaut 16 %.", "xAI suit."]),
        ("C'est dit… Puis rien.", ["C'est dit…", "Puis rien."]),
        ("« Un point. Un second. »", ["« Un point.", "Un second. »"]),
        ("Il dit « oui ». Elle part.", ["Il dit « oui ».", "Elle part."]),
        ("« C'est fini. » Elle part.", ["« C'est fini. »", "Elle part."]),
        ("Café ☕. 🧨 Au menu : rien.", ["Café ☕.", "🧨 Au menu : rien."]),
        ("¿Qué? ¡Nada! Fin.", ["¿Qué?", "¡Nada!", "Fin."]),
        ("Titre\nTexte sans point\n\n  • Puce un\n  • Puce deux. Fin.",
         ["Titre", "Texte sans point", "Puce un", "Puce deux.", "Fin."]),
    ],
)  # fmt: skip
def test_borders(text: str, sentences: list[str]) -> None:
    assert read(text) == sentences


def test_wrapped_lines_are_one_sentence() -> None:
    text = (
        "The plan of the company, which nobody had expected this year, costs\n"
        "65 billion dollars. It begins in 2026."
    )
    assert read(text) == [text[: text.index(" It")], "It begins in 2026."]


@given(st.text(alphabet="abÀ .!?…«»“”\"'’()\n•-0,;:", max_size=300))
def test_sentences_are_stripped_in_order_and_hold_every_word(text: str) -> None:
    position = 0
    for span in split_sentences(text):
        assert position <= span.start < span.end
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        assert not any(c.isalnum() for c in text[position : span.start])
        position = span.end
    assert not any(c.isalnum() for c in text[position:])
