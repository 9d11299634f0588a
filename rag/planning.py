"""What a build has to do: the sources as they are against those the index holds."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

# A file changed again within the time step of its disk looks unchanged (2 s on FAT), so a younger
# change is not trusted: such a file is compared by its content next time.
_TIME_STEP_NS = 2_000_000_000


class SeenFile(NamedTuple):
    """A source file as it lies there. `stamp` tells versions apart unread; it is "" if unsure."""

    source: str
    path: str
    size: int
    stamp: str


class KnownFile(NamedTuple):
    """A source file as a build found it; `reason` says why it was skipped, "" if it was not.

    `digest` is that of its content, "" if it could not be read. `indexed` is the digest of the
    content that is in the index, "" if none: of a skipped file it may be a former one.
    """

    path: str
    size: int
    stamp: str
    digest: str
    indexed: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the sources, each list sorted.

    `reread` are unchanged files at another path. `rejected` were skipped before and are unchanged
    since.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    unchanged: tuple[str, ...]
    reread: tuple[str, ...]
    rejected: tuple[str, ...]

    @property
    def to_read(self) -> frozenset[str]:
        """The sources that have to be read."""
        targets = (new for _, new in self.moved)
        return frozenset((*self.added, *self.changed, *self.reread, *targets))


def look_at(source: str, path: str) -> SeenFile:
    """Return what can be seen of the file at `path` without opening it. Raises OSError.

    The stamp holds the inode and the time of its last change of state, which no program can set:
    two files swapped by renaming, or an old time put back, do not pass for unchanged.
    """
    stat = os.stat(path)
    settled = time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > _TIME_STEP_NS
    stamp = f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ctime_ns}-{stat.st_ino}"
    return SeenFile(source, path, stat.st_size, stamp if settled else "")


def plan_build(
    seen: Mapping[str, SeenFile],
    known: Mapping[str, KnownFile],
    digest: Callable[[SeenFile], str],
    unreadable: Collection[str] = (),
) -> Plan:
    """Return what brings an index that holds `known` in line with the files `seen`.

    `digest` gives the digest of a file's content, "" if it cannot be read; it is called only where
    stamps do not decide. Sources in or below `unreadable` ("." is everything) are not taken for
    removed.
    """
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    reread: list[str] = []
    rejected: list[str] = []
    for source, file in sorted(seen.items()):
        before = known.get(source)
        if before is None:
            added.append(source)
        elif not _is_same(file, before, digest):
            (changed if before.indexed else added).append(source)
        elif before.reason:
            rejected.append(source)
        else:
            unchanged.append(source)
            if file.path != before.path:
                reread.append(source)
    removed = [
        source
        for source, before in sorted(known.items())
        if source not in seen and before.indexed and not _is_below(source, unreadable)
    ]
    moved = _pair_moved(removed, added, known, lambda source: digest(seen[source]))
    old, new = {pair[0] for pair in moved}, {pair[1] for pair in moved}
    return Plan(
        added=tuple(source for source in added if source not in new),
        changed=tuple(changed),
        removed=tuple(source for source in removed if source not in old),
        moved=moved,
        unchanged=tuple(unchanged),
        reread=tuple(reread),
        rejected=tuple(rejected),
    )


def _is_same(file: SeenFile, before: KnownFile, digest: Callable[[SeenFile], str]) -> bool:
    if file.stamp and file.stamp == before.stamp:
        return True
    if not before.digest or file.size != before.size:
        return False
    return digest(file) == before.digest


def _is_below(source: str, folders: Collection[str]) -> bool:
    return any(folder in (".", source) or source.startswith(f"{folder}/") for folder in folders)


def _pair_moved(
    removed: list[str],
    added: list[str],
    known: Mapping[str, KnownFile],
    digest: Callable[[str], str],
) -> tuple[tuple[str, str], ...]:
    homes: dict[str, list[str]] = defaultdict(list)
    for source in reversed(removed):
        homes[known[source].indexed].append(source)
    pairs = []
    for source in added if homes else ():
        candidates = homes.get(digest(source))
        if candidates:
            pairs.append((candidates.pop(), source))
    return tuple(sorted(pairs))
