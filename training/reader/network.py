"""The reader's network in torch, for training; `rag.network` runs the same in numpy."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.features import QUESTION_FEATURES
from rag.matching import SENTENCE_FEATURES, TOKEN_FEATURES
from rag.network import DILATIONS, SHARPNESS
from rag.spans import LONGEST

WIDTH = 96
WORD = 64
# What a word of the question is, its neighbours seen; how words of the passage seek it.
TERM, KEY = 48, 32
# In how many ways a first and a last token fit each other.
FIT = 32
# Scores that no choice takes part in.
NEVER = -1e4


class Reader(nn.Module):
    """Scores of ranges of tokens as the short answer, and of sentences as holding it; words are
    vectors of `dimension` numbers, questions are of `sources` sources."""

    def __init__(self, dimension: int, sources: int) -> None:
        super().__init__()
        self.word = nn.Linear(dimension, WORD)
        self.terms = nn.ModuleList((nn.Linear(3 * (WORD + 1), TERM), nn.Linear(3 * TERM, TERM)))
        self.pool = nn.Linear(TERM, 2)
        self.ask = nn.Linear(QUESTION_FEATURES + 3 * WORD + 2 * TERM, WIDTH)
        self.film = nn.Linear(WIDTH, 2 * WIDTH * (len(DILATIONS) + 1))
        self.key = nn.Linear(WORD, KEY)
        self.seek = nn.Linear(TERM, KEY)
        self.enter = nn.Linear(3 * WORD + TERM + TOKEN_FEATURES, WIDTH)
        self.convs = nn.ModuleList(nn.Linear(3 * WIDTH, WIDTH) for _ in DILATIONS)
        self.sentence = nn.Linear(3 * WIDTH + 2 * SENTENCE_FEATURES, WIDTH)
        self.among = nn.Linear(3 * WIDTH, WIDTH)
        self.judge = nn.Linear(WIDTH, 2)
        self.back = nn.Linear(WIDTH, WIDTH)
        self.last = nn.Linear(3 * WIDTH, WIDTH)
        self.point = nn.Linear(WIDTH, 2)
        self.fit = nn.Linear(WIDTH, 2 * FIT)
        self.length = nn.Linear(WIDTH, LONGEST)
        self.drop = nn.Dropout(0.3)
        # How answers of a source differ from those of the first, in length say: for training alone.
        self.manner = nn.Parameter(torch.zeros(sources - 1, WIDTH))

    def forward(
        self,
        vectors: Tensor,
        features: Tensor,
        question: Tensor,
        asked: Tensor,
        terms: Tensor,
        sentences: Tensor,
        sentence_of: Tensor,
        owner: Tensor,
        source: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Return the scores of ranges (N × T × LONGEST, by first token and length less one) and two
        scores of each sentence (N × S × 2).

        For N passages and B questions: `vectors` N×T×D, `features` N×T×F, `question` B×Q, `asked`
        B×3×D, `terms` B×M×D the vectors of the question's words in order, NaN for padding;
        `sentences` N×S×F, NaN for padding; `sentence_of` N×T, S for padding; `owner` N the number
        of the question of each passage; `source` B the number of each question's source. Ranges
        across sentences score -10,000.
        """
        if self.training:  # whole words go missing, so that features are learned too
            vectors = vectors * (torch.rand(vectors.shape[:2]) > 0.15)[..., None]
        absent = terms.isnan().any(dim=2)
        terms = terms.nan_to_num()
        said = self._read_terms(terms, absent)
        manner = functional.pad(self.manner, (0, 0, 1, 0))[source]
        ask = self._sum_up(question, asked, said, absent, manner)
        films = self.film(ask).view(len(ask), len(DILATIONS) + 1, 2, 1, WIDTH)[owner]
        count = sentences.shape[1]
        inside = (sentence_of < count)[..., None].float()
        hidden = self._meet(vectors, features, terms[owner], said[owner], absent[owner])
        hidden = torch.relu(hidden * (1 + films[:, 0, 0]) + films[:, 0, 1]) * inside
        for layer, (conv, by) in enumerate(zip(self.convs, DILATIONS, strict=True), 1):
            mixed = conv(_spread(hidden, by))
            mixed = torch.relu(mixed * (1 + films[:, layer, 0]) + films[:, layer, 1])
            hidden = (hidden + self.drop(mixed)) * inside
        known = self._weigh_sentences(hidden, sentences, sentence_of, ask[owner])
        told = functional.pad(self.back(known), (0, 0, 0, 1))
        back = torch.gather(told, 1, sentence_of[..., None].expand(-1, -1, WIDTH))
        hidden = self.drop(torch.relu(self.last(_spread(hidden + back, 1))) * inside)
        return self._score_ranges(hidden, ask[owner], sentence_of, count), self.judge(known)

    def _read_terms(self, terms: Tensor, absent: Tensor) -> Tensor:
        present = ~absent[..., None]
        unknown = (terms == 0).all(dim=2, keepdim=True).float()
        said = torch.cat([self.word(terms), unknown], dim=2) * present
        for layer in self.terms:
            said = self.drop(torch.relu(layer(_spread(said, 1))) * present)
        return said

    def _sum_up(
        self, question: Tensor, asked: Tensor, said: Tensor, absent: Tensor, manner: Tensor
    ) -> Tensor:
        shares = self.pool(said).masked_fill(absent[..., None], NEVER).softmax(dim=1)
        pooled = torch.einsum("bmk,bmw->bkw", shares, said).flatten(1)
        given = torch.cat([question, self.word(asked).flatten(1), pooled], dim=1)
        return torch.relu(self.ask(self.drop(given)) + manner)

    def _meet(
        self, vectors: Tensor, features: Tensor, terms: Tensor, said: Tensor, absent: Tensor
    ) -> Tensor:
        hide = absent[:, None, :]
        near = (vectors @ terms.transpose(1, 2) * SHARPNESS).masked_fill(hide, NEVER)
        words = self.word(vectors)
        aligned = near.softmax(dim=2) @ self.word(terms)
        sought = self.key(words) @ self.seek(said).transpose(1, 2) / KEY**0.5
        found = sought.masked_fill(hide, NEVER).softmax(dim=2) @ said
        parts = [words, words * aligned, (words - aligned).abs(), found, features]
        return self.enter(self.drop(torch.cat(parts, dim=2)))

    def _weigh_sentences(
        self, hidden: Tensor, sentences: Tensor, sentence_of: Tensor, ask: Tensor
    ) -> Tensor:
        count = sentences.shape[1]
        present = ~sentences.isnan().any(dim=2, keepdim=True)
        sentences = sentences.nan_to_num()
        place = sentence_of[..., None].expand(-1, -1, WIDTH)
        empty = hidden.new_zeros(len(hidden), count + 1, WIDTH)
        sums = empty.scatter_add(1, place, hidden)[:, :count]
        sizes = empty.scatter_add(1, place, torch.ones_like(hidden))[:, :count].clamp(min=1)
        peaks = empty.scatter_reduce(1, place, hidden, "amax", include_self=False)[:, :count]
        number = present.sum(dim=1, keepdim=True)
        beyond = (sentences - sentences.sum(dim=1, keepdim=True) / number) * present
        asked = ask[:, None].expand(-1, count, -1)
        row = torch.cat([sums / sizes, peaks, asked, sentences, beyond], dim=2)
        own = torch.relu(self.sentence(self.drop(row))) * present
        most = own.max(dim=1, keepdim=True)[0].expand_as(own)
        mean = (own.sum(dim=1, keepdim=True) / number).expand_as(own)
        return torch.relu(self.among(self.drop(torch.cat([own, most, mean], dim=2)))) * present

    def _score_ranges(self, hidden: Tensor, ask: Tensor, of: Tensor, count: int) -> Tensor:
        tokens = hidden.shape[1]
        points = functional.pad(self.point(hidden), (0, 0, 0, LONGEST))
        fit = functional.pad(self.fit(hidden), (0, 0, 0, LONGEST))
        padded = functional.pad(of, (0, LONGEST), value=-1)
        lengths = self.length(ask)
        scores = []
        for more in range(LONGEST):
            score = points[:, :tokens, 0] + points[:, more : more + tokens, 1]
            pairs = fit[:, :tokens, :FIT] * fit[:, more : more + tokens, FIT:]
            score = score + pairs.sum(dim=2) / FIT**0.5 + lengths[:, more, None]
            same = (padded[:, more : more + tokens] == of) & (of < count)
            scores.append(score.masked_fill(~same, NEVER))
        return torch.stack(scores, dim=2)


def _spread(hidden: Tensor, by: int) -> Tensor:
    """Return each row with those `by` before and after it beside it."""
    given = functional.pad(hidden, (0, 0, by, by))
    return torch.cat((given[:, : -2 * by], given[:, by:-by], given[:, 2 * by :]), dim=2)
