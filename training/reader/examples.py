"""Questions with the passages that answer them and passages that look as if they did.

Sources: PIAF train (French), translated SQuAD (Italian, Spanish; the questions that XQuAD shares
are left out), OpenQuizzDB in six languages where the anecdote holds the answer.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from rag.words import fold_text, stem_word, tokenise

SHARED = Path(__file__).resolve().parents[3] / "shared"
DATA = SHARED / "data"


@dataclass(frozen=True)
class Example:
    """A question and its answers, as ranges in `text`.

    `translated` is the language its words are to be put into, or "".
    `decoys` are (title, text) that look as if they answered; none: they are searched for.
    """

    question: str
    language: str
    title: str
    text: str
    answers: tuple[tuple[int, int], ...]
    source: str
    translated: str = ""
    decoys: tuple[tuple[str, str], ...] = ()


def read_squad(path: Path, language: str, source: str, skip: Iterable[str] = ()) -> list[Example]:
    """Return the questions of a SQuAD file, plain or gzip, without those whose id is in `skip`."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    skipped = set(skip)
    return [
        Example(
            row["question"],
            language,
            article.get("title", "").replace("_", " "),
            paragraph["context"],
            tuple(
                sorted({(a["answer_start"], a["answer_start"] + len(a["text"]))
                        for a in row["answers"]
                        if paragraph["context"][a["answer_start"] :].startswith(a["text"])})
            ),
            source,
        )
        for article in articles
        for paragraph in article["paragraphs"]
        for row in paragraph["qas"]
        if row.get("id") not in skipped
    ]  # fmt: skip


def read_quiz() -> list[Example]:
    """Return the quiz questions whose anecdote holds the answer."""
    examples = []
    with gzip.open(DATA / "train" / "quiz.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text, answer = row["anecdote"], row["answer"]
            at = fold_text(text).find(fold_text(answer))
            if at >= 0 and len(answer) > 1 and len(text) > 60:
                spans = ((at, at + len(answer)),)
                examples.append(Example(row["q"], row["lang"], "", text, spans, "quiz"))
    return examples


def read_training() -> list[Example]:
    """Return all training questions that have an answer in their text."""
    xquad = json.loads((DATA / "dev" / "xquad.en.json").read_text())["data"]
    shared = [q["id"] for a in xquad for p in a["paragraphs"] for q in p["qas"]]
    train = DATA / "train"
    examples = [
        *read_squad(train / "piaf-train.json", "fr", "piaf"),
        *read_squad(train / "squad-it.json.gz", "it", "squad"),
        *read_squad(train / "squad-es.json.gz", "es", "squad", shared),
        *read_quiz(),
    ]
    examples = [example for example in examples if example.answers]
    rng = random.Random(1)
    french = [e for e in examples if e.language == "fr"]
    languages = ("en", "de", "es", "it", "nl", "pt")
    return examples + [
        replace(e, translated=rng.choice(languages)) for e in rng.sample(french, len(french) // 2)
    ]


def find_decoys(
    examples: list[Example], pool: list[tuple[str, str]], count: int
) -> Iterator[list[tuple[str, str]]]:
    """Yield for each example `count` passages (title, text) of `pool` that are near its question
    but are not its text and do not hold its answer."""
    vectorizer = TfidfVectorizer(analyzer=_stems, sublinear_tf=True, dtype=np.float32)
    matrix = vectorizer.fit_transform([f"{title} {text}" for title, text in pool])
    for start in range(0, len(examples), 256):
        batch = examples[start : start + 256]
        scores = vectorizer.transform([e.question for e in batch]) @ matrix.T
        for example, row in zip(batch, scores.toarray(), strict=True):
            best = np.argpartition(-row, 4 * count)[: 4 * count]
            answers = [fold_text(example.text[a:b]) for a, b in example.answers]
            found = []
            for index in best[np.argsort(-row[best])]:
                title, text = pool[index]
                folded = fold_text(text)
                if text != example.text and not any(answer in folded for answer in answers):
                    found.append((title, text))
            yield found[:count]


def sample_news(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return (title, text) of `count` slices of French news, about 480 characters each."""
    rows = []
    with gzip.open(DATA / "train" / "news-fr.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows.append((row["title"], row["article"]))
    rng = random.Random(seed)
    slices = []
    for title, text in rng.sample(rows, count):
        at = rng.randrange(0, max(1, len(text) - 480))
        at = text.find(" ", at) + 1
        slices.append((title, text[at : at + 480]))
    return slices


def _stems(text: str) -> list[str]:
    return [stem_word(t.folded) for t in tokenise(text) if len(t.folded) > 1]
