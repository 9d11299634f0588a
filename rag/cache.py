"""The cache of embeddings: what was embedded once, by the same model, is not embedded again."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import xxhash

from rag.vectors import round_vectors

_BATCH = 1024
_NO_CACHE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# Vectors of passages that are gone stay for when they return (a setting tried and taken back).
_SPARE_ENTRIES = 50_000


class EmbeddingCache:
    """Vectors by model and text, in an SQLite file that a crash leaves whole.

    A file that is no such cache is replaced: its content can be computed again.
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
        (count,) = self._database.execute("SELECT count(*) FROM vectors").fetchone()
        if count <= 2 * live + _SPARE_ENTRIES:
            return
        keys = ((self._name(text),) for text in texts)
        with self._database:
            self._database.execute("CREATE TEMP TABLE live (key BLOB PRIMARY KEY)")
            self._database.executemany("INSERT OR IGNORE INTO live VALUES (?)", keys)
            self._database.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM live)")
            self._database.execute("DROP TABLE live")

    def _name(self, text: str) -> bytes:
        return xxhash.xxh3_128_digest(self._salt + text.encode())

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        found = {}
        for first in range(0, len(keys), _BATCH // 2):
            batch = keys[first : first + _BATCH // 2]
            marks = ",".join("?" * len(batch))
            rows = self._database.execute(
                f"SELECT key, digest, vector FROM vectors WHERE key IN ({marks})", batch
            )
            for key, digest, vector in rows:
                if xxhash.xxh3_64_digest(key + vector) == digest:
                    found[key] = np.frombuffer(vector, np.float16)
        return found

    def _write(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        blobs = [vector.tobytes() for vector in vectors]
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [
                    (key, xxhash.xxh3_64_digest(key + blob), blob)
                    for key, blob in zip(keys, blobs, strict=True)
                ],
            )


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, digest BLOB, vector BLOB)"
        )
        database.execute("SELECT key, digest, vector FROM vectors LIMIT 1").fetchone()
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            database.close()
        raise
    return database
