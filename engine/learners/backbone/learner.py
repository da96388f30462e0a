"""A pre-trained backbone as a learner: the nearest class mean of its features.

Its support sets are features already; see `engine.pretraining`, which trains it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.config import Backbone, Experiment
from engine.learners.backbone.columns import COLUMNS
from engine.learners.baselines.class_mean import nearest_class_mean
from engine.learners.columns import ColumnSpec
from engine.learners.learner import settings_of
from engine.tasks.predictor import LinearClassifier


class BackboneWeights:
    """The tensors of a backbone: as a named tuple, but with names that have dots.

    Each network has its own names, so each has a kind of its own; see `weights_of`.
    """

    _fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *variables: Tensor) -> None:
        self._variables = variables

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._variables)

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self._variables, strict=True))


def weights_of(names: Sequence[str]) -> type[BackboneWeights]:
    """Return the kind of weights that has these names."""
    return type("BackboneWeights", (BackboneWeights,), {"_fields": tuple(names)})


class BackboneLearner:
    """A backbone of one experiment; see `engine.learners.learner.Learner`."""

    columns: ClassVar[tuple[ColumnSpec, ...]] = COLUMNS

    def __init__(
        self,
        experiments: Sequence[Experiment],
        embedding_dim: int,
        device: torch.device,
        *,
        is_compiled: bool = False,
    ) -> None:
        self._settings = settings_of(experiments[0], Backbone)
        self.weights_type = weights_of(tuple(self.weight_shapes()))

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the backbone's weights, by name."""
        # Here, so that whoever trains on embeddings need not wait for networks of pictures.
        from engine.pretraining.trained_backbone import tensor_shapes

        return tensor_shapes(self._settings)

    def adapt(self, weights: Any, support: Tensor) -> LinearClassifier:
        """Return the classifier by the nearest class mean, for support sets (B, N, K, D)."""
        return nearest_class_mean(support)
