"""The manifest: what a generation of an index is made of; written last, it proves the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xxhash

from rag.errors import IndexDamaged, IndexMismatch, IndexMissing
from rag.lexical import Segment
from rag.storage import FileSum, sum_file

# Raise it when the files of an index, or the way articles and passages are cut, change.
FORMAT = 5
BUILD_HINT = "build it: python -m rag build"
MEND_HINT = "build it anew: python -m rag build --full"

_CURRENT = re.compile(r"(\d{6,}) ([0-9a-f]{32})\n?")


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """A shard: its number, its lexical segments in order and how many passages it holds."""

    number: int
    passages: int
    segments: tuple[Segment, ...]

    @property
    def folder(self) -> str:
        return f"shards/{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds, by what it was made, and the sum of each of its files.

    `shards` is how many shards the sources are spread over; `entries` lists those that hold any.
    `fingerprint` tells contents apart: equal contents have equal ones, whatever the builds before.
    """

    model: str
    model_fingerprint: str
    dimension: int
    shaping: Mapping[str, object]
    shards: int
    entries: tuple[ShardEntry, ...]
    issues: int
    articles: int
    passages: int
    roots: tuple[str, ...]
    built: str
    fingerprint: str
    files: Mapping[str, FileSum]
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(entry.size for entry in self.files.values())


@dataclass(frozen=True, slots=True)
class Pointer:
    """The line in CURRENT: the generation in force and the digest of its manifest."""

    generation: str
    digest: str


def read_pointer(index_dir: Path) -> Pointer:
    """Return which generation of the index in `index_dir` is in force.

    Raises IndexMissing or IndexDamaged.
    """
    path = index_dir / "CURRENT"
    try:
        line = path.read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissing(f"there is no index in {index_dir}", BUILD_HINT) from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{path} cannot be read: {error}", MEND_HINT) from error
    match = _CURRENT.fullmatch(line)
    if not match:
        raise IndexDamaged(
            f"{path} holds {line[:60]!r}, expected the name of a generation", MEND_HINT
        )
    return Pointer(match[1], match[2])


def find_generation(index_dir: Path, name: str) -> Path:
    """Return the folder of the generation `name`."""
    return index_dir / "generations" / name


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Write the manifest of the generation in `folder` and return its digest. Raises OSError."""
    data = json.dumps(asdict(manifest), indent=1).encode()
    (folder / "manifest.json").write_bytes(data)
    return xxhash.xxh3_128_hexdigest(data)


def read_manifest(index_dir: Path, pointer: Pointer) -> Manifest:
    """Return the manifest of the generation in force.

    Raises IndexDamaged, or IndexMismatch for an index of another version.
    """
    path = find_generation(index_dir, pointer.generation) / "manifest.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read: {error.strerror}", MEND_HINT) from error
    if xxhash.xxh3_128_hexdigest(data) != pointer.digest:
        raise IndexDamaged(f"{path} is not as it was written", MEND_HINT)
    plain = json.loads(data)
    if plain["format"] != FORMAT:
        raise IndexMismatch(
            f"{index_dir} has format {plain['format']}, this version reads format {FORMAT}",
            MEND_HINT,
        )
    return _from_plain(plain)


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Check every file of the generation in `folder` against its sum. Raises IndexDamaged."""
    for name, expected in manifest.files.items():
        path = folder / name
        try:
            found = sum_file(path)
        except OSError as error:
            raise IndexDamaged(f"{path} cannot be read: {error.strerror}", MEND_HINT) from error
        if found.size != expected.size:
            raise IndexDamaged(
                f"{path} has {found.size:,} bytes, expected {expected.size:,}", MEND_HINT
            )
        if found != expected:
            raise IndexDamaged(f"{path} is not as it was written", MEND_HINT)


def _from_plain(plain: dict[str, Any]) -> Manifest:
    entries = tuple(
        ShardEntry(
            entry["number"],
            entry["passages"],
            tuple(Segment(**segment) for segment in entry["segments"]),
        )
        for entry in plain["entries"]
    )
    files = {name: FileSum(**entry) for name, entry in plain["files"].items()}
    return Manifest(**{**plain, "entries": entries, "files": files, "roots": tuple(plain["roots"])})
