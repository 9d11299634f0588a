"""The cache of embeddings: what was embedded once, by the same model, is not embedded again."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import xxhash

from rag.vectors import round_vectors

_BATCH = 1024
_NO_CACHE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# Vectors of passages that are gone stay for when they return (a setting tried and taken back).
_SPARE_ENTRIES = 50_000
# Of a text: the hash that names it, and the sum that proves its vector.
_ENTRY = np.dtype([("key", "<u8", 2), ("digest", "<u8")])


class EmbeddingCache:
    """Vectors by model and text, in an SQLite file that a crash leaves whole.

    Its rows are batches: SQLite would take longer over single vectors than a static model over
    their texts. A file that is no such cache is replaced: its content can be computed again.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._salt = fingerprint.encode() + b"\0"
        try:
            self._database = _open(path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in _NO_CACHE:
                raise  # the disk is full, read-only or failing
            for leftover in path.parent.glob(f"{path.name}*"):
                leftover.unlink()
            self._database = _open(path)
        self._places = {
            key: (batch, row)
            for batch, entries in self._database.execute("SELECT id, entries FROM batches")
            for row, key in enumerate(_list_keys(entries))
        }

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def embed(
        self,
        texts: Sequence[str],
        encode: Callable[[Sequence[str]], np.ndarray],
        progress: Callable[[int], None],
    ) -> tuple[np.ndarray, int]:
        """Return the vectors of `texts`, float16 (n, d), and how many had to be computed.

        `encode` computes float32 (n, d). What it gives is kept at once, a batch at a time.
        `progress` gets the number of texts done.
        """
        if not texts:
            return np.zeros((0, 0), np.float16), 0
        keys = [self._name(text) for text in texts]
        found = self._read(keys)
        uses = Counter(keys)
        progress(sum(uses[key] for key in found))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        names = list(missing)
        for first in range(0, len(names), _BATCH):
            batch = names[first : first + _BATCH]
            vectors = round_vectors(encode([missing[key] for key in batch]))
            self._write(batch, vectors)
            found.update(zip(batch, vectors, strict=True))
            progress(sum(uses[key] for key in batch))
        return np.stack([found[key] for key in keys]), len(names)

    def prune(self, live: int, texts: Iterable[str]) -> None:
        """Drop entries of other texts when there are far more entries than `live` passages.

        `texts` are those of the live passages; they are gone through only if need be.
        """
        if len(self._places) <= 2 * live + _SPARE_ENTRIES:
            return
        kept = {self._name(text) for text in texts}
        with self._database:
            for (batch,) in self._database.execute("SELECT id FROM batches").fetchall():
                entries, vectors = self._load(batch)
                keys = _list_keys(entries.tobytes())
                rows = [row for row, key in enumerate(keys) if key in kept]
                self._database.execute("DELETE FROM batches WHERE id = ?", (batch,))
                if rows:
                    self._insert(batch, entries[rows], vectors[rows])
                self._places.update((keys[row], (batch, n)) for n, row in enumerate(rows))
        self._places = {key: place for key, place in self._places.items() if key in kept}

    def _name(self, text: str) -> bytes:
        return xxhash.xxh3_128_digest(self._salt + text.encode())

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        wanted: dict[int, dict[bytes, int]] = defaultdict(dict)
        for key in keys:
            if key in self._places:
                batch, row = self._places[key]
                wanted[batch][key] = row
        found = {}
        for batch, rows in wanted.items():
            entries, vectors = self._load(batch)
            for key, row in rows.items():
                if (
                    row < len(entries)
                    and _digest(key, vectors[row].tobytes()) == entries[row]["digest"]
                ):
                    found[key] = vectors[row]
        return found

    def _write(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        entries = np.empty(len(keys), _ENTRY)
        entries["key"] = np.frombuffer(b"".join(keys), "<u8").reshape(-1, 2)
        entries["digest"] = [_digest(k, v.tobytes()) for k, v in zip(keys, vectors, strict=True)]
        with self._database:
            batch = self._insert(None, entries, vectors)
        self._places.update((key, (batch, row)) for row, key in enumerate(keys))

    def _load(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        entries, vectors = self._database.execute(
            "SELECT entries, vectors FROM batches WHERE id = ?", (batch,)
        ).fetchone()
        return _parse(entries, vectors)

    def _insert(self, batch: int | None, entries: np.ndarray, vectors: np.ndarray) -> int:
        row = (batch, entries.tobytes(), vectors.tobytes())
        inserted = self._database.execute("INSERT INTO batches VALUES (?, ?, ?)", row).lastrowid
        assert inserted is not None
        return inserted


def _list_keys(entries: bytes) -> list[bytes]:
    return [entries[at : at + 16] for at in range(0, len(entries), _ENTRY.itemsize)]


def _parse(entries: bytes, vectors: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return the entries and vectors of a batch, none if it was damaged."""
    try:
        parsed = np.frombuffer(entries, _ENTRY)
        return parsed, np.frombuffer(vectors, np.float16).reshape(len(parsed), -1)
    except ValueError:
        return np.zeros(0, _ENTRY), np.zeros((0, 0), np.float16)


def _digest(key: bytes, vector: bytes) -> int:
    return xxhash.xxh3_64_intdigest(key + vector)


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS batches"
            " (id INTEGER PRIMARY KEY, entries BLOB, vectors BLOB)"
        )
        database.execute("SELECT id, entries, vectors FROM batches LIMIT 1").fetchone()
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            database.close()
        raise
    return database
