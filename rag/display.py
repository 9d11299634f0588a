"""Answers, hits and reports as text for a terminal. Pure functions, no printing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from rag.types import Answer, BuildReport, Citation, Hit

if TYPE_CHECKING:
    from rag.evaluation import Outcome
    from rag.inspection import IndexInfo

_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NEAREST_SHOWN = 3


def clean(text: str) -> str:
    """Return `text` without the control characters that could steer a terminal, on one line."""
    return re.sub(r"\s+", " ", _CONTROLS.sub("", text)).strip()


def render_answer(answer: Answer, color: bool = False) -> str:
    """Return the answer, then its citations: quote, article, issue, date, file and position."""
    lines = []
    if answer.query != answer.question:
        lines.append(f"({clean(answer.query)})")
    lines += [clean(line) for line in answer.text.splitlines()]
    if answer.note not in answer.text:
        lines += ["", clean(answer.note)]
    for citation in answer.citations:
        lines += ["", *_render_citation(citation, color)]
    if answer.abstained:
        for hit in answer.hits[:_NEAREST_SHOWN]:
            lines += ["", *_render_hit(hit)]
    return "\n".join(lines)


def render_hits(hits: Sequence[Hit]) -> str:
    """Return the ranked passages with their scores."""
    if not hits:
        return "no passage"
    return "\n\n".join("\n".join(_render_hit(hit)) for hit in hits)


_MOST_SOURCES = 50


def render_report(report: BuildReport, dry_run: bool = False) -> str:
    """Return what a build did, or would do, a line a file that differs."""
    lines = [f"full build: {report.reason}"] if report.reason else []
    for sign, sources in (
        ("+", report.added),
        ("~", report.changed),
        ("-", report.removed),
        (">", [f"{old} → {new}" for old, new in report.moved]),
        ("!", [f"{s.source}: {s.reason}" for s in report.skipped]),
    ):
        lines += [f"{sign} {clean(source)}" for source in sources[:_MOST_SOURCES]]
        if len(sources) > _MOST_SOURCES:
            lines.append(f"{sign} … and {len(sources) - _MOST_SOURCES} more (--json names all)")
    lines.append(
        f"issues: {len(report.added)} added, {len(report.changed)} changed, "
        f"{len(report.removed)} removed, {len(report.moved)} moved, "
        f"{len(report.unchanged)} unchanged, {len(report.skipped)} skipped"
    )
    if dry_run:
        return "\n".join([*lines, "dry run: nothing was written"])
    lines.append(
        f"articles: {report.articles_added} added, {report.articles_removed} removed, "
        f"{report.articles_unchanged} unchanged"
    )
    lines.append(
        f"passages: {report.passages} in the index, {report.embedded} embedded now, "
        f"in {report.seconds:.2f} s"
    )
    return "\n".join(lines)


def render_info(info: IndexInfo, settings: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the state of the index, then each setting with where it came from."""
    rows = [
        ("index", info.folder),
        ("issues", info.issues),
        ("articles", info.articles),
        ("passages", info.passages),
        ("dates", f"{info.oldest or '–'} to {info.newest or '–'}"),
        ("model", f"{info.model} ({info.dimension} dimensions)"),
        ("size", f"{info.bytes / 1e6:.1f} MB"),
        ("built", info.built),
        ("generation", info.generation),
        ("fingerprint", info.fingerprint),
        ("sources", info.sources_state),
    ]
    lines = [f"{name:<12} {clean(str(value))}" for name, value in rows]
    lines += ["", "settings:"]
    for name, setting in settings.items():
        value = setting["value"]
        shown = ", ".join(value) if isinstance(value, tuple) else value
        shown = shown if shown != "" else "–"
        lines.append(f"  {name:<14} {shown!s:<16} {setting['from']:<22} {setting['meaning']}")
    return "\n".join(lines)


def render_evaluation(
    summary: Mapping[str, Any], outcomes: Sequence[Outcome], failures: bool = False
) -> str:
    """Return the figures as tables; with `failures`, the questions that went wrong before them."""
    lines = list(_list_failures(outcomes)) if failures else []
    lines.append(f"{summary['questions']} questions, {summary['answerable']} answerable")
    lines += _render_table("retrieval", summary["retrieval"])
    lines += _render_table("answers", summary["answers"])
    lines += _render_table("", {"abstention": summary["abstention"]})
    lines.append(f"citations verbatim: {_show(summary['citations_verbatim'])}")
    lines += _render_table("milliseconds", summary["milliseconds"])
    return "\n".join(lines)


def _list_failures(outcomes: Iterable[Outcome]) -> Iterable[str]:
    for outcome in outcomes:
        question, answer = outcome.question, outcome.answer
        if question.answerable and not (outcome.right and outcome.cited):
            verdict = (
                "refused" if answer.abstained else "wrong" if not outcome.right else "cited late"
            )
        elif not question.answerable and not answer.abstained:
            verdict = "answered"
        else:
            continue
        rank = min(outcome.ranks, default=0)
        yield f"{verdict:<10} {question.id} {clean(question.question)}"
        wanted = "; ".join(question.answers) or "no answer"
        yield f"{'':<10} wanted {wanted}; evidence at rank {rank}"
        yield f"{'':<10} got ({answer.confidence:.2f}) {clean(answer.text)[:300]}"
        yield ""


def _render_table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    rows = {name: row for name, row in rows.items() if row}
    if not rows:
        return []
    columns = list(next(iter(rows.values())))
    lines = ["", f"{title:<14}" + "".join(f"{c:>12}" for c in columns)]
    if any(len(c) > 11 for c in columns):
        lines = ["", title]
        return lines + [
            f"  {name:<12}" + "   ".join(f"{c} {_show(row.get(c))}" for c in columns)
            for name, row in rows.items()
        ]
    for name, row in rows.items():
        lines.append(f"{name:<14}" + "".join(f"{_show(row.get(c)):>12}" for c in columns))
    return lines


def _show(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _render_citation(citation: Citation, color: bool) -> list[str]:
    pieces, position = [], citation.start
    for span in citation.highlights:
        pieces.append(clean_inside(citation.quote, citation.start, position, span.start))
        marked = clean_inside(citation.quote, citation.start, span.start, span.end)
        pieces.append(f"{_BOLD}{marked}{_RESET}" if color else marked)
        position = span.end
    pieces.append(clean_inside(citation.quote, citation.start, position, citation.end))
    place = f"{citation.source}, characters {citation.start}–{citation.end}"
    return [
        f"[{citation.number}] « {''.join(pieces).strip()} »",
        f"    {_join(citation.article, citation.issue, citation.date)}",
        f"    {_DIM}{clean(place)}{_RESET}" if color else f"    {clean(place)}",
    ]


def clean_inside(quote: str, offset: int, start: int, end: int) -> str:
    """Return the part of `quote` between two issue offsets, safe for a terminal, spaces kept."""
    return re.sub(r"\s+", " ", _CONTROLS.sub("", quote[start - offset : end - offset]))


def _render_hit(hit: Hit) -> list[str]:
    passage = hit.passage
    return [
        f"{hit.rank}. {hit.score:.3f}  {_join(passage.article, passage.issue, passage.date)}",
        f"   {clean(passage.text)}",
        f"   {clean(passage.source)}, characters {passage.start}–{passage.end}",
    ]


def _join(article: str, issue: str, day: date | None) -> str:
    parts = [clean(article), clean(issue), day.isoformat() if day else "no date"]
    return " · ".join(part for part in parts if part)
