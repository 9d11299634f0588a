"""Questions of others with the passages that answer them.

Sources: PIAF train (French), translated SQuAD (Italian, Spanish; the questions that XQuAD shares
are left out), OpenQuizzDB in six languages where the anecdote holds the answer.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rag.sentences import split_sentences
from rag.words import fold_text

SHARED = Path(__file__).resolve().parents[3] / "shared"
DATA = SHARED / "data"
# Longer texts are cut to about this many characters around the answer, as passages are.
WINDOW = 650
# Whose answers are of one manner: those of "own" are shorter than those of "piaf".
SOURCES = ("piaf", "squad", "quiz", "own")


@dataclass(frozen=True)
class Example:
    """A question and its answers, as ranges in `text`.

    `language` is that of the text, and of the question unless it was `asked_in` another;
    `translated` is the language its words are to be put into, or "". Without `answers` the text
    does not answer. `source` is one of SOURCES.
    `decoys` are (title, text) that look as if they answered; none: they are searched for.
    """

    question: str
    language: str
    title: str
    text: str
    answers: tuple[tuple[int, int], ...]
    source: str
    asked_in: str = ""
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


def cut_window(example: Example) -> Example:
    """Return `example` with no more text than a passage has, whole sentences around its answer."""
    if len(example.text) <= WINDOW or not example.answers:
        return example
    spans = split_sentences(example.text)
    start, end = example.answers[0]
    inside = [n for n, s in enumerate(spans) if s.start < end and start < s.end]
    first, last = (inside[0], inside[-1]) if inside else (0, len(spans) - 1)
    rng = random.Random(example.question)
    while first > 0 or last < len(spans) - 1:
        back = first > 0 and (last == len(spans) - 1 or rng.random() < 0.5)
        low, high = (first - 1, last) if back else (first, last + 1)
        if spans[high].end - spans[low].start > WINDOW:
            break
        first, last = low, high
    at, stop = min(spans[first].start, start), max(spans[last].end, end)
    answers = tuple((a - at, b - at) for a, b in example.answers if at <= a and b <= stop)
    return replace(example, text=example.text[at:stop], answers=answers)
