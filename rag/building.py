"""Bringing an index in line with its sources, in one step that succeeds whole or changes nothing.

A build writes a new generation beside the one in force, takes over by hard links the shards that do
not change, and switches at the end. Killed before the switch it leaves the old index, after it the
new one.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import xxhash

from rag.cache import EmbeddingCache
from rag.config import Settings, load_settings
from rag.embedding import Embedder, load_embedder
from rag.errors import IndexDamaged, IndexMismatch, IndexMissing, IndexWriteError, SourceError
from rag.generations import (
    DISK_HINT,
    clean_generations,
    lock_index,
    name_next,
    stage_generation,
    switch_generation,
)
from rag.intake import Survey, digest_file, read_known, survey_sources, write_known
from rag.lexical import join_segments
from rag.manifest import (
    Manifest,
    ShardEntry,
    find_generation,
    read_manifest,
    read_pointer,
    verify_files,
)
from rag.planning import KnownFile, Plan, plan_build
from rag.shardmaking import Made, Previous, Task, describe_passage, list_passages, make_shards
from rag.shards import FILES, Shard
from rag.storage import FileSum, load_array, sum_file
from rag.types import BuildReport, Skipped

Progress = Callable[[int], None]

CACHE = "cache.sqlite"
_KEPT = "; what the index held of it is kept"


@dataclass(frozen=True, slots=True)
class _Job:
    """What a build works from. `reason` says why everything is made anew, "" if it is not."""

    survey: Survey
    plan: Plan
    previous: Previous | None
    reason: str
    settings: Settings
    embedder: Embedder

    @property
    def known(self) -> Mapping[str, KnownFile]:
        return self.previous.known if self.previous else {}


def build_index(
    paths: str | Path | Sequence[str | Path],
    index_dir: str | Path,
    *,
    settings: Settings | None = None,
    embedder: Embedder | None = None,
    full: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Bring the index in `index_dir` in line with the issues in `paths`, files and folders.

    `settings` default to those in force, `embedder` to the model they name. `full` reads and cuts
    every source anew; `dry_run` only plans. `progress` gets the number of passages done, a few at a
    time. A source that cannot be used is named in the report; what the index held of it stays.

    Raises SourceError (no sources), IndexLocked (another build is at work), IndexWriteError or
    ModelError; the index is then as it was.
    """
    started = time.perf_counter()
    settings = settings or load_settings()
    roots = [paths] if isinstance(paths, str | Path) else list(paths)
    folder = Path(index_dir)
    embedder = embedder or load_embedder(settings.model)
    if dry_run:
        job = _prepare(roots, folder, settings, embedder, full)
        report = _report(job, job.survey.unusable)
    else:
        with lock_index(folder), _writing(folder):
            job = _prepare(roots, folder, settings, embedder, full)
            report = _run(job, roots, folder, progress or (lambda _: None))
    return replace(report, seconds=time.perf_counter() - started)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Tell what goes wrong in writing below `folder` as an IndexWriteError."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise IndexWriteError(f"{folder} cannot be written to: {error}", DISK_HINT) from error
    except sqlite3.DatabaseError as error:
        raise IndexWriteError(
            f"{folder / CACHE} cannot be used: {error}",
            f"remove {CACHE}, then: python -m rag build",
        ) from error


def _prepare(
    roots: Sequence[str | Path], folder: Path, settings: Settings, embedder: Embedder, full: bool
) -> _Job:
    survey = survey_sources(roots)
    previous, reason = _open_previous(folder)
    if previous and not reason:
        reason = _compare(previous.manifest, settings, embedder, full)
    known = previous.known if previous else {}
    if reason:  # sources skipped before are tried again
        known = {s: entry._replace(reason="") for s, entry in known.items() if entry.indexed}
    plan = plan_build(
        survey.seen, known, lambda file: digest_file(file.path), survey.unusable.keys()
    )
    if not survey.seen:
        names = ", ".join(str(root) for root in roots) or "no folder at all"
        reasons = "".join(f"; {name}: {why}" for name, why in sorted(survey.unusable.items())[:5])
        raise SourceError(
            f"no issues (.txt, .md, .html, .eml) in {names}{reasons}",
            "name a file or folder of issues: python -m rag build FOLDER",
        )
    return _Job(survey, plan, previous, reason, settings, embedder)


def _open_previous(index_dir: Path) -> tuple[Previous | None, str]:
    """Return the generation in force, if it is whole, and why all is made anew, if it is not."""
    try:
        pointer = read_pointer(index_dir)
        manifest = read_manifest(index_dir, pointer)
        folder = find_generation(index_dir, pointer.generation)
        verify_files(folder, manifest)
        return Previous(pointer.generation, folder, manifest, read_known(folder)), ""
    except IndexMissing:
        return None, ""
    except (IndexDamaged, IndexMismatch) as error:
        return None, f"the index could not be used: {error}"


def _compare(manifest: Manifest, settings: Settings, embedder: Embedder, full: bool) -> str:
    if manifest.model_fingerprint != embedder.fingerprint:
        if manifest.model == embedder.name:
            return f"the model {embedder.name} is another version"
        return f"the model changed from {manifest.model} to {embedder.name}"
    shaping = settings.shaping()
    changed = [
        f"{name} changed from {manifest.shaping.get(name)} to {value}"
        for name, value in shaping.items()
        if manifest.shaping.get(name) != value
    ]
    return "; ".join(changed) or ("a full build was asked for" if full else "")


def _run(job: _Job, roots: Sequence[str | Path], folder: Path, progress: Progress) -> BuildReport:
    plan, previous = job.plan, job.previous
    clean_generations(folder, previous.name if previous else "")
    if previous and not (job.reason or plan.to_read or plan.removed):
        rejected = {source: job.known[source].reason for source in plan.rejected}
        return replace(
            _report(job, {**job.survey.unusable, **rejected}),
            articles_unchanged=previous.manifest.articles,
            passages=previous.manifest.passages,
            generation=previous.name,
        )
    staging = stage_generation(folder)
    try:
        return _make_generation(
            job, [str(Path(root).absolute()) for root in roots], folder, staging, progress
        )
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _make_generation(
    job: _Job, roots: Sequence[str], folder: Path, staging: Path, progress: Progress
) -> BuildReport:
    task = _set_task(job)
    with contextlib.closing(EmbeddingCache(folder / CACHE, job.embedder.fingerprint)) as store:
        made = make_shards(task, staging, job.embedder, store, progress)
        skipped = _list_skipped(job, made)
        if not made.entries:
            reasons = "; ".join(f"{source}: {reason}" for source, reason in skipped.items())
            raise SourceError(
                f"none of the sources can be used: {reasons[:500]}",
                "name a file or folder of issues: python -m rag build FOLDER",
            )
        manifest = _complete(job, made, roots, staging)
        name = name_next(folder)
        before = (
            _count_articles(job.previous.folder, job.previous.manifest.entries)
            if job.previous
            else Counter()
        )
        after = _count_articles(staging, manifest.entries)
        switch_generation(folder, staging, name, manifest, made.linked)
        clean_generations(folder, name)
        store.prune(manifest.passages, _list_texts(find_generation(folder, name), manifest))
    report = _report(job, skipped)
    return replace(
        report,
        articles_added=(after - before).total(),
        articles_removed=(before - after).total(),
        articles_unchanged=(after & before).total(),
        passages=manifest.passages,
        embedded=made.embedded,
        generation=name,
    )


def _set_task(job: _Job) -> Task:
    plan = job.plan
    gone = {*plan.removed, *(old for old, _ in plan.moved)}
    indexed = {source for source, entry in job.known.items() if entry.indexed}
    to_read = frozenset(job.survey.seen) if job.reason else plan.to_read
    return Task(
        survey=job.survey,
        previous=job.previous,
        to_read=to_read,
        kept=frozenset(indexed - gone - to_read),
        recut=bool(job.reason),
        size=job.settings.passage_chars,
        max_bytes=int(job.settings.max_file_mb * 1_000_000),
    )


def _complete(job: _Job, made: Made, roots: Sequence[str], staging: Path) -> Manifest:
    """Write what belongs to a generation as a whole and return its manifest."""
    known = dict(made.known)
    if not job.reason:
        known.update(
            (source, job.known[source]) for source in job.plan.rejected if source not in known
        )
    write_known(staging, known)
    segments = [segment for entry in made.entries for segment in entry.segments]
    join_segments(staging / "words", segments)
    files = _sum_files(staging, made.linked)
    return Manifest(
        model=job.embedder.name,
        model_fingerprint=job.embedder.fingerprint,
        dimension=job.embedder.dimension,
        shaping=job.settings.shaping(),
        shards=made.shards,
        entries=tuple(made.entries),
        issues=sum(bool(entry.indexed) for entry in known.values()),
        articles=_count_articles(staging, made.entries).total(),
        passages=sum(entry.passages for entry in made.entries),
        roots=tuple(roots),
        built=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprint=_digest_content(made.entries, files),
        files=files,
    )


def _sum_files(staging: Path, linked: Mapping[str, FileSum]) -> dict[str, FileSum]:
    names = [path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file()]
    return {name: linked.get(name) or sum_file(staging / name) for name in sorted(names)}


def _digest_content(entries: Sequence[ShardEntry], files: Mapping[str, FileSum]) -> str:
    state = xxhash.xxh3_128()
    for entry in entries:
        for name in FILES:
            state.update(files[f"{entry.folder}/{name}"].digest.encode())
    return state.hexdigest()


def _count_articles(folder: Path, entries: Sequence[ShardEntry]) -> Counter[int]:
    digests: Counter[int] = Counter()
    for entry in entries:
        digests.update(load_array(folder / entry.folder / "articles.npy")["digest"].tolist())
    return digests


def _list_texts(folder: Path, manifest: Manifest) -> Iterator[str]:
    for entry in manifest.entries:
        for cut in Shard(folder / entry.folder).cut_issues():
            for title, text, _ in list_passages(cut):
                yield describe_passage(title, text)


def _list_skipped(job: _Job, made: Made) -> dict[str, str]:
    """Return of each source that could not be used the reason, this time or before."""
    rejected = {} if job.reason else {s: job.known[s].reason for s in job.plan.rejected}
    read = {source: entry.reason for source, entry in made.known.items() if entry.reason}
    return {**job.survey.unusable, **rejected, **read}


def _report(job: _Job, skipped: Mapping[str, str]) -> BuildReport:
    """Return the report of a build that skipped the sources `skipped`, without its counts."""
    plan = job.plan
    indexed = {source for source, entry in job.known.items() if entry.indexed}
    named = (
        Skipped(source, reason + (_KEPT if source in indexed else ""))
        for source, reason in sorted(skipped.items())
    )
    moved = tuple(pair for pair in plan.moved if pair[1] not in skipped)
    lost = tuple(old for old, new in plan.moved if new in skipped)
    return BuildReport(
        added=_without(plan.added, skipped),
        changed=_without(plan.changed, skipped),
        removed=tuple(sorted((*plan.removed, *lost))),
        moved=moved,
        unchanged=_without(plan.unchanged, skipped),
        skipped=tuple(named),
        reason=job.reason,
    )


def _without(sources: Sequence[str], skipped: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(source for source in sources if source not in skipped)
