"""The cache of embeddings: told apart by model and text, bounded, replaced when it is no cache."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from corpora import HashingEmbedder

from rag.cache import EmbeddingCache

TEXTS = [f"texte {number}" for number in range(20)]


def embed(path: Path, texts: list[str], embedder: HashingEmbedder) -> tuple[np.ndarray, int]:
    cache = EmbeddingCache(path, embedder.fingerprint)
    counts: list[int] = []
    try:
        vectors, computed = cache.embed(texts, embedder.encode_documents, counts.append)
    finally:
        cache.close()
    assert sum(counts) == len(texts)
    return vectors, computed


def test_vectors_read_equal_vectors_computed(tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    fresh, computed = embed(tmp_path / "c", TEXTS, embedder)
    again, recomputed = embed(tmp_path / "c", TEXTS[::-1], embedder)
    assert (computed, recomputed) == (20, 0)
    assert np.array_equal(fresh, again[::-1])
    assert fresh.astype(np.float32) == pytest.approx(embedder.encode_query(TEXTS), abs=5e-4)


def test_same_text_twice_is_computed_once(tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    vectors, computed = embed(tmp_path / "c", ["a", "b", "a"], embedder)
    assert computed == 2
    assert embedder.calls == ["a", "b"]
    assert np.array_equal(vectors[0], vectors[2])


def test_models_do_not_share(tmp_path: Path) -> None:
    embed(tmp_path / "c", TEXTS, HashingEmbedder("one"))
    vectors, computed = embed(tmp_path / "c", TEXTS, HashingEmbedder("two", 16))
    assert computed == 20
    assert vectors.shape == (20, 16)


def test_pruning_keeps_the_living(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.cache._SPARE_ENTRIES", 5)
    embedder = HashingEmbedder()
    embed(tmp_path / "c", TEXTS, embedder)
    cache = EmbeddingCache(tmp_path / "c", embedder.fingerprint)
    cache.prune(8, iter(TEXTS[:8]))
    assert cache.embed(TEXTS, embedder.encode_documents, lambda _: None)[1] == 0
    cache.prune(7, iter(TEXTS[:7]))
    assert cache.embed(TEXTS[:7], embedder.encode_documents, lambda _: None)[1] == 0
    assert cache.embed(TEXTS, embedder.encode_documents, lambda _: None)[1] == 13
    cache.close()


@pytest.mark.parametrize("junk", [b"", b"text, not a database\n" * 300, b"SQLite format 3\0" * 9])
def test_file_that_is_no_cache_is_replaced(junk: bytes, tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(junk)
    assert embed(tmp_path / "c", TEXTS, HashingEmbedder())[1] == 20
    assert embed(tmp_path / "c", TEXTS, HashingEmbedder())[1] == 0


def test_database_of_someone_else_is_replaced(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "c") as database:
        database.execute("CREATE TABLE vectors (something INTEGER)")
    assert embed(tmp_path / "c", TEXTS, HashingEmbedder())[1] == 20
