"""A loaded checkpoint: weights and the toy store's validation episodes."""

import pytest
import torch

from engine.config import Experiment, leo_settings
from engine.data.store import EmbeddingStore
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Provenance
from engine.learners.leo.model import initial_parameters
from engine.learners.leo.variants import model_of


@pytest.fixture
def loaded(toy_store: EmbeddingStore, toy_experiment: Experiment) -> LoadedCheckpoint:
    leo = leo_settings(toy_experiment).model_copy(update={"inner_steps": 3, "inner_lr": 0.5})
    generator = torch.Generator().manual_seed(3)
    parameters = initial_parameters(16, leo.latent_size, 0.5, 0.05, generator)
    split = toy_store.load(["val"])
    return LoadedCheckpoint(model_of(leo, parameters), split, Provenance("val", 0), 4, 2, 28)
