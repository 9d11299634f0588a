from __future__ import annotations

import random
from pathlib import Path

import pytest

from rag.decoding import decode_text
from rag.errors import SourceError

TEXT = "L’énergie coûte 65 milliards d’euros à l’État.\nÇa va où ? Au cœur de l’été…\n"
PLAIN = "Das Gerät kostet für Schüler 20 Euro.\nÀ bientôt à Genève, où l'été dure.\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"],
)
def test_encodings_are_found(encoding: str) -> None:
    assert decode_text(TEXT.encode(encoding))[0] == TEXT


@pytest.mark.parametrize("encoding", ["latin-1", "cp850"])
def test_older_encodings_are_found(encoding: str) -> None:
    assert decode_text(PLAIN.encode(encoding))[0] == PLAIN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_is_what_open_gives(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "issue.txt"
    path.write_bytes(TEXT.replace("\n", newline).encode(encoding))
    text, found = decode_text(path.read_bytes())
    with path.open(encoding=found) as stream:
        assert stream.read() == text == TEXT


def test_a_declared_encoding_is_used_unless_it_is_wrong() -> None:
    data = "Łódź i Kraków".encode("cp1250")
    assert decode_text(data, "cp1250")[0] == "Łódź i Kraków"
    assert decode_text("Été".encode(), "latin-1")[0] == "Été"
    assert decode_text(TEXT.encode("cp1252"), "no-such-encoding")[0] == TEXT


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 text",
        b"PK\x03\x04rest",
        b"text\x00with\x00nulls",
        bytes(range(256)) * 20,
        random.Random(1).randbytes(5000),
    ],
)
def test_binary_content_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="not a text"):
        decode_text(data)
