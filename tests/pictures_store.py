"""A small store that keeps pictures: patterns of 16 by 16 pixels, each class with its own."""

from pathlib import Path
from typing import Any

import numpy as np

from engine.config import Experiment, experiment_from_dict
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store

SIDE = 16


def write_pictures_store(path: Path, side: int = SIDE, each: int = 8) -> EmbeddingStore:
    """Write 6, 4 and 4 classes of a few pictures each."""
    generator = np.random.default_rng(0)
    with create_store(path, path.stem, "drawn for tests", 4) as writer:
        for split, classes in (("train", 6), ("val", 4), ("test", 4)):
            patterns = generator.integers(0, 256, (classes, 1, 4, 4, 3))
            coarse = patterns + generator.integers(-30, 30, (classes, each, 4, 4, 3))
            images = coarse.clip(0, 255).astype(np.uint8).reshape(-1, 4, 4, 3)
            images = images.repeat(side // 4, 1).repeat(side // 4, 2)
            writer.add_split(
                split,
                images.reshape(len(images), -1)[:, :4].astype(np.float32) + 1,
                np.repeat(np.arange(classes), each),
                [f"{split}-{label}" for label in range(classes)],
                [f"{split}-{row}" for row in range(len(images))],
                images,
            )
    return EmbeddingStore(path)


def pictures_experiment(store: EmbeddingStore, **learner: Any) -> Experiment:
    """Return a pre-training of a second."""
    return experiment_from_dict(
        {
            "name": "tiny",
            "data": {"store": str(store.path)},
            "task": {"n_way": 4, "k_shot": 1, "examples_per_class": 8},
            "learner": {
                "kind": "backbone",
                "image_side": SIDE,
                "kept_side": SIDE,
                "batch": 8,
                **learner,
            },
            "schedule": {"steps": 12, "validate_every": 6, "validation_episodes": 20},
            "run": {"threads": 1, "device": "cpu"},
        },
        "tiny",
    )
