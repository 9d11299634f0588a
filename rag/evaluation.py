"""Measures retrieval, answers and abstention over questions with known answers.

Retrieval metrics (recall@k, reciprocal rank, nDCG@10 with binary relevance; Järvelin & Kekäläinen
2002) are computed by ir-measures, over the trec_eval implementation.
"""

from __future__ import annotations

import re
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Protocol

from rag.checking import verify_citations
from rag.config import Settings
from rag.questions_file import GoldQuestion, QuestionFile
from rag.types import Answer, Hit, Issue, Passage

_DEPTH = 10
_SPACES_AND_QUOTES = {ord(c): "'" for c in "’‘`´"} | {ord(c): '"' for c in "“”«»„"}


class Answering(Protocol):
    """What is evaluated: see `rag.assistant.Assistant`."""

    def search(self, query: str, k: int | None = None) -> list[Hit]: ...

    def ask(self, question: str) -> Answer: ...

    def issue(self, source: str) -> Issue: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question and what came of it. `ranks` (from 1) are of hits that hold the evidence."""

    question: GoldQuestion
    ranks: tuple[int, ...]
    answer: Answer
    verbatim: bool
    search_seconds: float
    ask_seconds: float

    @property
    def right(self) -> bool:
        """True if the answer's text holds a gold answer."""
        return not self.answer.abstained and holds_answer(self.answer.text, self.question.answers)

    @property
    def cited(self) -> bool:
        """True if the first citation holds a gold answer."""
        citations = self.answer.citations
        return bool(citations) and holds_answer(citations[0].quote, self.question.answers)

    @property
    def stale(self) -> bool:
        """True if the first citation holds a former answer and not the current one."""
        citations = self.answer.citations
        return (
            bool(citations)
            and not self.cited
            and holds_answer(citations[0].quote, self.question.stale)
        )


def normalise_text(text: str) -> str:
    """Return `text` folded for comparison: compatibility form, case, quotes and spaces."""
    text = unicodedata.normalize("NFKC", text).translate(_SPACES_AND_QUOTES).casefold()
    return re.sub(r"\s+", " ", text).strip()


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Return True if one of `answers` stands in `text` as whole words or numbers.

    >>> holds_answer("soit 165 milliards", ["65 milliards"])
    False
    """
    text = normalise_text(text)
    return any(
        re.search(rf"(?<![\w,.]){re.escape(normalise_text(a))}(?!\w|[,.]\d)", text)
        for a in answers
        if a.strip()
    )


def holds_evidence(passage: Passage, question: GoldQuestion) -> bool:
    """Return True if `passage` is one that proves the answer to `question`."""
    if question.source and Path(passage.source).name != Path(question.source).name:
        return False
    if question.start >= 0:
        return passage.start <= question.start < passage.end
    if question.evidence:
        return normalise_text(question.evidence) in normalise_text(passage.text)
    return holds_answer(passage.text, question.answers)


def run_questions(
    assistant: Answering,
    questions: Sequence[GoldQuestion],
    progress: Callable[[int], None] | None = None,
) -> list[Outcome]:
    """Ask every question and return one outcome each, in order; `progress` gets 1 after each."""
    outcomes = []
    for question in questions:
        began = time.perf_counter()
        hits = assistant.search(question.question, _DEPTH)
        searched = time.perf_counter()
        answer = assistant.ask(question.question)
        asked = time.perf_counter()
        outcomes.append(
            Outcome(
                question=question,
                ranks=tuple(h.rank for h in hits if holds_evidence(h.passage, question)),
                answer=answer,
                verbatim=not verify_citations(answer, lambda source: assistant.issue(source).text),
                search_seconds=searched - began,
                ask_seconds=asked - searched,
            )
        )
        if progress:
            progress(1)
    return outcomes


def summarise_outcomes(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return all figures: retrieval and answers by language, abstention, verbatim share, times.

    Shares are 0..1, times milliseconds; a figure with nothing to count is null.
    """
    answerable = [o for o in outcomes if o.question.answerable]
    groups = {"all": answerable}
    for outcome in answerable:
        groups.setdefault(outcome.question.lang or "unknown", []).append(outcome)
    others = [o for o in answerable if o.question.lang not in ("fr", "")]
    if others:
        groups["not fr"] = others
    return {
        "questions": len(outcomes),
        "answerable": len(answerable),
        "retrieval": {name: measure_retrieval(group) for name, group in groups.items()},
        "answers": {name: _measure_answers(group) for name, group in groups.items()},
        "abstention": measure_abstention(
            [(o.answer.abstained, o.question.answerable) for o in outcomes]
        ),
        "citations_verbatim": _share([o.verbatim for o in outcomes if o.answer.citations]),
        "milliseconds": {
            "search": _measure_times([o.search_seconds for o in outcomes]),
            "ask": _measure_times([o.ask_seconds for o in outcomes]),
        },
    }


def measure_retrieval(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return recall@1, @5, @10, MRR and nDCG@10 of the passages that prove the answers.

    Several passages may prove one answer; finding the first of them is what counts, so each
    question has one relevant unit, at its best rank.
    """
    import ir_measures
    from ir_measures import RR, R, nDCG

    measures = {
        "recall@1": R @ 1,
        "recall@5": R @ 5,
        "recall@10": R @ 10,
        "mrr": RR @ _DEPTH,
        "ndcg@10": nDCG @ 10,
    }
    qrels, run = [], []
    for number, outcome in enumerate(outcomes):
        qrels.append(ir_measures.Qrel(str(number), "gold", 1))
        best = min(outcome.ranks, default=0)
        run.append(ir_measures.ScoredDoc(str(number), "gold" if best == 1 else "other-1", 1.0))
        if best > 1:
            run.extend(
                ir_measures.ScoredDoc(str(number), f"other-{rank}", 1.0 / rank)
                for rank in range(2, best)
            )
            run.append(ir_measures.ScoredDoc(str(number), "gold", 1.0 / best))
    if not qrels:
        return {}
    found = ir_measures.calc_aggregate(list(measures.values()), qrels, run)
    return {name: round(found[measure], 4) for name, measure in measures.items()}


def measure_abstention(decisions: Sequence[tuple[bool, bool]]) -> dict[str, float | None]:
    """Return precision, recall and the share of answerable questions refused.

    `decisions` holds (abstained, answerable) for each question. Precision is the share of refused
    questions that were unanswerable; recall the share of unanswerable ones that were refused.

    >>> measure_abstention([(True, False), (True, True), (False, True), (False, False)])
    {'precision': 0.5, 'recall': 0.5, 'answerable_refused': 0.5}
    """
    return {
        "precision": _share([not answerable for abstained, answerable in decisions if abstained]),
        "recall": _share([abstained for abstained, answerable in decisions if not answerable]),
        "answerable_refused": _share([a for a, answerable in decisions if answerable]),
    }


@contextmanager
def build_corpus(questions: QuestionFile, settings: Settings) -> Iterator[Path]:
    """Yield the folder of a temporary index of the paragraphs that a SQuAD file brings along."""
    from rag.building import build_index

    with tempfile.TemporaryDirectory(prefix="rag-eval-") as folder:
        sources, index = Path(folder, "sources"), Path(folder, "index")
        sources.mkdir()
        for name, text in questions.corpus.items():
            (sources / name).write_text(text, encoding="utf-8", newline="\n")
        build_index(sources, index, settings=settings)
        yield index


def _measure_answers(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    return {
        "holds_gold": _share([o.right for o in outcomes]),
        "first_citation_holds_gold": _share([o.cited for o in outcomes]),
        "stale": _share([o.stale for o in outcomes if o.question.stale]),
    }


def _measure_times(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    high = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    return {"p50": round(1000 * median(seconds), 2), "p95": round(1000 * high, 2)}


def _share(flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 4) if flags else None
