"""Every passage of an index stands in its issue at its offsets, for all sample and real issues."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.building import build_index
from rag.index import Index, open_index

NESTED = """Une lettre sans plan précis, mais où l’été compte double, dit le rédacteur en chef.
Le premier paragraphe décrit la canicule à Évry, où les serveurs ont fondu dès juillet.
UN MOT DE NOTRE SPONSOR
Glaçon & fils, réfrigération d’élite pour datacenters pressés, dix ans de garantie.
Le second paragraphe raconte la suite : l’eau, le courant, puis le retour à la normale.
"""


def check(index: Index) -> None:
    assert len(index)
    for passage in index.passages(range(len(index))):
        text = index.issue(passage.source).text
        assert text[passage.start : passage.end] == passage.text


def test_passages_of_the_sample_issues(sample_index: Path) -> None:
    check(open_index(sample_index))


def test_passages_of_the_real_issues(real_index: Path) -> None:
    check(open_index(real_index))


@pytest.mark.parametrize("text", [NESTED, NESTED.replace("\n", "\n\n")], ids=["dense", "spaced"])
def test_an_article_inside_another(text: str, tmp_path: Path) -> None:
    """A sponsor's word between two paragraphs once shifted the bytes of what follows."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text(text, encoding="utf-8")
    build_index(tmp_path / "letters", tmp_path / "index")
    check(open_index(tmp_path / "index"))
