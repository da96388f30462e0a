"""Sources of functions: a prior that they are drawn from, or a file that they were measured into.

Shapes: B tasks, K shots, Q queries; members of a population and steps of training before B.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.config import Regression
from engine.data.function_file import UNSCALED, FunctionFile, Scaling
from engine.errors import BadInput
from engine.tasks.regression.families import FunctionFamily, Prior
from engine.tasks.regression.functions import FunctionTasks, sample_functions
from engine.tasks.regression.measured import FileFunctions


class FunctionSource(Protocol):
    """Where functions come from. Tasks, noise and grid are scaled, as learners see them."""

    @property
    def noise(self) -> float:
        """Standard deviation of the Gaussian noise on every value."""

    @property
    def members(self) -> tuple[FunctionFamily, ...]:
        """The families that functions are of; none where nobody knows."""

    @property
    def scaling(self) -> Scaling:
        """What took numbers of people to those of tasks."""

    def grid(self, count: int, device: torch.device | None = None) -> Tensor:
        """Return points all over the inputs, (count,) float32."""

    def sample(
        self, split: str, seeds: int | Sequence[int], numbers: Tensor, k_shot: int, queries: int
    ) -> FunctionTasks:
        """Return tasks of training by number; see `FileFunctions.sample`."""

    def evaluated(
        self, split: str, seed: int, numbers: Tensor, k_shot: int, queries: int
    ) -> FunctionTasks:
        """Return tasks of an evaluation by number, (B,)."""


@dataclass(frozen=True, slots=True)
class PriorFunctions:
    """Functions drawn from a prior, whose limit is known; see `FunctionSource`."""

    prior: Prior

    @property
    def noise(self) -> float:
        """The prior's noise."""
        return self.prior.noise

    @property
    def members(self) -> tuple[FunctionFamily, ...]:
        """The prior's families."""
        return self.prior.members

    @property
    def scaling(self) -> Scaling:
        """No scaling: learners are made for numbers as the prior has them."""
        return UNSCALED

    def grid(self, count: int, device: torch.device | None = None) -> Tensor:
        """Return the prior's grid."""
        return self.prior.grid(count, device)

    def sample(
        self, split: str, seeds: int | Sequence[int], numbers: Tensor, k_shot: int, queries: int
    ) -> FunctionTasks:
        """Return tasks with queries anywhere; see `sample_functions`."""
        seed = seeds if isinstance(seeds, int) else torch.tensor(seeds, device=numbers.device)
        return sample_functions(self.prior, seed, split, numbers, k_shot, queries)

    def evaluated(
        self, split: str, seed: int, numbers: Tensor, k_shot: int, queries: int
    ) -> FunctionTasks:
        """Return tasks with queries on the grid; see `sample_functions`."""
        return sample_functions(self.prior, seed, split, numbers, k_shot, queries, query_grid=True)


def source_of(
    task: Regression, file: FunctionFile | None, device: torch.device | None = None
) -> PriorFunctions | FileFunctions:
    """Return where the functions of a task's settings come from.

    Parameters
    ----------
    task
        The settings.
    file
        The file that they name, read; None where they name none.
    device
        Where tasks are made; the CPU by default.

    Raises
    ------
    BadInput
        If the settings name a file and there is none.
    """
    if file is not None:
        return FileFunctions(file, task.noise, device)
    if task.functions:
        raise BadInput(f"The functions are those of {task.functions}, which was not read.")
    return PriorFunctions(prior_of(task))


def prior_of(task: Regression) -> Prior:
    """Return the prior over functions that a task's settings name."""
    return Prior(tuple(task.families), task.noise)
