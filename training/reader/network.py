"""The reader's network in torch, for training; `rag.reading` runs the same in numpy."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.features import QUESTION_FEATURES
from rag.matching import SENTENCE_FEATURES, TOKEN_FEATURES

DILATIONS = (1, 2, 4, 1)
WIDTH = 64
WORD = 32
SHARPNESS = 8.0


class Reader(nn.Module):
    """Scores of token as start and end of the short answer, and of sentences as holding it."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.word = nn.Linear(dimension, WORD)
        self.ask = nn.Linear(QUESTION_FEATURES + 3 * WORD, WIDTH)
        self.film = nn.Linear(WIDTH, 2 * WIDTH * (len(DILATIONS) + 1))
        self.enter = nn.Linear(2 * WORD + TOKEN_FEATURES, WIDTH)
        self.convs = nn.ModuleList(nn.Linear(3 * WIDTH, WIDTH) for _ in DILATIONS)
        self.point = nn.Linear(WIDTH, 2)
        self.pair = nn.Linear(WIDTH, 2 * WIDTH)
        self.sentence = nn.Linear(2 * WIDTH + SENTENCE_FEATURES + WIDTH, 48)
        self.judge = nn.Linear(48, 2)
        self.drop = nn.Dropout(0.3)

    def forward(
        self,
        vectors: Tensor,
        features: Tensor,
        question: Tensor,
        asked: Tensor,
        terms: Tensor,
        sentences: Tensor,
        sentence_of: Tensor,
        mask: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return start and end scores (N × T) and two scores of each sentence (S × 2).

        `vectors` N×T×D, `features` N×T×F, `question` N×Q, `asked` N×3×D, `terms` N×M×D the
        vectors of the question's words, zeros for padding; `sentences` S×F are all sentences of the
        batch and `sentence_of` N×T the number of each token's, S for padding.
        """
        if self.training:  # whole words go missing, so that features are learned too
            vectors = vectors * (torch.rand(vectors.shape[:2]) > 0.15)[..., None]
        ask = torch.cat([question, self.word(asked).flatten(1)], dim=1)
        ask = torch.relu(self.ask(self.drop(ask)))
        films = self.film(ask).view(len(ask), len(DILATIONS) + 1, 2, 1, WIDTH)
        near = vectors @ terms.transpose(1, 2) * SHARPNESS
        near = near.masked_fill((terms == 0).all(dim=2)[:, None, :], -1e4)
        words = self.word(vectors)
        aligned = torch.softmax(near, dim=2) @ self.word(terms)
        hidden = self.enter(torch.cat([words, words * aligned, features], dim=2))
        hidden = torch.relu(hidden * (1 + films[:, 0, 0]) + films[:, 0, 1])
        hidden = hidden * mask[..., None]
        for layer, (conv, by) in enumerate(zip(self.convs, DILATIONS, strict=True), 1):
            given = functional.pad(hidden, (0, 0, by, by))
            around = (given[:, : -2 * by], given[:, by:-by], given[:, 2 * by :])
            mixed = conv(torch.cat(around, dim=2))
            mixed = torch.relu(mixed * (1 + films[:, layer, 0]) + films[:, layer, 1])
            hidden = (hidden + mixed) * mask[..., None]
        hidden = self.drop(hidden)
        pair = self.pair(ask).view(len(ask), 2, WIDTH)
        points = self.point(hidden) + torch.einsum("ntw,ncw->ntc", hidden, pair) / WIDTH**0.5
        count = len(sentences)
        flat, of = hidden.reshape(-1, WIDTH), sentence_of.reshape(-1)
        sums = torch.zeros(count + 1, WIDTH).index_add_(0, of, flat)[:count]
        sizes = torch.zeros(count + 1).index_add_(0, of, torch.ones(len(of)))[:count, None]
        peaks = torch.zeros(count + 1, WIDTH).scatter_reduce_(
            0, of[:, None].expand(-1, WIDTH), flat, "amax", include_self=False
        )[:count]
        owner = torch.zeros(count + 1, dtype=torch.long)
        owner[of] = torch.arange(len(ask))[:, None].expand(sentence_of.shape).reshape(-1)
        row = torch.cat([sums / sizes, peaks, sentences, ask[owner[:count]]], dim=1)
        return (
            points[..., 0],
            points[..., 1],
            self.judge(torch.relu(self.sentence(row))),
        )
