"""Ask your newsletters: retrieve cited passages from issues and answer from them alone.

    from rag import Assistant, build_index
    build_index("my-letters/", "index/")
    rag = Assistant.load("index/")
    print(rag.ask("Combien Meta investit-il dans l'IA ?").text)

Names are loaded when first used, so that `import rag` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.building import build_index
    from rag.errors import RagError
    from rag.types import Answer, BuildReport, Citation, Filters, Hit, Issue, Passage

__version__ = "0.1.0"

_HOMES = {
    "Assistant": "rag.assistant",
    "build_index": "rag.building",
    "RagError": "rag.errors",
    "Answer": "rag.types",
    "BuildReport": "rag.types",
    "Citation": "rag.types",
    "Filters": "rag.types",
    "Hit": "rag.types",
    "Issue": "rag.types",
    "Passage": "rag.types",
}
__all__ = [
    "Answer",
    "Assistant",
    "BuildReport",
    "Citation",
    "Filters",
    "Hit",
    "Issue",
    "Passage",
    "RagError",
    "build_index",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
