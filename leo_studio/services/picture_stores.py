"""Stores of pictures for pre-training: ordinary stores whose embeddings are mean pixels."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from engine.config import Backbone, Experiment
from engine.config.names import name_like
from engine.data.class_splits import SplitChoice
from engine.data.importers.checks import ImportedStore
from engine.errors import BadInput
from engine.images.encoders import Framing, open_encoder
from engine.images.importing import import_pictures

if TYPE_CHECKING:
    from engine.runs.library import Library


def pretraining_settings(experiment: Experiment) -> Backbone:
    """Return the settings of a backbone; raises `BadInput` for another learner."""
    learner = experiment.learner
    if isinstance(learner, Backbone):
        return learner
    raise BadInput(
        f"{experiment.name} learns by {learner.noun()}, from embeddings and not from pictures; "
        f"train it with: leo-studio train {experiment.name}"
    )


def picture_store_name(pictures: Path, kept_side: int) -> str:
    """Return what a store of pictures is called, such as "omniglot_full_png-28px"."""
    return f"{name_like(pictures.resolve().stem)}-{kept_side}px"


def make_picture_store(
    library: "Library",
    pictures: Path,
    kept_side: int,
    splits: SplitChoice,
    progress: Callable[[str, float], None] | None = None,
    *,
    replaces: bool = False,
) -> ImportedStore:
    """Decode pictures into a store of the library; see `engine.images.importing.import_pictures`.

    Parameters
    ----------
    library
        Where the store goes.
    pictures
        See `engine.images.sources.opened_pictures`.
    kept_side
        Height and width of what the store keeps.
    splits
        How classes are divided.
    progress
        Called with what is done and the fraction of it, 0 to 1.
    replaces
        Whether another store of that name goes to the trash.
    """
    name, cpu = picture_store_name(pictures, kept_side), torch.device("cpu")
    return import_pictures(
        pictures,
        library.stores / f"{name}.h5",
        open_encoder("pixels", cpu, Framing(side=kept_side)),
        cpu,
        name=name,
        splits=splits,
        kept_side=kept_side,
        keep_old=library.keep_old_store if replaces else None,
        progress=progress,
    )
