"""Stores of pictures for pre-training: ordinary stores whose embeddings are mean pixels."""

from collections.abc import Callable
from pathlib import Path

import torch

from engine.config import Backbone, Experiment
from engine.data.class_splits import SplitChoice
from engine.data.importers.checks import ImportedStore
from engine.data.placement import KeepOld
from engine.errors import BadInput
from engine.images.encoders import Framing, open_encoder
from engine.images.importing import import_pictures


def pretraining_settings(experiment: Experiment) -> Backbone:
    """Return the settings of a backbone; raises `BadInput` for another learner."""
    learner = experiment.learner
    if isinstance(learner, Backbone):
        return learner
    raise BadInput(
        f"{experiment.name} learns by {learner.noun()}, from embeddings and not from pictures; "
        f"train it with: leo-studio train {experiment.name}"
    )


def make_picture_store(
    pictures: Path,
    out: Path,
    kept_side: int,
    splits: SplitChoice,
    keep_old: KeepOld | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ImportedStore:
    """Decode pictures into a store; see `engine.images.importing.import_pictures`.

    Parameters
    ----------
    pictures
        See `engine.images.sources.opened_pictures`.
    out
        The store to be.
    kept_side
        Height and width of what the store keeps.
    splits
        How classes are divided.
    keep_old
        Moves another store at `out` away; without it, none is replaced.
    progress
        Called with what is done and the fraction of it, 0 to 1.
    """
    cpu = torch.device("cpu")
    return import_pictures(
        pictures,
        out,
        open_encoder("pixels", cpu, Framing(side=kept_side)),
        cpu,
        splits=splits,
        kept_side=kept_side,
        keep_old=keep_old,
        progress=progress,
    )
