"""Few-shot classification tasks out of a store's classes: episodes.

Shapes: B tasks, N ways, K shots, Q queries per class, D embedding size. A population has its M
members before these.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from engine.config import Experiment, classification
from engine.data.store import Split
from engine.tasks.episodes import PopulationSeeds, numbers_of, sample_episodes


class Tasks(NamedTuple):
    """A batch of tasks; class n of a task has label n."""

    support: Tensor  # (B, N, K, D)
    query: Tensor  # (B, N, Q, D)


class ClassificationTasks:
    """Samples the training tasks of one experiment, or of a population's; see `TaskFamily`.

    Step number s of an experiment sees episodes s * B to (s + 1) * B - 1 under its seed.

    Parameters
    ----------
    experiments
        The settings of each member; one for a single model.
    split
        Training examples, on the device to train on or, where they do not fit there, on the CPU.
    device
        Where the tasks are wanted.
    """

    def __init__(
        self, experiments: Sequence[Experiment], split: Split, device: torch.device
    ) -> None:
        first = experiments[0]
        self._task, self._tasks = classification(first), first.optimizer.meta_batch
        self._split, self._device = split, device
        self._members = len(experiments)
        seeds = [experiment.run.seed for experiment in experiments]
        self._seed = seeds[0] if len(seeds) == 1 else PopulationSeeds(split, seeds, self._tasks)

    @property
    def samples_on_host(self) -> bool:
        """Whether the examples are elsewhere than where the tasks are wanted."""
        return self._split.embeddings.device.type != self._device.type

    def sample(self, steps: range | Tensor) -> Tasks:
        """Return the tasks of some steps, with the steps as their first dimension.

        Of examples on the CPU, `steps` must be a range.
        """
        task, examples = self._task, self._split.embeddings
        numbers = numbers_of(steps, self._tasks, self._members, examples.device)
        episodes = sample_episodes(
            self._split, self._seed, numbers.flatten(), task.n_way, task.k_shot, task.queries
        )
        shape = numbers.shape if self._members > 1 else (numbers.shape[0], numbers.shape[2])
        tasks = Tasks(
            examples[episodes.support.unflatten(0, shape)],
            examples[episodes.query.unflatten(0, shape)],
        )
        if not self.samples_on_host:
            return tasks
        if self._device.type == "cuda":
            tasks = Tasks(*(tensor.pin_memory() for tensor in tasks))
        return Tasks(*(tensor.to(self._device, non_blocking=True) for tensor in tasks))
