"""Soft k-means: class means that the queries refine (Ren et al. 2018, section 3.1.1).

Shapes: B tasks, N ways, K shots, Q queries of a task, D embedding size.
"""

from torch import Tensor

from engine.learners.baselines.class_mean import by_distance, nearest_mean
from engine.learners.baselines.untrained import NoWeights, UntrainedLearner
from engine.tasks.predictor import LinearClassifier


class SoftKMeansLearner(UntrainedLearner):
    """Soft k-means of one experiment."""

    def adapt(self, weights: NoWeights, support: Tensor) -> LinearClassifier:
        """Return the nearest class mean of support sets (B, N, K, D), which no query refines."""
        return by_distance(support, self._settings.scale)

    def adapt_together(
        self, weights: NoWeights, support: Tensor, queries: Tensor
    ) -> LinearClassifier:
        """Refine the means of support sets (B, N, K, D) by queries (B, Q, D)."""
        return refined(support, queries, self._settings.scale, self._settings.refinements)


def refined(support: Tensor, queries: Tensor, scale: float, refinements: int) -> LinearClassifier:
    """Return the classifier whose means are those of the support set and of queries by their share.

    A query belongs to each class by its probability, an example of the support set to its own:
    p_n = (sum of the support set's x + sum of z_qn x_q) / (K + sum of z_qn), equation 4.
    """
    sums, k_shot = support.sum(2), support.shape[2]
    classifier = by_distance(support, scale)
    for _ in range(refinements):
        shares = classifier.own_logits(queries).softmax(-1)  # (B, Q, N)
        means = (sums + shares.mT @ queries) / (k_shot + shares.sum(1))[..., None]
        classifier = nearest_mean(means, scale)
    return classifier
