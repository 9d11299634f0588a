"""A client of any server that speaks OpenAI's chat-completions protocol, streaming."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from rag.config import Settings
from rag.errors import LLMError
from rag.prompts import Message

if TYPE_CHECKING:
    from openai import OpenAI

MAX_REPLY_CHARS = 8000
KEY_VARIABLES = ("RAG_LLM_API_KEY", "OPENAI_API_KEY")
_NO_KEY = "none"
_CONNECT_SECONDS = 5.0


def complete(settings: Settings, messages: list[Message]) -> Generator[str]:
    """Yield the reply to `messages` piece by piece, as it arrives, at most 8,000 characters.

    Failed requests are tried again `llm_retries` times, with growing pauses, until the first piece
    has come. Closing the iterator closes the connection, which stops the model. Raises LLMError,
    also after pieces were given: the server cannot be reached, refuses, fails, is silent for
    `llm_timeout` seconds, or its stream is malformed, cut or empty.
    """
    import openai

    key = _find_key(os.environ)
    started = False
    try:
        with (
            openai.OpenAI(
                base_url=settings.llm_base_url,
                api_key=key,
                timeout=openai.Timeout(
                    settings.llm_timeout, connect=min(_CONNECT_SECONDS, settings.llm_timeout)
                ),
                max_retries=settings.llm_retries,
            ) as client,
            _open_stream(client, settings.llm_model, messages) as stream,
        ):
            for piece in _read_stream(stream, settings):
                started = True
                yield piece
    except LLMError:
        raise
    except openai.OpenAIError as error:
        broken = isinstance(error, openai.APIConnectionError)
        if started and broken and not isinstance(error, openai.APITimeoutError):
            raise _cut(settings) from error
        raise _explain(error, settings, key) from error
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        raise _malformed(settings, repr(error)) from error


def _open_stream(client: OpenAI, model: str, messages: list[Message]) -> Any:
    """Open the stream at temperature 0, or, for models that refuse it, at their own."""
    import openai

    create: Any = client.chat.completions.create
    try:
        return create(model=model, messages=messages, stream=True, temperature=0)
    except openai.BadRequestError as error:
        if "temperature" not in str(error):
            raise
        return create(model=model, messages=messages, stream=True)


def _read_stream(stream: Any, settings: Settings) -> Generator[str]:
    length, finished, blank = 0, False, True
    for chunk in stream:
        if not chunk.choices:
            continue
        choice = chunk.choices[0]
        piece = choice.delta.content if choice.delta else None
        finished = finished or choice.finish_reason is not None
        if not piece:
            continue
        if not isinstance(piece, str):
            raise _malformed(settings, f"content of type {type(piece).__name__}")
        blank = blank and not piece.strip()
        length += len(piece)
        yield piece
        if length > MAX_REPLY_CHARS:
            return
    if not finished:
        raise _cut(settings) if length else _malformed(settings, "a stream without content")
    if blank:
        raise LLMError(
            f"the language model {settings.llm_model} replied with nothing",
            "try another model: RAG_LLM_MODEL",
            reason="empty",
        )


def _explain(error: Exception, settings: Settings, key: str) -> LLMError:
    import openai

    url, model = settings.llm_base_url, settings.llm_model
    if isinstance(error, openai.APITimeoutError):
        return LLMError(
            f"{url} did not answer within {settings.llm_timeout:g} s",
            "look whether the server is at work, or raise RAG_LLM_TIMEOUT",
            reason="timeout",
        )
    if isinstance(error, openai.APIConnectionError):
        return LLMError(
            f"{url} cannot be reached, or broke the connection",
            "start the server, or mend RAG_LLM_BASE_URL (it often ends in /v1)",
            reason="unreachable",
        )
    said = re.sub(r"\s+", " ", str(error).replace(key, "***"))[:200]
    status = getattr(error, "status_code", 0)
    if status in (401, 403):
        return LLMError(f"{url} refused the key ({status})", f"set {KEY_VARIABLES[0]}", "key")
    if status == 404:
        return LLMError(
            f"{url} does not know the model {model!r}, or is not the address of an API (404)",
            f"set RAG_LLM_MODEL to a name that {url.rstrip('/')}/models lists",
            "model",
        )
    if status == 429:
        return LLMError(
            f"{url} takes no more requests for now (429)", "wait, then ask again", "busy"
        )
    if status >= 500:
        return LLMError(f"{url} failed ({status}): {said}", "look at the server's log", "server")
    if status:
        hint = "the words after the number say what it wants; often fewer passages: RAG_K"
        return LLMError(f"{url} refused the request ({status}): {said}", hint, "refused")
    return LLMError(f"{url} sent an error: {said}", "look at the server's log", "server")


def _cut(settings: Settings) -> LLMError:
    return LLMError(
        f"the stream from {settings.llm_base_url} broke off",
        "ask again; if it happens again, look at the server's log",
        reason="cut",
    )


def _malformed(settings: Settings, what: str) -> LLMError:
    return LLMError(
        f"{settings.llm_base_url} does not speak the chat-completions protocol: {what}",
        "check RAG_LLM_BASE_URL (it often ends in /v1)",
        reason="malformed",
    )


def _find_key(environ: Mapping[str, str]) -> str:
    """Return the key from the environment; local servers ask for none, the client for something."""
    return next((environ[name] for name in KEY_VARIABLES if environ.get(name)), _NO_KEY)
