"""Words that stand for each other in letters on technology and business, and turns of phrase that
stand for a word."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from rag.words import fold_text, stem_word

# French words in rows, any of which says nearly the same: too many, and too near to other meanings,
# to be searched, but sentences are compared by them.
_THESAURUS = Path(__file__).parent / "thesaurus.txt"
# A row holds words, folded, any of which may stand where another is asked for. Of what an acronym
# stands for, the row has the word that tells: « artificielle » for « intelligence artificielle ».
_ROWS = """
ia ai ki artificielle artificiel artificial kunstliche kunstlicher artificiale
vr rv virtuelle virtual
ar ra augmentee augmented
ue eu union
ipo bourse cotation
pdg ceo patron dirigeant diriger president chief boss leads
llm llms langage
datacenter datacenters datacentre datacentres donnees serveurs
puce puces chip chips processeur processeurs semiconducteur semiconducteurs
appli application app
prix tarif tarifs
salaries employes effectifs
abonnes abonnements
cryptos cryptoactifs cryptomonnaies
investir depenser consacrer allouer engager
vendre vendu vendue vendus vendues ecouler
fonder creer
embaucher recruter
valoriser valorisation valoir vaut valeur
mois mensuel monthly
usagers utilisateurs users
royaume britannique anglais british
etats americain american
neerlandais hollande dutch
allemagne allemand german germany
france francais french
chine chinois chinese china
japon japonais japanese japan
espagne espagnol spanish spain
italie italien italian italy
inde indien indian india
coree coreen korean korea
suede suedois swedish sweden
norvege norvegien norwegian norway
suisse swiss switzerland
"""


@cache
def _load_rows() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for row in (line.split() for line in _ROWS.split("\n")):
        for word in row:
            others = {other: None for other in row if stem_word(other) != stem_word(word)}
            for key in (word, stem_word(word)):
                found.setdefault(key, {}).update(others)
    return {key: tuple(others) for key, others in found.items()}


def find_synonyms(word: str) -> tuple[str, ...]:
    """Return the words, folded, that may stand for `word`, whatever its ending; none for most.

    >>> find_synonyms("embauché")
    ('recruter',)
    """
    folded = fold_text(word)
    found = _load_rows().get(folded) or _load_rows().get(stem_word(folded), ())
    return tuple(word for word in found if word != folded)


@cache
def _load_thesaurus() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for row in _THESAURUS.read_text(encoding="utf-8").splitlines():
        stems = dict.fromkeys(map(stem_word, row.split()))
        for stem in stems:
            found.setdefault(stem, {}).update(stems)
    return {stem: tuple(other for other in near if other != stem) for stem, near in found.items()}


def list_near(stem: str) -> tuple[str, ...]:
    """Return the stems of French words that say nearly the same as a French word's `stem`: a
    reader's word for the letter's. None for most; see thesaurus.txt."""
    return _load_thesaurus().get(stem, ())


_OF = r"(?= (?:d'|d(?:e|u|es)\b))"
# What newspapers and people say for a word, folded, and the word.
_TURNS = (
    (rf"\b(?:a la tete|aux commandes|aux manettes|a la barre){_OF}", "dirigeant"),
    (rf"\btient les renes{_OF}", "dirige"),
    (r"\b(?:vu|voir|voit|verra|voient|vit) le jour\b", "cree"),
    (r"\b(?:jetons?|monnaies?) stables?\b", "stablecoins"),
    (r"\binformatique (?:en nuage|dans les? nuages?)\b", "cloud"),
    (r"\bd?'?outre-manche\b", " britannique"),
    (r"\bd?'?outre-atlantique\b", " americain"),
    (r"\bd?'?outre-rhin\b", " allemand"),
    (r"\bbillet vert\b", "dollar"),
    (r"\bempire du milieu\b", "Chine"),
    (r"\bwho (?:heads|is (?:in charge|at the (?:helm|head)|the head) of)\b", "who leads"),
    (r"\bwho runs(?= (?!fast)[\w.-]+ ?\?*$)", "who leads"),
)
_TURN = re.compile("|".join(f"({turn})" for turn, _ in _TURNS))


def replace_turns(text: str) -> str:
    """Return `text`, a question, with turns of phrase replaced by the word they stand for.

    >>> replace_turns("Qui est à la tête de Bullish ?")
    'Qui est dirigeant de Bullish ?'
    """
    parts, end = [], 0
    for match in _TURN.finditer(fold_text(text)):
        parts += [text[end : match.start()], _TURNS[(match.lastindex or 1) - 1][1]]
        end = match.end()
    return "".join([*parts, text[end:]])
