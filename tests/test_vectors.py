"""The dense engine: scores are cosines, in both ways of searching, and filters hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.vectors import Rows, VectorIndex, encode_vectors, round_vectors, write_codes

DIMENSION = 64


def make_parts(count: int, seed: int = 0) -> list[np.ndarray]:
    """Vectors round some centres, in three parts of uneven length."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(1, count // 40), DIMENSION))
    rows = centres[random.integers(0, len(centres), count)] + random.standard_normal(
        (count, DIMENSION)
    )
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return np.split(round_vectors(rows), [count // 10, count // 2])


def make_index(parts: list[np.ndarray], folder: Path, codes: bool) -> VectorIndex:
    if not codes:
        return VectorIndex(parts, None)
    dimension = parts[0].shape[1]
    write_codes(folder / "codes.faiss", [encode_vectors(part) for part in parts], dimension)
    return VectorIndex(parts, folder / "codes.faiss")


def search_exactly(
    parts: list[np.ndarray], query: np.ndarray, k: int, mask: np.ndarray | None = None
) -> list[int]:
    scores = np.concatenate(parts).astype(np.float64) @ query
    if mask is not None:
        scores[~mask] = -2
    return np.argsort(-scores, kind="stable")[:k].tolist()


@pytest.mark.parametrize("codes", [False, True], ids=["flat", "codes"])
def test_score_is_the_cosine(codes: bool, tmp_path: Path) -> None:
    """Worked by hand: the angle between (0.6, 0.8) and (1, 0) has the cosine 0.6."""
    rows = np.zeros((4, DIMENSION))
    rows[0, :2], rows[1, :2], rows[2, :2], rows[3, :2] = (1, 0), (0.6, 0.8), (0, 1), (-1, 0)
    index = make_index([round_vectors(rows)], tmp_path, codes)
    query = np.zeros(DIMENSION, np.float32)
    query[0] = 1
    found, scores = index.search(query, 10)
    assert found.tolist() == [0, 1, 2, 3]
    assert scores == pytest.approx([1, 0.6, 0, -1], abs=5e-4)


@pytest.mark.parametrize("codes", [False, True], ids=["flat", "codes"])
@pytest.mark.parametrize("share", [None, 0.5, 0.01, 0.0])
def test_nearest_are_found(codes: bool, share: float | None, tmp_path: Path) -> None:
    parts = make_parts(6000)
    index = make_index(parts, tmp_path, codes)
    random = np.random.default_rng(1)
    mask = None if share is None else random.random(6000) < share
    hits = 0
    wanted = 0
    for _ in range(20):
        query = random.standard_normal(DIMENSION).astype(np.float32)
        query /= np.linalg.norm(query)
        expected = search_exactly(parts, query, 10, mask)[: None if mask is None else mask.sum()]
        rows, scores = index.search(query, 10, mask)
        assert len(rows) == len(expected)
        assert mask is None or mask[rows].all()
        assert (np.diff(scores) <= 0).all()
        assert scores == pytest.approx(index.take(rows) @ query, abs=2e-6)
        hits += len(set(rows.tolist()) & set(expected))
        wanted += len(expected)
    assert hits >= 0.99 * wanted


def test_equal_vectors_score_equal_wherever_they_lie(tmp_path: Path) -> None:
    parts = make_parts(3000)
    for part in parts:
        part[7] = parts[0][3]
    index = make_index(parts, tmp_path, codes=True)
    query = parts[0][3].astype(np.float32)
    rows, scores = index.search(query, 4)
    assert rows.tolist() == [3, 7, 307, 1507]
    assert len(set(scores.tolist())) == 1


def test_a_code_is_a_function_of_its_vector_alone() -> None:
    parts = make_parts(777)
    codes = np.concatenate([encode_vectors(part) for part in parts])
    assert codes.shape == (777, DIMENSION / 4)
    assert np.array_equal(codes, encode_vectors(np.concatenate(parts)))
    assert np.array_equal(codes[500:501], encode_vectors(np.concatenate(parts)[500:501]))


def test_codes_tell_what_stands_out_little(tmp_path: Path) -> None:
    """Vectors of some models share a direction, and a few coordinates hold most of their length."""
    random = np.random.default_rng(0)
    scale = np.exp(random.standard_normal(DIMENSION + 1))
    rows = scale * (random.standard_normal((3000, DIMENSION + 1)) + 1)
    parts = [round_vectors(rows / np.linalg.norm(rows, axis=1, keepdims=True))]
    index = make_index(parts, tmp_path, codes=True)
    found = [index.search(query, 10)[0].tolist() for query in parts[0][:20].astype(np.float32)]
    expected = [search_exactly(parts, query, 10) for query in parts[0][:20].astype(np.float64)]
    shared = [len({*a} & {*b}) for a, b in zip(found, expected, strict=True)]
    assert sum(shared) >= 0.95 * 200


def test_rows_are_taken_in_the_order_asked_for() -> None:
    parts = make_parts(100)
    rows = np.array([99, 0, 10, 9, 50, 0])
    assert np.array_equal(Rows(parts).take(rows), np.concatenate(parts)[rows].astype(np.float32))
