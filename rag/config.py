"""Every setting, checked once, and where its value came from.

Order of trust: what the caller passes, environment variables `RAG_<NAME>`, a `rag.toml` in the
working directory, defaults. The key of a language model is read from the environment alone.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rag.errors import ConfigError

SETTINGS_FILE = "rag.toml"
_CHOICES = {
    "reference": ("newest", "today"),
    "unproven": ("mark", "drop"),
}
_RANGES: dict[str, tuple[float, float]] = {
    "passage_chars": (120, 4000),
    "k": (1, 100),
    "abstain_below": (0.0, 1.0),
    "llm_timeout": (0.1, 3600.0),
    "llm_retries": (0, 10),
    "max_file_mb": (0.001, 10_000.0),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `origins` says of each where its value came from."""

    index: str = "index"
    sources: tuple[str, ...] = ("seeds",)
    model: str = "own"
    passage_chars: int = 480
    max_file_mb: float = 20.0
    k: int = 8
    abstain_below: float = -1.0
    reference: str = "newest"
    llm_base_url: str = ""
    llm_model: str = ""
    llm_timeout: float = 30.0
    llm_retries: int = 2
    unproven: str = "mark"
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    def shaping(self) -> dict[str, object]:
        """The settings that shape an index: another value asks for a full build."""
        return {"passage_chars": self.passage_chars}


_DESCRIPTIONS = {
    "index": "folder of the index",
    "sources": "files and folders of issues",
    "model": "embedding model: own, a Hugging Face name or a folder",
    "passage_chars": "length a passage aims at, in characters",
    "max_file_mb": "files larger than this are skipped",
    "k": "passages retrieved for a question",
    "abstain_below": "confidence under which no answer is given; negative: the measured threshold",
    "reference": "what 'last week' counts from: the newest issue, or today",
    "llm_base_url": "OpenAI-compatible endpoint; empty: no language model",
    "llm_model": "model name sent to that endpoint",
    "llm_timeout": "seconds to wait for the endpoint",
    "llm_retries": "further tries when the endpoint fails",
    "unproven": "sentences of the language model that no citation proves: mark or drop",
}


def describe_settings() -> dict[str, str]:
    """Return one line of explanation for each setting, in order."""
    return dict(_DESCRIPTIONS)


def load_settings(
    overrides: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: str | Path = ".",
) -> Settings:
    """Return the settings in force.

    `overrides` (None values are ignored) win over the variables in `environ` (default: the
    process's), which win over `folder`/rag.toml. Raises ConfigError for an unknown setting or a
    value of the wrong type or range.
    """
    environ = os.environ if environ is None else environ
    known = {f.name: f for f in fields(Settings) if f.name != "origins"}
    values: dict[str, Any] = {}
    origins = dict.fromkeys(known, "default")
    for layer, origin in (
        (_read_file(Path(folder) / SETTINGS_FILE), SETTINGS_FILE),
        (_read_environment(environ, known), "environment"),
        ({k: v for k, v in (overrides or {}).items() if v is not None}, "argument"),
    ):
        for name, value in layer.items():
            if name not in known:
                raise ConfigError(
                    f"unknown setting {name!r} in {origin}",
                    f"known settings: {', '.join(known)}",
                )
            values[name] = check_value(name, value, origin)
            origins[name] = f"RAG_{name.upper()}" if origin == "environment" else origin
    return Settings(**values, origins=origins)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read as TOML: {error}", f"mend or remove {path}"
        ) from error


def _read_environment(environ: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: environ[f"RAG_{name.upper()}"] for name in known if environ.get(f"RAG_{name.upper()}")
    }


def check_value(name: str, value: Any, origin: str = "argument") -> Any:
    """Return `value` as setting `name` has it. Raises ConfigError for a wrong type or range."""
    expected = type(getattr(_DEFAULTS, name))
    hint = f"{name}: {_DESCRIPTIONS[name]}"
    try:
        if expected is tuple:
            value = tuple(value.split(os.pathsep)) if isinstance(value, str) else value
            if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
                raise ValueError
            return tuple(value)
        if isinstance(value, (bool, list, dict)):
            raise ValueError
        value = expected(value)
    except (TypeError, ValueError):
        kind = "a list of texts" if expected is tuple else f"a value of type {expected.__name__}"
        raise ConfigError(f"{name} = {value!r} ({origin}): expected {kind}", hint) from None
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ConfigError(
            f"{name} = {value!r} ({origin}): expected one of {', '.join(_CHOICES[name])}", hint
        )
    low, high = _RANGES.get(name, (float("-inf"), float("inf")))
    if name == "abstain_below" and value < 0:
        return -1.0
    if isinstance(value, (int, float)) and not low <= value <= high:
        raise ConfigError(f"{name} = {value} ({origin}): expected {low} to {high}", hint)
    return value


_DEFAULTS = Settings()
