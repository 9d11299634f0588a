"""Proper names in a text: where they stand, and whether another text holds them.

A name is a run of words with a capital. At the start of a sentence, and for German nouns, a
capital says nothing: there a list of common words decides (see training/words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from rag.exonyms import LONGEST_ALIAS, find_people, load_acronyms, load_aliases
from rag.words import fold_text, stem_word


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"[^\W_]+(?:[.&’'-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_ELISION = re.compile(
    r"(?:(?:jusqu|lorsqu|puisqu|quelqu|qu|[ldnsjmtc]|dell|nell|all|sull|dall|un)['’])+",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s?$")
_OPENERS = frozenset('.!?:…«»“”"(—–•[')
_CONNECTORS = _set("de du des d of the von van der la le del della di da do &")
_MONTHS_AND_DAYS = _set(
    """january february march april may june july august september october november december
    januar februar marz april mai juni juli august september oktober november dezember
    monday tuesday wednesday thursday friday saturday sunday
    montag dienstag mittwoch donnerstag freitag samstag sonntag"""
)
# Names of companies and products that are common words too.
_BOTH = _set(
    """apple meta orange amazon alphabet oracle snap target intel block square stripe shell arm uber
    total free claude gemini mistral notion slack zoom box signal discord figure cursor copilot
    windows office threads bard llama grok vision quest surface twitch canal engie orange bull
    renault visa mastercard express bolt lime bird dot wish salesforce workday"""
)
# Said of what the name is of, and translated: Genius Act, loi Genius.
_CLASSES = _set(
    """act law bill loi group groupe gruppe grupo gruppo company corp inc ltd university universite
    universitat universidad universita ministry ministere ministerium president ceo cto cfo
    chief executive minister ministre secretary secretaire judge juge richter juez giudice mr mrs
    ms dr sir lord project projet plan fund fonds city ville state states etat gpu cpu tpu npu api
    pc usb llm vpn tv app ia ai ki pdg dg"""
)
# Parisien, Parisian, lyonnais, Berliner: what is left, with an ending, is the city.
_OF_A_CITY = re.compile(
    r"(?:iens?|iennes?|ians?|n?ois|n?oises?|n?ais|n?aises?|ains?|aines?|ers?|inos?|ini|inas?|ese)$"
)
_CITY_ENDINGS = ("", "e", "es", "s")
_STOP_COUNT = 150


@dataclass(frozen=True, slots=True)
class Name:
    """A name at `text[start:end]`: `keys` are what must stand in a text that holds it."""

    text: str
    keys: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    folded: str
    start: int
    end: int
    initial: bool

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def coined(self) -> bool:
        return is_coined(self.text)


def find_names(text: str, language: str, known: frozenset[str] = frozenset()) -> list[Name]:
    """Return the names of `text` in order. `language` is an ISO code.

    `known` are folded words seen as names elsewhere: they are names at the start of a sentence too.
    """
    return list(iter_names(text, language, known))


def iter_names(text: str, language: str, known: frozenset[str] = frozenset()) -> Iterator[Name]:
    """Yield what `find_names` returns, as far as it is asked for."""
    run: list[_Word] = []
    for word in _read_words(text):
        joined = bool(run) and not text[run[-1].end : word.start].strip(" -\u00a0\u202f")
        if run and not joined:
            yield from _close(run, text, language, known)
            run = []
        if word.capital or word.coined or (run and word.folded in _CONNECTORS):
            run.append(word)
        elif run:
            yield from _close(run, text, language, known)
            run = []
    if run:
        yield from _close(run, text, language, known)


def list_keys(text: str) -> frozenset[str]:
    """Return everything that `text` can be asked for: its folded words, and the keys of aliases."""
    keys: set[str] = set()
    words = [(m.group(), fold_text(m.group())) for m in _PART.finditer(text)]
    for position, (raw, folded) in enumerate(words):
        keys.add(folded)
        if len(folded) > 4:
            keys.add(folded.removesuffix("s"))
            keys.add(folded.removesuffix("es"))
        if raw.isupper() and raw in load_acronyms():
            keys.add(load_acronyms()[raw])
        people = find_people(folded)
        if people:
            keys.add(people)
        city = _OF_A_CITY.sub("", folded)
        if len(city) > 3 and city != folded:
            for ending in _CITY_ENDINGS:
                keys.add(load_aliases().get((city + ending,), city + ending))
        if raw[0].isupper():
            alias, _ = _match_alias([folded for _, folded in words[position:][:LONGEST_ALIAS]])
            if alias:
                keys.add(alias)
    return frozenset(keys)


def holds_name(name: Name, keys: frozenset[str]) -> bool:
    """Return True if the text that `keys` were listed from holds `name`, in any language."""
    return all(key in keys or (len(key) > 4 and key.removesuffix("s") in keys) for key in name.keys)


@cache
def load_common_words() -> dict[str, tuple[str, ...]]:
    """Return the common words of each language, folded, most frequent first."""
    lines = files("rag").joinpath("models/words/common.txt").read_text("utf-8").splitlines()
    return {line.split(" ", 1)[0]: tuple(line.split(" ")[1:]) for line in lines}


@cache
def load_stop_words(language: str) -> frozenset[str]:
    """Return the folded words of a language that say nothing of what a sentence is about."""
    return frozenset(load_common_words().get(language, ())[:_STOP_COUNT])


@cache
def _load_vocabulary(language: str) -> frozenset[str]:
    words = load_common_words().get(language, ())
    return frozenset(words) | {stem_word(word) for word in words}


@cache
def is_common(folded: str, language: str) -> bool:
    """Return True if a folded word is a common word of `language`, whatever its capital."""
    vocabulary = _load_vocabulary(language)
    if len(folded) < 3 or folded in vocabulary or stem_word(folded) in vocabulary:
        return True
    if language in ("de", "nl"):  # Rechenzentrum: the last part of a compound decides
        return any(folded[cut:] in vocabulary for cut in range(3, len(folded) - 4))
    return False


def is_coined(word: str) -> bool:
    """Return True if no common word is written so: OpenAI, UBS, o3, GPT-4o."""
    if word.isalpha() and word[1:].islower():  # nearly all words
        return False
    if any(c.isdigit() for c in word):
        return word[0].isalpha()
    return any(a.isalpha() and b.isupper() for a, b in pairwise(word))


def _read_words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        raw, start = match.group(), match.start()
        elision = _ELISION.match(raw)
        if elision and elision.end() < len(raw):
            raw, start = raw[elision.end() :], start + elision.end()
        raw = _POSSESSIVE.sub("", raw) or raw
        before = text[: match.start()].rstrip()
        initial = not before or before[-1] in _OPENERS
        yield _Word(raw, fold_text(raw), start, start + len(raw), initial)


def _close(run: list[_Word], text: str, language: str, known: frozenset[str]) -> Iterator[Name]:
    """Yield the name that a run of capitalised words makes, if it makes one."""
    while run and run[-1].folded in _CONNECTORS and not run[-1].coined:
        run = run[:-1]
    while run and _is_plain(run[0], run, language, known):
        run = run[1:]
    run = [word for word in run if word.folded not in _MONTHS_AND_DAYS]
    if not run:
        return
    start, end = run[0].start, run[-1].end
    keys = tuple(dict.fromkeys(_list_name_keys(run, language)))
    if keys:
        yield Name(text[start:end], keys, start, end)


def _is_plain(word: _Word, run: list[_Word], language: str, known: frozenset[str]) -> bool:
    """Return True if the capital of the first word of a run makes no name."""
    if word.coined:
        return False
    if word.folded in _CONNECTORS or len(word.folded) < 2:
        return True
    if not is_common(word.folded, language) or (word.folded,) in load_aliases():
        return False
    if word.initial:
        alone = len(run) == 1 or not run[1].capital
        follows_name = len(run) > 1 and run[1].capital and not is_common(run[1].folded, language)
        stop = word.folded in load_stop_words(language)
        plain = alone and word.folded not in known and word.folded not in _BOTH
        return stop or follows_name or plain
    return language == "de"


def _list_name_keys(run: list[_Word], language: str) -> list[str]:
    parts = [
        (part.group(), fold_text(part.group()))
        for word in run
        for part in _PART.finditer(word.text)
    ]
    keys: list[str] = []
    soft: list[str] = []
    position = 0
    while position < len(parts):
        raw, folded = parts[position]
        alias, length = _match_alias([f for _, f in parts[position:][:LONGEST_ALIAS]])
        if raw in load_acronyms() and raw.isupper():
            keys.append(load_acronyms()[raw])
        elif alias:
            keys.append(alias)
            position += length - 1
        elif find_people(folded):
            keys.append(find_people(folded))
        elif folded in _CONNECTORS or folded in _CLASSES:
            pass
        elif not raw[0].isdigit() and is_common(folded, language) and not is_coined(raw):
            soft.append(folded)
        else:
            keys.append(folded)
        position += 1
    return keys or (soft if language != "de" else [])


def _match_alias(folded: list[str]) -> tuple[str, int]:
    aliases = load_aliases()
    for length in range(len(folded), 0, -1):
        key = aliases.get(tuple(folded[:length]))
        if key:
            return key, length
    return "", 0
