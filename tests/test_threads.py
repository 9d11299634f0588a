from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import faiss  # noqa: F401  its BLAS counts threads by OpenMP, numpy's by itself
import numpy as np
from threadpoolctl import threadpool_info

from rag.threads import _find_libraries, use_one_thread


def count_threads() -> set[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return {library["num_threads"] for library in threadpool_info()}


def count_inside() -> set[int]:
    with use_one_thread():
        return count_threads()


def test_one_thread_inside_for_each_who_enters_and_the_others_back_after() -> None:
    _find_libraries.cache_clear()  # other tests load further libraries
    before = count_threads()
    with ThreadPoolExecutor(1) as executor:
        before_there = executor.submit(count_threads).result()
        with use_one_thread():
            assert count_threads() == {1}
            assert executor.submit(count_inside).result() == {1}
        assert count_threads() == before
        assert executor.submit(count_threads).result() == before_there
        assert executor.submit(count_inside).result() == {1}
    assert count_inside() == {1}
    assert count_threads() == before
