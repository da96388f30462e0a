"""Queries of episodes whose learner sees them all at once: how many each class has, and which.

Like the episode itself a pure function of the seed, the split and the episode's number; numbers of
queries are computed on the CPU so that they are the same on every device.

Shapes: E episodes, N ways, K shots.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from engine.config import QueriesTogether
from engine.data.store import Split
from engine.tasks.episodes import query_keys, sample_examples

# Shares are drawn from the Dirichlet distribution of this concentration for each class: Veilleux et
# al. 2021, section 3.
CONCENTRATION = 2
_BITS = 52  # of a key that become a fraction, which a double holds with one bit more


class ExamplesTogether(NamedTuple):
    """The examples of some episodes, as rows of their split."""

    support: Tensor  # (E, N, K)
    query: Tensor  # (E, N, P), the places up to the largest number of queries that a class may have
    is_query: Tensor  # (E, N, P) bool: each episode has as many


def sample_together(
    split: Split, seed: int, numbers: Tensor, classes: Tensor, k_shot: int, wanted: QueriesTogether
) -> ExamplesTogether:
    """Choose the examples of episodes `numbers`, (E,), of classes (E, N).

    The support sets are those of `sample_examples`; the queries of a class are the next ones in its
    random order.
    """
    is_balanced = wanted.balance == "balanced"
    n_way, per_class = classes.shape[1], wanted.per_class
    places = min(per_class if is_balanced else n_way * per_class, split.largest_class - k_shot)
    rows = sample_examples(split, seed, numbers, classes, k_shot + places)
    if is_balanced:
        counts = torch.full_like(classes, per_class)
    else:
        free = split.class_sizes[classes] - k_shot
        counts = dirichlet_counts(split, seed, numbers, free, per_class).to(classes.device)
    is_query = torch.arange(places, device=rows.device) < counts[..., None]
    return ExamplesTogether(rows[..., :k_shot], rows[..., k_shot:], is_query)


def dirichlet_counts(
    split: Split, seed: int, numbers: Tensor, free: Tensor, per_class: int
) -> Tensor:
    """Draw how many queries each class has, (E, N) int64 on the CPU; N times `per_class` in all.

    Parameters
    ----------
    split, seed, numbers
        Which episodes: the numbers are (E,).
    free
        How many examples each class has beside the support set, (E, N); `per_class` at least. A
        class that is drawn more queries than it has gives all, and others have the rest.
    per_class
        Queries of a class on average.
    """
    free = free.cpu()
    n_way = free.shape[1]
    shares = _shares(split, seed, numbers.cpu(), n_way)
    total = n_way * per_class
    counts = torch.zeros_like(free)
    while bool((left := total - counts.sum(1)).any()):
        some = shares.where(counts < free, 0.0)
        some = (some / some.sum(1, keepdim=True)).nan_to_num(0.0)
        counts = torch.minimum(counts + _rounded(some, left), free)
    return counts


def _shares(split: Split, seed: int, numbers: Tensor, n_way: int) -> Tensor:
    """Draw from the Dirichlet distribution, (E, N): gamma numbers over their sum.

    One of shape 2 is the sum of two exponential ones.
    """
    keys = query_keys(split, seed, numbers, n_way * CONCENTRATION)
    uniform = ((keys & (2**_BITS - 1)).double() + 0.5) / 2**_BITS  # neither 0 nor 1
    gamma: Tensor = -uniform.log().view(len(numbers), n_way, CONCENTRATION).sum(-1)
    return gamma / gamma.sum(1, keepdim=True)


def _rounded(shares: Tensor, totals: Tensor) -> Tensor:
    """Round shares (E, N) of totals (E,) to whole numbers of that sum, by largest remainders."""
    wanted = shares * totals[:, None]
    counts = wanted.floor()
    missing = totals - counts.sum(1).long()
    places = (counts - wanted).argsort(stable=True, dim=1).argsort(dim=1)
    rounded: Tensor = counts.long() + (places < missing[:, None])
    return rounded
