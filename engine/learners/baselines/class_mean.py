"""Nearest class mean: the baseline that every learner is compared with.

Shapes: B tasks, N ways, K shots, D embedding size, n examples that tasks share, e tasks that share
them.
"""

from typing import NamedTuple

from torch import Tensor

from engine.data.normalizing import normalized
from engine.learners.baselines.untrained import NoWeights, UntrainedLearner
from engine.tasks.predictor import LinearClassifier, Predictor


class CosineClassifier(NamedTuple):
    """A direction per class: logits are cosines with it, times its length.

    With a centre, cosines are between differences from it.
    """

    directions: Tensor  # (B, N, D)
    centre: Tensor | None = None  # (B, D)

    def logits(self, examples: Tensor, tasks: Tensor, classes: Tensor) -> Tensor:
        """Score examples that several tasks share; see `Predictor`."""
        if self.centre is None:
            return LinearClassifier(self.directions).logits(normalized(examples), tasks, classes)
        products = LinearClassifier(self.directions).logits(examples, tasks, classes)
        centre = self.centre[tasks]
        products -= (self.directions[tasks, classes] * centre).sum(-1)
        # Differences are not written down: there is one for each example and task.
        squares = examples.square().sum(-1, keepdim=True) - 2 * examples @ centre.mT
        lengths = (squares + centre.square().sum(-1)).clamp(min=0).sqrt()
        # An example at the centre has no direction, and so is like no class.
        return (products / lengths[:, None]).masked_fill(lengths[:, None] == 0, 0)


class ClassMeanLearner(UntrainedLearner):
    """Nearest class mean of one experiment."""

    def adapt(self, weights: NoWeights, support: Tensor) -> Predictor:
        """Return the classifier of support sets (B, N, K, D)."""
        settings = self._settings
        if settings.distance == "euclidean":
            return by_distance(support, settings.scale)
        return by_cosine(support, settings.scale, is_centred=settings.distance == "centred_cosine")


def by_distance(support: Tensor, scale: float) -> LinearClassifier:
    """Return `nearest_mean` of the means of support sets (B, N, K, D)."""
    return nearest_mean(support.mean(2), scale)


def nearest_mean(means: Tensor, scale: float) -> LinearClassifier:
    """Return logits that are `scale` times the negative squared distance to each mean, (B, N, D).

    |x - c|^2 is |x|^2 - 2 x . c + |c|^2, whose first term is the same for all classes.
    """
    return LinearClassifier(2 * scale * means, -scale * means.square().sum(-1))


def by_cosine(support: Tensor, scale: float, *, is_centred: bool) -> CosineClassifier:
    """Return logits that are `scale` times the cosine with each class's mean.

    Centred, the mean of the support set is subtracted from examples and queries first.
    """
    means = support.mean(2)
    if not is_centred:
        return CosineClassifier(scale * normalized(means))
    centre = means.mean(1)
    return CosineClassifier(scale * normalized(means - centre[:, None]), centre)


def nearest_class_mean(support: Tensor, queries: Tensor | None = None) -> LinearClassifier:
    """Return the direction of each class's mean embedding as its classifier weight.

    Its largest product is the nearest mean by cosine, whatever a query's length: what is compared
    with where accuracy alone counts. `support` is (B, N, K, D). It learns nothing of `queries`,
    which come with it where others see them.
    """
    return LinearClassifier(normalized(support.mean(2)))
