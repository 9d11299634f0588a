"""Generations of an index: made beside the one in force, switched to, cleared away."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rag.errors import IndexLocked, IndexWriteError
from rag.manifest import Manifest, Pointer, find_generation, write_manifest
from rag.storage import sync_file

DISK_HINT = "check the folder's permissions and the free disk space, then: python -m rag build"
_STAGING = ".building"
_SYNCING = 16


@contextlib.contextmanager
def lock_index(index_dir: Path) -> Iterator[None]:
    """Hold the right to build in `index_dir`; the system takes it back if the process dies.

    Raises IndexLocked at once if another build holds it, IndexWriteError if the folder cannot be
    written to.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(index_dir / "lock", timeout=0)
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise IndexLocked(
            f"another build is at work in {index_dir}",
            "wait until it has ended, then: python -m rag build",
        ) from None
    except OSError as error:
        raise IndexWriteError(f"{index_dir} cannot be written to: {error}", DISK_HINT) from error
    try:
        yield
    finally:
        lock.release()


def stage_generation(index_dir: Path) -> Path:
    """Return a new, empty folder in which to make the next generation. Raises OSError."""
    staging = find_generation(index_dir, _STAGING)
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    return staging


def name_next(index_dir: Path) -> str:
    """Return a name for the next generation, greater than all there are."""
    return f"{max(_list_numbers(index_dir), default=0) + 1:06d}"


def switch_generation(
    index_dir: Path, staging: Path, name: str, manifest: Manifest, synced: Collection[str]
) -> None:
    """Make what lies in `staging` the generation in force, called `name`. Raises OSError.

    All of it is on the disk before the switch; `synced` are the files that were before. The switch
    is one replacing of CURRENT: before it the old generation is in force, after it the new one.
    """
    digest = write_manifest(staging, manifest)
    fresh = [p for p in staging.rglob("*") if p.relative_to(staging).as_posix() not in synced]
    with ThreadPoolExecutor(_SYNCING) as executor:  # the disk takes many at once as fast as one
        list(executor.map(sync_file, [*fresh, staging]))
    staging.rename(find_generation(index_dir, name))
    sync_file(index_dir / "generations")
    _write_pointer(index_dir, Pointer(name, digest))


def _write_pointer(index_dir: Path, pointer: Pointer) -> None:
    scratch = index_dir / "CURRENT.new"
    scratch.write_text(f"{pointer.generation} {pointer.digest}\n", encoding="ascii")
    sync_file(scratch)
    os.replace(scratch, index_dir / "CURRENT")
    sync_file(index_dir)


def clean_generations(index_dir: Path, current: str) -> None:
    """Remove what killed builds left and all generations but `current` and the one before it.

    A reader may still be opening the one before; what readers have open outlives its name.
    """
    number = int(current or 0)
    older = [n for n in _list_numbers(index_dir) if n < number]
    kept = {number, max(older, default=number)}
    with contextlib.suppress(FileNotFoundError):
        for path in (index_dir / "generations").iterdir():
            if not (path.name.isdigit() and int(path.name) in kept):
                shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        (index_dir / "CURRENT.new").unlink()


def _list_numbers(index_dir: Path) -> list[int]:
    try:
        names = os.listdir(index_dir / "generations")
    except FileNotFoundError:
        return []
    return [int(name) for name in names if name.isdigit()]
