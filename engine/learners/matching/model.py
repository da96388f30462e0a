"""Matching networks on embeddings (Vinyals et al. 2016).

A learned linear map takes embeddings into a space where a query attends to each support example by
the cosine between them, and a class is as likely as its examples together are attended to. The
paper's full context embeddings are left out: with them an example's embedding depends on the order
in which the support set is read.

Shapes: B tasks, N ways, K shots, Q queries of a task, D embedding size, E size of the learned
space, n examples that tasks share, e tasks that share them. A population has its M members before
these.
"""

from typing import NamedTuple

from torch import Tensor

from engine.data.normalizing import normalized
from engine.learners.linear_embedding.learner import Parameters
from engine.learners.populations import product


class Attention(NamedTuple):
    """Examples that are attended to: logits are the logarithms of each class's share (equation 1).

    The attention is the softmax of cosines times a scale (section 2.1.1).
    """

    support: Tensor  # (B, N, K, E): projected, of the scale's length
    projection: Tensor  # (D, E), which the tasks share

    def logits(self, examples: Tensor, tasks: Tensor, classes: Tensor) -> Tensor:
        """Score examples that several tasks share; see `engine.tasks.predictor.Predictor`."""
        known = self.support[tasks, classes]  # (N, e, K, E)
        scores = directions(examples, self.projection) @ known.flatten(0, 2).mT
        return scores.view(len(examples), *known.shape[:3]).logsumexp(-1).log_softmax(1)

    def own_logits(self, queries: Tensor) -> Tensor:
        """Score each task's own queries, (..., Q, D): (..., Q, N), with or without members."""
        known = self.support.flatten(-3, -2)  # (..., N K, E)
        scores = directions(queries, self.projection) @ known.mT
        k_shot = self.support.shape[-2]
        return scores.view(*scores.shape[:-1], -1, k_shot).logsumexp(-1).log_softmax(-1)


def attention(parameters: Parameters, support: Tensor, scale: Tensor | float) -> Attention:
    """Take support sets (B, N, K, D) into the learned space; members may have scales of their own.

    `scale` is a number or (M, 1, 1, 1, 1).
    """
    return Attention(scale * directions(support, parameters.projection), parameters.projection)


def directions(embeddings: Tensor, projection: Tensor) -> Tensor:
    """Project embeddings (..., D) and divide by their lengths, (..., E); zeros stay zeros.

    They are divided before as well, or the gradient of very short ones would overflow.
    """
    return normalized(product(normalized(embeddings), projection))
