"""Shared fixtures: the sample issues and an index of them; all state is in temporary folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.config import load_settings

if TYPE_CHECKING:
    from rag.assistant import Assistant

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "seeds"
SHARED = ROOT.parent / "shared"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings or keys of the person who runs it."""
    for name in list(os.environ):
        if name.startswith("RAG_") or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the sample issues; not to be written to."""
    from rag.building import build_index

    folder = tmp_path_factory.mktemp("samples") / "index"
    build_index(SAMPLES, folder, settings=load_settings(environ={}, folder=folder))
    return folder


@pytest.fixture(scope="session")
def sample_assistant(sample_index: Path) -> Assistant:
    """An assistant over the sample issues."""
    from rag.assistant import Assistant

    return Assistant.load(sample_index, load_settings(environ={}, folder=sample_index))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of material that is not part of the product; tests that need it skip without."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared is not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def real_index(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the real issues; not to be written to."""
    from rag.building import build_index

    folder = tmp_path_factory.mktemp("real") / "index"
    build_index(shared / "seeds", folder, settings=load_settings(environ={}, folder=folder))
    return folder


@pytest.fixture(scope="session")
def real_assistant(real_index: Path) -> Assistant:
    """An assistant over the real issues."""
    from rag.assistant import Assistant

    return Assistant.load(real_index, load_settings(environ={}, folder=real_index))
