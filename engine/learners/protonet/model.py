"""Prototypical networks on embeddings (Snell, Swersky and Zemel 2017).

A learned linear map takes embeddings into a space where a class is the mean of its support
examples, its prototype, and a query belongs to the nearest one.

Shapes: B tasks, N ways, K shots, D embedding size, E size of the learned space. A population has
its M members before these.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from engine.learners.populations import product
from engine.tasks.predictor import LinearClassifier


class Parameters(NamedTuple):
    """Everything that is learned."""

    projection: Tensor  # (D, E)


def initial_parameters(
    embedding_dim: int, projected_size: int, scale: float, generator: torch.Generator
) -> Parameters:
    """Draw a projection whose columns (or rows, where E > D) are orthogonal.

    Distances then are about those between the embeddings themselves, times `scale`, so that
    training begins near classification by the nearest class mean.
    """
    drawn = torch.empty(embedding_dim, projected_size)
    torch.nn.init.orthogonal_(drawn, generator=generator)
    return Parameters(drawn * scale**0.5)


def classifier(parameters: Parameters, support: Tensor) -> LinearClassifier:
    """Turn support sets (B, N, K, D) into linear classifiers on embeddings (equation 8).

    The squared distance to a prototype c is |f(x)|^2 - 2 f(x) . c + |c|^2. Its first term is the
    same for all classes and cancels in the softmax; what is left is linear in f(x), and so in x.
    """
    projection = parameters.projection
    prototypes = product(support.mean(-2), projection)
    weights = 2 * product(prototypes, projection.mT)
    return LinearClassifier(weights, -prototypes.square().sum(-1))
