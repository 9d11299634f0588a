"""A question and passages together, as numbers: what matches what, how near, how much is covered.

All passages are compared in one go, their tokens end to end; nothing reaches across passages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rag.dictionary import translate_word
from rag.features import STATIC_FEATURES, PassageView, QuestionView, WordVectors
from rag.questions import UNITS_OF_KIND, Question
from rag.synonyms import find_synonyms
from rag.words import cached_stem, fold_text

TOKEN_FEATURES = STATIC_FEATURES + 22
SENTENCE_FEATURES = 20
COVERAGE_FEATURES = 8
_ALIKE, _ALIKE_SHARE, _TRANSLATED, _SYNONYM = 0.7, 0.6, 0.8, 0.9
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
    each sentence, `vectors` are the word vectors of the tokens.
    """

    tokens: np.ndarray
    sentences: np.ndarray
    coverage: np.ndarray
    first: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where passages and sentences lie: owners are numbers of passages, in order."""

    first: np.ndarray
    sentence_of: np.ndarray
    token_owner: np.ndarray
    owner: np.ndarray
    heads: np.ndarray


def compare(
    question: QuestionView, passages: Sequence[PassageView], words: WordVectors
) -> Comparison:
    """Return what `question` and `passages`, none without words, have to do with each other."""
    layout = _lay_out(passages)
    vectors = words.vectors[np.concatenate([p.rows for p in passages])]
    idf = np.concatenate([p.idf for p in passages])
    cosines = vectors @ question.vectors.T
    exact = np.concatenate([_match_words(question, p) for p in passages])
    soft = np.maximum(exact, np.clip((cosines - 0.25) / 0.45, 0, 1))
    weights = question.weights
    in_title = np.array(
        [[stem in p.title_stems for stem in question.stems] for p in passages],
        np.float32,
    )[layout.owner]
    nearest, left = _distances(exact >= _ALIKE, layout)
    nearest_soft, _ = _distances(soft > 0.4, layout)
    flags = np.concatenate([_quantity_flags(question.question, p) for p in passages])
    exact_rows = np.maximum.reduceat(exact, layout.first, axis=0)
    soft_rows = np.maximum.reduceat(soft, layout.first, axis=0)
    means = np.add.reduceat(vectors * idf[:, None], layout.first, axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True) + 1e-9
    sentences = _sentence_features(
        question, layout, exact_rows, soft_rows, in_title, means, flags[:, 0]
    )
    seen = sentences[layout.sentence_of]
    tokens = np.empty((len(exact), TOKEN_FEATURES), np.float32)
    tokens[:, :STATIC_FEATURES] = np.concatenate([p.static for p in passages])
    tokens[:, STATIC_FEATURES:] = np.stack(
        [
            exact.max(axis=1),
            exact @ weights * 4,
            soft.max(axis=1),
            soft @ weights * 4,
            cosines.max(axis=1),
            vectors @ question.mean,
            vectors @ question.focus,
            np.exp(nearest / -3) @ weights,
            np.exp(nearest / -10) @ weights,
            np.exp(left / -6) @ weights,
            np.exp(nearest_soft / -3) @ weights,
            np.exp(nearest_soft / -10) @ weights,
            flags[:, 0],
            flags[:, 1],
            *seen[:, [0, 1, 2, 3, 8, 9]].T,
            exact @ question.names.astype(np.float32),
            idf / 10,
        ],
        axis=1,
    )
    coverage = _coverage(question, layout, soft_rows, in_title)
    return Comparison(tokens, sentences, coverage, layout.first, vectors)


def _lay_out(passages: Sequence[PassageView]) -> _Layout:
    sizes = np.array([len(p.starts) for p in passages])
    counts = np.array([len(p.first) for p in passages])
    token_at, sentence_at = np.cumsum(sizes) - sizes, np.cumsum(counts) - counts
    return _Layout(
        first=np.concatenate([p.first + at for p, at in zip(passages, token_at, strict=True)]),
        sentence_of=np.concatenate(
            [p.sentence_of + at for p, at in zip(passages, sentence_at, strict=True)]
        ),
        token_owner=np.repeat(np.arange(len(passages)), sizes),
        owner=np.repeat(np.arange(len(passages)), counts),
        heads=sentence_at,
    )


def _coverage(
    question: QuestionView, layout: _Layout, soft: np.ndarray, in_title: np.ndarray
) -> np.ndarray:
    """Return for each sentence how well topic, names and numbers of the question are covered.

    The topic is what is asked about: the words that are no names, no numbers and not the noun that
    only says the kind of answer. What nothing covers tells a question on another matter.
    """
    count = len(soft)
    numbers = np.array([word[:1].isdigit() for word in question.words])
    names = question.names & ~numbers
    noun = "" if _is_topic(question.question) else question.question.focus
    topic = ~names & ~numbers & np.array([word != noun for word in question.words])
    titled = np.maximum(soft, 0.7 * in_title)
    around = np.maximum(soft, 0.8 * _neighbours(soft, layout))
    whole = np.maximum.reduceat(titled, layout.heads, axis=0)[layout.owner]
    weights = question.weights * topic
    weights = weights / (weights.sum() + 1e-9)
    columns = [
        soft @ weights if topic.any() else np.ones(count),
        around @ weights if topic.any() else np.ones(count),
        _least(soft, topic),
        _least(np.maximum(around, 0.7 * in_title), topic),
        _least(whole, topic),
        _least(titled, names),
        _least(whole, names),
        _least(around, numbers),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _is_topic(question: Question) -> bool:
    """Say whether the noun asked for is a matter of its own, as in « quelle est la population » or
    « combien de salariés », and not only the kind of answer, as in « quel pays »."""
    if question.focus in _KIND_NOUNS:
        return False
    return question.kind == "number" or bool(_COPULA.search(fold_text(question.text)))


def _least(rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return for each row its least value in the `chosen` columns, 1 if there are none."""
    return rows[:, chosen].min(axis=1) if chosen.any() else np.ones(len(rows), np.float32)


def _match_words(question: QuestionView, passage: PassageView) -> np.ndarray:
    """Return how surely each token is each word of the question: 1 for the same stem, less for
    words that stand for each other, begin alike (champion, championnat) or are translations."""
    matched = np.zeros((len(passage.stems), len(question.stems)), np.float32)
    columns = {stem: column for column, stem in enumerate(question.stems)}
    heads: dict[str, list[int]] = {}
    for column, word in enumerate(question.words):
        if len(word) > 4:
            heads.setdefault(word[:4], []).append(column)
    alike = {
        cached_stem(other): column
        for column, word in enumerate(question.words)
        for other in find_synonyms(word)
    }
    foreign = question.question.language != passage.language
    french = _french_columns(question) if foreign else {}
    for token, (stem, word) in enumerate(zip(passage.stems, passage.words, strict=True)):
        if stem in columns:
            matched[token, columns[stem]] = 1
            continue
        if stem in alike:
            matched[token, alike[stem]] = _SYNONYM
        for column in heads.get(word[:4], ()):
            if _begin_alike(word, question.words[column]):
                matched[token, column] = _ALIKE
        if foreign:
            stems = (stem,) if passage.language == "fr" else _french_stems(word, passage.language)
            for other in stems:
                if other in french:
                    matched[token, french[other]] = _TRANSLATED
    return matched


def _french_columns(question: QuestionView) -> dict[str, int]:
    if question.question.language == "fr":
        return {stem: column for column, stem in enumerate(question.stems)}
    return {
        stem: column
        for column, word in enumerate(question.words)
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
    covered, softly = exact @ weights, soft @ weights
    around = np.maximum(exact, _neighbours(exact, layout))
    around_soft = np.maximum(soft, _neighbours(soft, layout))
    whole_exact = np.maximum.reduceat(exact, layout.heads, axis=0)[layout.owner]
    whole_soft = np.maximum.reduceat(soft, layout.heads, axis=0)[layout.owner]
    most = np.maximum.reduceat(covered, layout.heads)[layout.owner]
    most_softly = np.maximum.reduceat(softly, layout.heads)[layout.owner]
    lengths = np.diff(np.append(layout.first, len(layout.sentence_of)))
    titled_soft = np.maximum(soft, in_title)
    return np.stack(
        [
            covered,
            softly,
            covered / (most + 1e-6),
            softly / (most_softly + 1e-6),
            around @ weights,
            around_soft @ weights,
            whole_exact @ weights,
            whole_soft @ weights,
            np.maximum(exact, in_title) @ weights,
            titled_soft @ weights,
            exact @ names / named,
            np.maximum(whole_exact, in_title) @ names / named,
            in_title @ weights,
            means @ question.mean,
            np.minimum(lengths, 60) / 60,
            np.maximum.reduceat(fits, layout.first),
            np.diff(layout.owner, prepend=-1) > 0,
            np.maximum(whole_soft, in_title).min(axis=1),
            titled_soft.min(axis=1),
            np.full(len(lengths), not names.any()),
        ],
        axis=1,
    ).astype(np.float32)


def _neighbours(rows: np.ndarray, layout: _Layout) -> np.ndarray:
    """Return for each sentence the greater of the rows before and after it in its passage."""
    same = (layout.owner[1:] == layout.owner[:-1])[:, None]
    near = np.zeros_like(rows)
    near[1:] = rows[:-1] * same
    near[:-1] = np.maximum(near[:-1], rows[1:] * same)
    return near


def _distances(matched: np.ndarray, layout: _Layout) -> tuple[np.ndarray, np.ndarray]:
    """Return for each token and question word how far the nearest match is, and the one before."""
    count = len(matched)
    place = (np.arange(count) + _FAR * layout.token_owner).astype(np.float32)[:, None]
    before = np.maximum.accumulate(np.where(matched, place, -_FAR), axis=0)
    after = np.where(matched, place, _FAR * (layout.token_owner[-1] + 3))
    after = np.minimum.accumulate(after[::-1], axis=0)[::-1]
    left = place - before
    return np.minimum(left, after - place), left


def _quantity_flags(question: Question, passage: PassageView) -> np.ndarray:
    """Return for each token whether it lies in a quantity of the kind asked, and in one that the
    question names (n × 2)."""
    units = UNITS_OF_KIND.get(question.kind)
    named = {(q.value, q.unit) for q in question.quantities}
    fits = [
        q.unit in units if units else question.kind == "number" and q.unit not in ("year", "date")
        for q in passage.quantities
    ]
    same = [(q.value, q.unit) in named for q in passage.quantities]
    return np.array([[*fits, False], [*same, False]], np.float32).T[passage.quantity_of]
