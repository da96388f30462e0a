"""Linear discriminant analysis on the support set, with a shrunk covariance.

Shapes: B tasks, N ways, K shots, D embedding size.
"""

import torch
from torch import Tensor

from engine.learners.baselines.untrained import NoWeights, UntrainedLearner
from engine.tasks.predictor import LinearClassifier


class DiscriminantLearner(UntrainedLearner):
    """Linear discriminant analysis of one experiment."""

    def adapt(self, weights: NoWeights, support: Tensor) -> LinearClassifier:
        """Fit support sets (B, N, K, D)."""
        return classifier(support, self._settings.shrinkage)


def classifier(support: Tensor, shrinkage: float) -> LinearClassifier:
    """Fit support sets (B, N, K, D): Gaussian classes of one covariance, equally likely.

    The covariance is (1 - s) C + s (trace C / D) I, with the mean covariance C within classes
    and the shrinkage s (Friedman 1989, equation 18). D x D numbers are never held: C has rank N K
    at most, and its inverse is taken among the examples (Woodbury's identity).

    Where a class's examples are all the same, as the only one is at K = 1, C is 0 and tells
    nothing: the identity stands in its place, and the nearest class mean wins.
    """
    b, n, k, d = support.shape
    means = support.mean(2)
    spread = (support - means[:, :, None]).reshape(b, n * k, d)
    variance = spread.square().mean((1, 2)).view(b, 1, 1)  # trace C / D
    is_known = variance > 0
    alone = torch.where(is_known, shrinkage * variance, 1.0)
    # (alone I + share Z^T Z)^-1 m = (m - Z^T (alone / share I + Z Z^T)^-1 Z m) / alone
    share = (1 - shrinkage) / (n * k)
    weights = means / alone
    if share > 0:
        inner = spread @ spread.mT
        inner.diagonal(dim1=-2, dim2=-1).add_((alone / share).view(b, 1))
        along = torch.linalg.solve_ex(inner, spread @ means.mT).result  # (B, N K, N)
        weights = (means - along.mT @ spread) / alone
    return LinearClassifier(weights, -(weights * means).sum(-1) / 2)
