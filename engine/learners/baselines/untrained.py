"""What learners that need no training have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import torch

from engine.config import Experiment
from engine.learners.columns import ColumnSpec
from engine.learners.layout import Weights


class NoWeights(NamedTuple):
    """The weights of a learner that learns none."""


class UntrainedLearner:
    """Base of learners that fit each support set anew; see `engine.learners.learner.Learner`.

    What is left to say is `adapt`.

    Parameters
    ----------
    experiments
        All settings, of one experiment.
    embedding_dim, device, is_compiled
        As other learners take them; nothing here depends on them.
    """

    columns: ClassVar[tuple[ColumnSpec, ...]] = ()
    weights_type: ClassVar[type[Weights]] = NoWeights

    def __init__(
        self,
        experiments: Sequence[Experiment],
        embedding_dim: int,
        device: torch.device,
        *,
        is_compiled: bool = False,
    ) -> None:
        self._settings: Any = experiments[0].learner

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return no shapes: nothing is learned."""
        return {}
