"""Ridge regression on the support set.

The base learner of R2-D2 (Bertinetto et al. 2019, section 3) on the embeddings as they are: a
class is regressed on +1, the others on -1, in closed form.

Shapes: B tasks, N ways, K shots, D embedding size.
"""

import torch
from torch import Tensor

from engine.learners.baselines.untrained import NoWeights, UntrainedLearner
from engine.tasks.predictor import LinearClassifier


class RidgeLearner(UntrainedLearner):
    """Ridge regression of one experiment."""

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
