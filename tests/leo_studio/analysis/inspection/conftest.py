"""Inspections of the toy store, small enough to be looked at."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.config import Experiment, leo_settings
from engine.data.store import EmbeddingStore, Split
from engine.data.store_writing import create_store
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Inspection, Provenance
from engine.learners.leo.model import initial_parameters
from engine.learners.leo.variants import model_of

EPISODE = 4
SAMPLES = 16


@pytest.fixture
def loaded(toy_store: EmbeddingStore, toy_experiment: Experiment) -> LoadedCheckpoint:
    """Untrained weights and 4-way 2-shot episodes, three inner and two fine-tuning steps."""
    leo = leo_settings(toy_experiment).model_copy(update={"inner_steps": 3, "inner_lr": 0.5})
    generator = torch.Generator().manual_seed(3)
    parameters = initial_parameters(16, leo.latent_size, 0.5, 0.05, generator)
    split = toy_store.load(["val"])
    return LoadedCheckpoint(model_of(leo, parameters), split, Provenance("val", 0), 4, 2, 28)


@pytest.fixture
def seen(loaded: LoadedCheckpoint) -> Inspection:
    return loaded.inspect([EPISODE], SAMPLES)


@pytest.fixture
def ragged(loaded: LoadedCheckpoint, tmp_path: Path) -> Inspection:
    """An episode whose classes have 5, 3, 12 and 7 examples, two of them support."""
    sizes = [5, 3, 12, 7]
    generator = np.random.default_rng(2)
    labels = np.repeat(np.arange(4), sizes)
    embeddings = generator.normal(size=(4, 16))[labels] + generator.normal(size=(len(labels), 16))
    path = tmp_path / "ragged.h5"
    with create_store(path, "ragged", "drawn for tests", 16) as writer:
        for split in ("train", "val", "test"):
            names = [f"{split}-{label}" for label in range(4)]
            rows = [f"{split}-{row}" for row in range(len(labels))]
            writer.add_split(split, embeddings, labels, names, rows)
    val: Split = EmbeddingStore(path).load(["val"])
    inspection = replace(loaded, split=val).inspect([0], SAMPLES)
    assert (inspection.query < 0).any()
    return inspection


def answered(
    inspection: Inspection, first: NDArray[np.int64], last: NDArray[np.int64]
) -> Inspection:
    """Let queries (N, Q) be taken for some classes before adaptation, and for others from then."""
    n_way = inspection.query.shape[1]
    taken = np.stack([first] + [last] * (inspection.codes.shape[1] - 1))
    probabilities = 0.1 / n_way + 0.9 * np.eye(n_way)[taken]
    probabilities[:, inspection.query[0] < 0] = np.nan
    return replace(inspection, probabilities=probabilities[None].astype(np.float32))


def true_classes(inspection: Inspection) -> NDArray[np.int64]:
    """Return the right answer to every query, (N, Q)."""
    n_way, queries = inspection.query.shape[1:]
    return np.tile(np.arange(n_way)[:, None], (1, queries))
