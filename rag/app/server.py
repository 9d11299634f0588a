"""Serve the page: the checks before, the server itself, the word when it is up."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.app.login import read_login
from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import ServerError
from rag.serialization import to_json
from rag.types import BuildReport

if TYPE_CHECKING:
    from gradio import Server

DEFAULT_PORT = 7860
PORTS_TRIED = 100
# Answers in the making at once; further questions wait in line. Without a language model they are
# computation under one interpreter lock, for which threads would only fight: with 50 people asking
# at once two cost a sixth more processor time (benchmarks/load.py).
_WITHOUT_LANGUAGE_MODEL = 1
_WITH_LANGUAGE_MODEL = 16
# No telemetry; and no table of all past calls summed up anew at each call.
_GRADIO_ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Objects made before each of the collector's three rounds.
_COLLECT_AFTER = (50_000, 20, 20)


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    auth: str | None = None,
    root_path: str = "",
    allow_upload: bool = False,
    mcp: bool = False,
) -> None:
    """Serve the page until interrupted.

    `port` None takes 7860 or the next free one. `auth` is USER:FILE, see `read_login`. Raises
    ServerError if the page cannot be served so, and what `Assistant.load` raises.
    """
    login = read_login(auth, os.environ)
    assistant = Assistant.load(settings=settings)
    server = launch_page(
        assistant,
        host=host,
        port=port,
        login=login,
        root_path=root_path,
        allow_upload=allow_upload,
        mcp=mcp,
    )
    _spare_collector()
    if host not in _LOOPBACK and login is None:
        print(
            f"rag: anyone who reaches {host} can read the issues; ask for a login with --auth",
            file=sys.stderr,
        )
    if mcp:
        url = f"{page_url(server)}gradio_api/mcp/"
        header = ", header Authorization: Bearer PASSWORD" if login else ""
        print(f"rag: MCP clients connect to {url}{header}", file=sys.stderr)
    print(f"rag: the page is open at {page_url(server)}", file=sys.stderr)
    try:
        threading.Event().wait()
    finally:
        close_page(server)


def _spare_collector() -> None:
    """Keep the garbage collector from going through all that is loaded again and again.

    With 50 people asking at once answers come a tenth sooner (benchmarks/load.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def launch_page(
    assistant: Assistant,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    login: tuple[str, str] | None = None,
    root_path: str = "",
    allow_upload: bool = False,
    mcp: bool = False,
) -> Server:
    """Start the server in a thread and return it, up and warm. Arguments as for `serve`.

    `login` is (user, password) or None.
    """
    os.environ |= _GRADIO_ENVIRONMENT
    from gradio import Server

    from rag.app.api import make_endpoints, make_stream
    from rag.app.guard import Guard
    from rag.app.routes import make_router
    from rag.app.uploads import Inbox

    settings = assistant.settings
    port = find_port(host, port)
    max_bytes = int(settings.max_file_mb * 1_000_000)
    inbox = Inbox(find_source_folder(settings), max_bytes) if allow_upload else None
    server = Server(docs_url=None, redoc_url=None, openapi_url=None)

    def is_user(cookies: dict[str, str]) -> bool:
        names = (f"access-token-{server.cookie_id}", f"access-token-unsecure-{server.cookie_id}")
        return login is None or any(cookies.get(name) in server.tokens for name in names)

    server.include_router(
        make_router(
            assistant,
            is_user=is_user,
            feedback_folder=Path(settings.index).parent / "feedback",
            inbox=inbox,
            build=make_build(assistant),
        )
    )
    streams = bool(settings.llm_base_url)
    at_once = _WITH_LANGUAGE_MODEL if streams else _WITHOUT_LANGUAGE_MODEL
    # Outside Gradio's queue, which spends more time on an answer's messages than we on an answer.
    for endpoint in make_endpoints(assistant):
        server.api(endpoint, name=endpoint.__name__, queue=False, concurrency_limit=at_once)
    if streams:
        server.api(
            make_stream(assistant),
            name="stream",
            concurrency_limit=at_once,
            api_visibility="undocumented",
        )
    server.add_middleware(Guard, is_user=is_user, login=login, max_upload=max_bytes)
    # The first answer waits for nothing that can be loaded now; a language model is not disturbed.
    (assistant.search if streams else assistant.ask)("bonjour")
    try:
        server.launch(
            server_name=host,
            server_port=port,
            auth=login,
            root_path=root_path,
            mcp_server=mcp,
            share=False,
            ssr_mode=False,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            quiet=True,
            prevent_thread_lock=True,
            max_threads=at_once,
        )
    except OSError as error:
        raise ServerError(
            f"{host}:{port} cannot be served: {error}", "try another --port"
        ) from error
    if mcp and not server.get_blocks().mcp_server:
        close_page(server)
        raise ServerError(
            f"MCP cannot be served: {server.get_blocks().mcp_error}", "pip install 'gradio[mcp]'"
        )
    if mcp:
        _write_json(server.get_blocks().mcp_server_obj)
    return server


def _write_json(tools: Any) -> None:
    """Make Gradio's MCP tools answer in JSON: by itself it writes Python's repr of the result."""

    def write(data: list[Any], root_url: str) -> list[Any]:
        return [tools.types.TextContent(type="text", text=to_json(item)) for item in data]

    tools.postprocess_output_data = write


def close_page(server: Server) -> None:
    """Stop a server that `launch_page` started."""
    server.get_blocks().close(verbose=False)


def page_url(server: Server) -> str:
    """Return the address of a server that `launch_page` started, with a slash at its end."""
    return str(server.get_blocks().local_url)


def find_port(host: str, port: int | None) -> int:
    """Return `port`, or where none is asked for the first free one from 7860 on.

    Raises ServerError if it is taken, or the host is not one of this machine's.
    """
    if port is not None and not 0 < port < 65536:
        raise ServerError(f"port {port} does not exist", "choose a --port from 1 to 65535")
    candidates = range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED) if port is None else [port]
    for candidate in candidates:
        try:
            family, *_, address = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
            return candidate
        except OSError as error:
            reason = error.strerror or error
    asked = f"{host}:{port}" if port is not None else f"{host}, ports {DEFAULT_PORT} and up,"
    raise ServerError(
        f"cannot listen on {asked}: {reason}",
        "choose another --host or --port, or leave --port out",
    )


def find_source_folder(settings: Settings) -> Path:
    """Return the first folder of the sources, for uploads. Raises ServerError if there is none."""
    for source in settings.sources:
        if Path(source).is_dir():
            return Path(source)
    raise ServerError(
        f"uploads need a folder among the sources, found {', '.join(settings.sources)}",
        "set sources to a folder of issues, or leave out --allow-upload",
    )


def make_build(assistant: Assistant) -> Callable[[Callable[[int], None]], BuildReport]:
    """Return the function that brings the assistant's index in line with the sources."""
    settings = assistant.settings

    def build(progress: Callable[[int], None]) -> BuildReport:
        from rag.building import build_index

        return build_index(
            settings.sources,
            settings.index,
            settings=settings,
            embedder=assistant.embedder,
            progress=progress,
        )

    return build
