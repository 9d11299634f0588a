"""Words that stand for each other in letters on technology and business: acronyms first of all."""

from __future__ import annotations

from functools import cache

from rag.words import fold_text, stem_word

# A row holds words, folded, any of which may stand where another is asked for. Of what an acronym
# stands for, the row has the word that tells: « artificielle » for « intelligence artificielle ».
_ROWS = """
ia ai ki artificielle artificiel artificial kunstliche kunstlicher artificiale
vr rv virtuelle virtual
ar ra augmentee augmented
ue eu union
ipo bourse cotation
pdg ceo patron dirigeant
llm llms langage
datacenter datacenters datacentre datacentres donnees serveurs
puce puces chip chips processeur processeurs
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
