from __future__ import annotations

import numpy as np
import pytest

from rag.embedding import load_embedder
from rag.embedding.base import to_unit_rows
from rag.errors import ModelError


def test_rows_are_scaled_to_length_one() -> None:
    rows = to_unit_rows(np.array([[3.0, 4.0], [0.0, -2.0]]))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.0, -1.0]], rtol=1e-6)


def test_a_row_of_zeros_becomes_the_first_unit_vector() -> None:
    assert to_unit_rows(np.zeros((1, 3))).tolist() == [[1.0, 0.0, 0.0]]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_an_error(value: float) -> None:
    with pytest.raises(ModelError, match="not finite") as caught:
        to_unit_rows(np.array([[1.0, value]]))
    assert "own" in caught.value.hint


def test_own_is_the_default() -> None:
    assert load_embedder().fingerprint == load_embedder("own").fingerprint


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "a/b/c"])
def test_a_missing_folder_is_said_to_be_missing(name: str) -> None:
    with pytest.raises(ModelError, match="there is no folder") as caught:
        load_embedder(name)
    assert name in str(caught.value)
    assert "own" in caught.value.hint
