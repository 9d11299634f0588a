"""Fit a line with a small layer beside it: which sentence comes first, and whether any answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.questions import KINDS
from training.reader.network import NEVER

HIDDEN, BATCH = 16, 64
# The means of networks that began differently err less than each.
SEEDS = 4
# Features further than this many deviations from their mean count as if they were there: what was
# hardly ever seen must not decide.
FARTHEST = 3.0


@dataclass
class Group:
    """The sentences of one question of this `kind`: features (n × any), scores so far and which
    hold an answer (n each); `weight` is how much the question counts."""

    features: np.ndarray
    scores: np.ndarray
    holds: np.ndarray
    weight: float
    kind: str


@dataclass(frozen=True)
class _Schedule:
    """How a layer is fitted: share of hidden units dropped, epochs, learning rate, decay."""

    dropped: float
    epochs: int
    rate: float
    decay: float


# The best in five folds, see NOTES.md.
_CHOICE = _Schedule(dropped=0.2, epochs=20, rate=6e-3, decay=0.05)
_TOLD = _Schedule(dropped=0.3, epochs=40, rate=2e-3, decay=0.3)


class _Layer(nn.Module):
    """A line and a hidden layer over rows of features, the layer's bias by kind of question."""

    def __init__(self, features: int, kinds: int, dropped: float) -> None:
        super().__init__()
        self.line = nn.Linear(features, 1, bias=False)
        nn.init.zeros_(self.line.weight)
        self.hidden = nn.Linear(features, HIDDEN, bias=False)
        self.kind = nn.Embedding(kinds, HIDDEN)
        nn.init.zeros_(self.kind.weight)
        self.out = nn.Linear(HIDDEN, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(1))
        self.drop = nn.Dropout(dropped)

    def forward(self, rows: Tensor, kinds: Tensor) -> Tensor:
        hidden = torch.relu(self.hidden(rows) + self.kind(kinds))
        result: Tensor = (self.line(rows) + self.out(self.drop(hidden)))[..., 0] + self.bias
        return result


def fit_choice(groups: Sequence[Group]) -> dict[str, np.ndarray]:
    """Return the layer (see `_stack`) under which sentences that hold an answer come first, added
    to the scores they have: softmax over each group, with its weight."""
    groups = [group for group in groups if group.holds.any()]
    everything = np.concatenate([group.features for group in groups])
    mean, scale = everything.mean(axis=0), everything.std(axis=0) + 1e-3

    def lose(model: _Layer, chosen: Sequence[int]) -> Tensor:
        batch = [groups[number] for number in chosen]
        rows, scores, holds, weights, kinds = _collate(batch, mean, scale)
        scores = scores + model(rows, kinds[:, None])
        right = scores.masked_fill(~holds, NEVER).logsumexp(dim=1)
        return (weights * (scores.logsumexp(dim=1) - right)).sum() / weights.sum()

    sizes = (len(mean), len(KINDS))
    return _stack([_fit(sizes, lose, len(groups), _CHOICE, n) for n in range(SEEDS)], mean, scale)


def fit_told(features: np.ndarray, right: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return the layer that gives the log-odds of `right` (n) from `features` (n × any); a case of
    weight 0 is left out."""
    used = np.flatnonzero(weights > 0)
    mean, scale = features[used].mean(axis=0), features[used].std(axis=0) + 1e-3
    rows = torch.from_numpy(_standardise(features[used], mean, scale))
    gold = torch.from_numpy(right[used].astype(np.float32))
    share = torch.from_numpy((weights[used] / weights[used].mean()).astype(np.float32))

    def lose(model: _Layer, chosen: Sequence[int]) -> Tensor:
        scores = model(rows[chosen], torch.zeros(len(chosen), dtype=torch.long))
        return functional.binary_cross_entropy_with_logits(
            scores, gold[chosen], weight=share[chosen]
        )

    sizes = (len(mean), 1)
    return _stack([_fit(sizes, lose, len(used), _TOLD, n) for n in range(SEEDS)], mean, scale)


def _fit(
    sizes: tuple[int, int],
    lose: Callable[[_Layer, Sequence[int]], Tensor],
    count: int,
    schedule: _Schedule,
    seed: int,
) -> _Layer:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = _Layer(*sizes, schedule.dropped)
    optimiser = torch.optim.AdamW(model.parameters(), lr=schedule.rate, weight_decay=schedule.decay)
    batches = count // BATCH
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, schedule.rate, total_steps=schedule.epochs * batches
    )
    order = list(range(count))
    for _ in range(schedule.epochs):
        rng.shuffle(order)
        for at in range(batches):
            loss = lose(model, order[at * BATCH : (at + 1) * BATCH])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rates.step()
    return model


def _stack(models: Sequence[_Layer], mean: np.ndarray, scale: np.ndarray) -> dict[str, np.ndarray]:
    """Return the mean of `models` as one layer over features as they are, held between "low" and
    "high": "line" and "bias" of the line, "hidden", its bias by kind, "kind", and "out" of the
    layer."""

    def gather(name: str) -> list[np.ndarray]:
        return [model.state_dict()[name].numpy() for model in models]

    line = np.mean(gather("line.weight"), axis=0)[0] / scale
    hidden = np.concatenate(gather("hidden.weight")) / scale
    arrays = {
        "low": mean - FARTHEST * scale,
        "high": mean + FARTHEST * scale,
        "line": line,
        "bias": np.mean(gather("bias")) - line @ mean,
        "hidden": hidden,
        "kind": np.concatenate(gather("kind.weight"), axis=1) - hidden @ mean,
        "out": np.concatenate(gather("out.weight"), axis=1)[0] / len(models),
    }
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


def _standardise(features: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.clip((features - mean) / scale, -FARTHEST, FARTHEST).astype(np.float32)


def _collate(groups: Sequence[Group], mean: np.ndarray, scale: np.ndarray) -> tuple[Tensor, ...]:
    most = max(len(group.scores) for group in groups)
    rows = np.zeros((len(groups), most, len(mean)), np.float32)
    scores = np.full((len(groups), most), NEVER, np.float32)
    holds = np.zeros((len(groups), most), bool)
    for number, group in enumerate(groups):
        size = len(group.scores)
        rows[number, :size] = _standardise(group.features, mean, scale)
        scores[number, :size], holds[number, :size] = group.scores, group.holds
    weights = np.array([group.weight for group in groups], np.float32)
    kinds = np.array([KINDS.index(group.kind) for group in groups])
    return tuple(map(torch.from_numpy, (rows, scores, holds, weights, kinds)))
