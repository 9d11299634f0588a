"""Text → unit float32 rows, by the model of our own or by any sentence-transformers model."""

from __future__ import annotations

from pathlib import Path

from rag.embedding.base import Embedder

OWN = "own"
_OWN_FOLDER = Path(__file__).parents[1] / "models" / "static"

__all__ = ["OWN", "Embedder", "load_embedder"]


def load_embedder(name: str | None = None) -> Embedder:
    """Load an embedding model.

    `name`: None or "own" for the model in the package (no download, no torch), else a folder
    or the Hugging Face name of a sentence-transformers model; "name@revision" fixes a revision.
    Raises ModelError, with the way out as its hint, where the model is missing or damaged.
    """
    if name is None or name == OWN:
        from rag.embedding.static import load_static

        return load_static(_OWN_FOLDER)
    from rag.embedding.hub import load_hub

    return load_hub(name)
