"""Issues that arrive through the page: checked, stored beside the other sources, never trusted.

A file's name is made of the letters and digits of the name sent; it is never used as a path.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import unicodedata
from pathlib import Path

from rag.errors import SourceError

TYPES = (".txt", ".md", ".html", ".htm", ".eml")
FOLDER = "uploads"
MAX_FILES = 200
_MAX_STEM_CHARS = 100
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"%PDF")


class Inbox:
    """A folder that takes issues, at most `MAX_FILES` between two updates of the index."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._folder = folder / FOLDER
        self._lock = threading.Lock()
        self._waiting: set[str] = set()

    def store(self, name: str, content: bytes) -> str:
        """Store one issue and return the name it got. Raises SourceError if it is refused."""
        target = make_name(name)
        check_content(content, self.max_bytes)
        with self._lock:
            if len(self._waiting) >= MAX_FILES and target not in self._waiting:
                raise SourceError(f"more than {MAX_FILES} files at once", "update the index first")
            self._waiting.add(target)
        self._folder.mkdir(exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, self._folder / target)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        return target

    def clear(self) -> None:
        """Forget what was waiting: the index has taken it in."""
        with self._lock:
            self._waiting.clear()


def make_name(name: str) -> str:
    """Return a safe file name made from `name`: its letters, digits, dots and dashes, one of TYPES.

    Raises SourceError for another type.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem, dot, extension = last.rpartition(".")
    extension = dot + extension.lower()
    if extension not in TYPES:
        raise SourceError(f"its type is {extension or 'none'!r}", f"accepted: {', '.join(TYPES)}")
    stem = re.sub(r"[^\w.-]+", "-", stem)[:_MAX_STEM_CHARS].strip(".-")
    return f"{stem or 'issue'}{extension}"


def check_content(content: bytes, max_bytes: int) -> None:
    """Raise SourceError if `content` is empty, too large, an archive or another binary file."""
    if not content.strip():
        raise SourceError("it is empty")
    if len(content) > max_bytes:
        raise SourceError(f"it is larger than {max_bytes / 1e6:.3g} MB")
    if content.startswith(_ARCHIVES) or (
        b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff"))
    ):
        raise SourceError("it is an archive or another binary file, not a text")
