"""Follow-up questions made whole by rules: « Et Google ? » becomes a question of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from rag.language import detect_language
from rag.names import Name, find_names
from rag.periods import find_period
from rag.questions import STOPWORDS
from rag.timewords import MONTHS
from rag.types import Turn
from rag.words import tokenise

# Words that open a question, with what they count or choose from: "combien de puces", "at what".
_QUESTION_WORDS = {
    "fr": (
        r"(?:(?:à|de|avec|pour|par|chez|dans|en|sur|depuis|pendant|jusqu['’]à|auprès de|selon) )?"
        r"(?:qu['’]est[- ]ce qu(?:e |i |['’])|combien(?: de? ?temps| (?:de |d['’])[\w-]+)?"
        r"|quel(?:le)?s?(?: (?:est|sont|était|étaient|sera|seront)\b(?: (?:le|la|les) | l['’])?"
        r"| [\w-]+)|lequel|laquelle|lesquel(?:le)?s|qui|quoi|que|qu['’]|où|quand|comment|pourquoi)"
    ),
    "en": (
        r"(?:(?:at|in|on|with|for|by|from|to|of|since|until) )?"
        r"(?:how (?:much|many(?: [\w-]+)?|long|old|big)|how"
        r"|what(?=['’]s| (?:is|are|was|were|do|does|did|will|has|have|can)\b)|which [\w-]+"
        r"|what [\w-]+|what|who|whom|whose|where|when|why)"
    ),
    "de": (
        r"(?:(?:an|in|mit|für|von|zu|bei) )?(?:wie ?viele [\w-]+|wie ?viel|wie"
        r"|welche[rsmn]? [\w-]+|wer|wen|wem|was|wo|wohin|wann|warum|wieso)"
    ),
    "es": (
        r"¿?(?:(?:a|de|con|por|en|para) )?(?:cuánt[oa]s [\w-]+|cuánt[oa]|qué|cuál(?:es)?"
        r"|quién(?:es)?|dónde|cuándo|cómo|por qué)"
    ),
    "it": (
        r"(?:(?:a|di|con|per|in|da) )?(?:quant[ie] [\w-]+|quant[oa]|che cosa|cosa|che"
        r"|qual[ei]?|chi|dove|quando|come|perché)"
    ),
    "pt": r"(?:quant[oa]s [\w-]+|quanto|quem|onde|quando|como|por ?qu[eê]|qua(?:l|is)|o que)",
    "nl": r"(?:hoeveel|hoe|wie|wat|waar|wanneer|waarom|welke? [\w-]+)",
}
_AND = (
    r"(?:et|and|und|y|e)(?: (?:pour|chez|for|bei))?(?= )|(?:and |so )?(?:what|how) about"
    r"|qu['’]en est-il (?:de|d['’])|und was ist mit|e per|¿y(?: para)?"
)
# The former question asked for somebody or something we do not know the name of.
_ASKS_ENTITY = (
    r"^¿?(?:\w+ )?(?:qui|quel(?:le)?s? (?!est|sont|était|sera)|who|whom"
    r"|which|wer|welche|quién|chi)\b"
)
_PREPOSITIONS = (
    "dans|en|sur|pour|chez|à|au|aux|avec|par|de|du|des|d['’]|depuis|contre|in|on|for|with|at|by|from|of"
    "|auf|für|bei|mit|sobre|para|con|su|per|nel|nella|nell['’]"
)
_DEMONSTRATIVE = (
    r"(?<![\w-])(?:(?:ce|cet|cette|ces) (?!que\b|qui\b|sont\b"
    r"|mois|semaine|année|trimestre|jour|an\b|été|matin)[\w-]+"
    r"|celui-ci|celle-ci|ceux-ci|celles-ci|cela|ça"
    r"|(?:this|these|those) (?!year|month|week|quarter)[\w-]+)"
)
# What refers back, what stands in its place (§ is the name), and whether a common noun may come
# between it and the question words: « qui a fondé cette société », but « quelle loi la Chine
# veut-elle » means China.
_PRONOUNS = (
    (
        r"(?<=\bqui )(?:l[ae] |les |l['’]|lui |leur )((?:(?:a|ont|avait|est) )?[\w-]+)",
        r"\1 §",
        False,
    ),
    (r"\b(?:l[ae] |les |l['’])(\w+-(?:t-)?(?:on|il|elle|ils|elles|vous))\b", r"\1 §", False),
    (r"\b(?P<of>son|sa|ses|leurs?) (?P<noun>[\w-]+)", "", False),
    (_DEMONSTRATIVE, "§", True),
    (r"^(?:il|elle|ils|elles)\b(?! (?:y a|faut|s['’]agit|est (?:vrai|possible)))", "§", False),
    (r"(\b(?:the|any) (?:\w+ ){1,3})(?:he|she|it|they)(?= \w+$)", r"\1§", True),
    (r"\b(?:he|she|it|they)\b(?! (?:take|true|possible|legal))", "§", False),
    (r"\b(?:him|them|ella|él|ellos|ellas|esso|essa|ihn|ihm|ihnen)\b", "§", True),
    (r"\b(?:his|its|their|her)(?= \w)", "§'s", False),
    (r"\b(?:er|sie)\b(?!-)", "§", False),
    (r"\b(?:sus?|suo|sua|suoi|sue|sein|seine[rnms]?|ihre?[rnms]?)(?= \w)", "§:", False),
)
_IMPERSONAL = (
    r"\by a(?:vait)?-t-il\b|s['’]est-il passé|s['’]agi(?:t|ssait)-il|\bfa(?:ut|llait)-il\b"
)
# What was told is not the name but the whole of what was said.
_TELLS = r"^qui (?:l['’]a|le|l['’]ont) (?:annonc|dit|révél|affirm|rapport|publi|écri)"
_MORE = (
    r"(?:dis|dites)[- ]m['’]en (?:plus|davantage)|plus de détails|en savoir plus"
    r"|(?:tell me )?more|more details|mehr dazu|erzähl mehr|cuéntame más|dimmi di più"
)
_OF = r"de (?:l['’]|la )?|du |des |d['’]|of (?:the )?"
# Only where the words of a time stand counts here, not the days they mean.
_ANY_DAY = date(2000, 1, 1)
_YEAR_BEFORE = r"(?:en )?l['’]année (?:d['’]avant|précédente)|the (?:year before|previous year)"
# Capitals of common nouns: they are what a question is about, never whom.
_GENERIC = frozenset({"IA", "AI", "KI", "PME", "PDG", "CEO", "GPU", "GPUs", "API", "LLM", "Bourse"})
_MONTHS = frozenset(name for names in MONTHS for name in names.split())
_FRAGMENT_WORDS = 3
_DEPENDENT_WORDS = 2


def resolve_question(question: str, history: Sequence[Turn]) -> str:
    """Return `question` as it would be asked without `history` (oldest turn first).

    The rules, in order, with the question that the last turn was resolved to ("the former"):

    1. « Et Google ? », "What about Google?": a fragment takes the place of its like in the former,
       a time of the time, a name of the name, « dans la santé » of « dans l'IA », or joins it.
    2. « Pourquoi ? », « Par qui ? »: question words alone open the former anew.
    3. « Qui le dirige ? », "Where is it based?": a pronoun with nothing before it to stand for is
       replaced by the former's name, or, where the former asked for a name ("Qui…", "Quelle
       banque…"), the former is added in brackets.
    4. A short question without a name, « Qui dirige l'équipe ? », gets the former in brackets.

    Any other question stands alone and is returned as it is.
    """
    if not history:
        return question
    former = _trim(history[-1].query or history[-1].question)
    text = _trim(question)
    language = detect_language(f"{former}. {text}")
    mark = " ?" if language == "fr" else "?"
    opening = _match(rf"^(?:{_AND})", text)
    if opening:
        text = text[opening.end() :].strip()
    if _match(rf"^(?:{_MORE})$", text):
        return former + mark
    if not _asks(text):
        if opening or (question.endswith("?") and _is_fragment(text, language)):
            return _replace_fragment(text, former, language) + mark
        resolved = _resolve_pronoun(text, former, language)
        return resolved + mark if resolved else question
    text = text[:1].upper() + text[1:]
    resolved = _resolve_whole(text, former, language, continues=bool(opening))
    if resolved:
        return resolved + mark
    return text + mark if opening else question


def _resolve_whole(text: str, former: str, language: str, *, continues: bool) -> str:
    """Return `text`, which asks something, with what it leaves to `former`; "" if nothing.

    `continues`: it began with "Et".
    """
    if _is_verbless(text):
        return f"{_sub(' (?:ça|là|then|dann)$', '', text)} {_list_clause(former)}"
    resolved = _resolve_pronoun(text, former, language)
    if not resolved and not _list_names(text, language) and _is_short(text, continues):
        return f"{text} ({_list_clause(former, with_noun=True)})"
    return resolved


def _is_fragment(text: str, language: str) -> bool:
    """Say whether `text`, which asks nothing, is but a name, a time or a phrase: « Google ? »."""
    words = text.split()
    if len(words) > _FRAGMENT_WORDS or _list_words(text)[:1] == ["est"]:
        return False
    names = find_names(f"– {text}", language)
    if names and names[0].text == text:
        return True
    return bool(
        _match(rf"^(?:{_PREPOSITIONS})(?:(?<=['’])| )", text) or find_period(text, _ANY_DAY)
    )


# --- fragments ----------------------------------------------------------------------------------


def _replace_fragment(fragment: str, former: str, language: str) -> str:
    """Return `former` with `fragment` in place of its like."""
    if _match(_YEAR_BEFORE, fragment):
        fragment = _name_year_before(former, language)
    period = find_period(fragment, _ANY_DAY)
    if period:
        rest = f"{fragment[: period.span.start]}{fragment[period.span.end :]}".strip()
        if find_names(f"– {rest}", language):
            former = _replace_fragment(rest, former, language)
            fragment = fragment[period.span.start : period.span.end]
        return _replace_period(fragment, former)
    entity = _find_name(former, language)
    bare = _sub(r"^cel(?:le|ui)s? (?=d)|^ceux (?=d)", "", fragment)
    preposition = _match(rf"^(?:{_PREPOSITIONS})(?:(?<=['’])|(?= ))", bare)
    replaced = _replace_phrase(preposition[0].lower(), bare, former, entity) if preposition else ""
    if replaced:
        return replaced
    name = _sub(rf"^(?:(?:{_OF})|l['’]|le |la |les |the |die |der |das |el |il |a |o )", "", bare)
    is_name = name[:1].isupper() or bool(find_names(f"– {name}", language))
    if entity and is_name and (name != bare or not preposition):
        return _contract(f"{former[: entity.start]}{name}{former[entity.end :]}")
    if preposition:
        return f"{former} {_lower(fragment)}"
    return f"{former} ({fragment})"


def _replace_period(fragment: str, former: str) -> str:
    period = find_period(former, _ANY_DAY)
    if period and period.since and period.until:
        fragment = _add_year(fragment, former, period.since, period.until)
    if period:
        return f"{former[: period.span.start]}{fragment}{former[period.span.end :]}"
    return f"{former} {_lower(fragment)}"


def _add_year(fragment: str, former: str, since: date, until: date) -> str:
    """Return a month with the year that brings it nearest to the former's, if that names one."""
    if fragment.split()[-1].lower() not in _MONTHS or str(since.year) not in former:
        return fragment
    whole_year = until - since > timedelta(days=300)
    nearest = find_period(fragment, until if whole_year else since + timedelta(days=183))
    return f"{fragment} {nearest.since.year}" if nearest and nearest.since else fragment


def _replace_phrase(preposition: str, fragment: str, former: str, entity: Name | None) -> str:
    """Return `former` with `fragment` for its phrase of the same preposition, "" if it has none.

    Of several the last one; of those with "de", the one with the name `entity`, else the first.
    """
    if preposition in ("de", "du", "des", "d'", "d’", "of"):
        phrases = list(_pattern(rf"(?<!\w)(?:{_OF})[\w-]+").finditer(former))
        named = [p for p in phrases if entity and p.start() < entity.start <= p.end()]
        phrase = next(iter(named or phrases), None)
        end = entity.end if entity and named else phrase.end() if phrase else 0
    else:
        stop = rf" (?:{_PREPOSITIONS})(?: |(?<=['’]))"
        phrases = list(_pattern(rf"(?<!\w){preposition} (?:(?!{stop}).)+").finditer(former))
        phrase = phrases[-1] if phrases else None
        end = phrase.end() if phrase else 0
    return f"{former[: phrase.start()]}{fragment}{former[end:]}" if phrase else ""


def _name_year_before(former: str, language: str) -> str:
    year = re.search(r"\b(?:19|20)\d\d\b", former)
    if year:
        return f"en {int(year[0]) - 1}" if language == "fr" else f"in {int(year[0]) - 1}"
    return "l'année dernière" if language == "fr" else "last year"


# --- pronouns -----------------------------------------------------------------------------------


def _resolve_pronoun(text: str, former: str, language: str) -> str:
    """Return `text` with what its pronoun stands for, "" if it has none that looks back."""
    names = _list_names(text, language)
    entity = _find_entity(former, language)
    replaced = _replace_pronoun(text, entity, names[0].start if names else len(text))
    if replaced and (not entity or _match(_ASKS_ENTITY, former) or _match(_TELLS, text)):
        return f"{text} ({_list_clause(former, with_noun=True)})"
    return replaced


def _replace_pronoun(text: str, entity: str, limit: int) -> str:
    """Return `text` with `entity` for its pronoun, or "" if it has none that looks back.

    `limit` is where the text's own first name begins: a pronoun after it stands for that.
    """
    opening = _open_question(text)
    for pattern, replacement, looks_far in _PRONOUNS:
        found = _match(pattern, text, search=True)
        if not found or found.start() >= limit:
            continue
        if looks_far or not _has_subject(text[opening : found.start()]):
            value = found.expand(replacement.replace("§", entity.replace("\\", "")))
            value = _put_article(found, entity) if "noun" in found.groupdict() else value
            return _contract(f"{text[: found.start()]}{value}{text[found.end() :]}")
    # Combien vaut-elle → Combien vaut X; combien a-t-elle levé → combien X a-t-elle levé
    inverted = _match(r"[\w’']+-(?:t-)?(?:il|elle|ils|elles)\b", text, search=True)
    if _match(_IMPERSONAL, text, search=True):
        return ""
    if inverted and not _has_subject(text[opening : inverted.start()]):
        if _match(r"^qu['’e]", text) and not _match(r"^quel", text):
            return f"{text} ({entity})"
        rest = text[opening:].strip()
        alone = _match(r"([\w’']+?)-(?:t-)?(?:il|elle|ils|elles)$", rest)
        if opening and alone:
            return f"{text[:opening]} {alone[1]} {entity}"
        return f"{text[:opening]} {entity} {rest}" if opening else f"{entity} {_lower(rest)}"
    if _match(r"(?<!il )\by (?!a\b)\w|\ben (?:a|ont|est|sont|pense|dit|fait)\b", text, search=True):
        return f"{text} ({entity})" if limit == len(text) else ""
    return ""


def _put_article(found: re.Match[str], entity: str) -> str:
    of, noun = found["of"].lower(), found["noun"]
    article = "les" if of in ("ses", "leurs") else "la" if of == "sa" else "le"
    return _contract(f"{article} {noun} de {entity}")


def _contract(text: str) -> str:
    """Return French `text` with its articles and "de" as what follows wants them."""
    text = _sub(r"\bde le (?=\w)", "du ", _sub(r"\bde les (?=\w)", "des ", text))
    text = _sub(r"\b(d|l)[ea] (?=[aeiouyhéèêâîôœ])", r"\1'", text)
    return _sub(r"\bd['’](?=[bcdfgjklmnpqrstvwxz])", "de ", text)


def _has_subject(between: str) -> bool:
    """Say whether the words between a question word and a pronoun may be what it stands for."""
    return any(word not in STOPWORDS for word in _list_words(between))


# --- the parts of a question --------------------------------------------------------------------


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _trim(question: str) -> str:
    return " ".join(question.split()).strip(" ?")


def _asks(text: str) -> bool:
    """Say whether `text` opens with a question word, or holds one after a name of its own."""
    return bool(_open_question(text)) or bool(
        _match(r" (?:combien|how much|how many|quand|pourquoi|où)\b", text, search=True)
    )


def _open_question(text: str) -> int:
    """Return where the question words that open `text` end, or 0."""
    return max(
        (
            m.end()
            for words in _QUESTION_WORDS.values()
            if (m := _match(rf"^(?:{words})(?:(?<=['’])|(?!\w))", text))
        ),
        default=0,
    )


def _is_verbless(text: str) -> bool:
    rest = text[_open_question(text) :]
    if _match(r"^(?: (?:ça|là|then|dann))?$", rest):
        return True
    return bool(_match(r"^ (?:d['’]|de |of |von )[\w-]+(?: [\w-]+)?$", rest)) and not re.search(
        r"-(?:t-)?(?:il|elle|on)", rest
    )


def _is_short(text: str, continues: bool) -> bool:
    """Say whether a question without a name is too short to stand alone.

    One with a noun and its complement is not: « quel est le prix du café ».
    """
    if _match(
        r"\b(?:du|des|de la|de l['’]|d['’]|of|del|della)\b",
        text[_open_question(text) :],
        search=True,
    ):
        return False
    return len(_list_content(text)) <= _DEPENDENT_WORDS + continues


def _list_clause(former: str, *, with_noun: bool = False) -> str:
    """Return `former` without the question words it opens with, or what it has in brackets.

    `with_noun` keeps the noun of "quelle banque".
    """
    bracketed = re.search(r"\((.+)\)$", former)
    if bracketed:
        return bracketed[1]
    end = _open_question(former)
    noun = former[:end].split()[-1:] if with_noun else []
    noun = [word for word in noun if _list_content(word)]
    return " ".join([*noun, former[end:].strip()]) or former


def _find_entity(former: str, language: str) -> str:
    """Return the name that `former` is about, with its article, or ""."""
    name = _find_name(former, language)
    if name is None:
        return ""
    article = _match(r".*\b(l['’]|les? |la |the )$", former[: name.start])
    return (article[1] if article else "") + name.text


def _find_name(former: str, language: str) -> Name | None:
    """Return the first name of `former`."""
    return next(iter(_list_names(former, language)), None)


def _list_names(text: str, language: str) -> list[Name]:
    """Return the names of a question, without its first words and capitals of common nouns."""
    opening = _open_question(text)
    names = find_names(text, language)
    return [n for n in names if n.start >= opening and n.text not in _GENERIC]


def _list_words(text: str) -> list[str]:
    return [t.folded for t in tokenise(text) if t.folded[0].isalnum()]


def _list_content(text: str) -> list[str]:
    return [word for word in _list_words(text) if word not in STOPWORDS]


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _match(pattern: str, text: str, *, search: bool = False) -> re.Match[str] | None:
    return _pattern(pattern).search(text) if search else _pattern(pattern).match(text)


def _sub(pattern: str, replacement: str, text: str) -> str:
    return _pattern(pattern).sub(replacement, text)
