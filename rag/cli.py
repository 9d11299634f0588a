"""The command line: results on stdout, progress and messages on stderr.

Exit codes: 0 done; 1 an error of ours, said in two lines, or files left out of a build; 2 wrong
usage; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import __version__
from rag.config import Settings, describe_settings, load_settings
from rag.display import render_answer, render_evaluation, render_hits, render_info, render_report
from rag.errors import IndexMissing, RagError
from rag.serialization import to_json

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.types import BuildReport


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. `argv` defaults to the process's arguments."""
    parser = _make_parser()
    args = parser.parse_args(argv)
    # Products of small matrices: more threads only wait for each other. Before numpy is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        settings = load_settings(
            {name: getattr(args, name, None) for name in ("index", "model", "k")}
        )
        code: int = args.run(args, settings)
        sys.stdout.flush()
        return code
    except RagError as error:
        print(f"rag: {error}", file=sys.stderr)
        if error.hint:
            print(f"     {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run_build(args: argparse.Namespace, settings: Settings) -> int:
    report = _build(settings, args.paths or None, full=args.full, dry_run=args.dry_run)
    print(to_json(report) if args.json else render_report(report, dry_run=args.dry_run))
    if report.skipped:
        print(f"rag: left out: {len(report.skipped)}, named in the report", file=sys.stderr)
    return 1 if report.skipped else 0


def _run_ask(args: argparse.Namespace, settings: Settings) -> int:
    answer = _load_assistant(settings).ask(args.question, **_filters(args))
    print(to_json(answer) if args.json else render_answer(answer, color=_wants_color()))
    return 0


def _run_search(args: argparse.Namespace, settings: Settings) -> int:
    hits = _load_assistant(settings).search(args.query, **_filters(args))
    print(to_json(hits) if args.json else render_hits(hits))
    return 0


def _run_serve(args: argparse.Namespace, settings: Settings) -> int:
    from rag.app.server import serve

    _build_if_missing(settings)
    serve(
        settings,
        host=args.host,
        port=args.port,
        auth=args.auth,
        root_path=args.root_path,
        allow_upload=args.allow_upload,
        mcp=args.mcp,
    )
    return 0


def _run_info(args: argparse.Namespace, settings: Settings) -> int:
    from rag.inspection import inspect_index

    info = inspect_index(settings)
    settings_in_force = {
        name: {
            "value": getattr(settings, name),
            "from": settings.origins[name],
            "meaning": meaning,
        }
        for name, meaning in describe_settings().items()
    }
    if args.json:
        print(to_json({"index": info, "settings": settings_in_force}))
    else:
        print(render_info(info, settings_in_force))
    return 0


def _run_eval(args: argparse.Namespace, settings: Settings) -> int:
    from rag.evaluation import build_corpus, run_questions, summarise_outcomes
    from rag.questions_file import read_questions

    questions = read_questions(args.file)
    own_corpus = bool(questions.corpus) and args.index is None
    with build_corpus(questions, settings) if own_corpus else _no_corpus() as folder:
        assistant = _load_assistant(settings, folder)
        with _progress_bar("questions", len(questions.questions)) as progress:
            outcomes = run_questions(assistant, questions.questions, progress)
    summary = summarise_outcomes(outcomes)
    print(to_json(summary) if args.json else render_evaluation(summary, outcomes, args.failures))
    return 0


def _no_corpus() -> Any:
    from contextlib import nullcontext

    return nullcontext(None)


def _build(
    settings: Settings,
    paths: Sequence[str] | None = None,
    full: bool = False,
    dry_run: bool = False,
) -> BuildReport:
    from rag.building import build_index

    with _progress_bar("passages") as progress:
        return build_index(
            paths or settings.sources,
            settings.index,
            settings=settings,
            full=full,
            dry_run=dry_run,
            progress=progress,
        )


def _load_assistant(settings: Settings, folder: str | Path | None = None) -> Assistant:
    from rag.assistant import Assistant

    if folder is None:
        _build_if_missing(settings)
    return Assistant.load(folder or settings.index, settings)


def _build_if_missing(settings: Settings) -> None:
    """Build the index that is meant when none is named, where it is missing."""
    from rag.index import current_generation

    if settings.origins["index"] == "argument":
        return
    try:
        current_generation(settings.index)
    except IndexMissing:
        names = ", ".join(settings.sources)
        print(f"rag: no index yet, building {settings.index} from {names}", file=sys.stderr)
        _build(settings)


class _progress_bar:
    """A bar on stderr, drawn only on a terminal; gives the function that moves it."""

    def __init__(self, unit: str, total: int | None = None) -> None:
        self._unit, self._total = unit, total

    def __enter__(self) -> Callable[[int], None]:
        from tqdm import tqdm

        self._bar = tqdm(
            total=self._total,
            unit=f" {self._unit}",
            file=sys.stderr,
            leave=False,
            disable=not sys.stderr.isatty(),
        )
        return self._bar.update

    def __exit__(self, *_: object) -> None:
        self._bar.close()


def _filters(args: argparse.Namespace) -> dict[str, Any]:
    return {"since": args.since, "until": args.until, "source": args.source}


def _wants_color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date, expected 2025-02-04") from None


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rag", description="Ask your newsletters and get answers proven to the sentence."
    )
    parser.add_argument("--version", action="version", version=f"rag {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--index", metavar="DIR", help="folder of the index")
    common.add_argument("--model", metavar="NAME", help="embedding model: own, a name or a folder")
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print JSON")
    filters = argparse.ArgumentParser(add_help=False)
    filters.add_argument("-k", type=int, metavar="N", help="passages to retrieve")
    filters.add_argument(
        "--since", type=_parse_date, metavar="DATE", help="issues from this day on"
    )
    filters.add_argument("--until", type=_parse_date, metavar="DATE", help="issues up to this day")
    filters.add_argument("--source", metavar="NAME", help="one file, or a pattern such as '2025-*'")

    def add(
        name: str, run: Callable[..., int], text: str, *parents: argparse.ArgumentParser
    ) -> Any:
        command = commands.add_parser(name, help=text, description=text, parents=[common, *parents])
        command.set_defaults(run=run)
        return command

    build = add("build", _run_build, "bring the index in line with the issues", as_json)
    build.add_argument("paths", nargs="*", metavar="PATH", help="files and folders of issues")
    build.add_argument("--full", action="store_true", help="build everything anew")
    build.add_argument("--dry-run", action="store_true", help="show the plan, write nothing")
    ask = add("ask", _run_ask, "answer a question, with citations", as_json, filters)
    ask.add_argument("question", metavar="QUESTION")
    search = add("search", _run_search, "list the best passages for a query", as_json, filters)
    search.add_argument("query", metavar="QUERY")
    serve = add("serve", _run_serve, "open the chat page")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=int, help="port (7860, or the next free one)")
    serve.add_argument(
        "--auth", metavar="USER:FILE", help="ask for a login; FILE holds the password"
    )
    serve.add_argument("--root-path", default="", metavar="PATH", help="path behind a proxy")
    serve.add_argument("--allow-upload", action="store_true", help="let the page add issues")
    serve.add_argument("--mcp", action="store_true", help="offer the engine as MCP tools too")
    add("info", _run_info, "show what is in the index and which settings are in force", as_json)
    evaluate = add("eval", _run_eval, "measure answers to questions with known answers", as_json)
    evaluate.add_argument("file", metavar="QUESTIONS", help="JSON lines of questions, or SQuAD")
    evaluate.add_argument("--failures", action="store_true", help="list the questions that fail")
    return parser
