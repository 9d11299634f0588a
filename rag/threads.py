"""One thread for numeric libraries while a question is answered.

Its matrices are so small that the threads of BLAS and OpenMP cost more than they give: on two cores
an answer took a quarter longer with two (benchmarks/ask.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_held = threading.Lock()


@contextmanager
def use_one_thread() -> Iterator[None]:
    """Hold the numeric libraries loaded by now to one thread.

    May be entered from several threads at once. OpenMP's number of threads belongs to the thread
    that sets it. BLAS's belongs to the process: what the first one sets holds for all, and until it
    leaves; a library may only be set back by who set it.
    """
    with _hold_process(), _find_libraries("openmp").limit(limits=1):
        yield


@contextmanager
def _hold_process() -> Iterator[None]:
    if not _held.acquire(blocking=False):
        yield
        return
    try:
        with _find_libraries("blas").limit(limits=1):
            yield
    finally:
        _held.release()


@cache
def _find_libraries(api: str) -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api=api)
