"""The regression tasks that an experiment, or a population, is trained on.

Shapes: B tasks of a step, M members.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.config import Experiment, Regression, regression
from engine.tasks.episodes import numbers_of
from engine.tasks.regression.families import Prior
from engine.tasks.regression.functions import FunctionTasks, sample_functions

_BLOCK = 32  # steps whose tasks are sampled together, where they are asked for one by one
TRAINING_SPLIT = "train"  # its functions are others than those of validation and test


class RegressionTasks:
    """Samples the training tasks of one experiment, or of a population's; see `TaskFamily`.

    Step number s of an experiment sees tasks s * B to (s + 1) * B - 1 under its seed.

    Parameters
    ----------
    experiments
        The settings of each member; one for a single model.
    device
        Where the tasks are wanted.
    """

    samples_on_host = False

    def __init__(self, experiments: Sequence[Experiment], device: torch.device) -> None:
        first = experiments[0]
        self._task, self._tasks = regression(first), first.optimizer.meta_batch
        self._members, self._device = len(experiments), device
        self._block: tuple[int, FunctionTasks] | None = None
        self._seeds = torch.tensor([each.run.seed for each in experiments], device=device)

    def sample(self, steps: range | Tensor) -> FunctionTasks:
        """Return the tasks of some steps, with the steps as their first dimension."""
        if isinstance(steps, range) and len(steps) == 1:
            return self._of_block(steps.start)
        return self._sampled(steps)

    def _of_block(self, step: int) -> FunctionTasks:
        """Return the tasks of one step, which are sampled with those of the steps beside it.

        Sampling them one by one takes a tenth of the time of training.
        """
        first = step - step % _BLOCK
        if self._block is None or self._block[0] != first:
            self._block = first, self._sampled(range(first, first + _BLOCK))
        place = step - first
        return FunctionTasks(*(each[place : place + 1] for each in self._block[1]))

    def _sampled(self, steps: range | Tensor) -> FunctionTasks:
        numbers = numbers_of(steps, self._tasks, self._members, self._device)
        task = self._task
        tasks = sample_functions(
            prior_of(task), self._seeds, TRAINING_SPLIT, numbers, task.k_shot, task.queries
        )
        return tasks if self._members > 1 else FunctionTasks(*(each[:, 0] for each in tasks))


def prior_of(task: Regression) -> Prior:
    """Return the prior over functions that a task's settings name."""
    return Prior(tuple(task.families), task.noise)
