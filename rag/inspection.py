"""What is in an index, and whether its sources have changed since it was built."""

from __future__ import annotations

from dataclasses import dataclass

from rag.building import build_index
from rag.config import Settings
from rag.embedding import Embedder
from rag.errors import ModelError, SourceError
from rag.index import Index, open_index


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """The state of an index. `bytes` is the size of the generation in force; dates are ISO texts,
    "" for none. `sources_state` says in words what a build would do."""

    folder: str
    issues: int
    articles: int
    passages: int
    oldest: str
    newest: str
    model: str
    dimension: int
    bytes: int
    built: str
    generation: str
    fingerprint: str
    sources_state: str


def inspect_index(settings: Settings, embedder: Embedder | None = None) -> IndexInfo:
    """Return the state of the index that `settings` names.

    Raises IndexMissing, IndexDamaged or IndexMismatch.
    """
    index = open_index(settings.index)
    return describe_index(index, settings, describe_sources(index, settings, embedder))


def describe_index(index: Index, settings: Settings, sources_state: str) -> IndexInfo:
    """Return the state of an open index, `sources_state` as given."""
    manifest = index.manifest
    return IndexInfo(
        folder=settings.index,
        issues=manifest.issues,
        articles=manifest.articles,
        passages=manifest.passages,
        oldest=index.oldest.isoformat() if index.oldest else "",
        newest=index.newest.isoformat() if index.newest else "",
        model=manifest.model,
        dimension=manifest.dimension,
        bytes=manifest.bytes,
        built=manifest.built,
        generation=index.generation,
        fingerprint=manifest.fingerprint,
        sources_state=sources_state,
    )


def describe_sources(index: Index, settings: Settings, embedder: Embedder | None = None) -> str:
    """Return in words how the sources differ from what `index` was built from."""
    try:
        plan = build_index(
            index.manifest.roots, settings.index, settings=settings, embedder=embedder, dry_run=True
        )
    except SourceError as error:
        return f"not to be read: {error}"
    except ModelError as error:
        return f"not compared: {error}"
    if plan.empty:
        return "unchanged since the build"
    changes = [
        f"{len(files)} {word}"
        for files, word in (
            (plan.added, "added"),
            (plan.changed, "changed"),
            (plan.removed, "removed"),
            (plan.moved, "moved"),
        )
        if files
    ]
    changes += [plan.reason] if plan.reason else []
    return ", ".join(changes) + ": run python -m rag build"
