"""A question and passages together, as numbers: what matches what, how near, how much is covered.

All passages are compared in one go, their tokens end to end; nothing reaches across passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rag.dictionary import translate_word
from rag.features import STATIC_FEATURES, PassageView, QuestionView, WordVectors, describe_tokens
from rag.questions import UNITS_OF_KIND, Question
from rag.synonyms import find_synonyms, list_near
from rag.words import cached_stem, fold_text

TOKEN_FEATURES = STATIC_FEATURES + 22
SENTENCE_FEATURES = 20
COVERAGE_FEATURES = 8
_ALIKE, _ALIKE_SHARE, _TRANSLATED, _SYNONYM = 0.7, 0.6, 0.8, 0.9
# A word that says nearly the same, and that of a translation.
_NEAR, _TRANSLATED_NEAR = 0.75, 0.5
_COPULA = re.compile(
    r"\b(?:quel(?:le)?s?|what|which|welche[rsmn]?|was|cual(?:es)?|qual[ei]?|quais|welke?|wat)"
    r" (?:est|sont|etait|sera|serait|is|are|was|were|ist|sind|war|es|son|era|e|sono|sao|zijn)\b"
)
_KIND_NOUNS = frozenset(
    {
        "nom",
        "date",
        "montant",
        "somme",
        "prix",
        "nombre",
        "pays",
        "ville",
        "entreprise",
        "annee",
    }
    | {
        "name",
        "amount",
        "price",
        "number",
        "country",
        "city",
        "company",
        "year",
        "betrag",
    }
    | {
        "preis",
        "zahl",
        "land",
        "stadt",
        "jahr",
        "nombre",
        "precio",
        "pais",
        "ciudad",
        "empresa",
    }
    | {"nome", "prezzo", "numero", "paese", "citta", "azienda", "quantite", "quantity"}
)
# Further apart than any two tokens of a passage.
_FAR = 10_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """Arrays over all tokens (`tokens`, n × TOKEN_FEATURES) and all sentences of the passages.

    `sentences` (× SENTENCE_FEATURES) is what the network sees; `coverage` (× COVERAGE_FEATURES)
    says how topic, names and numbers of the question are covered. `first` is the first token of
    each sentence, `heads` the first sentence of each passage, `sizes` are the numbers of tokens of
    the passages. `vectors` are the word vectors that occur, each once; `place` says which of them
    each token has.
    """

    tokens: np.ndarray
    sentences: np.ndarray
    coverage: np.ndarray
    first: np.ndarray
    heads: np.ndarray
    sizes: np.ndarray
    vectors: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where passages and sentences lie: owners are numbers of passages, in order. `heads` are the
    first sentences of the passages; `opens` says of each sentence whether it is one."""

    sizes: np.ndarray
    first: np.ndarray
    lengths: np.ndarray
    sentence_of: np.ndarray
    token_owner: np.ndarray
    owner: np.ndarray
    heads: np.ndarray
    opens: np.ndarray


# BLAS may touch what lies beside its rows, which is no error of ours.
@np.errstate(invalid="ignore")
def compare(
    question: QuestionView, passages: Sequence[PassageView], words: WordVectors
) -> Comparison:
    """Return what `question` and `passages`, none without words, have to do with each other."""
    layout = _lay_out(passages)
    # Words recur: what needs only the word is reckoned once for each. Rows are words of the
    # question, columns tokens or sentences: numpy is fast along rows.
    rows, place = np.unique(np.concatenate([p.rows for p in passages]), return_inverse=True)
    vectors = words.vectors[rows]
    asked = np.vstack([question.vectors, question.mean, question.focus])
    likeness = (asked @ vectors.T)[:, place]
    cosines = likeness[:-2]
    idf = words.idf[rows][place]
    exact = _match_words(question, passages)
    closeness = np.clip((cosines - 0.25) / 0.45, 0, 1)
    soft = np.maximum(exact, closeness)
    weights = question.weights
    in_title = np.array(
        [[stem in p.title_stems for p in passages] for stem in question.stems], np.float32
    )[:, layout.owner]
    nearest, left = _distances(exact >= _ALIKE, layout)
    nearest_soft, _ = _distances(soft > 0.4, layout)
    flags = _flag_quantities(question.question, passages, len(place))
    exact_best = np.maximum.reduceat(exact, layout.first, axis=1)
    soft_best = np.maximum.reduceat(soft, layout.first, axis=1)
    shape = (len(layout.owner), len(rows))
    cells = layout.sentence_of * shape[1] + place
    shares = np.bincount(cells, idf, shape[0] * shape[1]).reshape(shape).astype(np.float32)
    means = shares @ vectors
    means /= np.linalg.norm(means, axis=1, keepdims=True) + 1e-9
    sentences = _sentence_features(
        question, layout, exact_best, soft_best, in_title, means, flags[0]
    )
    tokens = np.empty((TOKEN_FEATURES, len(place)), np.float32)
    tokens[:STATIC_FEATURES] = describe_tokens(passages)
    features = (
        exact.max(axis=0),
        weights @ exact * 4,
        soft.max(axis=0),
        weights @ soft * 4,
        cosines.max(axis=0),
        *likeness[-2:],
        weights @ np.exp(nearest / -3),
        weights @ np.exp(nearest / -10),
        weights @ np.exp(left / -6),
        weights @ np.exp(nearest_soft / -3),
        weights @ np.exp(nearest_soft / -10),
        *flags,
        *sentences[[0, 1, 2, 3, 8, 9]][:, layout.sentence_of],
        question.names.astype(np.float32) @ exact,
        idf / 10,
    )
    for row, feature in enumerate(features, STATIC_FEATURES):
        tokens[row] = feature
    # Words that say nearly the same do not tell a question on another matter from one on this.
    nearly = (exact == _NEAR) | (exact == _TRANSLATED_NEAR)
    surely = np.maximum(np.where(nearly, 0, exact), closeness)
    coverage = _coverage(
        question, layout, np.maximum.reduceat(surely, layout.first, axis=1), in_title
    )
    return Comparison(
        tokens=tokens.T,
        sentences=sentences.T,
        coverage=coverage.T,
        first=layout.first,
        heads=layout.heads,
        sizes=layout.sizes,
        vectors=vectors,
        place=place,
    )


def _lay_out(passages: Sequence[PassageView]) -> _Layout:
    sizes = np.array([len(p.words) for p in passages])
    counts = np.array([len(p.first) for p in passages])
    token_at, sentence_at = np.cumsum(sizes) - sizes, np.cumsum(counts) - counts
    first = np.concatenate([p.first for p in passages]) + np.repeat(token_at, counts)
    lengths = np.diff(first, append=sizes.sum())
    opens = np.zeros(len(first), bool)
    opens[sentence_at] = True
    numbers = np.arange(len(passages))
    return _Layout(
        sizes=sizes,
        first=first,
        lengths=lengths,
        sentence_of=np.repeat(np.arange(len(first)), lengths),
        token_owner=np.repeat(numbers, sizes),
        owner=np.repeat(numbers, counts),
        heads=sentence_at,
        opens=opens,
    )


def _coverage(
    question: QuestionView, layout: _Layout, soft: np.ndarray, in_title: np.ndarray
) -> np.ndarray:
    """Return for each sentence (columns) how well topic, names and numbers of the question are
    covered.

    The topic is what is asked about: the words that are no names, no numbers and not the noun that
    only says the kind of answer. What nothing covers tells a question on another matter.
    """
    count = soft.shape[1]
    numbers = np.array([word[:1].isdigit() for word in question.words])
    names = question.names & ~numbers
    noun = "" if _is_topic(question.question) else question.question.focus
    topic = ~names & ~numbers & np.array([word != noun for word in question.words])
    titled = np.maximum(soft, 0.7 * in_title)
    around = np.maximum(soft, 0.8 * _neighbours(soft, layout))
    whole = np.maximum.reduceat(titled, layout.heads, axis=1)[:, layout.owner]
    weights = question.weights * topic
    weights = weights / (weights.sum() + 1e-9)
    return np.array(
        [
            weights @ soft if topic.any() else np.ones(count),
            weights @ around if topic.any() else np.ones(count),
            _least(soft, topic),
            _least(np.maximum(around, 0.7 * in_title), topic),
            _least(whole, topic),
            _least(titled, names),
            _least(whole, names),
            _least(around, numbers),
        ],
        np.float32,
    )


def _is_topic(question: Question) -> bool:
    """Say whether the noun asked for is a matter of its own, as in « quelle est la population » or
    « combien de salariés », and not only the kind of answer, as in « quel pays »."""
    if question.focus in _KIND_NOUNS:
        return False
    return question.kind == "number" or bool(_COPULA.search(fold_text(question.text)))


def _least(columns: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return for each column its least value in the `chosen` rows, 1 if there are none."""
    if not chosen.any():
        return np.ones(columns.shape[1], np.float32)
    return columns[chosen].min(axis=0)


def _match_words(question: QuestionView, passages: Sequence[PassageView]) -> np.ndarray:
    """Return how surely each token of `passages` (columns) is each word of the question (rows): 1
    for the same stem, less for words that stand for each other, begin alike (champion,
    championnat), are translations or say nearly the same."""
    rows = {stem: row for row, stem in enumerate(question.stems)}
    heads: dict[str, list[int]] = {}
    for row, word in enumerate(question.words):
        if len(word) > 4:
            heads.setdefault(word[:4], []).append(row)
    alike = {
        cached_stem(other): row
        for row, word in enumerate(question.words)
        for other in find_synonyms(word)
    }
    french = _french_rows(question)
    own = question.question.language == "fr"
    near: dict[str, list[int]] = {}
    for stem, row in french.items():
        for other in list_near(stem):
            near.setdefault(other, []).append(row)

    def match(word: str, language: str) -> list[tuple[int, float]]:
        stem = cached_stem(word)
        if stem in rows:
            return [(rows[stem], 1.0)]
        found = [(alike[stem], _SYNONYM)] if stem in alike else []
        for row in heads.get(word[:4], ()):
            if _begin_alike(word, question.words[row]):
                found.append((row, _ALIKE))
        if language != question.question.language:
            stems = (stem,) if language == "fr" else _french_stems(word, language)
            found += [(french[other], _TRANSLATED) for other in stems if other in french]
        if language == "fr" and not found and stem in near:
            value = _NEAR if own else _TRANSLATED_NEAR
            found = [(row, value) for row in near[stem]]
        return found

    words: dict[str, set[str]] = {}
    for passage in passages:
        words.setdefault(passage.language, set()).update(passage.words)
    matches: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for language, met in words.items():
        likely: Iterable[str] = met
        if language in ("fr", question.question.language):
            # Stems keep four letters: most words are seen at a glance to match nothing.
            keys = (*rows, *alike, *((*french, *near) if language == "fr" else ()))
            begun = {key[:4] for key in keys}.union(heads)
            likely = [word for word in met if word[:4] in begun]
        matches[language] = {word: found for word in likely if (found := match(word, language))}
    matched = np.zeros((len(question.stems), sum(len(p.words) for p in passages)), np.float32)
    start = 0
    for passage in passages:
        known = matches[passage.language]
        for token, word in enumerate(passage.words, start):
            if word in known:
                for row, value in known[word]:
                    matched[row, token] = value
        start += len(passage.words)
    return matched


def _french_rows(question: QuestionView) -> dict[str, int]:
    if question.question.language == "fr":
        return {stem: row for row, stem in enumerate(question.stems)}
    return {
        stem: row
        for row, word in enumerate(question.words)
        for stem in _french_stems(word, question.question.language)
    }


@lru_cache(20_000)
def _french_stems(word: str, language: str) -> tuple[str, ...]:
    return tuple(cached_stem(found) for found in translate_word(word, language))


def _begin_alike(one: str, other: str) -> bool:
    if len(one) < 4:
        return False
    shared = 4
    for a, b in zip(one[4:], other[4:], strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _ALIKE_SHARE * max(len(one), len(other))


def _sentence_features(
    question: QuestionView,
    layout: _Layout,
    exact: np.ndarray,
    soft: np.ndarray,
    in_title: np.ndarray,
    means: np.ndarray,
    fits: np.ndarray,
) -> np.ndarray:
    weights, names = question.weights, question.names.astype(np.float32)
    named = max(1.0, float(names.sum()))
    covered, softly = weights @ exact, weights @ soft
    around = np.maximum(exact, _neighbours(exact, layout))
    around_soft = np.maximum(soft, _neighbours(soft, layout))
    whole_exact = np.maximum.reduceat(exact, layout.heads, axis=1)[:, layout.owner]
    whole_soft = np.maximum.reduceat(soft, layout.heads, axis=1)[:, layout.owner]
    most = np.maximum.reduceat(covered, layout.heads)[layout.owner]
    most_softly = np.maximum.reduceat(softly, layout.heads)[layout.owner]
    titled_soft = np.maximum(soft, in_title)
    rows = (
        covered,
        softly,
        covered / (most + 1e-6),
        softly / (most_softly + 1e-6),
        weights @ around,
        weights @ around_soft,
        weights @ whole_exact,
        weights @ whole_soft,
        weights @ np.maximum(exact, in_title),
        weights @ titled_soft,
        names @ exact / named,
        names @ np.maximum(whole_exact, in_title) / named,
        weights @ in_title,
        means @ question.mean,
        np.minimum(layout.lengths, 60) / 60,
        np.maximum.reduceat(fits, layout.first),
        layout.opens,
        np.maximum(whole_soft, in_title).min(axis=0),
        titled_soft.min(axis=0),
        not names.any(),
    )
    features = np.empty((SENTENCE_FEATURES, len(layout.owner)), np.float32)
    for number, row in enumerate(rows):
        features[number] = row
    return features


def _neighbours(columns: np.ndarray, layout: _Layout) -> np.ndarray:
    """Return for each sentence the greater of the columns before and after it in its passage."""
    same = ~layout.opens[1:]
    near = np.zeros_like(columns)
    near[:, 1:] = columns[:, :-1] * same
    near[:, :-1] = np.maximum(near[:, :-1], columns[:, 1:] * same)
    return near


def _distances(matched: np.ndarray, layout: _Layout) -> tuple[np.ndarray, np.ndarray]:
    """Return for each question word and token how far the nearest match is, and the one before."""
    place = (np.arange(matched.shape[1]) + _FAR * layout.token_owner).astype(np.float32)
    before = np.maximum.accumulate(np.where(matched, place, np.float32(-_FAR)), axis=1)
    beyond = np.float32(_FAR * (layout.token_owner[-1] + 3))
    after = np.minimum.accumulate(np.where(matched, place, beyond)[:, ::-1], axis=1)[:, ::-1]
    left = place - before
    return np.minimum(left, after - place), left


def _flag_quantities(question: Question, passages: Sequence[PassageView], count: int) -> np.ndarray:
    """Return for each token whether it lies in a quantity of the kind asked, and in one that the
    question names (2 × count)."""
    units = UNITS_OF_KIND.get(question.kind)
    named = {(q.value, q.unit) for q in question.quantities}
    flags = np.zeros((2, count), np.float32)
    at = 0
    for passage in passages:
        for found, (begin, end) in zip(passage.quantities, passage.placed, strict=True):
            if units:
                fits = found.unit in units
            else:
                fits = question.kind == "number" and found.unit not in ("year", "date")
            flags[0, at + begin : at + end] = fits
            flags[1, at + begin : at + end] = (found.value, found.unit) in named
        at += len(passage.words)
    return flags
