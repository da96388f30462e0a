"""Fixtures that all tests share: one torch thread, small stores, a library of one's own."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment, experiment_from_dict
from engine.data.store import EmbeddingStore, create_store


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def library_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "library"
    monkeypatch.setenv("LEO_STUDIO_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def toy_store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingStore:
    """16-d Gaussian classes: 12, 8 and 8 of 30 examples."""
    path = tmp_path_factory.mktemp("stores") / "toy.h5"
    generator = np.random.default_rng(0)
    with create_store(path, "toy", "drawn for tests", 16) as writer:
        for split, classes in (("train", 12), ("val", 8), ("test", 8)):
            centres = generator.normal(size=(classes, 1, 16))
            embeddings = (centres + generator.normal(size=(classes, 30, 16))).reshape(-1, 16)
            writer.add_split(
                split,
                embeddings,
                np.repeat(np.arange(classes), 30),
                [f"{split}-{label}" for label in range(classes)],
                [f"{split}-{row}" for row in range(classes * 30)],
            )
    return EmbeddingStore(path)


@pytest.fixture
def toy_experiment(toy_store: EmbeddingStore) -> Experiment:
    """A few seconds of training on the toy store."""
    return experiment_from_dict(
        {
            "name": "toy",
            "data": {"store": str(toy_store.path)},
            "task": {"n_way": 4, "k_shot": 2, "queries": 3, "examples_per_class": 30},
            "leo": {"latent_size": 5, "inner_steps": 2, "finetuning_steps": 2},
            "optimizer": {"meta_batch": 3},
            "schedule": {"steps": 40, "validate_every": 15, "validation_episodes": 20},
        },
        "toy",
    )
