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
    from rag.embedding.static import CONFIG_FILE, load_static

    if name is None or name == OWN:
        return load_static(_OWN_FOLDER)
    if (Path(name) / CONFIG_FILE).is_file():
        return load_static(Path(name))
    from rag.embedding.hub import load_hub

    return load_hub(name)
