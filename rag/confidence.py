"""How likely it is that the hits hold an answer: what the reader and the search say of them.

Two estimates over the same features: whether the issues speak of the matter at all, a logistic
regression, and whether they then tell what is asked, a small layer. What is foreign to them looks
unlike what they leave untold, so that one estimate would have to trade the one for the other
(training/reader/NOTES.md). Fitted by training/reader/rank.py, measured by
benchmarks/reliability.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from rag.choosing import CHOICE, entitles, list_figures, spells_title
from rag.descriptions import asks_description, describes
from rag.network import Network, own_reader, weigh
from rag.questions import Question, is_measured
from rag.reading import EVIDENCE, Reading
from rag.types import Hit, Passage, Span
from rag.words import cached_stem, fold_text, list_stems

# Of what `describe_choice` sees, what says that something lacks.
_LACKS = np.array([False, True, False, True, True, True, True, False, True, True])
# Too rare to be fitted: how much less likely an answer is where a name is but a common word.
_HOMONYM = 3.0
# The same where a passage in the question's language has none of its names: it tells of others.
_NAMELESS = 2.0
# The same, more likely, where just a description is asked and the first sentence gives one.
_DESCRIBED = 2.0
# The same where the question spells out the article's title.
_SPELT = 4.0
# The same where the title holds all that the question speaks of.
_ENTITLED = 3.0
# The same where the sentence has all words of the question and a figure of the kind it asks for.
_OUTRIGHT = 2.0
# The threshold under which no answer is given, see benchmarks/reliability.py.
ABSTAIN_BELOW = 0.2
_SEARCH_FEATURES = 8
FEATURES = EVIDENCE + CHOICE + 2 + CHOICE + _SEARCH_FEATURES


def describe_readings(
    question: Question, readings: Sequence[Reading], hits: Sequence[Hit]
) -> np.ndarray:
    """Return FEATURES numbers: the evidence of the best of `readings` (as `choose_readings` gives
    them), how far it stands out, what any of them has of what is asked for, and how well `hits` and
    the one of the best reading match `question`."""
    best = readings[0]
    others = [r.score for r in readings[1:]]
    standing = (best.score, best.score - max(others, default=best.score))
    home = hits[best.hit]
    search = (
        home.coverage,
        max(hit.coverage for hit in hits),
        home.names,
        max(hit.names for hit in hits),
        home.score,
        max(hit.score for hit in hits),
        max(hit.cosine for hit in hits),
        min(len(question.words), 12) / 12,
    )
    choices = np.array([reading.evidence[EVIDENCE:] for reading in readings])
    anywhere = np.where(_LACKS, choices.min(axis=0), choices.max(axis=0))
    return np.concatenate([best.evidence, standing, anywhere, search]).astype(np.float32)


def _has_homonym(question: Question, hit: Hit) -> bool:
    """Say whether a name of `question` is only a common word in `hit`: Mars, le 31 mars."""
    passage = hit.passage
    if not question.names or "de" in (question.language, passage.language):
        return False
    text = f"{passage.article} {passage.text}"
    written = set(re.findall(r"[^\W\d_]+", text))
    common = {word for word in written if word == fold_text(word) and word in question.names}
    return any(not {w for w in written if fold_text(w) == word} - {word} for word in common)


def estimate_confidence(
    question: Question,
    readings: Sequence[Reading],
    hits: Sequence[Hit],
    network: Network | None = None,
) -> float:
    """Return the probability (0..1) that `hits`, read as `readings`, answer `question`."""
    if not readings:
        return 0.0
    network = network or own_reader()
    features = describe_readings(question, readings, hits)
    spoken_of = features @ network.weights["topic.weight"] + network.weights["topic.bias"]
    told = float(weigh(network, "told", features[None])[0])
    home = hits[readings[0].hit]
    if _has_homonym(question, home):
        told -= _HOMONYM
    if question.names and not home.names and home.passage.language == question.language:
        told -= _NAMELESS
    best = readings[0].sentence
    if asks_description(question) and describes(question, home.passage.text[best.start : best.end]):
        told += _DESCRIBED
    if is_measured(question) and _says_outright(question, home.passage, best):
        told += _OUTRIGHT
    if spells_title(question, home.passage):
        spoken_of, told = spoken_of + _SPELT, told + _SPELT
    elif entitles(question, home.passage):
        spoken_of, told = spoken_of + _ENTITLED, told + _ENTITLED
    return _squash(float(spoken_of)) * _squash(float(told))


def _says_outright(question: Question, passage: Passage, sentence: Span) -> bool:
    asked = {cached_stem(word) for word in question.words}
    said = list_stems(passage.text[sentence.start : sentence.end])
    return len(asked) > 1 and asked <= said and bool(list_figures(question, passage, sentence))


def _squash(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(logit, 30.0))))


def estimate_shares(readings: Sequence[Reading]) -> list[float]:
    """Return how likely each of `readings` is to answer, as a share of the best one's (0..1)."""
    top = max((r.score for r in readings), default=0.0)
    return [float(np.exp(r.score - top)) for r in readings]
