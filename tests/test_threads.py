from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from rag.threads import _find_libraries, use_one_thread


def count_threads() -> set[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return {
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    }


def test_one_thread_inside_for_all_and_the_others_back_after() -> None:
    def count_inside() -> set[int]:
        with use_one_thread():
            return count_threads()

    _find_libraries.cache_clear()  # other tests load further libraries
    with threadpool_limits(3, "blas"):
        before = count_threads()
        with ThreadPoolExecutor(1) as executor, use_one_thread():
            assert count_threads() == {1}
            assert executor.submit(count_inside).result() == {1}
        assert count_threads() == before
        assert count_inside() == {1}
        assert count_threads() == before
