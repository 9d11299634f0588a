from __future__ import annotations

import numpy as np
import pytest

from rag.lexical import hash_stem
from rag.ranking import (
    FEATURES,
    Weights,
    compute_features,
    load_weights,
    make_terms,
    score_candidates,
)
from rag.shards import PassageStems

TERMS = make_terms(
    "Combien Meta investit en 2025 ?",
    [("meta",), ("invest",), ("2025",)],
    np.array([3.0, 1.0, 4.0], np.float32),
)


def number(text: str) -> np.ndarray:
    return np.array([hash_stem(stem) for stem in text.split()], np.uint32)


def make_stems(tokens: str, title: str = "", before: str = "", after: str = "") -> PassageStems:
    parts = [number(before), number(tokens), number(after)]
    start = len(parts[0])
    return PassageStems(np.concatenate(parts), start, start + len(parts[1]), number(title))


def describe(tokens: str, title: str = "", before: str = "", after: str = "") -> dict[str, float]:
    texts = [make_stems(tokens, title, before, after)]
    (row,) = compute_features(TERMS, texts, np.zeros(1))
    return dict(zip(FEATURES, row, strict=True))


def test_names_and_numbers_of_the_query_are_told() -> None:
    assert TERMS.names.tolist() == [True, False, False]
    assert TERMS.numbers.tolist() == [False, False, True]


def test_coverage_weighs_words_by_their_rarity() -> None:
    found = describe("meta va invest", title="2025 meta")
    assert found["coverage"] == pytest.approx(4 / 8)
    assert found["title_coverage"] == pytest.approx(7 / 8)
    assert found["union_coverage"] == pytest.approx(1.0)
    assert (found["names"], found["numbers"], found["rarest"]) == (1.0, 1.0, 1.0)


def test_bm25_worked_by_hand() -> None:
    """Three tokens: length part 0.25 + 0.75 × 3/75 = 0.28; "meta" counts twice."""
    found = describe("meta meta x")
    assert found["bm25"] == pytest.approx(3 * 4.4 / (2 + 1.2 * 0.28) / 10)
    assert found["bm25_share"] == 1.0


def test_a_window_counts_each_word_once_and_only_what_is_near() -> None:
    far = "meta " + "x " * 20 + "2025"
    assert describe("meta meta 2025")["near_coverage"] == pytest.approx(7 / 8)
    assert describe(far)["near_coverage"] == pytest.approx(4 / 8)
    assert describe(far)["sentence_coverage"] == pytest.approx(7 / 8)


def test_what_stands_beside_a_passage_counts_for_its_context_alone() -> None:
    """Four tokens in all: length part 0.25 + 0.75 × 4/150 = 0.27."""
    found = describe("x meta", before="y 2025")
    alone = describe("x meta")
    assert found["context_coverage"] == pytest.approx(7 / 8)
    assert found["context_bm25"] == pytest.approx(7 * 2.2 / (1 + 1.2 * 0.27) / 10)
    assert found["first"] == alone["first"] == 0.5
    beside = {"context_coverage", "context_bm25"}
    assert {name for name in FEATURES if found[name] != alone[name]} == beside


def test_neighbours_count_in_order_only() -> None:
    both = 3 * 1 + 1 * 4
    assert describe("meta va invest")["adjacent"] == pytest.approx(3 / both)
    assert describe("invest meta")["adjacent"] == 0.0


def test_nothing_found_is_zero_everywhere_but_length_and_place() -> None:
    found = describe("autre chose")
    assert {name for name, value in found.items() if value} == {"length", "first"}


def test_gap_is_to_the_best_candidate() -> None:
    rows = compute_features(TERMS, [make_stems("x")] * 2, np.array([0.5, 0.8]))
    assert rows[:, FEATURES.index("cosine_gap")] == pytest.approx([-0.3, 0.0])


def test_each_language_and_a_statement_have_their_weights() -> None:
    rows = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 3.0]])
    weights = Weights(rows, np.array([0.0, 0.5, 1.0]))
    features = np.array([[2.0, 9.0], [9.0, 1.0]])
    same = np.array([True, False])
    for statement, other in ((False, 2.5), (True, 4.0)):
        scores = score_candidates(features, same, statement, weights)
        assert scores == pytest.approx([1 / (1 + np.exp(-2.0)), 1 / (1 + np.exp(-other))])


def test_the_weights_in_the_package_fit_the_features() -> None:
    weights = load_weights()
    assert weights.rows.shape == (3, len(FEATURES))
    assert np.isfinite(weights.rows).all()


def test_no_candidates_no_features() -> None:
    assert compute_features(TERMS, [], np.zeros(0)).shape == (0, len(FEATURES))


def test_candidates_do_not_see_each_other() -> None:
    texts = ["meta x x", "invest 2025", "", "x meta invest"]
    cosines = np.full(len(texts), 0.5)
    together = compute_features(TERMS, [make_stems(t, "2025", "meta") for t in texts], cosines)
    for text, row in zip(texts, together, strict=True):
        (alone,) = compute_features(TERMS, [make_stems(text, "2025", "meta")], cosines[:1])
        assert np.delete(row, FEATURES.index("bm25_share")) == pytest.approx(
            np.delete(alone, FEATURES.index("bm25_share"))
        )


def test_a_query_without_words_leaves_cosine_and_length() -> None:
    terms = make_terms("?", [], np.zeros(0, np.float32))
    (row,) = compute_features(terms, [make_stems("meta", "x")], np.array([0.5]))
    named = {name for name, value in zip(FEATURES, row, strict=True) if value}
    assert named == {"cosine", "length", "first"}
