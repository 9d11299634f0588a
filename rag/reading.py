"""Which sentence of the passages answers, and which words of it.

The network (`rag.network`) judges sentences and ranges of words; what it says, what words alike say
and what the search says are the evidence that sentences of all passages are put in order by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from rag.embedding import load_embedder
from rag.embedding.static import StaticEmbedder
from rag.features import PassageView, WordVectors, describe_passage, describe_question
from rag.matching import COVERAGE_FEATURES, SENTENCE_FEATURES, compare
from rag.network import Network, own_reader, score_passages
from rag.questions import Question, is_measured
from rag.spans import choose_span, rate_ranges
from rag.types import Hit, Span

# Sentences further down hardly ever answer: they are not looked at more closely.
LOOKED_AT = 8
_HIT_FEATURES = 7
# What is left unread: hits that score this far below the best or speak of less than this share of
# the names that the best speaks of. Where neither a figure, which changes from issue to issue, nor
# a list is asked for, less is read; of 1,336 questions none fewer is answered right for it.
_ALWAYS_READ = 3
_READ_SHARE, _READ_SHARE_OF_ONE_FACT = 0.005, 0.05
_READ_NAMES = 0.5
_READ_OF_ONE_FACT = 4
# How many passages are remembered as they were read.
_REMEMBERED = 512
_NETWORK_FEATURES = 4
# What the network says, the features of the sentence (a second time where question and passage are
# of one language: coverage means more there) and what the search says.
_JUDGED = SENTENCE_FEATURES + COVERAGE_FEATURES
EVIDENCE = _NETWORK_FEATURES + 2 * _JUDGED + _HIT_FEATURES


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence that may answer: `sentence` and `short` are ranges of the passage's text.

    `hit` is the number of its hit, from 0. `score` ranks the sentences of all hits, higher is
    better; `sureness` is the share of the short answer among all ranges of the sentence (0..1);
    `evidence` are the features (EVIDENCE of them) that the sentence was judged by.
    """

    hit: int
    sentence: Span
    short: Span
    score: float
    sureness: float
    evidence: np.ndarray


def read_hits(
    question: Question,
    hits: Sequence[Hit],
    network: Network | None = None,
    *,
    every: bool = False,
) -> list[Reading]:
    """Return every sentence of `hits` as a possible answer to `question`, best first.

    Of hits that promise little only the first few are read, unless `every` one is wanted.
    """
    network = network or own_reader()
    asked = describe_question(question, network.words)
    chosen = range(len(hits)) if every else _list_promising(question, hits)
    views = {
        number: _view(network.words, passage.text, passage.article, passage.language)
        for number, passage in ((n, hits[n].passage) for n in chosen)
    }
    numbers = [number for number, view in views.items() if view.words]
    if not numbers:
        return []
    used = [views[number] for number in numbers]
    compared = compare(asked, used, network.words)
    scores, judged = score_passages(network, asked, compared)
    ranges = rate_ranges(scores, compared.first)
    near = _cosines(question, [hits[number] for number in numbers], used)
    owner = np.repeat(numbers, [len(view.first) for view in used])
    top = max(hits[number].score for number in numbers) + 1e-6
    found = np.array(
        [(h.score, h.score / top, 1 / h.rank, h.cosine, h.lexical) for h in hits], np.float32
    )
    same = np.array([hit.passage.language == question.language for hit in hits])
    described = np.hstack([compared.sentences, compared.coverage])
    evidence = np.hstack(
        [
            judged,
            np.stack([ranges.best, ranges.share], axis=1),
            described,
            described * same[owner, None],
            found[owner],
            np.stack([near, near - near.max()], axis=1),
        ]
    ).astype(np.float32)
    ranked = evidence @ network.weights["rank.weight"]
    places = [
        (view, number, span)
        for number, view in zip(numbers, used, strict=True)
        for span in view.spans
    ]
    tokens = [place for view in used for place in view.ranges]
    borders = [*compared.first.tolist(), len(tokens)]
    readings: list[Reading] = []
    for row in np.argsort(-ranked, kind="stable").tolist():
        view, number, span = places[row]
        if not any(map(str.isalnum, view.text[span.start : span.end])):
            continue
        first, last, sureness = ranges.list_likeliest(row)
        if len(readings) < LOOKED_AT:
            begin, end = borders[row : row + 2]
            one, other, sureness = choose_span(scores[begin:end])
            first, last = begin + one, begin + other
        readings.append(
            Reading(
                hit=number,
                sentence=span,
                short=Span(tokens[first][0], tokens[last][1]),
                score=float(ranked[row]),
                sureness=sureness,
                evidence=evidence[row],
            )
        )
    return readings


def _list_promising(question: Question, hits: Sequence[Hit]) -> list[int]:
    """Return the numbers of the hits that may answer: the first few, and those not far behind the
    best in score and in the names of the question that they speak of."""
    widely = question.several or is_measured(question)
    share = _READ_SHARE if widely else _READ_SHARE_OF_ONE_FACT
    score = share * max((hit.score for hit in hits), default=0.0)
    names = _READ_NAMES * max((hit.names for hit in hits), default=0.0)
    return [
        number
        for number, hit in enumerate(hits[: None if widely else _READ_OF_ONE_FACT])
        if number < _ALWAYS_READ or (hit.score >= score and hit.names >= names)
    ]


@lru_cache(_REMEMBERED)
def _view(words: WordVectors, text: str, title: str, language: str) -> PassageView:
    return describe_passage(text, title, language, words)


def _cosines(question: Question, hits: Sequence[Hit], views: Sequence[PassageView]) -> np.ndarray:
    """Return the cosine of the question and each sentence, with the model of the package."""
    asked = _own_embedder().sum_tokens([question.text])[0]
    rows = np.concatenate(_sum_sentences([hit.passage.article for hit in hits], views))
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(asked)
    return rows @ asked / (lengths + 1e-9)


def _sum_sentences(titles: Sequence[str], views: Sequence[PassageView]) -> list[np.ndarray]:
    """Return of each passage the sums of the vectors of its title and each of its sentences."""
    keys = [(title, view.text) for title, view in zip(titles, views, strict=True)]
    found = {key: known for key in keys if (known := _sums.get(key)) is not None}
    fresh = {key: view for key, view in zip(keys, views, strict=True) if key not in found}
    if fresh:
        heads = [title for title, _ in fresh]
        # The folded words, of which far fewer differ than of words as they are written.
        texts = [
            " ".join(view.words[first:end])
            for view in fresh.values()
            for first, end in pairwise([*view.first, len(view.words)])
        ]
        sums = _own_embedder().sum_tokens([*heads, *texts])
        at = len(heads)
        for head, (key, view) in zip(sums, fresh.items(), strict=False):
            found[key] = head + sums[at : at + len(view.spans)]
            at += len(view.spans)
        if len(_sums) > _REMEMBERED:
            _sums.clear()
        _sums.update((key, found[key]) for key in fresh)
    return [found[key] for key in keys]


_sums: dict[tuple[str, str], np.ndarray] = {}


@lru_cache(1)
def _own_embedder() -> StaticEmbedder:
    embedder = load_embedder()
    assert isinstance(embedder, StaticEmbedder)
    return embedder
