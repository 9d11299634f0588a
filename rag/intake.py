"""Sources of a build: what lies there now, what the index knows of them, each cut into passages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.articles import split_articles
from rag.chunking import split_passages
from rag.errors import SourceError
from rag.loading import SourceFile, find_files, read_issue
from rag.planning import KnownFile, SeenFile, look_at
from rag.shards import CutArticle, CutIssue
from rag.storage import sum_file
from rag.types import Issue, Span

_RECORD = "sources.json"


@dataclass(frozen=True, slots=True)
class Survey:
    """The sources found: `files` as found, `seen` as looked at, `unusable` with the reasons."""

    files: Mapping[str, SourceFile]
    seen: Mapping[str, SeenFile]
    unusable: Mapping[str, str]


def survey_sources(paths: Sequence[str | Path]) -> Survey:
    """Return what lies in `paths`. Raises SourceError if one of them does not exist."""
    found, skipped = find_files(paths)
    files = {file.source: file for file in found}
    unusable = {entry.source: entry.reason for entry in skipped}
    seen = {}
    for source, file in files.items():
        try:
            seen[source] = look_at(source, file.path)
        except FileNotFoundError:
            continue  # gone since it was found: as if it had never been there
        except OSError as error:
            unusable[source] = f"cannot be read: {error.strerror}"
    return Survey(files, seen, unusable)


def digest_file(path: str) -> str:
    """Return the digest of the file's content, or "" if it cannot be read."""
    try:
        return sum_file(Path(path)).digest
    except OSError:
        return ""


def cut_source(file: SourceFile, max_bytes: int, size: int) -> CutIssue:
    """Read a source file and cut it into passages of about `size` characters.

    Raises SourceError for a file that cannot be used, whatever is wrong with it: parsers meet
    hostile input here, and one bad file must not end a build.
    """
    try:
        issue = read_issue(file, max_bytes)
        issue.text.encode()
        cut = cut_issue(issue, size)
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(f"cannot be understood: {type(error).__name__}: {error}") from error
    if not cut.passages:
        raise SourceError("holds no text to index")
    return cut


def cut_issue(issue: Issue, size: int) -> CutIssue:
    """Cut an issue into articles and passages of about `size` characters."""
    articles = []
    for article in split_articles(issue):
        passages = split_passages(issue, article, size)
        if passages:
            articles.append(
                CutArticle(
                    title=article.title,
                    section=article.section,
                    kind=article.kind,
                    spans=tuple(Span(p.start, p.end) for p in passages),
                    languages=tuple(p.language for p in passages),
                )
            )
    return CutIssue(issue, tuple(articles))


def write_known(folder: Path, known: Mapping[str, KnownFile]) -> None:
    """Keep with the generation in `folder` what is `known` of its sources. Raises OSError."""
    sources = sorted(known)
    columns = [sources, *map(list, zip(*(known[source] for source in sources), strict=True))]
    (folder / _RECORD).write_text(json.dumps(columns), encoding="ascii")


def read_known(folder: Path) -> dict[str, KnownFile]:
    """Return what `write_known` kept in `folder`. Raises OSError."""
    sources, *columns = json.loads((folder / _RECORD).read_bytes())
    return dict(zip(sources, map(KnownFile, *columns), strict=True))
