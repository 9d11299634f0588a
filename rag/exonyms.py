"""Names that change with the language: countries, their people, cities, institutions.

Countries come from the Unicode locale data (CLDR, by way of Babel); the rest is a table.
"""

from __future__ import annotations

import re
from functools import cache

from rag.words import fold_text

# French first, then the other spellings; what differs only by case or accents is not repeated.
_CITIES = (
    "londres/london/londra/londen",
    "pékin/beijing/peking/pechino/pequim",
    "moscou/moscow/moskau/moscú/mosca/moscovo/moskou",
    "bruxelles/brussels/brüssel/bruselas/bruxelas/brussel",
    "munich/münchen/monaco di baviera/munique",
    "genève/geneva/genf/ginebra/ginevra/genebra",
    "vienne/vienna/wien/viena/wenen",
    "varsovie/warsaw/warschau/varsovia/varsavia",
    "copenhague/copenhagen/kopenhagen/copenaghen",
    "lisbonne/lisbon/lissabon/lisboa/lisbona",
    "athènes/athens/athen/atenas/atene/athene",
    "le caire/cairo/kairo/el cairo/il cairo",
    "séoul/seoul/seúl/seul/seoel",
    "milan/mailand/milán/milano/milão/milaan",
    "rome/rom/roma",
    "turin/torino/turín/turim",
    "cologne/köln/colonia/colônia/keulen",
    "francfort/frankfurt/fráncfort/francoforte",
    "la haye/the hague/den haag/la haya/l'aia/haia",
    "anvers/antwerp/antwerpen/amberes/anversa/antuérpia",
    "dubaï/dubai",
    "abou dhabi/abu dhabi/abu dabi",
    "new delhi/neu-delhi/nueva delhi/nuova delhi/nova deli",
    "bombay/mumbai",
    "prague/prag/praga/praag",
    "berlin/berlín/berlino/berlim/berlijn",
    "paris/parís/parigi/parijs",
    "stockholm/estocolmo/stoccolma",
    "zurich/zürich/zúrich/zurigo/zurique",
    "tokyo/tokio/tóquio",
    "kiev/kyiv/kiew/kyjiw/kiiv",
    "jérusalem/jerusalem/jerusalén/gerusalemme/jerusalém/jeruzalem",
    "barcelone/barcelona/barcellona",
    "lyon/lyons/lione",
    "marseille/marseilles/marsella/marsiglia/marselha",
    "nice/nizza/niza",
    "strasbourg/straßburg/estrasburgo/strasburgo/straatsburg",
    "californie/california/kalifornien/californië",
    "floride/florida",
    "virginie/virginia",
    "la nouvelle-orléans/new orleans",
    "bavière/bavaria/bayern/baviera/beieren",
    "europe/europa",
    "afrique/africa/afrika/áfrica",
    "asie/asia/asien/azië/ásia",
)
_INSTITUTIONS = (
    "union européenne/european union/europäische union/unión europea/unione europea"
    "/união europeia/europese unie",
    "nations unies/united nations/vereinte nationen/vereinten nationen/naciones unidas"
    "/nazioni unite/nações unidas/verenigde naties",
    "commission européenne/european commission/europäische kommission/comisión europea"
    "/commissione europea/comissão europeia/europese commissie",
    "parlement européen/european parliament/europäisches parlament/parlamento europeo"
    "/parlamento europeu/europees parlement",
    "banque centrale européenne/european central bank/europäische zentralbank",
    "banque mondiale/world bank/weltbank/banco mundial/banca mondiale/wereldbank",
    "banque d'angleterre/bank of england",
    "maison-blanche/white house/weißes haus/weiße haus/weißen haus/casa blanca/casa bianca"
    "/casa branca/witte huis",
    "cour suprême/supreme court/tribunal supremo/corte suprema/supremo tribunal",
    "congrès/congress/kongress/congreso/congresso/congres",
    "sénat/senate/senat/senado/senato/senaat",
    "pentagone/pentagon/pentágono/pentagono",
)
# The people and what is of a country, by their first letters, in all languages.
_PEOPLE = {
    "us": "american americain americaine amerikan amerikaan estadounidens estadunidens statunitens"
    " norteamerican",
    "gb": "britann britis britan angle angla english engels ingles england",
    "cn": "chinois chines cines chine",
    "jp": "japon japan giappon",
    "fr": "francais french franzos frances frans",
    "de": "alleman german deutsch duits tedesc alema aleman",
    "it": "italien italian italiaan",
    "es": "espagnol spanish spanisch espan spagnol spaans",
    "nl": "neerlandais hollandais dutch niederland holland neerlandes oland nederlands",
    "kr": "coreen korean corean sudcoreen koreaans",
    "in": "indien indian indisch indian indiaas",
    "ru": "russe russ rusa ruso",
    "ua": "ukrain ucran ucrain oekrain",
    "ae": "emirat emirien",
    "il": "israel",
    "ch": "suisse swiss schweiz suizo suiza svizzer suico zwitser",
    "se": "suedois swedish schwed suec sved zweeds",
    "dk": "danois danish danisch dane deens",
    "no": "norveg norweg norueg noor",
    "fi": "finlandais finnish finnisch finland finlandes fins",
    "ie": "irland irish irisch irlandes iers",
    "pl": "polon polish polnisch polac pools polaco",
    "be": "belge belgi belga",
    "at": "autrich austri osterreich oostenrijk",
    "pt": "portug",
    "ca": "canad kanad",
    "br": "bresil brazil brasil brazili",
    "tw": "taiwan",
    "sg": "singap",
    "sa": "saoud saudi saudit",
    "tr": "turc turk turkis turch turco",
    "au": "austral",
    "mx": "mexic mexik messic",
    "ir": "iran iranien",
    "europe": "europe europa",
    "afrique": "african africain afrikan",
    "asie": "asiat asian",
}
_LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl")
_MORE_COUNTRIES = (
    "us/états unis/united states of america",
    "gb/grande-bretagne/great britain/großbritannien/gran bretaña/gran bretagna",
    "nl/hollande/holland/olanda",
)
# Written in capitals only: in small letters they are other words.
_ACRONYMS = (
    "@us us/usa/u.s./eua/eeuu/vs",
    "@gb uk/u.k.",
    "@ae uae/eau",
    "@union européenne ue/eu",
    "@nations unies onu/un/uno",
    "@fmi fmi/imf/iwf",
    "@oms oms/who",
    "@omc omc/wto",
    "@bce bce/ecb/ezb",
    "@ocde ocde/oecd/ocse",
    "@otan otan/nato",
    "@pib pib/gdp/bip/pil/bbp",
)
_WORD = re.compile(r"[^\W_]+")
_STEM = 5
_OF_A_COUNTRY = re.compile(
    r"(?:iens?|iennes?|ois|oises?|ais|aises?|ians?|ish|isch(?:e[nrsm]?)?|ese|an[oaie]s?|in[oaie]s?"
    r"|en[oa]s?|ense|es|ques?|ais)$"
)
LONGEST_ALIAS = 6


@cache
def load_aliases() -> dict[tuple[str, ...], str]:
    """Return the key of each name: its folded words → one key for all its spellings.

    They hold for words written with a capital: Nice is a city, nice is not.
    """
    from babel import Locale

    aliases: dict[tuple[str, ...], str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                aliases.setdefault(_split(name), f"@{code.lower()}")
    for spellings in (*_CITIES, *_INSTITUTIONS):
        names = spellings.split("/")
        aliases.update((_split(name), f"@{fold_text(names[0])}") for name in names)
    for spellings in _MORE_COUNTRIES:
        code, *names = spellings.split("/")
        aliases.update((_split(name), f"@{code}") for name in names)
    return aliases


@cache
def load_acronyms() -> dict[str, str]:
    """Return the key of each acronym, in capitals."""
    pairs = (line.rsplit(" ", 1) for line in _ACRONYMS)
    return {
        acronym.replace(".", "").upper(): key
        for key, acronyms in pairs
        for acronym in acronyms.split("/")
    }


@cache
def find_people(word: str) -> str:
    """Return the key of the country or continent that a folded word is of, or ""."""
    for code, stems in _PEOPLE.items():
        for stem in stems.split():
            if word.startswith(stem) and len(word) - len(stem) <= 4:
                return f"@{code}"
    if _OF_A_COUNTRY.search(word):
        return _load_country_stems().get(word[:_STEM], "")
    return ""


@cache
def _load_country_stems() -> dict[str, str]:
    """Return the country of which a first part of five letters is, where it is of one alone."""
    found: dict[str, set[str]] = {}
    for words, key in load_aliases().items():
        if len(words) == 1 and len(words[0]) > _STEM and len(key) == 3:
            found.setdefault(words[0][:_STEM], set()).add(key)
    return {stem: min(keys) for stem, keys in found.items() if len(keys) == 1}


def _split(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold_text(name)))
