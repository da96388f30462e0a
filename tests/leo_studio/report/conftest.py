"""A library with small trained runs, made once for a module."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Experiment, experiment_from_dict
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train


def experiment(store: EmbeddingStore, **changes: Any) -> Experiment:
    values = {
        "name": "toy",
        "data": {"store": str(store.path)},
        "task": {"n_way": 4, "k_shot": 2, "queries": 3, "examples_per_class": 30},
        "learner": {"kind": "leo", "latent_size": 5, "inner_steps": 2, "finetuning_steps": 2},
        "optimizer": {"meta_batch": 3},
        "schedule": {"steps": 40, "validate_every": 15, "validation_episodes": 20},
    }
    settings = {path.replace("__", "."): value for path, value in changes.items()}
    return experiment_from_dict(values, "toy").with_settings(settings)


def trained(folder: Path, store: EmbeddingStore, **changes: Any) -> Run:
    run = Run.create(folder, experiment(store, **changes), store_record(store))
    list(train(run.experiment, store, run))
    return Run(run.path)


@pytest.fixture(scope="session")
def trained_library(tmp_path_factory: pytest.TempPathFactory, toy_store: EmbeddingStore) -> Library:
    """Three runs called zero, one and plain: seeds 0 and 1 of one kind, and a deterministic one.

    To be read alone; `library` is a copy that a test may change.
    """
    library = Library(tmp_path_factory.mktemp("reported"))
    for name, changes in (
        ("zero", {}),
        ("one", {"run__seed": 1}),
        ("plain", {"learner__variant": "deterministic"}),
    ):
        trained(library.runs, toy_store, name=name, **changes).path.rename(library.runs / name)
    return library


@pytest.fixture
def library(trained_library: Library, tmp_path: Path) -> Library:
    """A copy of the library with the three runs, called zero, one and plain."""
    copy = Library(tmp_path / "library")
    shutil.copytree(trained_library.root, copy.root)
    return copy


HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)<\\script>&amp;{{ 7*7 }}'


@pytest.fixture(scope="session")
def hostile_store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingStore:
    """Images, and names that mean something to HTML, to mathematics and to terminals."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.h5"
    generator = np.random.default_rng(0)
    names = [
        "</title><script>alert(3)</script>",
        "$\\frac{",
        "red\x1b[31m\x01",
        "\u202eesrever",
        "日本語の名前",
        "a long name " * 20,
        "javascript:alert(4)",
        "'\"`<!--",
    ]
    with create_store(path, HOSTILE, "drawn for tests", 16) as writer:
        for split in ("train", "val", "test"):
            embeddings = generator.normal(size=(8, 1, 16)) + generator.normal(size=(8, 30, 16))
            writer.add_split(
                split,
                embeddings.reshape(-1, 16),
                np.repeat(np.arange(8), 30),
                names,
                [f"image {row}" for row in range(240)],
                generator.integers(0, 255, (240, 130, 120, 3), dtype=np.uint8),
            )
    return EmbeddingStore(path)
