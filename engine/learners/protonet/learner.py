"""Prototypical networks as a learner (Snell, Swersky and Zemel 2017).

Shapes: B tasks, N ways, K shots, D embedding size. A population has its M members before these.
"""

from torch import Tensor

from engine.config import ProtoNet
from engine.learners.learner import settings_of
from engine.learners.linear_embedding.learner import LinearEmbeddingLearner, Parameters
from engine.learners.protonet.model import classifier
from engine.tasks.predictor import LinearClassifier


class ProtoNetLearner(LinearEmbeddingLearner):
    """Prototypical networks, of one experiment or of a population's; see `AutogradLearner`.

    Training begins near classification by the nearest class mean; the loss is that of equations 2
    and 3.
    """

    def initial_scale(self, member: int) -> float:
        """Return the factor on squared distances at the start."""
        return settings_of(self.experiments[member], ProtoNet).initial_scale

    def adapt(self, weights: Parameters, support: Tensor) -> LinearClassifier:
        """Return the classifier by the nearest prototype, for support sets (B, N, K, D)."""
        return classifier(weights, support)
