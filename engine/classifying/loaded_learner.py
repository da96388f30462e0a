"""A run's learner with the weights of a checkpoint, which adapts to classes of any sizes.

Shapes: B tasks, N ways, K shots (K_n of class n), D embedding size, L latent size, S samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.config import Experiment, Leo
from engine.data.features import Features
from engine.devices.selection import choose_device
from engine.inspection.episode_inspection import sampled_codes, sampled_ends
from engine.inspection.records import Provenance
from engine.learners.layout import named_weights
from engine.learners.learner import Learner
from engine.learners.leo.model import Codes
from engine.learners.leo.trajectory import Model, Support, distribution, trajectory
from engine.learners.leo.variants import model_of
from engine.learners.registry import learner_of
from engine.runs.run import Run
from engine.tasks.predictor import LinearClassifier, Predictor

UNEVEN = (
    "The classes have different numbers of examples, which {method} does not take: examples of "
    "smaller classes count more than once."
)


@dataclass(frozen=True, slots=True)
class LoadedLearner:
    """A learner that is ready to adapt.

    Attributes
    ----------
    experiment
        The run's settings.
    learner, weights
        What adapts.
    features
        What is done to embeddings before it sees them.
    embedding_dim
        D.
    device
        Where it computes.
    model
        The same of LEO, whose codes can be looked at; None for other learners.
    """

    experiment: Experiment
    learner: Learner
    weights: Any
    features: Features
    embedding_dim: int
    device: torch.device
    model: Model | None

    def seen(self, embeddings: Tensor) -> Tensor:
        """Return raw embeddings (n, D) as the learner was trained on them."""
        return self.features(embeddings.to(self.device, torch.float32))

    def adapt(self, classes: Sequence[Tensor]) -> Predictor:
        """Adapt to support sets by class, (B, K_n, D) each, as evaluations do."""
        if self.model is not None and len({each.shape[1] for each in classes}) > 1:
            support = uneven_support(classes)
            start = distribution(self.model, support)
            *_, last = trajectory(self.model, support, start.mean)
            return LinearClassifier(last.weights)
        predictor: Predictor
        predictor = self.learner.adapt(self.weights, torch.stack(evened(classes), dim=1))
        return predictor

    def sampled(self, classes: Sequence[Tensor], samples: int) -> LinearClassifier | None:
        """Adapt from S sampled codes of one support set, (1, K_n, D) by class: S classifiers.

        Always the same ones; None for a learner that samples nothing.
        """
        if self.model is None or not self.model.is_sampled:
            return None
        support = uneven_support(classes)
        start = distribution(self.model, support)
        codes = sampled_codes(start, torch.zeros(1, dtype=torch.int64), samples, _PROVENANCE)
        return LinearClassifier(sampled_ends(self.model, support, codes).weights[0])

    def codes(self, classes: Sequence[Tensor]) -> Codes | None:
        """Return the Gaussians over codes of support sets by class, (B, K_n, D) each."""
        if self.model is None:
            return None
        return distribution(self.model, uneven_support(classes))

    def why_repeated(self, sizes: Sequence[int]) -> str:
        """Say that classes of these sizes are not taken as they are; "" where they are."""
        if self.model is not None or len(set(sizes)) == 1:
            return ""
        return UNEVEN.format(method=self.experiment.learner.kind)


# Says which codes are drawn: the same ones for every support set.
_PROVENANCE = Provenance(split="classifying", seed=0)


def loaded_learner(run: Run, step: int, device: str | None = None) -> LoadedLearner:
    """Load the learner of a run with the weights that it had at a step.

    Raises
    ------
    BadInput
        If there is no such checkpoint, or it is damaged.
    """
    place = choose_device(device or run.experiment.run.device)
    dim, features = run.record.store.embedding_dim, run.features()
    learner = learner_of(run.experiment, features.seen_size(dim), place)
    weights = named_weights(learner.weights_type, run.checkpoint(str(step)).weights(), place)
    settings = run.experiment.learner
    model = model_of(settings, weights) if isinstance(settings, Leo) else None
    return LoadedLearner(run.experiment, learner, weights, features, dim, place, model)


def evened(classes: Sequence[Tensor]) -> list[Tensor]:
    """Repeat examples (B, K_n, D) in turn until every class has as many as the largest."""
    largest = max(each.shape[1] for each in classes)
    return [each[:, torch.arange(largest) % each.shape[1]] for each in classes]


def uneven_support(classes: Sequence[Tensor]) -> Support:
    """Return support sets by class, (B, K_n, D) each, as LEO takes them."""
    if len({each.shape[1] for each in classes}) == 1:
        return Support.of(torch.stack(list(classes), dim=1))
    one = Support.uneven([each[0] for each in classes])
    return one._replace(examples=torch.cat(list(classes), dim=1))
