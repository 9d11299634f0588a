"""What a question asks for, read from its question words in seven languages.

The rules are a table of patterns over the folded question; the first that matches gives the kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.asking import ASKING, NOW
from rag.quantities import Quantity, find_quantities
from rag.synonyms import replace_turns
from rag.words import fold_text, split_words, tokenise

Kind = Literal[
    "reason", "share", "duration", "year", "date", "amount", "number", "place", "person",
    "organisation", "name", "definition", "yes_no", "manner", "thing",
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "reason", "share", "duration", "year", "date", "amount", "number", "place", "person",
    "organisation", "name", "definition", "yes_no", "manner", "thing",
)  # fmt: skip
# What a short answer of a kind has as its unit; "" is a bare number.
_CURRENCIES = frozenset({"EUR", "USD", "GBP", "JPY", "CNY", "CHF", "BTC"})
# The kinds that a name answers.
NAMED_KINDS = frozenset({"person", "organisation", "place", "name"})
# Names of a field rather than of somebody in it: of what is spoken, not of whom.
FIELDS = frozenset({"ia", "ai", "ki"})
UNITS_OF_KIND: dict[Kind, frozenset[str]] = {
    "amount": _CURRENCIES,
    "share": frozenset({"%", "x", "pt"}),
    "year": frozenset({"year", "date"}),
    "date": frozenset({"year", "date"}),
    "duration": frozenset({"yr", "month", "week", "day", "h", "min", "s"}),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its turns of phrase replaced (`replace_turns`), and what it asks for.

    `kind` is the kind of answer; `several` is True where it asks for a list, `comparison` where it
    compares. `words` are its content words, folded, in order; `names` those written as names,
    folded; `focus` the folded noun that says what is asked ("pays" in « quel pays »), or "".
    `quantities` are the numbers it mentions.
    """

    text: str
    language: str
    kind: Kind
    several: bool
    comparison: bool
    words: tuple[str, ...]
    names: tuple[str, ...]
    focus: str
    quantities: tuple[Quantity, ...]


_WHICH = (
    r"(?:quel(?:le)?s?|lequel|laquelle|what|which|welche[rsmn]?|cual(?:es)?|que|quale|quali|che"
    r"|qual|quais|welke?)"
)
_NOUN_PHRASE = (
    r"(?:(?:est|sont|etait|sera|is|are|was|ist|war|es|e) )?"
    r"(?:(?:le|la|les|the|der|die|das|el|il|lo|o|a|de|het) |l')?(?:\w+ )?"
)
_MONEY = (
    r"(?:montant|somme|prix|cout|couts|tarif|chiffre d'affaires|valorisation|budget|salaire"
    r"|revenus?|benefices?|dette|capitalisation|loyer|amende|depenses?|investissements?"
    r"|recettes|amount|price|cost|costs|revenue|valuation|salary|profit|debt|fine|sum|spending"
    r"|betrag|preis|kosten|umsatz|bewertung|gehalt|gewinn|summe|strafe|importe|precio|coste"
    r"|costo|ingresos|valoracion|salario|multa|suma|cantidad de dinero|importo|prezzo"
    r"|fatturato|valutazione|stipendio|somma|valor|preco|custo|receita|faturacao|avaliacao"
    r"|bedrag|prijs|omzet|waardering|salaris)"
)
_SPEND = (
    r"(?:cout|invest|invert|depens|lev[eé]|pay|val|rapport|vers|rachet|achet|gagn|factur"
    r"|vendu pour|offr|met|financ|engag|cost|spend|spent|raise|worth|earn|bid|offer|kost|zahlt"
    r"|gib|ausgib|wert|cuest|costo|cobra|gast|pag|vale|recaud|costa|spend|custa|investe|betaal"
    r"|waard)"
)
_PLACES = (
    r"(?:pays|villes?|regions?|endroits?|lieux?|continents?|etats?|capitales?|departements?|iles?"
    r"|country|countries|city|cities|town|place|places|location|continent|land|lander|stadt|ort"
    r"|stadte|pais|paises|ciudad|ciudades|lugar|region|paese|paesi|citta|luogo|cidade|stad|plaats)"
)
_ORGANISATIONS = (
    r"(?:entreprises?|societes?|compagnies?|start-?ups?|banques?|medias?|journal|journaux"
    r"|fonds|organisations?|organismes?|universites?|constructeurs?|cabinets?|laboratoires?"
    r"|groupes?|institutions?|agences?|editeurs?|operateurs?|fabricants?|partis?|associations?"
    r"|clubs?|firmes?|compan(?:y|ies)|firms?|banks?|outlets?|newspapers?|organi[sz]ations?"
    r"|universit(?:y|ies)|agenc(?:y|ies)|manufacturers?|investors?|unternehmen|firma|bank"
    r"|zeitung|organisation|empresas?|banco|medio|periodico|organizacion|aziend[ae]|societa"
    r"|banca|giornale|banco|bedrijf|bedrijven|investisseurs?|partenaires?|fournisseurs?)"
)
_PEOPLE = (
    r"(?:personnes?|homme|femme|president|presidente|pdg|ceo|patron|dirigeants?|fondateurs?"
    r"|auteurs?|chercheurs?|ministre|directeur|directrice|acteur|actrice|chanteu[rs]e?|roi|reine"
    r"|person|man|woman|chairman|founders?|author|minister|director|researchers?|mann|frau|grunder"
    r"|autor|ministro|presidente|fundador|fondatore|autore|persona|oprichter)"
)
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (
        "reason",
        r"\b(pourquoi|why|how come|warum|wieso|weshalb|por ?que|perche|waarom)\b"
        rf"|\b{_WHICH} {_NOUN_PHRASE}(raisons?|causes?|motifs?|reasons?|grund|grunde|motivos?"
        r"|razon|razones|reden)\b",
    ),
    (
        "share",
        rf"\b{_WHICH} {_NOUN_PHRASE}(part|pourcentage|proportion|taux|fraction|share|percentage"
        r"|rate|anteil|prozentsatz|quote|porcentaje|proporcion|tasa|percentuale|quota|tasso"
        r"|percentagem|porcentagem|taxa|percentage|aandeel)\b|\b(how much|combien|wie ?viel"
        r"|cuanto|quanto|hoeveel) (de )?(pour cent|percent|prozent|por ciento|per cento"
        r"|procent)\b|\bwhat percent",
    ),
    (
        "duration",
        r"\b(combien de temps|combien d'annees?|how long|wie lange|cuanto tiempo|quanto tempo"
        r"|hoe ?lang|(?:combien de|how many|wie viele|cuant[oa]s|quant[ie]|quantos|quantas"
        r"|hoeveel) (?:jours|mois|semaines|heures|minutes|days|months|weeks|years|hours|tage"
        r"|monate|wochen|jahre|stunden|dias|meses|anos|semanas|horas|giorni|mesi|anni|ore"
        r"|dagen|maanden|jaren|uur))\b|\b(quelle|what|welche) (est la )?(duree|duration"
        r"|dauer)\b|\b(?:quelle heure|what time|wie viel uhr|que horas?|che ora|hoe laat)\b",
    ),
    (
        "year",
        r"\b(?:quel(?:le)?s?|what|which|welche[mns]?|que|che|quale|qual|welk) (annee|year|jahr"
        r"|ano|anno|jaar)s?\b",
    ),
    (
        "date",
        r"\b(quand|when|wann|cuando|quando|wanneer)\b|\b(?:quel(?:le)?s?|what|which"
        r"|welche[mnrs]?|que|che|quale|qual|welke?|cual) (?:est |is |es |e )?(?:la |the |el "
        r"|il )?(date|jour|mois|siecle|epoque|periode|day|month|century|datum|tag|monat"
        r"|jahrhundert|fecha|dia|mes|siglo|data|giorno|mese|secolo|dag|maand|eeuw)\b",
    ),
    (
        "amount",
        rf"\b{_WHICH} {_NOUN_PHRASE}{_MONEY}\b|\ba combien s'eleve|\b(?:combien|how much"
        rf"|wie ?viel|cuanto|quanto|hoeveel)\b(?!(?: de| d'| of)).*\b{_SPEND}|\b(combien"
        r"|how much|wie ?viel|cuanto|quanto|hoeveel) (?:de |d'|of )?(dollars|euros?|argent"
        r"|money|geld|dinero|soldi|dinheiro|milliards|millions)\b",
    ),
    (
        "number",
        r"\b(combien|how many|how much|wie ?viele?[nr]?|cuant[oa]s?|quant[oiae]s?|hoeveel)\b"
        rf"|\b{_WHICH} {_NOUN_PHRASE}(nombre|quantite|effectifs?|population|superficie|taille"
        r"|hauteur|longueur|vitesse|distance|temperature|age|score|number|quantity|size|height"
        r"|speed|anzahl|menge|zahl|einwohnerzahl|numero|cantidad|poblacion|quantita"
        r"|popolazione|populacao|quantidade|aantal|puissance|poids|capacite|consommation)\b"
        r"|\bhow (old|big|far|large|fast|tall|high)\b",
    ),
    (
        "place",
        rf"\b(where|wo|wohin|woher|donde|adonde|dove|onde|waar)\b|\b{_WHICH} (?:(?:est|sont|is"
        rf"|are|ist|es|e) )?(?:(?:le|la|les|the) )?(?:\w+ )?{_PLACES}\b",
    ),
    (
        "organisation",
        rf"\b{_WHICH} (?:(?:est|sont|is|are|ist|es|e) )?(?:(?:le|la|les|the"
        rf"|l') ?)?(?:\w+ )?{_ORGANISATIONS}\b",
    ),
    (
        "person",
        rf"\b{_WHICH} (?:(?:est|sont|is|are|ist|es|e) )?(?:(?:le|la|les|the|l') ?)?{_PEOPLE}\b",
    ),
    (
        "name",
        r"\b(comment (?:s'appell|se nomm|appell|nomm)\w*|called|heisst|heissen|heet|se llam\w*"
        r"|si chiam\w*|se cham\w*)\b|\b(nom|noms|name|names|namen?|nombre del?|nome|naam)\b",
    ),
    (
        "person",
        r"\b(qui|who|whom|whose|wer|wen|wem|quien|quienes|chi|quem)\b",
    ),
    (
        "definition",
        r"\bqu'est[- ]ce (?:que c'est|qu(?:e |'))|\bc'est quoi\b|^(?:what is|what are|was ist"
        r"|was sind|que es|que son|(?:che )?cos'e|o que e|wat is) (?:an? |the |un |une |ein "
        r"|eine )?[\w.'-]+(?: [\w.'-]+)? ?\??$|\b(?:definition|signifie|means?|bedeutet)\b",
    ),
    (
        "yes_no",
        r"^(?:est-ce qu|is|are|was|were|do|does|did|has|have|had|will|can|could|should|would"
        r"|ist|sind|hat|haben|wird|werden|kann|war|waren|gibt|es (?!que)|son|ha|han|tiene|esta"
        r"|estan|puede|sono|hanno|puo|sao|tem|foi|zijn|heeft|wordt|werd)\b|^(?!.*\b(?:quel"
        r"|quelle|quels|quelles|que|quoi|comment|lequel|laquelle)\b)(?:[^?]*)-(?:t-)?(?:il"
        r"|elle|ils|elles|on|ce|vous|tu)\b",
    ),
    (
        "manner",
        r"\b(comment|how|wie|como|come|hoe|de quelle (?:maniere|facon))\b",
    ),
)
_KIND = [(kind, re.compile(pattern)) for kind, pattern in _PATTERNS]
_WHERE_FRENCH = re.compile(r"(?:^|[\s,;])[oO][ùÙ]\b|^[oO]u\b")
_DUTCH_WHO = re.compile(r"^(?:met |van |door )?wie\b")
_SEVERAL = re.compile(
    r"\b(quels|quelles|lesquel(?:le)?s|citez|list(?:e|ez)?|enumer\w+|what are|which (?:two|three)"
    r"|who are|welche|wer sind|cuales|quienes|quali|quais|chi sono|quem sao|welke|wie zijn"
    r"|which \w+s (?:are|were|have|do|did|will))\b|\bqui sont\b|\bwhich \w+(?<!s)(?<!y)s\b"
)
_COMPARISON = re.compile(
    r"\b(plus|moins|autant|davantage|mieux|more|less|fewer|greater|better|mehr|weniger|mas"
    r"|menos|piu|meno|mais|meer|minder)\b.*\b(que|qu|than|als|di|dan|do que)\b|\bcompare"
    r"|\bvs\b|\bversus\b"
)
_FOCUS = re.compile(
    r"\b(?:quel(?:le)?s?|which|what|welche[rsmn]?|cual(?:es)?|que|quale|quali|qual|quais|welke?"
    r"|combien d[e']|how many|how much|wie ?viele?|cuant[oa]s|quant[ie]|quant[oa]s|hoeveel)"
    r" ?(?:(?:est|sont|is|are|was|ist|es|son|e|sono|sao)\b ?)?"
    r"(?:(?:le|la|les|the|der|die|das|el|il|lo|o|a|de|het|un|une|an?) |l'|d')?([^\W\d_]+)"
)
# Few who give words to search with give as many.
_SENTENCE_WORDS = 10
# Words that open a question; those left out open other things too: "Come back", "Por la paz".
_OPENERS = {fold_text(word) for words in ASKING.values() for word in words} | {"qu"}
_OPENERS -= {"come", "por", "much", "many", "viel", "viele", "veel"}
# Function words of the seven languages, the words that only ask and those of now.
STOPWORDS = frozenset(
    """
a aan aber about afin after ai aie ainsi ait al algo all alla alle alors als also am an anche and
ante any ao aos appelle apres are as at ate au auch aucun auf aus aussi autre aux avait avant avec
avez avoir be been before bei being bij bis but by c can car ce ceci cela celle celui ces cet
cette che chez chi ci com combien come comme comment como con contra cosa could cual cuales cuando
cuanta cuantas cuanto cuantos cui d da dagli dai dal dalla damit dan dans das dass dat de degli
dei del della delle dem den depuis der des desde deze di did die dies diese dieser dieses dit do
doch does doit donc donde dont door dos dove du durch e ed een ein eine einem einen einer eines el
ela ele ella elle elles ellos em en encore entre er era eran es esa ese eso essa esse essere est
esta estan este esto et etaient etait ete etre eu eux fait foi for foram from fue fueron fur gegen
gibt gli ha had han hanno has hasta hat hatte have hay he hebben heeft her het hij his hoe hoeveel
how hun i ich ihr ik il ils im in into io is isso ist it its ja je jusqu jusque just kan kann l la
laquelle las le lei lequel les leur leurs lo loro lors los lui m ma maar mais many mas may me meer
meme mes met mijn mit moi mon more most much must muy my n na naar nach nao nas ne nel nella nelle
ni nicht niet no noch nog noi nomme non nos not notre nous nu nur o oder of off ohne om on onder
one only ont ook op or os ou our out over par para pas pela pelo pendant per perche pero peut piu
plus por porque pour pourquoi qu quais qual quale quali quand quando quanta quantas quante quanti
quanto quantos que quel quelle quelles quels quem qui quien quienes quoi s sa sans se segun sein
seine selon sem ser sera ses seu seus she should si sich sie sin sind so sobre some son sono sont
sous sta stato su sua suas such sue sul sulla suo sur sus t ta tambem te tel tem tes than that the
their them then there these they this those tiene to todo toi ton too tot tous tout toute toutes
tra tres tu tutti uber uit um uma un una und under une uno unos uns unter up va van veel vers viel
viele vom von vont voor vor vos votre vous waar waarom wann wanneer warum was wat we welche
welchem welchen welcher welches welk welke wenn wer werd were what when where which while who whom
whose why wie wij will wird with wo worden wordt would wurde wurden y ya you your zal ze zich zij
zijn zo zou zu zum zur
""".split()
).union(*NOW.values())


def is_measured(question: Question) -> bool:
    """Say whether `question` asks for a figure."""
    return question.kind in UNITS_OF_KIND or question.kind == "number"


def is_question(query: str) -> bool:
    """Say whether `query` asks, by its mark or its first word, rather than names what is sought."""
    first = next((word for word in split_words(query)[0] if word.isalpha()), "")
    return "?" in query or "？" in query or first in _OPENERS


def is_statement(query: str) -> bool:
    """Say whether `query` is a whole sentence that asks nothing: what is sought is told alike."""
    closed = query.rstrip(" \"'”»)").endswith((".", "!", "…"))
    return not is_question(query) and (closed or len(query.split()) >= _SENTENCE_WORDS)


def analyse_question(question: str, language: str | None = None) -> Question:
    """Return what `question` asks for. `language` is detected where it is not given."""
    if language is None:
        from rag.language import detect_language

        language = detect_language(question)
    question = replace_turns(question)
    folded = " ".join(fold_text(question).lstrip(" ¿¡\"'-").split())
    tokens = tokenise(question)
    shouted = question.isupper()
    words = [
        t
        for t in tokens
        if t.folded[0].isalnum()
        and (t.folded not in STOPWORDS or (not shouted and _is_acronym(question[t.start : t.end])))
    ]
    first = next((t.start for t in tokens if t.folded[0].isalnum()), 0)
    focus = _FOCUS.search(folded)
    return Question(
        text=question,
        language=language,
        kind=_find_kind(question, folded, language),
        several=bool(_SEVERAL.search(folded)),
        comparison=bool(_COMPARISON.search(folded)),
        words=tuple(t.folded for t in words),
        names=tuple(
            t.folded
            for t in words
            if _is_name(question[t.start : t.end], t.start == first, language)
        ),
        focus=focus[1] if focus and focus[1] not in STOPWORDS else "",
        quantities=tuple(find_quantities(question, language)),
    )


def _find_kind(question: str, folded: str, language: str) -> Kind:
    if language == "nl" and _DUTCH_WHO.search(folded):
        return "person"
    for kind, pattern in _KIND:
        if kind == "place" and language == "fr" and _WHERE_FRENCH.search(question):
            return "place"
        if pattern.search(folded):
            return kind
    return "thing"


def _is_acronym(word: str) -> bool:
    """Say whether a word is written as no stopword is: AI is not « ai », nor US "us"."""
    return len(word) > 1 and word.isalpha() and word.isupper()


def _is_name(word: str, first: bool, language: str) -> bool:
    if any(char.isupper() for char in word[1:]):
        return True
    return word[0].isupper() and not first and language != "de"
