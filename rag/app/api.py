"""The engine for machines: `ask`, `search` and `info` as Gradio endpoints and MCP tools.

Their docstrings are what MCP clients read. No `from __future__ import annotations` here: Gradio
reads the annotations as they stand.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any

from rag.assistant import Assistant
from rag.errors import QuestionError, RagError
from rag.inspection import describe_index, describe_sources
from rag.serialization import to_plain
from rag.types import Turn

MAX_K = 50
MAX_TURNS = 20
_MAX_TURN_CHARS = 2000
_KINDS = ("article", "brief", "sponsor")


def make_endpoints(assistant: Assistant) -> tuple[Callable[..., Any], ...]:
    """Return the functions `ask`, `search` and `info` over `assistant`.

    Arguments and results are plain JSON; errors of ours become `gradio.Error`.
    """

    def ask(
        question: str,
        history: list[dict[str, Any]] | None = None,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        source: str | None = None,
        newsletter: str | None = None,
        kind: str | None = None,
        period_from_question: bool = True,
    ) -> dict[str, Any]:
        """Answer a question from the newsletters, each claim cited to the exact sentence.

        Args:
            question: the question, in any language, up to 2,000 characters
            history: earlier turns, oldest first, each {"question", "query", "titles"}
            k: how many passages to read, up to 50
            since: first day of the issues to read, as 2025-02-04
            until: last day of the issues to read
            source: one issue by file name, or a pattern such as 2025-*
            newsletter: one newsletter by its name
            kind: article, brief or sponsor
            period_from_question: whether a period named in the question narrows the search

        Returns:
            the answer: text with marks [1], citations (quote, article, issue, date, offsets),
            abstained (true: the issues hold no answer) and the passages read
        """
        answer = assistant.ask(
            question,
            _read_k(k),
            history=_read_history(history),
            period_from_question=period_from_question,
            **_read_filters(since, until, source, newsletter, kind),
        )
        return {**to_plain(answer), "complete": True}

    def search(
        query: str,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        source: str | None = None,
        newsletter: str | None = None,
        kind: str | None = None,
    ) -> list[dict[str, Any]]:
        """List the passages of the newsletters nearest to a query, best first.

        Args:
            query: words or a question, in any language
            k: how many passages, up to 50
            since: first day of the issues to search, as 2025-02-04
            until: last day of the issues to search
            source: one issue by file name, or a pattern such as 2025-*
            newsletter: one newsletter by its name
            kind: article, brief or sponsor

        Returns:
            hits: passage (text, article, issue, date, source, start, end), score, rank
        """
        filters = _read_filters(since, until, source, newsletter, kind)
        plain: list[dict[str, Any]] = to_plain(assistant.search(query, _read_k(k), **filters))
        return plain

    def info() -> dict[str, Any]:
        """Tell what is in the index: issues, articles, passages, dates, model, last build.

        Returns:
            the state of the index, and whether its sources have changed since it was built
        """
        index, settings = assistant.index, assistant.settings
        # What follows the colon is for whoever keeps the index: a command, a path of the server.
        changes = describe_sources(index, settings, assistant.embedder).partition(":")[0]
        state = describe_index(index, settings, changes)
        plain: dict[str, Any] = to_plain(replace(state, folder=""))
        return plain

    return _say_errors(ask), _say_errors(search), _say_errors(info)


def make_stream(assistant: Assistant) -> Callable[..., Iterator[dict[str, Any]]]:
    """Return the function `stream`: as `ask`, but what a language model has written so far comes
    while it writes, as {"text", "complete": False}."""

    def stream(
        question: str,
        history: list[dict[str, Any]] | None = None,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        source: str | None = None,
        newsletter: str | None = None,
        kind: str | None = None,
        period_from_question: bool = True,
    ) -> Iterator[dict[str, Any]]:
        try:
            for answer in assistant.stream(
                question,
                _read_k(k),
                history=_read_history(history),
                period_from_question=period_from_question,
                **_read_filters(since, until, source, newsletter, kind),
            ):
                yield {"text": answer.text, "complete": False}
            yield {**to_plain(answer), "complete": True}
        except RagError as error:
            raise _as_gradio_error(error) from error

    return stream


def _read_filters(
    since: str | None,
    until: str | None,
    source: str | None,
    newsletter: str | None,
    kind: str | None,
) -> dict[str, Any]:
    if kind and kind not in _KINDS:
        raise QuestionError(f"kind is {kind!r}", f"expected one of {', '.join(_KINDS)}")
    return {
        "since": _read_date("since", since),
        "until": _read_date("until", until),
        "source": source or None,
        "newsletter": newsletter or None,
        "kind": kind or None,
    }


def _read_date(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise QuestionError(f"{name} is {text!r}", "expected a date such as 2025-02-04") from None


def _read_k(k: int | None) -> int | None:
    if k is not None and not 1 <= k <= MAX_K:
        raise QuestionError(f"k is {k}", f"expected 1 to {MAX_K}")
    return k


def _read_history(history: list[dict[str, Any]] | None) -> list[Turn]:
    try:
        return [
            Turn(
                str(turn["question"])[:_MAX_TURN_CHARS],
                str(turn.get("query") or turn["question"])[:_MAX_TURN_CHARS],
                tuple(str(title)[:_MAX_TURN_CHARS] for title in turn.get("titles", ())),
            )
            for turn in (history or [])[-MAX_TURNS:]
        ]
    except (KeyError, TypeError, AttributeError):
        raise QuestionError(
            "history cannot be understood", 'expected a list of {"question", "query", "titles"}'
        ) from None


def _say_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except RagError as error:
            raise _as_gradio_error(error) from error

    return wrapped


def _as_gradio_error(error: RagError) -> Exception:
    import gradio

    message = f"{error}. {error.hint}" if error.hint else str(error)
    return gradio.Error(message, print_exception=False)
