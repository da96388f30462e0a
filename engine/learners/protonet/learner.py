"""Prototypical networks as a learner (Snell, Swersky and Zemel 2017).

Shapes: B tasks, N ways, K shots, Q queries per class, D embedding size. A population has its M
members before these.
"""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from engine.config import ProtoNet
from engine.learners.columns import ColumnSpec
from engine.learners.layout import Weights
from engine.learners.learner import AutogradLearner, query_scores, settings_of
from engine.learners.protonet.columns import COLUMNS
from engine.learners.protonet.model import Parameters, classifier, initial_parameters
from engine.tasks.classification import Tasks
from engine.tasks.predictor import LinearClassifier


class Terms(NamedTuple):
    """The loss and its parts, each (M,)."""

    loss: Tensor
    query_loss: Tensor
    query_accuracy: Tensor
    l2: Tensor


class ProtoNetLearner(AutogradLearner[Parameters]):
    """Prototypical networks, of one experiment or of a population's; see `AutogradLearner`."""

    columns: ClassVar[tuple[ColumnSpec, ...]] = COLUMNS
    weights_type: ClassVar[type[Weights]] = Parameters

    def initial(self, member: int) -> Parameters:
        """Return a member's projection at the start."""
        experiment = self.experiments[member]
        settings = settings_of(experiment, ProtoNet)
        generator = torch.Generator().manual_seed(experiment.run.seed)
        return initial_parameters(
            self.embedding_dim, settings.projected_size, settings.initial_scale, generator
        )

    def objective(self, weights: Parameters, inputs: Tasks) -> Terms:
        """Return the query loss (equations 2 and 3) with an L2 term on the projection."""
        measured = query_scores(self.adapt(weights, inputs.support), inputs.query)
        weight = self.member_settings("l2_weight", measured.loss)
        l2 = weight / 2 * weights.projection.square().sum((-2, -1))
        return Terms(measured.loss + l2, measured.loss, measured.accuracy, l2)

    def adapt(self, weights: Parameters, support: Tensor) -> LinearClassifier:
        """Return the classifier by the nearest prototype, for support sets (B, N, K, D)."""
        return classifier(weights, support)

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the projection's shape, (D, E)."""
        # Not read off `initial`, which makes it: a bundle that nobody vouches for may claim any D.
        settings = settings_of(self.experiments[0], ProtoNet)
        return {"projection": (self.embedding_dim, settings.projected_size)}
