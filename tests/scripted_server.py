"""A server of the chat-completions protocol whose every reply is written beforehand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Script:
    """What the server replies, in order (the last one again and again), and what it was sent."""

    replies: list[Reply]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: dict[str, Any], key: str) -> Reply:
        with self._lock:
            self.requests.append(request)
            self.keys.append(key)
            return self.replies[min(len(self.requests), len(self.replies)) - 1]


@contextmanager
def serve_script(*replies: Reply) -> Iterator[Script]:
    """Serve `replies` on a free port of this machine; `Script.url` is the base address."""
    script = Script(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            request = json.loads(self.rfile.read(size))
            try:
                script.take(request, self.headers.get("authorization", ""))(self)
            except (BrokenPipeError, ConnectionResetError):
                script.hung_up.set()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()


def say(text: str, *, pieces: int = 7, finish: str | None = "stop", done: bool = True) -> Reply:
    """A stream that says `text` in pieces of that many characters."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        start_stream(handler)
        send_event(handler, {"role": "assistant"})
        for start in range(0, len(text), pieces):
            send_event(handler, {"content": text[start : start + pieces]})
        if finish:
            send_event(handler, {}, finish)
        if done:
            handler.wfile.write(b"data: [DONE]\n\n")

    return reply


def fail(status: int, body: str = '{"error": {"message": "no"}}') -> Reply:
    """An error status."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return reply


def send_raw(body: str, content_type: str = "text/event-stream") -> Reply:
    """A reply of any bytes at all."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        start_stream(handler, content_type)
        handler.wfile.write(body.encode())

    return reply


def start_stream(handler: BaseHTTPRequestHandler, content_type: str = "text/event-stream") -> None:
    handler.send_response(200)
    handler.send_header("content-type", content_type)
    handler.end_headers()


def send_event(
    handler: BaseHTTPRequestHandler, delta: dict[str, Any], finish: str | None = None
) -> None:
    chunk = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    handler.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
    handler.wfile.flush()
