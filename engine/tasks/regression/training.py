"""The regression tasks that an experiment, or a population, is trained on.

Shapes: B tasks of a step, M members.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.config import Experiment, regression
from engine.data.function_file import TRAINING_SPLIT
from engine.tasks.episodes import numbers_of
from engine.tasks.regression.functions import FunctionTasks
from engine.tasks.regression.source import FunctionSource, source_of

_BLOCK = 32  # steps whose tasks are sampled together, where they are asked for one by one


class RegressionTasks:
    """Samples the training tasks of one experiment, or of a population's; see `TaskFamily`.

    Step number s of an experiment sees tasks s * B to (s + 1) * B - 1 under its seed.

    Parameters
    ----------
    experiments
        The settings of each member; one for a single model.
    device
        Where the tasks are wanted.
    source
        Where their functions come from; by default the prior of the settings.
    """

    samples_on_host = False

    def __init__(
        self,
        experiments: Sequence[Experiment],
        device: torch.device,
        source: FunctionSource | None = None,
    ) -> None:
        first = experiments[0]
        self._task, self._tasks = regression(first), first.optimizer.meta_batch
        self._source = source or source_of(self._task, None)
        self._members, self._device = len(experiments), device
        self._block: tuple[int, FunctionTasks] | None = None
        self._seeds = [each.run.seed for each in experiments]

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
        tasks = self._source.sample(TRAINING_SPLIT, self._seeds, numbers, task.k_shot, task.queries)
        return tasks if self._members > 1 else FunctionTasks(*(each[:, 0] for each in tasks))
