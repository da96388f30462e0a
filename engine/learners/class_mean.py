"""Nearest class mean: the baseline that every learner is compared with."""

from torch import Tensor

from engine.data.normalizing import normalized
from engine.tasks.predictor import LinearClassifier


def nearest_class_mean(support: Tensor) -> LinearClassifier:
    """Return the direction of each class's mean embedding as its classifier weight.

    On embeddings of one length the largest product then is the nearest mean by cosine. `support`
    is (B, N, K, D).
    """
    return LinearClassifier(normalized(support.mean(2)))
