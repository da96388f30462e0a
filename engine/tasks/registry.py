"""The registry of task families: the class of each kind in the catalogue, which needs torch."""

from collections.abc import Callable, Sequence

import torch

from engine.config import Experiment
from engine.data.store import Split
from engine.tasks.classification import ClassificationTasks
from engine.tasks.family import TaskFamily

TASK_FAMILIES: dict[str, Callable[..., TaskFamily]] = {"classification": ClassificationTasks}


def task_family_of(
    experiments: Sequence[Experiment], split: Split, device: torch.device
) -> TaskFamily:
    """Return where the training tasks of one experiment, or of a population's, come from."""
    return TASK_FAMILIES[experiments[0].task.kind](experiments, split, device)
