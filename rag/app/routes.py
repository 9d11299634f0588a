"""The page's own routes beside Gradio's API: its files, whole issues, verdicts and new issues."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from rag.app.feedback import read_verdict, record_verdict
from rag.app.suggestions import suggest_titles
from rag.app.uploads import MAX_FILES, TYPES, Inbox
from rag.articles import split_articles
from rag.assistant import Assistant
from rag.errors import IndexLocked, IndexWriteError, QuestionError, RagError, SourceError
from rag.serialization import to_json, to_plain
from rag.types import BuildReport

STATIC = Path(__file__).parent / "static"
_FILES = {path.name: path for path in STATIC.iterdir() if path.suffix in (".js", ".css", ".svg")}
_WINDOW_CHARS = 300_000

_log = logging.getLogger("rag")
# One update after the other, whichever page asked for it.
_UPDATING = threading.Lock()

Build = Callable[[Callable[[int], None]], BuildReport]


def make_router(
    assistant: Assistant,
    *,
    is_user: Callable[[dict[str, str]], bool],
    feedback_folder: Path,
    inbox: Inbox | None,
    build: Build,
) -> APIRouter:
    """Return the routes over `assistant`.

    `inbox` takes uploaded issues, None refuses them; `build` brings the index in line with the
    sources, calling its argument with the number of passages done since the last call.
    """
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])
    def open_page(request: Request) -> Response:
        page = "index.html" if is_user(request.cookies) else "login.html"
        return FileResponse(STATIC / page, headers={"cache-control": "no-store"})

    @router.get("/page/{name}")
    def send_file(name: str) -> Response:
        if name not in _FILES:
            return JSONResponse({"error": "not found"}, 404)
        return FileResponse(_FILES[name], headers={"cache-control": "no-cache"})

    @router.get("/favicon.ico")
    def send_icon() -> Response:
        return FileResponse(_FILES["icon.svg"])

    @router.get("/health")
    def tell_health() -> dict[str, str]:
        return {"status": "ok", "generation": assistant.index.generation}

    @router.get("/issues")
    def list_issues() -> dict[str, Any]:
        upload = inbox and {
            "types": TYPES,
            "max_bytes": inbox.max_bytes,
            "max_files": MAX_FILES,
        }
        streams = bool(assistant.settings.llm_base_url)
        return {"issues": to_plain(assistant.issues()), "upload": upload, "streams": streams}

    @router.get("/issue")
    def send_issue(source: str, at: int = 0) -> Response:
        try:
            issue = assistant.issue(source)
        except KeyError:
            return JSONResponse({"error": "no such issue in the index"}, 404)
        start, end = _cut_window(issue.text, at)
        return JSONResponse(
            {
                "source": issue.source,
                "title": issue.title,
                "date": to_plain(issue.date),
                "newsletter": issue.newsletter,
                "text": issue.text[start:end],
                "offset": start,
                "whole": end - start == len(issue.text),
                "headlines": sorted({article.title for article in split_articles(issue)}),
            }
        )

    @router.get("/suggestions")
    def list_suggestions() -> list[str]:
        return suggest_titles(assistant)

    @router.post("/feedback")
    async def take_verdict(request: Request) -> Response:
        try:
            record_verdict(feedback_folder, read_verdict(await request.json()))
        except (ValueError, QuestionError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except OSError as error:
            return JSONResponse({"error": f"cannot be stored: {error.strerror}"}, 507)
        return JSONResponse({"stored": True})

    @router.put("/uploads/{name}")
    async def take_issue(name: str, request: Request) -> Response:
        if inbox is None:
            return JSONResponse({"error": "this server takes no uploads"}, 403)
        try:
            return JSONResponse({"stored": inbox.store(name, await request.body())})
        except SourceError as error:
            hint = f" ({error.hint})" if error.hint else ""
            return JSONResponse({"error": f"{error}{hint}"}, 422)
        except OSError as error:
            return JSONResponse({"error": f"cannot be stored: {error.strerror}"}, 507)

    @router.post("/update")
    def update_index() -> Response:
        if inbox is None:
            return JSONResponse({"error": "this server takes no uploads"}, 403)
        return StreamingResponse(_stream_update(build, inbox), media_type="application/x-ndjson")

    return router


def _stream_update(build: Build, inbox: Inbox) -> Iterator[str]:
    """Yield JSON lines: {"passages": done so far} while building, then {"report"} or {"error"}."""
    steps: queue.Queue[dict[str, Any] | None] = queue.Queue()
    done = 0

    def count(passages: int) -> None:
        nonlocal done
        done += passages
        steps.put({"passages": done})

    def run() -> None:
        try:
            with _UPDATING:
                report = build(count)
                inbox.clear()
            steps.put({"report": to_plain(report)})
        except Exception as error:
            unforeseen = not isinstance(error, RagError)
            _log.error("the page could not update the index: %s", error, exc_info=unforeseen)
            steps.put({"error": _say_failure(error)})
        finally:
            steps.put(None)

    threading.Thread(target=run, daemon=True).start()
    while (step := steps.get()) is not None:
        yield to_json(step).replace("\n", " ") + "\n"


def _say_failure(error: Exception) -> str:
    """Return what a reader may know of a failed update: the log has the paths and the commands."""
    if isinstance(error, IndexLocked):
        return "another build of the index is at work, try again later"
    if isinstance(error, IndexWriteError):
        return "the index cannot be written to"
    return "the index could not be updated"


def _cut_window(text: str, at: int) -> tuple[int, int]:
    """Return the range of a text to send: all, or of a very long one the lines around `at`."""
    if len(text) <= _WINDOW_CHARS:
        return 0, len(text)
    start = text.rfind("\n", 0, max(0, min(at, len(text)) - _WINDOW_CHARS // 2) + 1) + 1
    end = text.find("\n", start + _WINDOW_CHARS)
    return start, len(text) if end < 0 else end
