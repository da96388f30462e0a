"""The registry of learners: which class implements each kind of the catalogue.

The catalogue itself imports no torch; these classes do.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from engine.config import Experiment
from engine.data.store import Split
from engine.learners.backbone.learner import BackboneLearner
from engine.learners.baselines.class_mean import ClassMeanLearner
from engine.learners.baselines.discriminant import DiscriminantLearner
from engine.learners.baselines.logistic import LogisticLearner
from engine.learners.baselines.neighbours import NeighboursLearner
from engine.learners.baselines.ridge import RidgeLearner
from engine.learners.layout import named_weights
from engine.learners.learner import Learner, TrainedLearner
from engine.learners.leo.learner import LeoLearner
from engine.learners.leo_regression.learner import LeoRegressionLearner
from engine.learners.linear_maml.learner import LinearMamlLearner
from engine.learners.maml.learner import MamlLearner
from engine.learners.matching.learner import MatchingLearner
from engine.learners.protonet.learner import ProtoNetLearner
from engine.learners.transductive.alpha_tim import AlphaTimLearner
from engine.learners.transductive.soft_kmeans import SoftKMeansLearner
from engine.tasks.predictor import Predictor

TRAINED: dict[str, Callable[..., TrainedLearner]] = {
    "leo": LeoLearner,
    "protonet": ProtoNetLearner,
    "matching": MatchingLearner,
    "linear_maml": LinearMamlLearner,
    "leo_regression": LeoRegressionLearner,
    "maml": MamlLearner,
}
UNTRAINED: dict[str, Callable[..., Learner]] = {
    "class_mean": ClassMeanLearner,
    "ridge": RidgeLearner,
    "logistic": LogisticLearner,
    "discriminant": DiscriminantLearner,
    "neighbours": NeighboursLearner,
    "soft_kmeans": SoftKMeansLearner,
    "alpha_tim": AlphaTimLearner,
}
PRETRAINED: dict[str, Callable[..., Learner]] = {"backbone": BackboneLearner}
"""Those that learn from pictures, without tasks; `engine.pretraining` trains them."""


def learner_of(experiment: Experiment, embedding_dim: int, device: torch.device) -> Learner:
    """Return the learner of one experiment, to adapt with."""
    kind = experiment.learner.kind
    return (TRAINED | UNTRAINED | PRETRAINED)[kind]([experiment], embedding_dim, device)


def trained_learner_of(
    experiments: Sequence[Experiment],
    embedding_dim: int,
    device: torch.device,
    *,
    is_compiled: bool = False,
) -> TrainedLearner:
    """Return the learner of one experiment, or of a population's, to train.

    Raises
    ------
    KeyError
        If it is one that is not trained.
    """
    kind = experiments[0].learner.kind
    return TRAINED[kind](experiments, embedding_dim, device, is_compiled=is_compiled)


def function_learner_of(
    experiments: Sequence[Experiment], device: torch.device, target_unit: float
) -> TrainedLearner:
    """Return the learner of functions of one experiment, or of a population's, to train.

    Parameters
    ----------
    experiments, device
        See `trained_learner_of`.
    target_unit
        How large one unit of the scaled targets is in the unit of people; see `AutogradLearner`.
    """
    kind = experiments[0].learner.kind
    return TRAINED[kind](experiments, 1, device, target_unit=target_unit)


def adapter_of(experiment: Experiment, weights: Any, split: Split) -> Callable[..., Predictor]:
    """Return the deterministic adaptation to a split's tasks, as evaluations use it.

    It takes support sets, (B, N, K, D), and of a transductive learner also queries, (B, Q, D).
    """
    examples = split.embeddings
    learner = learner_of(experiment, examples.shape[1], examples.device)
    return _adaptation(experiment, learner, weights)


def checkpoint_adapter(
    experiment: Experiment, tensors: Mapping[str, Tensor], split: Split
) -> Callable[..., Predictor]:
    """Return `adapter_of` a checkpoint's tensors, which are put on the split's device."""
    examples = split.embeddings
    learner = learner_of(experiment, examples.shape[1], examples.device)
    weights = named_weights(learner.weights_type, tensors, examples.device)
    return _adaptation(experiment, learner, weights)


def _adaptation(experiment: Experiment, learner: Learner, weights: Any) -> Callable[..., Predictor]:
    if experiment.learner.queries_together is None:
        return partial(learner.adapt, weights)
    together: Any = learner
    return partial(together.adapt_together, weights)
