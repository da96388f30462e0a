"""Learners of a linear embedding: one projection, learned by the loss on queries and an L2 term.

Shapes: B tasks, N ways, K shots, D embedding size, E size of the learned space. A population has
its M members before these.
"""

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from engine.learners.columns import ColumnSpec
from engine.learners.layout import Weights
from engine.learners.learner import AutogradLearner, query_scores
from engine.learners.linear_embedding.columns import COLUMNS
from engine.tasks.classification import Tasks
from engine.tasks.predictor import QueryPredictor


class Parameters(NamedTuple):
    """Everything that is learned."""

    projection: Tensor  # (D, E)


class Terms(NamedTuple):
    """The loss and its parts, each (M,)."""

    loss: Tensor
    query_loss: Tensor
    query_accuracy: Tensor
    l2: Tensor


def initial_parameters(
    embedding_dim: int, projected_size: int, scale: float, generator: torch.Generator
) -> Parameters:
    """Draw a projection whose columns (or rows, where E > D) are orthogonal.

    Squared distances then are about those between the embeddings themselves, times `scale`, and
    angles about theirs.
    """
    drawn = torch.empty(embedding_dim, projected_size)
    torch.nn.init.orthogonal_(drawn, generator=generator)
    return Parameters(drawn * scale**0.5)


class LinearEmbeddingLearner(AutogradLearner[Parameters]):
    """Base of learners of a linear embedding; what is left to say is `adapt`."""

    columns: ClassVar[tuple[ColumnSpec, ...]] = COLUMNS
    weights_type: ClassVar[type[Weights]] = Parameters

    def adapt(self, weights: Parameters, support: Tensor) -> QueryPredictor:
        """Return the classifier of support sets (B, N, K, D)."""
        raise NotImplementedError

    def initial_scale(self, member: int) -> float:
        """Return the factor on squared distances at the start."""
        return 1.0

    def initial(self, member: int) -> Parameters:
        """Return a member's projection at the start."""
        generator = torch.Generator().manual_seed(self.experiments[member].run.seed)
        shape = self.weight_shapes()["projection"]
        return initial_parameters(*shape, self.initial_scale(member), generator)

    def objective(self, weights: Parameters, inputs: Tasks) -> Terms:
        """Return the loss on the queries, with an L2 term on the projection."""
        measured = query_scores(self.adapt(weights, inputs.support), inputs.query)
        weight = self.member_settings("l2_weight", measured.loss)
        l2 = weight / 2 * weights.projection.square().sum((-2, -1))
        return Terms(measured.loss + l2, measured.loss, measured.accuracy, l2)

    def weight_shapes(self) -> dict[str, tuple[int, int]]:
        """Return the projection's shape, (D, E)."""
        # Not read off `initial`, which makes it: a bundle that nobody vouches for may claim any D.
        settings: Any = self.experiments[0].learner
        return {"projection": (self.embedding_dim, settings.projected_size)}
