"""Texts and arrays on disk come back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.storage import Texts, link_file, load_array, save_array, sum_file, write_texts


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text()))
def test_texts_come_back(tmp_path: Path, texts: list[str]) -> None:
    write_texts(tmp_path / "texts.bin", texts)
    found = Texts(tmp_path / "texts.bin")
    assert [found[number] for number in range(len(found))] == texts


def test_names_that_are_no_text_come_back(tmp_path: Path) -> None:
    name = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    write_texts(tmp_path / "texts.bin", [name, "après"])
    found = Texts(tmp_path / "texts.bin")
    assert (found[0], found[1]) == (name, "après")
    assert found.cut(1, 3, 6) == "ès"[:2]


def test_arrays_come_back_and_never_by_pickle(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float16).reshape(2, 3)
    save_array(tmp_path / "a.npy", array)
    assert np.array_equal(load_array(tmp_path / "a.npy", mapped=True), array)
    with pytest.raises(ValueError, match=r"pickle|Object"):
        save_array(tmp_path / "b.npy", np.array([object()]))


def test_sum_tells_one_bit(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"\0" * 3_000_000)
    b.write_bytes(b"\0" * 2_999_999 + b"\1")
    assert sum_file(a).size == sum_file(b).size == 3_000_000
    assert sum_file(a) != sum_file(b)
    link_file(a, tmp_path / "c")
    assert sum_file(tmp_path / "c") == sum_file(a)
