"""Ridge regression on the support set: a learner that needs no training.

The base learner of R2-D2 (Bertinetto et al. 2019, section 3) on the embeddings as they are: a
class is regressed on +1, the others on -1, in closed form.

Shapes: B tasks, N ways, K shots, D embedding size.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from engine.config import Experiment, Ridge
from engine.learners.columns import ColumnSpec
from engine.learners.layout import Weights
from engine.learners.learner import settings_of
from engine.tasks.predictor import LinearClassifier


class NoWeights(NamedTuple):
    """The weights of a learner that learns none."""


class RidgeLearner:
    """Ridge regression of one experiment; see `engine.learners.learner.Learner`."""

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
        self._settings = settings_of(experiments[0], Ridge)

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return no shapes: nothing is learned."""
        return {}

    def adapt(self, weights: NoWeights, support: Tensor) -> LinearClassifier:
        """Fit support sets (B, N, K, D)."""
        return classifier(support, self._settings.penalty, self._settings.scale)


def classifier(support: Tensor, penalty: float, scale: float) -> LinearClassifier:
    """Fit support sets (B, N, K, D) by ridge regression (equation 4).

    Solved in the space of the N K examples, of which there are fewer than numbers in an embedding:
    W = X^T (X X^T + penalty I)^-1 Y. Logits are `scale` times what is regressed, so that they can
    be as far apart as probabilities ask for.
    """
    b, n, k, d = support.shape
    examples = support.reshape(b, n * k, d)
    gram = examples @ examples.mT
    gram.diagonal(dim1=-2, dim2=-1).add_(penalty)
    targets = 2 * torch.eye(n, dtype=support.dtype, device=support.device) - 1
    # Beside very large numbers the penalty vanishes and nothing may solve it: such weights are not
    # numbers, and what they predict counts as wrong.
    dual = torch.linalg.solve_ex(gram, targets.repeat_interleave(k, 0).expand(b, -1, -1)).result
    return LinearClassifier(scale * dual.mT @ examples)
