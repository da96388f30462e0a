"""Loads the examples that an experiment trains and validates on, loaded or mapped."""

import torch

from engine.config import Experiment
from engine.data.requirements import VALIDATION_SPLIT, require_fit
from engine.data.store import EmbeddingStore, Split
from engine.devices.selection import free_memory
from engine.runs.run import Run
from engine.runs.run_store import examples_of

# A store that takes more of a device's free memory than one part in so many stays outside of it.
_SHARE_FOR_STORE = 2


def load_splits(
    experiment: Experiment, store: EmbeddingStore, run: Run, device: torch.device
) -> tuple[Split, Split]:
    """Load what an experiment trains and validates on; raises `BadInput` if it does not fit.

    Both are on the device, but for training examples that would take most of its memory. They
    are as the run sees them.
    """
    require_fit(experiment, store.path.name, store.splits)
    split = examples_of(run, store, experiment.data.train_splits)
    free = free_memory(device)
    if free is None or split.embeddings.nbytes <= free // _SHARE_FOR_STORE:
        split = split.to(device)
    return split, examples_of(run, store, [VALIDATION_SPLIT]).to(device)
