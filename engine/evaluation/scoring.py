"""Scores of the queries of a class in every episode that contains it: right or wrong, how sure.

Shapes: E episodes, N ways, K shots, D embedding size, n examples of a class, e episodes that
contain it.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from engine.data.store import Split
from engine.devices.batching import batch_size, run_with_halving
from engine.devices.numerics import precise
from engine.tasks.predictor import Predictor

BINS = 15
# Logits that are held at a time: on a CPU, in blocks that stay near its cache; on a GPU at most.
_LOGITS_AT_A_TIME, _MOST_LOGITS = 1 << 20, 1 << 26
# Numbers that are held meanwhile for each.
NUMBERS_PER_LOGIT = 16


class Batch(NamedTuple):
    """Some episodes, adapted to."""

    split: Split
    classes: Tensor  # (E, N)
    rows: Tensor  # (E, N, at least K): the support set first
    predictor: Predictor  # of E tasks
    k_shot: int
    examples_per_class: int  # support and queries, where a class has so many


class Counts(NamedTuple):
    """What the queries of one class did in the episodes that contain it."""

    episodes: Tensor  # (e,): places in the batch
    classes: Tensor  # (e,): of the split
    right: Tensor  # (e,)
    asked: Tensor  # (e,)
    loss: Tensor  # ()
    bin_counts: Tensor  # (BINS,)
    bin_right: Tensor  # (BINS,)
    bin_confidence: Tensor  # (BINS,)


@torch.no_grad()
def counted(batch: Batch, label: int) -> Counts:
    """Ask all queries of class `label` in every episode that contains it."""
    begin, end = batch.split.class_offsets[label : label + 2].tolist()
    examples = batch.split.embeddings[begin:end]
    drawn = min(batch.examples_per_class, end - begin)
    n_way, k_shot = batch.classes.shape[1], batch.k_shot
    episodes, places = (batch.classes == label).nonzero(as_tuple=True)
    together = batch_size(
        examples.device,
        4 * NUMBERS_PER_LOGIT * len(examples) * n_way,
        on_cpu=_LOGITS_AT_A_TIME // (len(examples) * n_way),
        most=_MOST_LOGITS // (len(examples) * n_way),
    )

    def scored(which: Tensor) -> tuple[Tensor, ...]:
        some, some_places = episodes[which], places[which]
        own = batch.rows[some, some_places] - begin
        is_query = _query_mask(own, k_shot, len(examples), drawn)
        # The true class comes first, so its logit needs no gather.
        others = torch.arange(n_way, device=some.device)[:, None]
        order = (others + some_places) % n_way
        return scores(batch.predictor.logits(examples, some, order), is_query)

    every = torch.arange(len(episodes), device=examples.device)
    parts = [part for some in every.split(together) for part in run_with_halving(scored, some)]
    right, asked, loss, bin_counts, bin_right, bin_confidence = zip(*parts, strict=True)
    return Counts(
        episodes,
        torch.full_like(episodes, label),
        torch.cat(right),
        torch.cat(asked),
        torch.stack(loss).sum(),
        torch.stack(bin_counts).sum(0),
        torch.stack(bin_right).sum(0),
        torch.stack(bin_confidence).sum(0),
    )


def scores(logits: Tensor, is_query: Tensor) -> tuple[Tensor, ...]:
    """Score logits (n, N, e), true class first, where `is_query` (n, e).

    Returns the fields of `Counts` from `right` on.
    """
    true = logits[:, 0]
    best_other = logits[:, 1:].amax(1)
    largest = torch.maximum(true, best_other)
    total = (logits - largest[:, None]).exp_().sum(1)
    losses = (largest - true + total.log()).mul_(is_query)
    # Logits that are no finite numbers say nothing, with no confidence.
    confidence = total.reciprocal_().nan_to_num_(0.0)
    # A tie is no knowledge either: it counts as wrong.
    is_right = (true > best_other) & is_query & (confidence > 0)
    # Rows that are no query fall into a bin of their own, which is left out.
    bins = (confidence * BINS).to(torch.int64).clamp_(max=BINS - 1)
    bins = bins.masked_fill_(~is_query, BINS).flatten()
    return (
        is_right.sum(0),
        is_query.sum(0),
        losses.sum(dtype=precise(losses.device)),
        bins.bincount(minlength=BINS + 1)[:BINS],
        bins[is_right.flatten()].bincount(minlength=BINS + 1)[:BINS],
        _sums(bins, confidence.flatten()),
    )


def _sums(bins: Tensor, values: Tensor) -> Tensor:
    """Add up the values of each bin, (BINS,) float64, always in the same order."""
    if bins.device.type == "cpu":
        return bins.bincount(values.double(), BINS + 1)[:BINS]
    # A GPU counts with weights in whatever order its threads come.
    dtype = precise(bins.device)
    each = [torch.where(bins == bin_, values, 0.0).sum(dtype=dtype) for bin_ in range(BINS)]
    return torch.stack(each)


def _query_mask(own: Tensor, k_shot: int, size: int, drawn: int) -> Tensor:
    """Say which of a class's examples are queries, (n, e) bool.

    `own` (e, at least K) holds drawn examples, the support set first; where no more than the
    support set was drawn, all others are queries.
    """
    shape = (size, len(own))
    mask = torch.full(shape, drawn == size, device=own.device)
    if drawn < size:
        mask.scatter_(0, own[:, :drawn].mT, True)
    return mask.scatter_(0, own[:, :k_shot].mT, False)
