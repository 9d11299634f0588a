"""Train the token table by contrast (InfoNCE with in-batch negatives, both directions).

python -m training.train --out training/out --steps 6000
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from tokenizers import Tokenizer

from training.ragged import Ragged, count_matrix
from training.sampling import Batch, draw_batches

DIMENSION = 256
SCALE = 20.0
SEED = 0
SPREAD = 0.1


def pool(texts: Ragged, table: np.ndarray) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """Token shares, unit rows of their mean vectors, and the means' lengths."""
    shares = count_matrix(texts, len(table))
    means = shares @ table
    norms = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
    return shares, means / norms, norms


def contrast(batch: Batch, table: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and its gradient by the table: cross-entropy over scaled cosines in both directions.

    A text's other positives are no negatives. Written out by hand, with bfloat16 products, it
    takes a quarter of autograd's time or less: cosines are bounded, so one exponential serves both
    softmaxes."""
    query_shares, queries, query_norms = pool(batch.queries, table)
    document_shares, documents, document_norms = pool(batch.documents, table)
    left, right = (torch.from_numpy(rows).bfloat16() for rows in (queries, documents))
    weights = (left @ right.T).float().sub_(1).mul_(SCALE).exp_()
    for rows, columns in find_twins(batch.keys):
        weights[rows, columns] = weights[columns, rows] = 0
    row_sums, column_sums = weights.sum(1), weights.sum(0)
    loss = (row_sums.log() + column_sums.log()).mean() - 2 * weights.diagonal().log().mean()
    slope = weights.mul_(1 / row_sums[:, None] + 1 / column_sums[None, :])
    slope.diagonal().sub_(2)
    slope = slope.mul_(SCALE / len(slope)).bfloat16()
    gradient = spread(query_shares, queries, query_norms, (slope @ right).float().numpy())
    gradient += spread(document_shares, documents, document_norms, (slope.T @ left).float().numpy())
    return float(loss), gradient


def find_twins(keys: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of rows with the same key, as arrays of first and of second rows."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    for gap in range(1, len(order)):
        same = np.flatnonzero(ordered[gap:] == ordered[:-gap])
        if not len(same):
            return
        yield order[same], order[same + gap]


def spread(
    shares: sp.csr_matrix, units: np.ndarray, norms: np.ndarray, slope: np.ndarray
) -> np.ndarray:
    """Gradient by the table, from that by the unit rows."""
    slope -= units * np.sum(units * slope, axis=1, keepdims=True)
    return shares.T.tocsr() @ (slope / norms)


def train(
    folder: Path, table: np.ndarray, steps: int, batch: int, rate: float, seed: int
) -> np.ndarray:
    """Adam, the rate rising over the first 2 % of the steps, then falling to 0 in a line."""
    parameter = torch.from_numpy(table).requires_grad_(True)
    optimizer = torch.optim.Adam([parameter], lr=rate, fused=True)
    start, sums = time.time(), {}
    for step, (kind, pairs) in enumerate(draw_batches(folder, batch, steps, seed)):
        warm = min(1.0, (step + 1) / (0.02 * steps))
        optimizer.param_groups[0]["lr"] = rate * min(warm, 1 - step / steps)
        loss, gradient = contrast(pairs, table)
        parameter.grad = torch.from_numpy(gradient)
        optimizer.step()
        sums.setdefault(kind, []).append(loss)
        if (step + 1) % 250 == 0:
            means = {name: round(float(np.mean(values)), 3) for name, values in sums.items()}
            print(f"step {step + 1} {time.time() - start:.0f}s {means}", flush=True)
            sums.clear()
        if (step + 1) % 1000 == 0:
            np.save(folder.parent / "checkpoint.npy", table)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("training/out"))
    parser.add_argument("--name", default="table")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=2048)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=0, help="of the batches")
    parser.add_argument("--start", type=Path, help="table to go on from; default: random")
    args = parser.parse_args()
    torch.set_num_threads(2)
    size = Tokenizer.from_file(str(args.out / "tokenizer.json")).get_vocab_size()
    if args.start:
        table = np.load(args.start)
    else:
        generator = np.random.default_rng(SEED)
        table = generator.standard_normal((size, DIMENSION), dtype=np.float32) * SPREAD
    table = train(args.out / "tokens", table, args.steps, args.batch, args.rate, args.seed)
    np.save(args.out / f"{args.name}.npy", table)


if __name__ == "__main__":
    main()
