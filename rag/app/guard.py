"""What reaches the server at all: known paths, bounded bodies, our own pages, logged-in users.

Gradio serves many routes that this page has no use for (files, proxies, uploads to a shared
folder). Whatever is not named here is not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.app.login import admits

MAX_BODY_BYTES = 256_000

_OPEN = re.compile(r"/(health|login/?|favicon\.ico|gradio_api/startup-events|page/[\w.-]+)?")
_GUARDED = re.compile(
    r"/(config/?|logout|issues|issue|suggestions|feedback|uploads/[^/]+|update"
    r"|gradio_api/(info/?|app_id/?|heartbeat/\w+|reset/?|cancel|queue/(join|data)"
    r"|(call|run|api)/(v2/)?\w+/?(/\w+)?))"
)
_FOR_PROGRAMS = re.compile(r"/gradio_api/mcp(/.*)?")
# Scripts, styles and connections from this server alone, nothing inline, no HTML from text:
# whatever an issue contains, the browser has no way to run it.
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "content-security-policy": _CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


class _BodyTooLarge(Exception):
    pass


class Guard:
    """ASGI middleware. `is_user` tells from a request's cookies whether it may pass; MCP clients,
    which keep no cookies, may send `login` (user, password) in a header instead. `max_upload` is
    the size of the largest issue that may be uploaded, in bytes."""

    def __init__(
        self,
        app: ASGIApp,
        is_user: Callable[[dict[str, str]], bool],
        login: tuple[str, str] | None,
        max_upload: int,
    ) -> None:
        self._app = app
        self._is_user = is_user
        self._login = login
        self._max_upload = max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        limit = self._max_upload if path.startswith("/uploads/") else MAX_BODY_BYTES
        refusal = self._refuse(path, headers, limit)
        if refusal:
            status, reason = refusal
            # Not for the page's own paths: the browser would ask for the login in a box of its own.
            challenge = (
                {"www-authenticate": 'Basic realm="rag"'}
                if status == 401 and _FOR_PROGRAMS.fullmatch(path)
                else None
            )
            await JSONResponse({"error": reason}, status, challenge)(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                for name, value in _HEADERS.items():
                    MutableHeaders(scope=message)[name] = value
            await send(message)

        try:
            await self._app(scope, _bound(receive, limit), send_with_headers)
        except _BodyTooLarge:
            if started:
                raise
            too_large = JSONResponse({"error": _say_too_large(limit)}, 413)
            await too_large(scope, receive, send)

    def _refuse(self, path: str, headers: Headers, limit: int) -> tuple[int, str] | None:
        for_programs = _FOR_PROGRAMS.fullmatch(path)
        guarded = for_programs or _GUARDED.fullmatch(path)
        if not (guarded or _OPEN.fullmatch(path)):
            return 404, "not found"
        if _comes_from_elsewhere(headers):
            return 403, "this server answers its own page and programs, not other sites"
        if guarded and not self._is_user(_read_cookies(headers)):
            sent = headers.get("authorization", "") if for_programs else ""
            if not (self._login and admits(self._login, sent)):
                return 401, "log in first"
        if int(headers.get("content-length") or 0) > limit:
            return 413, _say_too_large(limit)
        return None


def _comes_from_elsewhere(headers: Headers) -> bool:
    """True for a request that another site's page makes in the visitor's browser."""
    site = headers.get("sec-fetch-site")
    if site:
        return site not in ("same-origin", "none") and headers.get("sec-fetch-mode") != "navigate"
    origin = headers.get("origin")
    hosts = (headers.get("host"), headers.get("x-forwarded-host"))
    return bool(origin) and urlsplit(origin or "").netloc not in hosts


def _read_cookies(headers: Headers) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs}


def _bound(receive: Receive, limit: int) -> Any:
    """Count what really arrives: a length may be absent or a lie."""
    total = 0

    async def receive_bounded() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise _BodyTooLarge
        return message

    return receive_bounded


def _say_too_large(limit: int) -> str:
    return f"larger than {limit / 1e6:.3g} MB"
