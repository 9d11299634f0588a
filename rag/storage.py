"""Files of an index: arrays and texts that open unread, and the checksums that prove them."""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileSum:
    """What a file must be: its size in bytes and the hex digest (XXH3-128) of its content."""

    size: int
    digest: str


def sum_file(path: Path) -> FileSum:
    """Return the size and digest of the file at `path`. Raises OSError."""
    state = xxhash.xxh3_128()
    size = 0
    with open(path, "rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            state.update(block)
            size += len(block)
    return FileSum(size, state.hexdigest())


def sync_file(path: Path) -> None:
    """Return once the file or folder at `path` is on the disk. Raises OSError."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folder
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def link_file(source: Path, target: Path) -> None:
    """Make `target` the file `source`: a second name where the file system has them, else a copy.

    Files of an index are never written to again, so that sharing is safe. Raises OSError.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def save_array(path: Path, array: np.ndarray) -> None:
    """Write `array` as a .npy file, without pickle. Raises OSError."""
    with open(path, "wb") as file:
        np.save(file, array, allow_pickle=False)


def load_array(path: Path, *, mapped: bool = False) -> np.ndarray:
    """Return the array in a .npy file; `mapped` leaves it on the disk until it is touched."""
    return np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)


def write_texts(path: Path, texts: Sequence[str]) -> None:
    """Write `texts` to `path` as UTF-8, one after the other, and their bounds beside it (.npy)."""
    encoded = [encode(text) for text in texts]
    bounds = np.zeros(len(encoded) + 1, np.uint64)
    np.cumsum([len(data) for data in encoded], out=bounds[1:])
    path.write_bytes(b"".join(encoded))
    save_array(path.with_suffix(".npy"), bounds)


def encode(text: str) -> bytes:
    """Return `text` as UTF-8; names of files may hold bytes that are none, hence surrogates."""
    return text.encode("utf-8", "surrogatepass")


class Texts:
    """The texts written by `write_texts`, read one by one from the mapped file."""

    def __init__(self, path: Path) -> None:
        self._bounds = load_array(path.with_suffix(".npy")).tolist()
        self._data: mmap.mmap | bytes = b""
        if self._bounds[-1]:
            with open(path, "rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __getitem__(self, number: int) -> str:
        start, end = self._bounds[number], self._bounds[number + 1]
        return self._data[start:end].decode("utf-8", "surrogatepass")

    def cut(self, number: int, first: int, last: int) -> str:
        """Return the part of text `number` between two offsets in bytes."""
        start = self._bounds[number]
        return self._data[start + first : start + last].decode("utf-8", "surrogatepass")
