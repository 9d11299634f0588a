"""The network: numpy runs what torch trained, and what is fitted on top of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rag.features import describe_passage, describe_question
from rag.matching import compare
from rag.network import own_reader, score_passages, weigh
from rag.questions import analyse_question

TEXTS = (
    "Le port de Lannion a vendu 340 tonnes de homards. La criée ferme le lundi.",
    "Une start-up brestoise, Algoma, imprime des coques de bateau. Elle emploie 45 personnes.",
    "Le festival des vieilles coques, que la ville, la région et trois mécènes paient depuis que "
    "le chantier a fermé ses portes en 1987, attire 12 000 visiteurs à Paimpol.",
)
QUESTION = "Combien de personnes Algoma emploie-t-elle ?"


def test_numpy_gives_what_the_trained_network_gives() -> None:
    torch = pytest.importorskip("torch")
    from training.reader.evaluate import load_model

    network = own_reader()
    asked = describe_question(analyse_question(QUESTION, "fr"), network.words)
    views = [describe_passage(text, "", "fr", network.words) for text in TEXTS]
    compared = compare(asked, views, network.words)
    scores, judged = score_passages(network, asked, compared)
    model = load_model()[0].eval()

    def one(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.asarray(array, np.float32))[None]

    at = sentence = 0
    for view in views:
        alone = compare(asked, [view], network.words)
        sentence_of = np.searchsorted(view.first, np.arange(len(view.words)), side="right") - 1
        with torch.no_grad():
            ranges, expected = model(
                one(alone.vectors[alone.place]),
                one(alone.tokens),
                one(asked.features),
                one(np.stack([asked.focus, asked.mean, asked.asked])),
                one(network.words.vectors[asked.sequence]),
                one(alone.sentences),
                torch.from_numpy(sentence_of)[None],
                torch.zeros(1, dtype=torch.long),
                torch.zeros(1, dtype=torch.long),
            )
        own = scores[at : at + len(view.words)]
        possible = ranges[0].numpy() > -1e3
        np.testing.assert_array_equal(own > -1e3, possible)
        np.testing.assert_allclose(own[possible], ranges[0].numpy()[possible], atol=1e-3)
        assert judged.dtype == scores.dtype == np.float32
        own = judged[sentence : sentence + len(view.first)]
        np.testing.assert_allclose(own, expected[0], atol=1e-3)
        at, sentence = at + len(view.words), sentence + len(view.first)


def test_a_fitted_layer_is_a_line_and_what_its_hidden_units_pass() -> None:
    layer = {"line": [1, 0], "bias": 0.5, "hidden": [[0, 1], [0, -1]], "out": [2, 3]}
    layer |= {"kind": [[0, 0], [-1, 0]], "low": [-9, -3], "high": [4, 9]}
    weights = {f"told.{name}": np.array(array, np.float32) for name, array in layer.items()}
    network = replace(own_reader(), weights=weights)
    rows = np.array([[5, 3], [4, -8]], np.float32)  # held to 4 and to -3
    assert weigh(network, "told", rows).tolist() == [4.5 + 2 * 3, 4.5 + 3 * 3]
    assert weigh(network, "told", rows, 1).tolist() == [4.5 + 2 * (3 - 1), 4.5 + 3 * 3]
