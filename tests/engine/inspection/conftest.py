"""A loaded checkpoint: weights and the toy store's validation episodes."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.config import Experiment, leo_settings
from engine.data.store import EmbeddingStore
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Provenance
from engine.learners.leo.adaptation import adapt
from engine.learners.leo.model import initial_parameters
from engine.learners.leo.trajectory import Model
from engine.learners.leo.variants import model_of
from engine.tasks.predictor import LinearClassifier


@pytest.fixture
def loaded(toy_store: EmbeddingStore, toy_experiment: Experiment) -> LoadedCheckpoint:
    leo = leo_settings(toy_experiment).model_copy(update={"inner_steps": 3, "inner_lr": 0.5})
    generator = torch.Generator().manual_seed(3)
    parameters = initial_parameters(16, leo.latent_size, 0.5, 0.05, generator)
    split = toy_store.load(["val"])
    return LoadedCheckpoint(model_of(leo, parameters), split, Provenance("val", 0), 4, 2, 28)


def adapted_by(model: Model) -> Callable[[Tensor], LinearClassifier]:
    """Return what adapts as an evaluation does, to compare its numbers with an inspection's."""

    def adapted(support: Tensor) -> LinearClassifier:
        weights = adapt(
            model.parameters,
            support,
            inner_steps=model.inner_steps,
            finetuning_steps=model.finetuning_steps,
        )
        return LinearClassifier(weights)

    return adapted
