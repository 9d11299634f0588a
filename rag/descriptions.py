"""Whether a sentence says who or what somebody is: « DeepSeek, filiale d'un fonds chinois »."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.questions import STOPWORDS, Question
from rag.words import fold_text

_ARTICLE = (
    r"(?:(?:le|la|les|un|une|the|an?|der|die|das|ein|eine|el|los|il|lo|uno|o|os|um|uma|het|een) "
    r"|l')"
)
_BEING = (
    r"(?:n')?(?:est|sont|etait|etaient|reste|devient|designe|signifie|is|are|was|were|means|ist|sind"
    r"|war|es|son|era|sono|sao|zijn)"
)
_LONGEST_NOUN = 4


def asks_description(question: Question) -> bool:
    """Say whether `question` asks what or who its names are, and nothing more of them."""
    if question.kind == "definition":
        return True
    return question.kind == "person" and set(question.words) == set(question.names) != set()


def describes(question: Question, sentence: str) -> bool:
    """Say whether `sentence` says what the last name (or word) that `question` asks about is: by an
    apposition, a noun before the name, or a verb of being after it."""
    words = question.names or question.words
    return bool(words) and _describes(" ".join(words), fold_text(sentence))


@lru_cache(2048)
def _describes(name: str, folded: str) -> bool:
    found = re.search(rf"\b{re.escape(name)}\b", folded)
    if not found:
        return False
    after, before = folded[found.end() :], folded[: found.start()]
    if re.match(rf",? (?:qui |which |who )?{_BEING}\b", after):
        return True
    if "," not in before:
        followed = re.match(rf", (?:{_ARTICLE})?[a-z]{{4,}}", after)
    else:  # a verb may follow what stands between commas
        followed = re.match(rf", {_ARTICLE}[a-z]{{4,}}", after)
    between_commas = after.startswith(",") and before.endswith(", ")
    return between_commas or followed is not None or _ends_with_noun(before)


def _ends_with_noun(before: str) -> bool:
    """Say whether a text ends with an article and a noun, « la directrice financière »."""
    noun = re.search(rf"\b{_ARTICLE}((?:[\w-]+ ){{1,{_LONGEST_NOUN}}})$", before)
    return noun is not None and not any(word in STOPWORDS for word in noun[1].split())
