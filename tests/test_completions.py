"""The client against servers that work, fail, lie and hang: every failure is an LLMError."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler
from itertools import islice

import pytest
from scripted_server import Reply, fail, say, send_event, send_raw, serve_script, start_stream

from rag.completions import MAX_REPLY_CHARS, complete
from rag.config import Settings
from rag.errors import LLMError
from rag.notes import describe_failure

MESSAGES = [{"role": "user", "content": "Combien ?"}]


def settings_for(url: str, retries: int = 0, timeout: float = 5.0) -> Settings:
    return Settings(
        llm_base_url=url, llm_model="scripted", llm_retries=retries, llm_timeout=timeout
    )


def reason_of(reply: Reply, **settings: float) -> str:
    with serve_script(reply) as script, pytest.raises(LLMError) as caught:
        list(complete(settings_for(script.url, **settings), MESSAGES))  # type: ignore[arg-type]
    assert caught.value.hint
    assert describe_failure(caught.value.reason, "fr") != describe_failure(
        caught.value.reason, "en"
    )
    return caught.value.reason


def test_pieces_arrive_as_they_are_sent() -> None:
    with serve_script(say("Meta promet 65 milliards.", pieces=5)) as script:
        pieces = list(complete(settings_for(script.url), MESSAGES))
    assert pieces == ["Meta ", "prome", "t 65 ", "milli", "ards."]
    assert script.requests[0]["messages"] == MESSAGES
    assert script.requests[0]["model"] == "scripted"
    assert script.requests[0]["stream"] is True


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({}, "Bearer none"),
        ({"OPENAI_API_KEY": "a"}, "Bearer a"),
        ({"OPENAI_API_KEY": "a", "RAG_LLM_API_KEY": "b"}, "Bearer b"),
    ],
    ids=["no key", "OpenAI's", "ours first"],
)
def test_key_comes_from_the_environment_alone(
    variables: dict[str, str], sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with serve_script(say("Oui.")) as script:
        list(complete(settings_for(script.url), MESSAGES))
    assert script.keys == [sent]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (fail(400), "refused"),
        (fail(401), "key"),
        (fail(403), "key"),
        (fail(404), "model"),
        (fail(429), "busy"),
        (fail(500), "server"),
        (fail(503, "<html>upstream</html>"), "server"),
        (say("Meta promet", finish=None), "cut"),
        (say("Meta promet", finish=None, done=False), "cut"),
        (say(""), "empty"),
        (say("  \n "), "empty"),
        (send_raw("data: {not json\n\n"), "malformed"),
        (send_raw("<html>It works!</html>", "text/html"), "malformed"),
        (send_raw('data: {"choices": "none"}\n\n'), "malformed"),
        (send_raw('data: {"choices": [{"delta": {"content": 5}}]}\n\n'), "malformed"),
        (send_raw('data: {"choices": [{}]}\n\n'), "malformed"),
        (send_raw("data: 12\n\n"), "malformed"),
        (send_raw('data: {"error": {"message": "out of memory"}}\n\n'), "server"),
    ],
)
def test_every_failure_has_its_reason(reply: Reply, reason: str) -> None:
    assert reason_of(reply) == reason


def test_connection_lost_amid_the_reply_is_a_cut() -> None:
    def lose(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("content-length", "100000")
        handler.end_headers()
        send_event(handler, {"content": "Meta promet"})

    assert reason_of(lose) == "cut"


def test_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(LLMError) as caught:
        list(complete(settings_for(url), MESSAGES))
    assert caught.value.reason == "unreachable"
    assert url in str(caught.value)


@pytest.mark.parametrize("spoken", [False, True], ids=["before the reply", "in the reply"])
def test_silence_is_a_timeout(spoken: bool) -> None:
    over = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        if spoken:
            start_stream(handler)
            send_event(handler, {"content": "Meta"})
        over.wait(10)

    assert reason_of(hang, timeout=0.3) == "timeout"
    over.set()


def test_failed_requests_are_tried_again() -> None:
    with serve_script(fail(500), fail(429), say("Oui.")) as script:
        assert "".join(complete(settings_for(script.url, retries=2), MESSAGES)) == "Oui."
    assert len(script.requests) == 3


def test_retries_end() -> None:
    with serve_script(fail(500)) as script, pytest.raises(LLMError):
        list(complete(settings_for(script.url, retries=1), MESSAGES))
    assert len(script.requests) == 2


def test_model_that_refuses_a_temperature_is_asked_without() -> None:
    refusal = fail(400, '{"error": {"message": "Unsupported value: \'temperature\'"}}')
    with serve_script(refusal, say("Oui.")) as script:
        assert "".join(complete(settings_for(script.url), MESSAGES)) == "Oui."
    assert "temperature" in script.requests[0]
    assert "temperature" not in script.requests[1]


def test_closing_the_iterator_hangs_up() -> None:
    with serve_script(say("mot " * 2_000_000)) as script:
        pieces = complete(settings_for(script.url), MESSAGES)
        assert len(list(islice(pieces, 3))) == 3
        pieces.close()
        assert script.hung_up.wait(10)


def test_endless_reply_is_cut_at_a_length() -> None:
    with serve_script(say("mot " * 2_000_000, pieces=400)) as script:
        reply = "".join(complete(settings_for(script.url), MESSAGES))
        assert MAX_REPLY_CHARS < len(reply) <= MAX_REPLY_CHARS + 400
        assert script.hung_up.wait(10)


def test_key_is_never_in_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_LLM_API_KEY", "sk-secret")
    echo = fail(400, '{"error": {"message": "bad key sk-secret"}}')
    with serve_script(echo) as script, pytest.raises(LLMError) as caught:
        list(complete(settings_for(script.url), MESSAGES))
    assert "sk-secret" not in f"{caught.value}{caught.value.hint}"
