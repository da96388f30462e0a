"""Alpha-TIM: class means, moved towards a classification of the queries that says much of them.

What is minimised of the means W (Veilleux et al. 2021, section 4; Boudiaf et al. 2020 for alpha at
1), where p_i are the probabilities of query i and p their mean:

    the support set's cross-entropy  -  H(p)  +  mean of H(p_i)

with Tsallis' entropy of order alpha, H(p) = (1 - sum of p_n^alpha) / (alpha - 1). The first one
asks for several classes, the last one for sure answers. With alpha above 1 a mean p that is not
even costs less than by Shannon's entropy.

Shapes: B tasks, N ways, K shots, Q queries of a task, D embedding size.
"""

import torch
from torch import Tensor

from engine.learners.baselines.class_mean import by_distance, nearest_mean
from engine.learners.baselines.untrained import NoWeights, UntrainedLearner
from engine.tasks.predictor import LinearClassifier


class AlphaTimLearner(UntrainedLearner):
    """Alpha-TIM of one experiment."""

    def adapt(self, weights: NoWeights, support: Tensor) -> LinearClassifier:
        """Return the nearest class mean of support sets (B, N, K, D), which no query moves."""
        return by_distance(support, self._settings.scale)

    def adapt_together(
        self, weights: NoWeights, support: Tensor, queries: Tensor
    ) -> LinearClassifier:
        """Move the means of support sets (B, N, K, D) by queries (B, Q, D)."""
        settings = self._settings
        order = settings.order_for(support.shape[2])
        means = support.mean(2)
        # Adam goes number by number, so that tasks do not meet.
        adam = torch.optim.Adam([means], lr=settings.inner_lr)
        for _ in range(settings.inner_steps):
            means.grad = gradient(means, support, queries, settings.scale, order)
            adam.step()
        means.grad = None
        return nearest_mean(means, settings.scale)


def gradient(means: Tensor, support: Tensor, queries: Tensor, scale: float, order: float) -> Tensor:
    """Return the gradient of what is minimised, for each task alone, in the means (B, N, D).

    Parameters
    ----------
    means
        W.
    support, queries
        (B, N, K, D) and (B, Q, D).
    scale
        Factor from negative squared distances to logits.
    order
        Alpha, above 1.
    """
    n_way, k_shot = support.shape[1:3]
    examples = torch.cat([support.flatten(1, 2), queries], 1)
    probabilities = nearest_mean(means, scale).own_logits(examples).softmax(-1)
    known, asked = probabilities.split([n_way * k_shot, queries.shape[1]], 1)
    labels = torch.eye(n_way, dtype=known.dtype, device=known.device).repeat_interleave(k_shot, 0)
    of_known = (known - labels) / (n_way * k_shot)
    factor = order / (order - 1) / queries.shape[1]
    steepness = factor * (
        asked.mean(1, keepdim=True).pow(order - 1) - asked.pow(order - 1)
    )  # of the entropies in the probabilities
    of_asked = asked * (steepness - (asked * steepness).sum(-1, keepdim=True))
    in_logits = torch.cat([of_known, of_asked], 1)  # (B, N K + Q, N)
    return 2 * scale * (in_logits.mT @ examples - in_logits.sum(1)[..., None] * means)
