"""Measure the reader of the package on the gold paragraphs of PIAF dev.

python -m training.reader.evaluate
"""

from __future__ import annotations

from pathlib import Path

import torch

from rag.features import MODEL_DIR
from rag.network import load_network
from training.reader.examples import SOURCES
from training.reader.network import Reader
from training.reader.train import evaluate, prepare_dev


def load_model(folder: Path = MODEL_DIR) -> tuple[Reader, torch.Tensor]:
    """Return the network of `folder` in torch, and its word vectors."""
    network = load_network(folder)
    model = Reader(network.words.dimension, len(SOURCES))
    known = {name: torch.from_numpy(array) for name, array in network.weights.items()}
    model.load_state_dict(known | {"manner": model.manner.detach()})
    return model, torch.from_numpy(network.words.vectors)


def main() -> None:
    model, vectors = load_model()
    figures = evaluate(model, prepare_dev(MODEL_DIR / "words.npz"), vectors)
    print(", ".join(f"{name} {value:.4f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
