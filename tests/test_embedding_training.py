"""The training of the static model: token arrays, the gradient by hand, learnt translations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from rag.embedding import load_embedder
from training.dictionary import translate
from training.export import export
from training.ragged import Ragged, concatenate, count_matrix, cut, drop, join
from training.sampling import Batch
from training.train import SCALE, contrast
from training.train_tokenizer import UNKNOWN, build_tokenizer


def make_ragged(*texts: list[int]) -> Ragged:
    lengths = [len(text) for text in texts]
    flat = np.array([token for text in texts for token in text], dtype=np.int32)
    return Ragged(flat, np.concatenate([[0], np.cumsum(lengths)]))


def read_lists(texts: Ragged) -> list[list[int]]:
    return [part.tolist() for part in np.split(texts.ids, texts.offsets[1:-1])]


def test_slices_and_joins_of_token_arrays() -> None:
    texts = make_ragged([1, 2, 3], [], [4, 5])
    assert read_lists(texts.take(np.array([2, 0, 2]))) == [[4, 5], [1, 2, 3], [4, 5]]
    assert read_lists(cut(texts.ids, np.array([1, 0]), np.array([3, 0]))) == [[2, 3, 4], []]
    assert read_lists(join(texts, make_ragged([9], [8], []))) == [[1, 2, 3, 9], [8], [4, 5]]
    assert read_lists(concatenate([texts, make_ragged([7])])) == [[1, 2, 3], [], [4, 5], [7]]


def test_dropping_keeps_every_text_and_the_order_in_it() -> None:
    texts = make_ragged(list(range(100)), [], list(range(50)))
    dropped = read_lists(drop(texts, 0.5, np.random.default_rng(0)))
    assert len(dropped) == 3
    assert all(text == sorted(set(text)) for text in dropped)
    assert 20 < len(dropped[0]) < 80


def test_shares_of_tokens_by_hand() -> None:
    shares = count_matrix(make_ragged([1, 1, 0, 2], []), 3).toarray()
    np.testing.assert_allclose(shares, [[0.25, 0.5, 0.25], [0, 0, 0]])


def test_the_gradient_by_hand_is_that_of_autograd() -> None:
    """Also guards the mask: texts with the same key must not push each other away."""
    import torch
    from torch.nn import functional

    rng = np.random.default_rng(0)
    queries = make_ragged(*(rng.integers(0, 50, n).tolist() for n in rng.integers(1, 9, 32)))
    documents = make_ragged(*(rng.integers(0, 50, n).tolist() for n in rng.integers(5, 30, 32)))
    keys = np.repeat(np.arange(12), 3)[:32]
    table = rng.standard_normal((50, 16)).astype(np.float32)
    loss, gradient = contrast(Batch(queries, documents, keys), table)

    weights = torch.from_numpy(table.copy()).requires_grad_(True)

    def embed(texts: Ragged) -> torch.Tensor:
        ids, offsets = torch.from_numpy(texts.ids).long(), torch.from_numpy(texts.offsets[:-1])
        return functional.normalize(functional.embedding_bag(ids, weights, offsets, mode="mean"))

    scores = embed(queries) @ embed(documents).T * SCALE
    same = torch.from_numpy(keys[:, None] == keys[None, :]).fill_diagonal_(False)
    scores = scores.masked_fill(same, -torch.inf)
    target = torch.arange(32)
    expected = functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=5e-3)
    right = weights.grad.numpy()
    cosine = (gradient * right).sum() / np.linalg.norm(gradient) / np.linalg.norm(right)
    assert cosine > 0.999


def test_translations_are_learnt_from_pairs() -> None:
    """Words 1, 2, 3 stand for 11, 12, 13, in another order and never alone; 4 has no partner."""
    rng = np.random.default_rng(0)
    rows = [rng.choice([1, 2, 3], size=2, replace=False).tolist() for _ in range(60)]
    left = make_ragged(*rows)
    right = make_ragged(*([b + 10, a + 10] for a, b in rows))
    best, share = translate(left, right, 20)
    assert best[[1, 2, 3, 4], 0].tolist() == [11, 12, 13, 4]
    np.testing.assert_allclose(share[:, -1], 1)


def test_an_exported_table_loads_and_gives_its_means(tmp_path: Path) -> None:
    from tokenizers import models

    tokenizer: Tokenizer = build_tokenizer()
    tokenizer.model = models.WordPiece({UNKNOWN: 0, "un": 1, "##e": 2}, unk_token=UNKNOWN)
    table = np.array([[0, 0], [2, 0], [0, 2]], dtype=np.float32)
    export(table, tokenizer, tmp_path)
    rows = load_embedder(str(tmp_path)).encode_documents(["Un", "« UNE »", "un une", ""])
    half, root = np.sqrt(0.5), np.sqrt(5)
    np.testing.assert_allclose(
        rows, [[1, 0], [half, half], [2 / root, 1 / root], [1, 0]], atol=1e-3
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’IA, à l'État", "l ia a l etat"),
        ("Œuvre straße ﬁn", "oeuvre strasse fin"),
        ("65\u00a0% de 1,2\u202fMd€ (C++)", "65 % de 1 2 md€ c++"),
    ],
)
def test_text_is_folded_for_the_tokenizer(text: str, expected: str) -> None:
    assert " ".join(build_tokenizer().normalizer.normalize_str(text).split()) == expected
