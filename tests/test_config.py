from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Settings, describe_settings, load_settings
from rag.errors import ConfigError


def test_every_setting_is_described() -> None:
    names = [n for n in Settings.__dataclass_fields__ if n != "origins"]
    assert list(describe_settings()) == names


def test_arguments_win_over_variables_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text('k = 3\nmodel = "file"\nindex = "file-index"\n')
    settings = load_settings(
        {"k": 5, "model": None}, environ={"RAG_MODEL": "variable", "RAG_K": "4"}, folder=tmp_path
    )
    assert (settings.k, settings.model, settings.index) == (5, "variable", "file-index")
    assert settings.origins["k"] == "argument"
    assert settings.origins["model"] == "RAG_MODEL"
    assert settings.origins["index"] == "rag.toml"
    assert settings.origins["sources"] == "default"


def test_sources_are_a_list_in_the_file_and_a_path_list_in_a_variable(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text('sources = ["a", "b"]\n')
    assert load_settings(environ={}, folder=tmp_path).sources == ("a", "b")
    assert load_settings(environ={"RAG_SOURCES": "c:d"}, folder=tmp_path).sources == ("c", "d")


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"k": "many"}, "k = 'many'"),
        ({"k": 0}, "expected 1 to 100"),
        ({"k": True}, "type int"),
        ({"unproven": "hide"}, "mark, drop"),
        ({"sources": [1]}, "list of texts"),
        ({"passage_chars": 10**9}, "120 to 4000"),
        ({"colour": "red"}, "unknown setting 'colour'"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    overrides: dict[str, object], told: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        load_settings(overrides, environ={}, folder=tmp_path)
    assert caught.value.hint


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text("k = = 3")
    with pytest.raises(ConfigError, match=r"rag\.toml cannot be read"):
        load_settings(environ={}, folder=tmp_path)


def test_only_what_shapes_an_index_is_in_its_fingerprint() -> None:
    assert Settings(k=3).shaping() == Settings().shaping()
    assert Settings(passage_chars=900).shaping() != Settings().shaping()
