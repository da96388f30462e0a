"""Matching networks as a learner (Vinyals et al. 2016).

Shapes: B tasks, N ways, K shots, D embedding size. A population has its M members before these.
"""

from torch import Tensor

from engine.learners.linear_embedding.learner import LinearEmbeddingLearner, Parameters
from engine.learners.matching.model import Attention, attention


class MatchingLearner(LinearEmbeddingLearner):
    """Matching networks, of one experiment or of a population's; see `AutogradLearner`."""

    def adapt(self, weights: Parameters, support: Tensor) -> Attention:
        """Return the classifier by attention to support sets (B, N, K, D)."""
        scale = self.member_settings("scale", support)
        if isinstance(scale, Tensor):
            scale = scale.view(-1, 1, 1, 1, 1)
        return attention(weights, support, scale)
