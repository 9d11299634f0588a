"""What a sentence says of its subject: its worth, its price, how much it raised, who leads it.

A sentence may hold several figures of one unit, and issues tell figures of one company that are no
versions of each other. The words beside a figure tell which is which, in seven languages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from rag.quantities import Quantity
from rag.types import Span
from rag.words import fold_text

# Each row: a relation and the words that tell it, folded, as they begin ("*") or whole. A word may
# tell several.
_ROWS = """
worth: valoris* valeur vaut valent valait valaient valu vaudra* valoir evalue* capitalis* pese
 pesent peser pesait pesera circulation cours worth valuation valued values bewert* wert vale valen
 valer valora* valoracion capitaliz* valutazion* valutat* avaliacao avaliad* waard waardering
raised: lever leve levee levees levent levera leverait levait tour recolt* recueill* encaiss*
 apport* rapporte rapporter raise raises raised raising funding round eingesammelt sammelt
 einsammel* finanzierungsrunde recaud* ronda raccol* capta captou captar angariou opgehaald ophaal*
spent: invest* depens* consacr* budget* mobilis* alloue* allouer engage engagera engager engagent
 facture englout* debours* apport* injecte* met mettra mettre mise place brule brules spend
 spending spends spent ausgeb* ausgaben gibt inviert* invertir* invirtio gasta gastar* gasto spes*
 spende spendere investe gastou uitgave* uitgeven geeft
price: prix tarif* cout* revient facture facturee facturent vendu vendue vendra vendrait price*
 cost costs costing priced preis* kost* precio* cuesta* costara* costo costa costera prezzo preco
 custa* custo prijs abonnement subscription entree sortie input output
paid: empare emparer met mise mettre pay paid paye* paie paient paying rachet* rachat* acquer*
 acquis* achet* offre offrait offrir offert propose proposait proposition verse verser versera
 verses table buy buys buying bought acquire* bid bids offer* settle kauf* kaufte ubernahm*
 ubernehm* zahlt* zahlen bietet bezahlt compra* comprou pagou adquir* ofrec* paga* pago acquist*
 offert* offerta betaal* koopt kocht gekocht
lost: perd* perte* chut* recul* deficit* laisse laissent laissees laisser envole* evapor* baiss*
 fondre fondu lost lose loses losing loss losses fell drop* falls fallen verlor* verlier* verlust*
 perdi* perso perse perdita perdite verlies* verloor
sold: vend* vente ventes ecoul* exemplaire* paire paires preneur commercialis* sold sell* sales
 verkauf* vendit* venda vendas vendeu verkocht verkoop*
users: utilisat* abonn* habitue habitues inscrit* client* usager* telecharge* personnes user*
 subscri* customer* people nutzer* kunden menschen nutzen usuari* utent* gebruik* utilizador*
staff: salari* employ* effectif* ingenieur* poste postes emploi emplois collaborateur* personnes
 equipe equipes staff worker* workforce engineers jobs mitarbeiter* beschaftig* angestellte*
 ingenieure emplead* trabaja* ingeniero* dipendent* lavorano lavorator* funcionari* medewerker*
 personeel werknemer*
revenue: affaires recettes revenu revenus rapporte rapportent revenue* turnover umsatz* ingresos
 facturacion fatturat* ricavi receita* faturacao omzet
profit: benefice* profit* marge* gewinn* beneficio* utile utili lucro winst
fine: amende* condamn* sanction* fine fined fines penalty strafe bussgeld* multa* sanzion* boete
salary: salaire* gagn* remuner* paie salary earn* gehalt* verdien* sueldo salario* gana ganan
 stipendi* guadagn* ganha* salaris
age: age ages vieux vieille old aged alt edad eta idade oud
population: population* habitant* inhabitant* einwohner* poblacion abitant* popolazion* populacao
 inwoner*
area: superficie* surface* hectare* area flache superficie oppervlakte
weight: poids pese pesent peser pesait gramme* kilo kilos kilogramme* weigh* gewicht wiegt peso
 pesa weegt
founded: fonde fondee fondes fondees fonder fondation cree creee crees creees creer creation nee
 nes lance lancee installee found* created launched grund* gegrundet fundad* fundo fundada cread*
 fondat* creata creato nata nato criad* opgericht
born: nee naissance naquit born birth* geboren geburt* nacio nacid* nacimiento nato nata nacque
 nasc* geboorte*
energy: electri* energi* watt* kilowatt* megawatt* gigawatt* courant power strom* corriente
height: altitude hauteur haut taille mesure mesurent tall high height hoch hohe grosse altura alto
 alta altezza hoogte
speed: vitesse rapide rapides speed fast geschwindigkeit velocidad velocita snelheid
hour: heure heures horaire* uhr oclock hora ora ouvre ferme opens closes
water: eau eaux millilitre* litre* water wasser agua acqua
leader: dirig* patron* pdg ceo president* directeur* directrice* direttor* direttric* chef cheffe
 chief chairman chairwoman boss head heads tete maire mayor ministre minister geschaftsfuhrer*
 vorstand* leitet leiter* director directora jefe jefa amministratore presidente guida capo
 bestuursvoorzitter baas leidt
"""
# What no figure tells.
_ROLES = frozenset({"leader"})
# A figure of which other words tell more clearly than this tells of something else.
OTHER_RELATION = -0.3
# Over this many characters from a figure a word tells e times less of it.
_NARROWING = 25.0
# What counts as much as this many characters more.
_FOLLOWING, _JOINED = 10.0, 15.0
_AND = re.compile(r"\b(?:et|and|und|y|e)\b")
_WORD = re.compile(r"[^\W\d_]{3,}")
_UNITS = {
    "age": frozenset({"yr"}),
    "weight": frozenset({"g", "t"}),
    "area": frozenset({"m2"}),
    "founded": frozenset({"year", "date", "yr"}),
    "born": frozenset({"year", "date"}),
    "energy": frozenset({"Wh", "W", "%"}),
    "water": frozenset({"l"}),
    "height": frozenset({"m"}),
    "hour": frozenset({"h"}),
}
# Told of persons and companies as such: where nothing tells it, nothing answers.
PLAIN = frozenset(
    {"age", "born", "founded", "salary", "staff", "weight", "height", "area", "population", "speed"}
    | {"hour", "fine", "profit", "revenue", "leader"}
)
# Names of versions and products with a figure in them: o4-mini, GPT-5, H20.
_CODE = re.compile(r"\b[a-z]+(?:-?\d\w*|\w*\d\w*)(?:[-.]\w+)*")


def _read_rows() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return the relations of whole words and those of beginnings of words."""
    whole: dict[str, set[str]] = {}
    begun: dict[str, set[str]] = {}
    for row in re.split(r"\n(?=\w+:)", _ROWS.strip()):
        relation, _, words = row.partition(":")
        for word in words.split():
            table = begun if word.endswith("*") else whole
            table.setdefault(word.rstrip("*"), set()).add(relation)
    return (
        {word: frozenset(relations) for word, relations in whole.items()},
        {word: frozenset(relations) for word, relations in begun.items()},
    )


_WHOLE, _BEGUN = _read_rows()
_SHORTEST = min(map(len, _BEGUN))


@lru_cache(50_000)
def _look_up(word: str) -> frozenset[str]:
    found = _WHOLE.get(word, frozenset())
    for length in range(_SHORTEST, len(word) + 1):
        found |= _BEGUN.get(word[:length], frozenset())
    return found


@lru_cache(4096)
def list_relations(text: str) -> dict[str, tuple[Span, ...]]:
    """Return the relations that the words of `text` tell, each with the words that tell it.

    >>> list_relations("Combien vaut Mistral ?")
    {'worth': (Span(start=8, end=12),)}
    """
    found: dict[str, tuple[Span, ...]] = {}
    for match in _WORD.finditer(fold_text(text)):
        for relation in _look_up(match[0]):
            found[relation] = (*found.get(relation, ()), Span(*match.span()))
    return found


def ask_relations(question: str, focus: str) -> frozenset[str]:
    """Return the relations that `question` asks for: those of its noun `focus` (« quelle
    valorisation »), else those of all its words."""
    return frozenset(list_relations(focus) or list_relations(question))


def fits_units(relations: Iterable[str], quantity: Quantity) -> bool:
    """Say whether `quantity` may tell one of `relations`: an age is not in euros."""
    wanted = frozenset(relations) - _ROLES
    return not wanted or any(
        relation not in _UNITS or quantity.unit in _UNITS[relation] for relation in wanted
    )


def tell_relation(relations: Iterable[str], sentence: str, quantity: Quantity) -> float:
    """Return how near to `quantity`, a figure of `sentence`, the words stand that tell one of
    `relations`: 1 beside it, 0 where none is told, below 0 (to -1) where others stand nearer."""
    wanted = frozenset(relations) - _ROLES
    if not wanted:
        return 0.0
    start = max(sentence.rfind(mark, 0, quantity.start) for mark in ";•") + 1
    end = min(
        (at for mark in ";•" if (at := sentence.find(mark, quantity.end)) >= 0),
        default=len(sentence),
    )
    told = list_relations(sentence)
    asked = {word for relation in wanted for word in told.get(relation, ())}
    own = other = 0.0
    words = (words for relation, words in told.items() if relation not in _ROLES)
    for word in {word for told_by in words for word in told_by}:
        if start <= word.start < end:
            nearness = math.exp(-_measure_gap(sentence, word, quantity) / _NARROWING)
            if word in asked:
                own = max(own, nearness)
            else:
                other = max(other, nearness)
    return own if own >= other else own - other


def _measure_gap(sentence: str, word: Span, quantity: Quantity) -> float:
    """Return how far a word stands from a figure, in characters: what follows the figure, or is
    joined to it by an "and", tells less of it."""
    if word.start < quantity.start:
        between, gap = sentence[word.end : quantity.start], 0.0
    else:
        between, gap = sentence[quantity.end : word.start], _FOLLOWING
    return gap + len(between) + _JOINED * len(_AND.findall(fold_text(between)))


@lru_cache(4096)
def list_codes(text: str) -> frozenset[str]:
    """Return the names with figures in `text`, folded.

    >>> sorted(list_codes("o4-mini coûte moins que GPT-5"))
    ['gpt-5', 'o4-mini']
    """
    return frozenset(_CODE.findall(fold_text(text)))
