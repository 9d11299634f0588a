"""Bytes of a file → text and the name of its encoding."""

from __future__ import annotations

import codecs
import io
import re

from rag.errors import SourceError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The 8-bit encodings that texts in the product's languages come in. Left to choose among all that
# exist, detection takes short French texts for Baltic or Czech ones.
_LIKELY = ["cp1252", "mac_roman", "cp850", "utf_16_le", "utf_16_be"]
_SAMPLE = 1 << 16
_BINARY_STARTS = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"{\\rtf",
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode_text(data: bytes, declared: str = "") -> tuple[str, str]:
    """Return the text of `data`, new lines as `\\n`, and its encoding as Python names it.

    The text is what `open(path, encoding=encoding).read()` gives. A byte order mark decides, then
    UTF-8 if valid, then the `declared` encoding, then charset-normalizer. Raises SourceError for
    what is no text.
    """
    if data.startswith(_BINARY_STARTS):
        raise SourceError("not a text: the content is of a binary format")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = _read(data, encoding)
    except UnicodeError:
        text, encoding = _read_declared(data, declared) or _read_detected(data)
    controls = len(_CONTROLS.findall(text, 0, _SAMPLE))
    if "\0" in text or controls > min(len(text), _SAMPLE) / 100:
        raise SourceError("not a text: the content is binary")
    return text, encoding


def _read_declared(data: bytes, declared: str) -> tuple[str, str] | None:
    try:
        encoding = codecs.lookup(declared).name if declared else ""
        return (_read(data, encoding), encoding) if encoding else None
    except (LookupError, UnicodeError):
        return None


def _read_detected(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE]
    for choice in (_LIKELY, None):
        for match in from_bytes(sample, cp_isolation=choice):
            try:
                return _read(data, match.encoding), match.encoding
            except UnicodeError:
                continue
    raise SourceError("not a text: no known encoding fits the content")


def _read(data: bytes, encoding: str) -> str:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding).read()
