"""Prototypical networks on embeddings (Snell, Swersky and Zemel 2017).

A learned linear map takes embeddings into a space where a class is the mean of its support
examples, its prototype, and a query belongs to the nearest one.

Shapes: B tasks, N ways, K shots, D embedding size. A population has its M members before these.
"""

from torch import Tensor

from engine.learners.linear_embedding.learner import Parameters
from engine.learners.populations import product
from engine.tasks.predictor import LinearClassifier


def classifier(parameters: Parameters, support: Tensor) -> LinearClassifier:
    """Turn support sets (B, N, K, D) into linear classifiers on embeddings (equation 8).

    The squared distance to a prototype c is |f(x)|^2 - 2 f(x) . c + |c|^2. Its first term is the
    same for all classes and cancels in the softmax; what is left is linear in f(x), and so in x.
    """
    projection = parameters.projection
    prototypes = product(support.mean(-2), projection)
    weights = 2 * product(prototypes, projection.mT)
    return LinearClassifier(weights, -prototypes.square().sum(-1))
