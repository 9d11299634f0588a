"""Files of newsletters → issues, in the order of their sources."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import xxhash

from rag.decoding import decode_text
from rag.errors import SourceError
from rag.html import extract_html, find_charset
from rag.mail import extract_mail
from rag.masthead import read_file_name, read_masthead
from rag.types import Issue, Skipped

SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".eml"})
_GIVE_SOURCES = "give files or folders of .txt, .md, .html or .eml"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `source` is its posix path below the folder it was found in."""

    path: str
    source: str


def find_files(paths: str | Path | Iterable[str | Path]) -> tuple[list[SourceFile], list[Skipped]]:
    """Return the issues' files among `paths` and below them, sorted by source, and what could not
    be looked into.

    Hidden files and other formats are passed over. Links are followed, each folder once. Sources
    that would be the same from two folders are prefixed with their folder's name. Raises
    SourceError for a path that does not exist.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    found: list[tuple[Path, SourceFile]] = []
    skipped: list[Skipped] = []
    for root in dict.fromkeys(Path(path) for path in given):
        try:
            is_folder = root.is_dir()
            is_file = stat.S_ISREG(root.stat().st_mode)
        except OSError as error:
            raise SourceError(f"no such file or folder: {root}", _GIVE_SOURCES) from error
        if is_folder:
            found += ((root, file) for file in _walk(root, skipped))
        elif is_file and root.suffix.lower() in SUFFIXES:
            found.append((root.parent, SourceFile(str(root), root.name)))
        else:
            skipped.append(Skipped(root.name, f"not one of {', '.join(sorted(SUFFIXES))}"))
    if len(given) > 1:
        unique = {os.path.abspath(file.path): (root, file) for root, file in reversed(found)}
        found = list(unique.values())
    files = _name_apart(found)
    return sorted(files, key=lambda file: file.source), sorted(skipped, key=lambda s: s.source)


def read_issue(file: SourceFile, max_bytes: int) -> Issue:
    """Return the issue in a file of at most `max_bytes` bytes.

    Title, newsletter and date are taken from, in order of trust: the welcome line, the mail's
    headers or the page's head, the front matter, the file's name. Raises SourceError, its message
    the reason, for a file that cannot be read or holds no text.
    """
    path = Path(file.path)
    data = _read_bytes(path, max_bytes)
    if not data.strip():
        raise SourceError("empty file")
    suffix = path.suffix.lower()
    title = newsletter = ""
    day = None
    if suffix == ".eml":
        mail = extract_mail(data)
        text, encoding = mail.text, mail.encoding
        title, newsletter, day = mail.subject, mail.sender, mail.date
    elif suffix in (".html", ".htm"):
        markup, encoding = decode_text(data, find_charset(data))
        page = extract_html(markup)
        text, title, newsletter, day = page.text, page.title, page.newsletter, page.date
    else:
        text, encoding = decode_text(data)
    if not text.strip():
        raise SourceError("no text in the file")
    head = read_masthead(text)
    name_day, name = read_file_name(path.stem)
    return Issue(
        source=file.source,
        path=file.path,
        text=text,
        title=title or head.title or path.stem,
        date=head.date or day or head.dateline or name_day,
        newsletter=head.newsletter or newsletter or name,
        encoding=encoding,
        digest=xxhash.xxh3_128_hexdigest(data),
    )


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(max_bytes + 1) if size <= max_bytes else b""
    except FileNotFoundError as error:
        raise SourceError("the file vanished while it was to be read") from error
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}") from error
    if max(size, len(data)) > max_bytes:
        raise SourceError(
            f"too large: {size / 1e6:.1f} MB, at most {max_bytes / 1e6:.1f} MB is read",
            "raise max_file_mb to read it",
        )
    return data


def _walk(root: Path, skipped: list[Skipped]) -> Iterator[SourceFile]:
    """Yield the files below a folder, each real folder once, whatever links lead to it.

    Works on texts: paths as objects take most of the time of a look at 35,000 files.
    """
    waiting = [(os.fspath(root), "")]
    seen: set[tuple[int, int]] = set()
    while waiting:
        folder, prefix = waiting.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            source = prefix.rstrip("/") or "."
            skipped.append(Skipped(source, f"folder cannot be read: {error.strerror or error}"))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            source = f"{prefix}{entry.name}"
            if entry.is_dir():
                waiting.append((entry.path, f"{source}/"))
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
                if entry.is_file():
                    yield SourceFile(entry.path, source)
                else:
                    skipped.append(Skipped(source, "a broken link or no regular file"))


def _name_apart(found: list[tuple[Path, SourceFile]]) -> list[SourceFile]:
    """Return the files with sources that are all different."""
    if len({file.source for _, file in found}) == len(found):
        return [file for _, file in found]
    depth = 1
    while True:
        same = defaultdict(list)
        for root, file in found:
            same[file.source].append((root, file))
        if all(len(group) == 1 for group in same.values()):
            return [file for _, file in found]
        found = [
            (root, file)
            if len(same[file.source]) == 1
            else (root, replace(file, source=_prefix(root, file, depth)))
            for root, file in found
        ]
        depth += 1


def _prefix(root: Path, file: SourceFile, depth: int) -> str:
    inner = Path(file.path).absolute().relative_to(root.absolute())
    return str(PurePosixPath(*root.absolute().parts[1:][-depth:], inner.as_posix()))
