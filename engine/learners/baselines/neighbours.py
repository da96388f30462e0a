"""The nearest neighbours of a query among the support set's examples.

Shapes: B tasks, N ways, K shots, D embedding size, n examples that tasks share, e tasks that share
them.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.baselines.untrained import NoWeights, UntrainedLearner

# The least share of the votes: a class without any is not impossible.
_LEAST = 1e-6


class Neighbours(NamedTuple):
    """Examples that vote, each by the inverse of its distance: logits are logarithms of shares."""

    support: Tensor  # (B, N, K, D)
    voters: Tensor  # (B,) int64: how many of the nearest vote, the same for all

    def logits(self, examples: Tensor, tasks: Tensor, classes: Tensor) -> Tensor:
        """Score examples that several tasks share; see `engine.tasks.predictor.Predictor`."""
        n_way, k_shot = self.support.shape[1:3]
        known = self.support[tasks].flatten(0, 2)
        squares = examples.square().sum(-1, keepdim=True) - 2 * examples @ known.mT
        squares += known.square().sum(-1)
        distances = squares.clamp_(min=torch.finfo(squares.dtype).tiny).sqrt_()
        count = min(int(self.voters[0]), n_way * k_shot)
        nearest, which = distances.view(len(examples), len(tasks), -1).topk(count, largest=False)
        votes = nearest.new_zeros(*nearest.shape[:2], n_way)
        # Distances are compared with the nearest one's: their own sizes may be any.
        votes.scatter_add_(2, which // k_shot, nearest[..., :1] / nearest)
        shares = votes / votes.sum(-1, keepdim=True)
        order = classes.mT.expand(len(examples), -1, -1)  # (n, e, N)
        return (shares.gather(2, order) + _LEAST).log().mT


class NeighboursLearner(UntrainedLearner):
    """The nearest neighbours of one experiment."""

    def adapt(self, weights: NoWeights, support: Tensor) -> Neighbours:
        """Keep support sets (B, N, K, D)."""
        counts = torch.full((len(support),), self._settings.neighbours, device=support.device)
        return Neighbours(support, counts)
