"""Batches of (query, document) token sequences that belong together.

Within a batch every other document is a negative, save those with the same key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.prepare import load
from training.ragged import Ragged, concatenate, cut, drop, join

SOURCE_WEIGHTS = {"tatoeba": 1.0, "news": 4.0, "tico19": 1.0, "glossary": 6.0}
TECHDOCS_WEIGHT = 0.4
ORDERED_SOURCES = ("news", "tico19")
WINDOW = (50, 140)
SPAN = (5, 24)
TRANSLATED_QUERIES = 0.3
TRANSLATED_DOCUMENTS = 0.08


@dataclass(frozen=True)
class Batch:
    queries: Ragged
    documents: Ragged
    keys: np.ndarray


def _interleave(choice: np.ndarray, options: list[Ragged]) -> Ragged:
    """Row i of the option that `choice[i]` names."""
    n = len(choice)
    return concatenate(options).take(choice * n + np.arange(n))


def _draw_lengths(low: int, high: int, n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(low, high + 1, n)


class Translator:
    """French tokens by tokens of another language, one by one, drawn by their likelihood."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            self._languages = sorted({name.split(".")[0] for name in stored.files})
            self._best = [stored[f"{lang}.best"] for lang in self._languages]
            self._share = [stored[f"{lang}.share"] for lang in self._languages]

    def draw(self, texts: Ragged, rng: np.random.Generator) -> Ragged:
        """All texts in one language, English as often as the others together."""
        weights = np.where(np.array(self._languages) == "en", len(self._languages) - 1, 1)
        lang = rng.choice(len(weights), p=weights / weights.sum())
        choice = (rng.random((len(texts.ids), 1)) > self._share[lang][texts.ids]).sum(1)
        choice = np.minimum(choice, self._best[lang].shape[1] - 1)
        return Ragged(self._best[lang][texts.ids, choice], texts.offsets)

    def draw_batch(self, batch: Batch, rng: np.random.Generator) -> Batch:
        """The batch as it is, with its queries translated, or with its documents translated."""
        draw = rng.random()
        if draw < TRANSLATED_QUERIES:
            return Batch(self.draw(batch.queries, rng), batch.documents, batch.keys)
        if draw < TRANSLATED_QUERIES + TRANSLATED_DOCUMENTS:
            return Batch(batch.queries, self.draw(batch.documents, rng), batch.keys)
        return batch


class ParallelSampler:
    """Translated sentences; where a file keeps its order, also a sentence and the passage of the
    other language around its translation."""

    def __init__(self, folder: Path) -> None:
        self._groups, weights = [], []
        for path in sorted(folder.glob("parallel.*.npz")):
            source = path.stem.split(".")[2]
            stored = load(path)
            self._groups.append((source, stored["left"], stored["right"]))
            weight = SOURCE_WEIGHTS.get(source, TECHDOCS_WEIGHT)
            weights.append(weight * len(stored["left"]) ** 0.6)
        self._weights = np.array(weights) / sum(weights)

    def draw(self, size: int, rng: np.random.Generator) -> Batch:
        """Two halves, each of one language pair and source."""
        halves = [self._draw_group(size // 2, rng) for _ in range(2)]
        return Batch(
            concatenate([half.queries for half in halves]),
            concatenate([half.documents for half in halves]),
            np.arange(sum(len(half.keys) for half in halves)),
        )

    def _draw_group(self, size: int, rng: np.random.Generator) -> Batch:
        source, left, right = self._groups[rng.choice(len(self._groups), p=self._weights)]
        if rng.random() < 0.5:
            left, right = right, left
        if source == "glossary":
            first, second = rng.integers(0, len(left), (2, size))
            return Batch(
                join(left.take(first), left.take(second)),
                join(right.take(first), right.take(second)),
                np.arange(size),
            )
        rows = rng.permutation(len(left))[:size]
        documents = right.take(rows)
        if source in ORDERED_SOURCES and rng.random() < 0.5:
            width = rng.integers(2, 5)
            first = np.clip(rows - rng.integers(0, width, len(rows)), 0, len(left) - width)
            spans = right.offsets[first + width] - right.offsets[first]
            documents = cut(right.ids, right.offsets[first], spans)
        return Batch(left.take(rows), documents, np.arange(len(rows)))


class NewsSampler:
    """French articles: title, heading, neighbouring window or a cut-out span (inverse cloze task,
    Lee et al. 2019) to a window of the body, half of the windows led by their title."""

    KINDS = (0.30, 0.15, 0.15, 0.40)

    def __init__(self, folder: Path, translator: Translator) -> None:
        self._translator = translator
        stored = load(folder / "news.npz")
        usable = np.flatnonzero(stored["body"].lengths >= 2 * WINDOW[0])
        self._title, self._heading, self._body = (
            stored[name].take(usable) for name in ("title", "heading", "body")
        )

    def draw(self, size: int, rng: np.random.Generator) -> Batch:
        rows = rng.permutation(len(self._body))[:size]
        n, body = len(rows), self._body
        starts, lengths = body.offsets[rows], body.lengths[rows]
        width = np.minimum(_draw_lengths(*WINDOW, n, rng), lengths)
        # Squared: early windows, which resemble the title most, are drawn more often.
        at = (rng.random(n) ** 2 * (lengths - width + 1)).astype(np.int64)
        title, heading = self._title.take(rows), self._heading.take(rows)

        span = np.minimum(_draw_lengths(*SPAN, n, rng), width - 1)
        span_at = (rng.random(n) * (width - span + 1)).astype(np.int64)
        spans = cut(body.ids, starts + at + span_at, span)
        removed = np.where(rng.random(n) < 0.6, span, 0)
        before = cut(body.ids, starts + at, span_at)
        after = cut(body.ids, starts + at + span_at + removed, width - span_at - removed)
        gapped = join(before, after)

        after_at = np.minimum(at + width, lengths - width)
        neighbour = cut(body.ids, starts + after_at, width)
        window = cut(body.ids, starts + at, width)

        kind = rng.choice(4, n, p=self.KINDS)
        kind[(kind == 0) & (title.lengths < 4)] = 3
        kind[(kind == 1) & (heading.lengths < 4)] = 3
        queries = _interleave(kind, [title, heading, neighbour, drop(spans, 0.1, rng)])
        documents = _interleave(np.minimum(kind, 3), [window, window, window, gapped])
        titled = (kind != 0) & (rng.random(n) < 0.5)
        documents = _interleave(titled.astype(int), [documents, join(title, documents)])
        return self._translator.draw_batch(Batch(queries, documents, np.arange(n)), rng)


class QuestionSampler:
    """Questions and the paragraph (PIAF) or anecdote (quiz, across languages) that answers."""

    def __init__(self, folder: Path, translator: Translator) -> None:
        self._translator = translator
        self._piaf, self._quiz = load(folder / "piaf.npz"), load(folder / "quiz.npz")
        order = np.argsort(self._quiz["key"], kind="stable")
        keys = self._quiz["key"][order]
        self._by_key = order
        self._first = np.searchsorted(keys, self._quiz["key"])
        self._count = np.searchsorted(keys, self._quiz["key"], side="right") - self._first

    def draw(self, size: int, rng: np.random.Generator) -> Batch:
        piaf, quiz = self._draw_piaf(size // 2, rng), self._draw_quiz(size // 2, rng)
        return Batch(
            concatenate([piaf.queries, quiz.queries]),
            concatenate([piaf.documents, quiz.documents]),
            np.concatenate([piaf.keys, -1 - quiz.keys]),
        )

    def _draw_piaf(self, size: int, rng: np.random.Generator) -> Batch:
        """A run of neighbouring questions: paragraphs of one article are each other's negatives."""
        total = len(self._piaf["question"])
        blocks = rng.permutation(total // 64 + 1)[: size // 64]
        rows = (np.add.outer(blocks * 64, np.arange(64)).ravel() + rng.integers(64)) % total
        target = self._piaf["document"][rows]
        title, text = self._piaf["title"].take(target), self._piaf["text"].take(target)
        titled = rng.random(len(rows)) < 0.5
        documents = _interleave(titled.astype(int), [text, join(title, text)])
        queries = drop(self._piaf["question"].take(rows), 0.1 * rng.random(), rng)
        documents = drop(documents, 0.2 * rng.random(), rng)
        return self._translator.draw_batch(Batch(queries, documents, target), rng)

    def _draw_quiz(self, size: int, rng: np.random.Generator) -> Batch:
        rows = rng.permutation(len(self._quiz["question"]))[:size]
        shift = (rng.random(len(rows)) * self._count[rows]).astype(np.int64)
        target = self._by_key[self._first[rows] + shift]
        theme, answer = self._quiz["theme"].take(target), self._quiz["answer"].take(target)
        documents = join(join(theme, answer), self._quiz["text"].take(target))
        return Batch(self._quiz["question"].take(rows), documents, self._quiz["key"][rows])


def draw_batches(folder: Path, size: int, steps: int, seed: int) -> Iterator[tuple[str, Batch]]:
    """`steps` batches with the name of their kind, the same for the same seed."""
    rng = np.random.default_rng(seed)
    translator = Translator(folder.parent / "dictionary.npz")
    samplers = {
        "parallel": ParallelSampler(folder),
        "news": NewsSampler(folder, translator),
        "questions": QuestionSampler(folder, translator),
    }
    cycle = ("parallel", "news") * 3 + ("news", "questions")
    for step in range(steps):
        kind = cycle[step % len(cycle)]
        yield kind, samplers[kind].draw(size, rng)
