"""The object that scripts, the command line and the page share: an index ready for questions."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rag.answering import compose_answer
from rag.config import Settings, check_value, load_settings
from rag.conversation import resolve_question
from rag.embedding import Embedder, load_embedder
from rag.errors import IndexMismatch, LLMError, QuestionError, RagError
from rag.index import Index, current_generation, open_index
from rag.periods import find_period
from rag.questions import analyse_question, is_question
from rag.reading import read_hits
from rag.reranking import READ, rerank_hits
from rag.retrieval import Retriever
from rag.threads import use_one_thread
from rag.types import Answer, ArticleKind, Filters, Hit, Issue, IssueSummary, Turn

MAX_QUESTION_CHARS = 2000

_log = logging.getLogger("rag")


@dataclass(frozen=True, slots=True)
class _Snapshot:
    index: Index
    retriever: Retriever


class Assistant:
    """Answers questions from one index. Safe to share between threads.

    Each call works on one generation of the index from start to end; a generation built meanwhile
    is picked up by the next call, without restart.
    """

    def __init__(self, index_dir: str | Path, settings: Settings, embedder: Embedder) -> None:
        self.settings = settings
        self._folder = Path(index_dir)
        self._embedder = embedder
        self._lock = threading.Lock()
        self._current = self._open()

    @classmethod
    def load(
        cls,
        index_dir: str | Path | None = None,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
    ) -> Assistant:
        """Return an assistant over the index in `index_dir` (default: the setting `index`).

        `embedder` must be the model that built the index (default: the setting `model`). Raises
        IndexMissing, IndexDamaged, IndexMismatch or ModelError.
        """
        settings = settings or load_settings()
        return cls(
            settings.index if index_dir is None else index_dir,
            settings,
            embedder or load_embedder(settings.model),
        )

    def search(
        self,
        query: str,
        k: int | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
        newsletter: str | None = None,
        kind: ArticleKind | None = None,
    ) -> list[Hit]:
        """Return the `k` best passages for `query`, best first (default: the setting `k`).

        Where `query` asks a question the first sixteen are read, and those that answer best put
        first; a title or a few words are not read.

        The filters narrow the search, see `rag.types.Filters`. Raises QuestionError for an empty
        query or one of more than 2,000 characters, ConfigError for a `k` that is not in 1..100.
        """
        filters = Filters(since, until, source, newsletter, kind)
        query, k = _check(query), self._depth(k)
        with use_one_thread():
            hits = self._snapshot().retriever.search(query, max(k, READ), filters)
            if not is_question(query):
                return hits[:k]
            readings = read_hits(analyse_question(query), hits[:READ], every=True)
            return rerank_hits(hits, readings)[:k]

    def ask(
        self,
        question: str,
        k: int | None = None,
        *,
        history: Sequence[Turn] = (),
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
        newsletter: str | None = None,
        kind: ArticleKind | None = None,
        period_from_question: bool = True,
    ) -> Answer:
        """Return the answer to `question` with its citations, or an abstention.

        `k` passages are read (default: the setting `k`). `history` are the earlier turns of the
        conversation, oldest first: « Et Google ? » is resolved by them. A period that the question
        names narrows the search unless dates are given or `period_from_question` is False. Raises
        QuestionError for an empty question or one of more than 2,000 characters.
        """
        for answer in self.stream(
            question,
            k,
            history=history,
            since=since,
            until=until,
            source=source,
            newsletter=newsletter,
            kind=kind,
            period_from_question=period_from_question,
        ):
            last = answer
        return last

    def stream(
        self,
        question: str,
        k: int | None = None,
        *,
        history: Sequence[Turn] = (),
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
        newsletter: str | None = None,
        kind: ArticleKind | None = None,
        period_from_question: bool = True,
    ) -> Iterator[Answer]:
        """Yield growing answers to `question`; the last one is complete. Arguments as for `ask`."""
        question = _check(question)
        snapshot = self._snapshot()
        query = self._resolve(question, history)
        filters = Filters(since, until, source, newsletter, kind)
        reference = self._reference(snapshot.index)
        period = None
        if period_from_question and since is None and until is None:
            period = find_period(query, reference)
        if period and period.strict:
            filters = replace(filters, since=period.since, until=period.until)
        k = self._depth(k)
        with use_one_thread():
            hits = snapshot.retriever.search(query, k, filters, period)
            answer = compose_answer(
                question,
                query,
                hits,
                filters=filters,
                abstain_below=self.settings.abstain_below,
                newest=reference,
            )
        if not self.settings.llm_base_url:
            yield answer
            return
        from rag.llm import answer_with_llm

        yield from answer_with_llm(
            self.settings, question, query, answer.hits, answer, embedder=self._embedder
        )

    def issue(self, source: str) -> Issue:
        """Return a whole issue. Raises KeyError if `source` is not in the index."""
        return self._snapshot().index.issue(source)

    def issues(self) -> list[IssueSummary]:
        """Return the issues in the index, newest first, undated ones last."""
        return self._snapshot().index.issues()

    @property
    def index(self) -> Index:
        """The generation in use now."""
        return self._snapshot().index

    @property
    def embedder(self) -> Embedder:
        """The model in use; an index that this assistant is to take up must be built with it."""
        return self._embedder

    def _depth(self, k: int | None) -> int:
        return self.settings.k if k is None else int(check_value("k", k))

    def _resolve(self, question: str, history: Sequence[Turn]) -> str:
        if not history:
            return question
        if self.settings.llm_base_url:
            from rag.llm import rewrite_question

            try:
                return rewrite_question(self.settings, question, history)
            except LLMError as error:
                _log.warning("the question is resolved by rules: %s", error)
        return resolve_question(question, history)

    def _reference(self, index: Index) -> date:
        if self.settings.reference == "newest" and index.newest:
            return index.newest
        return date.today()

    def _open(self) -> _Snapshot:
        index = open_index(self._folder)
        built_by = index.manifest.model_fingerprint
        if built_by != self._embedder.fingerprint:
            name = self._embedder.name
            other = index.manifest.model if index.manifest.model != name else "another version"
            raise IndexMismatch(
                f"{self._folder} was built with {other}, expected the embedding model {name}",
                "rebuild it: python -m rag build, or set the model it was built with",
            )
        return _Snapshot(index, Retriever(index, self._embedder))

    def _snapshot(self) -> _Snapshot:
        current = self._current
        if current_generation(self._folder) == current.index.generation:
            return current
        with self._lock:
            if current_generation(self._folder) != self._current.index.generation:
                try:
                    self._current = self._open()
                except RagError as error:
                    _log.warning("the new index is not used: %s (%s)", error, error.hint)
            return self._current


def _check(question: str) -> str:
    question = question.strip()
    if not question:
        raise QuestionError("the question is empty", "ask something, in any language")
    if len(question) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {MAX_QUESTION_CHARS:,} fit",
            "ask a shorter question",
        )
    return question
