"""Few-shot regression tasks out of a file of measured functions.

Task number i of a split under a seed is a pure function, as those of a prior are: its function and
its points get keys from the hash of `engine.tasks.episodes`, of which a function is a class and a
point an example. In evaluations the functions come in turn, so that each has the same say.

Shapes: B tasks, K shots, Q queries; members of a population and steps of training before B.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.function_file import FunctionFile
from engine.data.store import Split
from engine.tasks.episodes import PopulationSeeds, sample_classes, sample_examples
from engine.tasks.regression.families import FunctionFamily
from engine.tasks.regression.functions import FunctionTasks

_GRID = (-5.0, 5.0)  # where `Scaling` puts the inputs of the training functions


class MeasuredFunction(NamedTuple):
    """A function of a file, and points of it in the file's unit, (n,) each."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


class FileFunctions:
    """The functions of a file as learners see them: scaled, on a device.

    A support set is drawn from the points of a function without replacement, and queries from what
    remains. Where fewer remain than queries are asked for, all are taken, and again from the first
    one, so that each counts as often as any other, or once more.

    Parameters
    ----------
    file
        The file.
    noise
        Standard deviation of the noise on every value, in the file's unit.
    device
        Where tasks are made.

    Attributes
    ----------
    file, scaling
        The file, and its scaling, which tasks are in.
    noise
        Standard deviation of the noise, scaled.
    members
        The families that functions can be told to be of: none.
    """

    members: tuple[FunctionFamily, ...] = ()

    def __init__(
        self, file: FunctionFile, noise: float, device: torch.device | None = None
    ) -> None:
        self.file, self.scaling = file, file.scaling
        self.noise = noise / file.scaling.y_unit
        self._device = device or torch.device("cpu")
        self._splits: dict[str, Split] = {}

    def sample(
        self,
        split: str,
        seeds: int | Sequence[int],
        numbers: Tensor,
        k_shot: int,
        queries: int,
    ) -> FunctionTasks:
        """Return the tasks of training with the given numbers.

        Parameters
        ----------
        split
            The split's name.
        seeds
            The experiment's seed or, for a population, those of its M members.
        numbers
            (B,) int64, or (..., M, B) for a population.
        k_shot, queries
            K and Q. The support set of a task does not depend on Q.

        Returns
        -------
        FunctionTasks
            With the shape of `numbers` in the place of B.
        """
        points = self._points(split)
        seed = (
            seeds if isinstance(seeds, int) else PopulationSeeds(points, seeds, numbers.shape[-1])
        )
        flat = numbers.flatten()
        functions = sample_classes(points, seed, flat, 1)
        tasks = _tasks(points, seed, flat, functions, k_shot, queries)
        return FunctionTasks(*(each.view(*numbers.shape, *each.shape[1:]) for each in tasks))

    def evaluated(
        self, split: str, seed: int, numbers: Tensor, k_shot: int, queries: int
    ) -> FunctionTasks:
        """Return the tasks of an evaluation with the numbers (B,): function i mod F for task i.

        They are where the numbers are.
        """
        points, here = self._points(split), numbers.to(self._device)
        functions = (here % len(points.class_names))[:, None]
        tasks = _tasks(points, seed, here, functions, k_shot, queries)
        return FunctionTasks(*(each.to(numbers.device) for each in tasks))

    def function(self, split: str, seed: int, number: int, k_shot: int) -> MeasuredFunction:
        """Return the function that a task of an evaluation is about, and its other points."""
        own, points = self.file.split(split), self._points(split)
        place = number % len(own.names)
        numbers, functions = torch.tensor([[number], [place]], device=self._device)
        size = int(own.sizes[place])
        rows = sample_examples(points, seed, numbers, functions[:, None], size)[0, 0]
        others = rows[k_shot:].cpu().numpy()
        return MeasuredFunction(own.names[place], own.x[others], own.y[others])

    def grid(self, count: int, device: torch.device | None = None) -> Tensor:
        """Return the middles of `count` equal parts of the range of training inputs, (count,)."""
        low, high = _GRID
        middles = (torch.arange(count, device=device, dtype=torch.float32) + 0.5) / count
        return low + (high - low) * middles

    def _points(self, split: str) -> Split:
        """Return the points of a split as examples (n, 2), of classes that are functions."""
        if split not in self._splits:
            own = self.file.split(split)
            scaled = torch.from_numpy(self.scaling.to_scaled(own.x, own.y)).to(self._device)
            offsets = torch.from_numpy(own.offsets).to(self._device)
            self._splits[split] = Split.of(split, scaled, offsets, own.names)
        return self._splits[split]


def _tasks(
    points: Split,
    seed: int | PopulationSeeds,
    numbers: Tensor,
    functions: Tensor,
    k_shot: int,
    queries: int,
) -> FunctionTasks:
    """Draw points of the functions (B, 1) for tasks (B,)."""
    drawn = min(k_shot + queries, points.largest_class)
    rows = sample_examples(points, seed, numbers, functions, drawn)[:, 0]
    # Behind the points that a function has stand places that it has not: the queries go round.
    remaining = points.class_sizes[functions].clamp(max=drawn) - k_shot  # (B, 1)
    turns = torch.arange(queries, device=rows.device) % remaining
    support = points.embeddings[rows[:, :k_shot]]
    query = points.embeddings[rows.gather(1, k_shot + turns)]
    return FunctionTasks(
        support[..., 0],
        support[..., 1],
        query[..., 0],
        query[..., 1],
        query[..., 1],
        functions[:, 0],
        rows.new_zeros(len(rows), 0, dtype=torch.float32),
    )
