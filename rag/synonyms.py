"""Words that stand for each other in letters on technology and business: acronyms first of all."""

from __future__ import annotations

from functools import cache

from rag.words import fold_text

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
"""


@cache
def _load_rows() -> dict[str, tuple[str, ...]]:
    rows = [line.split() for line in _ROWS.split("\n")]
    return {word: tuple(w for w in row if w != word) for row in rows for word in row}


def find_synonyms(word: str) -> tuple[str, ...]:
    """Return the words, folded, that may stand for `word`; none for most.

    >>> find_synonyms("Tarif")
    ('prix', 'tarifs')
    """
    return _load_rows().get(fold_text(word), ())
