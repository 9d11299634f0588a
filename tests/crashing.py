"""Builds killed at a chosen instant, run as a program: one child process for each instant.

    python crashing.py SOURCES INDEX FOLDER POINT…

copies INDEX to FOLDER/POINT for each POINT and builds there from SOURCES. A whole number kills the
build at that change of the disk, counted from 1; a number with a point after so many seconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from corpora import HashingEmbedder

from rag.building import build_index
from rag.config import Settings

CHANGING = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir"}


def kill_at(point: int, folder: str) -> None:
    """Kill this process before change number `point` of what lies in `folder`."""
    changes = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal changes
        if event == "open":
            writing = isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if not writing or not str(arguments[0]).startswith(folder):
                return
        elif event not in CHANGING:
            return
        changes += 1
        if changes == point:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def main(sources: str, index: str, folder: str, *points: str) -> None:
    for point in points:
        target = Path(folder) / point
        shutil.copytree(index, target)
        child = os.fork()
        if not child:
            if "." not in point:
                kill_at(int(point), str(target))
            build_index(sources, target, settings=Settings(), embedder=HashingEmbedder())
            os._exit(0)
        if "." in point:
            time.sleep(float(point))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(point, "killed" if os.WIFSIGNALED(status) else "finished", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
