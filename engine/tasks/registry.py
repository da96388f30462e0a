"""The registry of task families: the class of each kind in the catalogue, which needs torch."""

from collections.abc import Callable, Sequence

import torch

from engine.config import Experiment
from engine.data.store import Split
from engine.tasks.classification import ClassificationTasks
from engine.tasks.family import TaskFamily
from engine.tasks.regression.training import RegressionTasks

TASK_FAMILIES: dict[str, Callable[..., TaskFamily]] = {
    "classification": ClassificationTasks,
    "regression": RegressionTasks,
}


def task_family_of(
    experiments: Sequence[Experiment], split: Split | None, device: torch.device
) -> TaskFamily:
    """Return where the training tasks of one experiment, or of a population's, come from.

    `split` holds the examples of tasks that come from a store; None for others.
    """
    family = TASK_FAMILIES[experiments[0].task.kind]
    return family(experiments, device) if split is None else family(experiments, split, device)
