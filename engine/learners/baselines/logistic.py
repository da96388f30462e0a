"""Logistic regression on the support set (a baseline since Tian et al. 2020, section 3.2).

Shapes: B tasks, N ways, K shots, D embedding size.
"""

import torch
from torch import Tensor

from engine.devices.numerics import precise
from engine.learners.baselines.untrained import NoWeights, UntrainedLearner
from engine.tasks.predictor import LinearClassifier

_MOST_STEPS = 10_000  # enough for embeddings of length 1 and the least penalty
_STEPS_BETWEEN_LOOKS = 10  # at whether all are fitted; each look makes a GPU wait
# A task is fitted once no number of its gradient is larger, or rounding lets none be smaller.
_TOLERANCE, _ROUNDINGS = 1e-10, 64


class LogisticLearner(UntrainedLearner):
    """Logistic regression of one experiment."""

    def adapt(self, weights: NoWeights, support: Tensor) -> LinearClassifier:
        """Fit support sets (B, N, K, D)."""
        return classifier(support, self._settings.penalty)


def classifier(support: Tensor, penalty: float) -> LinearClassifier:
    """Fit support sets (B, N, K, D): the least summed cross-entropy + penalty / 2 |W|^2.

    Without a bias: classes have as many examples each. The best weights are a sum of examples,
    W = A^T X, so that numbers of A, (N K, N), are fitted instead of D for each class, with the
    examples' products alone. In W's geometry the gradient in A is P - Y + penalty A, which
    accelerated gradient descent follows (Nesterov 2004, scheme 2.2.9), in double precision, since
    momentum adds up what is rounded away. What a task ends at does not depend on the others of its
    batch: each stops by itself.
    """
    b, n, k, d = support.shape
    examples = support.reshape(b, n * k, d).to(precise(support.device))
    gram = examples @ examples.mT
    targets = torch.eye(n, dtype=gram.dtype, device=gram.device).repeat_interleave(k, 0)
    # The curvature of the cross-entropy is at most half the largest eigenvalue of the products,
    # and that at most the largest sum of a row.
    curvature = penalty + gram.abs().sum(-1).amax(-1).view(b, 1, 1) / 2
    condition = (curvature / penalty).sqrt()
    momentum = (condition - 1) / (condition + 1)
    tolerance = max(_TOLERANCE, _ROUNDINGS * torch.finfo(gram.dtype).eps)
    before = found = gram.new_zeros(b, n * k, n)
    is_fitted = torch.zeros(b, 1, 1, dtype=torch.bool, device=gram.device)
    for step in range(_MOST_STEPS):
        ahead = found + momentum * (found - before)
        gradient = torch.softmax(gram @ ahead, -1) - targets + penalty * ahead
        before, found = found, torch.where(is_fitted, found, ahead - gradient / curvature)
        # What is no number will never be one, and needs no more steps.
        is_fitted |= ~(gradient.abs().amax((1, 2), keepdim=True) > tolerance)
        if step % _STEPS_BETWEEN_LOOKS == 0 and bool(is_fitted.all()):
            break
    return LinearClassifier((found.mT @ examples).to(support.dtype))
