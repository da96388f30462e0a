"""Inspection of few-shot regression: what a checkpoint makes of the points of a function.

Shapes: B tasks, K points that are given, Q points of the grid, S samples, T inner steps.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from engine.config import regression
from engine.data.function_file import FunctionFile, Scaling
from engine.devices.selection import choose_device, cpu_threads
from engine.errors import BadInput
from engine.evaluation.evaluator import workers
from engine.evaluation.protocol import SEED
from engine.evaluation.regression.evaluator import QUERIES, tasks_of
from engine.evaluation.regression.scoring import (
    Predictions,
    joined,
    predictions,
    squared_errors,
)
from engine.inspection.function_records import (
    MOST_POINTS,
    TEST_SPLIT,
    CodeWay,
    FunctionRecord,
    FunctionTable,
    LimitRecord,
    Points,
)
from engine.inspection.kept_points import KeptPoints
from engine.learners.layout import named_weights
from engine.learners.learner import Learner
from engine.learners.registry import learner_of
from engine.learners.sampled_functions import (
    AdaptsFunctions,
    CodeWays,
    FunctionSupport,
    SampledFunctions,
)
from engine.runs.run import Run
from engine.runs.run_functions import functions_of
from engine.tasks.regression import (
    FileFunctions,
    FunctionTasks,
    Prior,
    PriorFunctions,
    keeping_limit,
    source_of,
)
from engine.tasks.regression.limit_curves import limit_curves
from engine.tasks.regression.mixture import mixture
from engine.tasks.regression.nearest_family import is_of_first_family, tells_families

_CPU = torch.device("cpu")
_BAND = (0.05, 0.95)
_LIMIT_FUNCTIONS = 500  # of which the band is made: its edges are good to a percent
_LIMIT_FUNCTIONS_KEPT = 40
_TASKS_AT_A_TIME = 20


@dataclass(frozen=True, slots=True)
class LoadedFunctions:
    """The weights of a run of regression at a step, ready to be asked.

    Attributes
    ----------
    learner, weights, device
        What adapts, on its device.
    source, k_shot
        Where the run's functions come from, and how many points of each are given.
    split
        Whose tasks are looked at.
    """

    learner: Learner
    weights: Any
    device: torch.device
    source: PriorFunctions | FileFunctions
    k_shot: int
    split: str = TEST_SPLIT

    @property
    def prior(self) -> Prior:
        """What the run's functions are drawn from; raises `TypeError` for measured ones."""
        if isinstance(self.source, PriorFunctions):
            return self.source.prior
        raise TypeError("measured functions are of no prior")

    def record(self, number: int, samples: int | None = None) -> FunctionRecord:
        """Look at a task of the split; see `record_of`."""
        return self.record_of(*self.own_points(number), number=number, samples=samples)

    def record_of(
        self,
        x: ArrayLike,
        y: ArrayLike,
        number: int | None = None,
        samples: int | None = None,
    ) -> FunctionRecord:
        """Look at what is made of some points.

        Parameters
        ----------
        x, y
            The points, (K,) each, in any number, in the unit of people.
        number
            Of the task that they are of, or were before somebody changed them.
        samples
            The first few of the samples of an evaluation, which take less time; all by default.

        Raises
        ------
        BadInput
            If there are no points or too many, or one is not of finite numbers.
        """
        points = _checked(x, y)
        with torch.no_grad(), cpu_threads(1):
            return _record(self, points, number, samples)

    def own_points(self, number: int) -> Points:
        """Return the points that are given of a task of the split, (K,) each.

        They are in the unit of people.
        """
        return self._own_points(self.tasks([number]))

    def number_of(self, kept: KeptPoints) -> int | None:
        """Return the number of the task that kept points were of; None if this run has others."""
        if kept.number is None or not kept.is_of(self.own_points(kept.number)):
            return None
        return kept.number

    def tasks(self, numbers: list[int]) -> FunctionTasks:
        """Return tasks of the split as evaluations meet them, on the CPU."""
        return tasks_of(self.source, self.k_shot, self.split, numbers)

    def _own_points(self, task: FunctionTasks) -> Points:
        """Return the points of a single task in the unit of people, (K,) each."""
        scaling = self.source.scaling
        return scaling.own_x(task.support_x[0].numpy()), scaling.own_y(task.support_y[0].numpy())

    def own_task(self, points: FunctionSupport, number: int | None) -> FunctionTasks | None:
        """Return the task of a number if points (1, K) are its own; else None."""
        if number is None:
            return None
        task = self.tasks([number])
        x, y = (torch.from_numpy(each) for each in self._own_points(task))
        is_own = torch.equal(x[None], points.x) and torch.equal(y[None], points.y)
        return task if is_own else None

    def tabulate(self, limits: Path, count: int) -> Generator[int, None, FunctionTable]:
        """Tabulate the tasks 0 to `count` - 1, yielding how many are done of twice as many.

        Parameters
        ----------
        limits
            Where the Bayes-optimal limit is kept; computed first where it is not.
        count
            How many tasks.
        """
        limit, source = None, self.source
        if isinstance(source, PriorFunctions):
            which = (source.prior, self.k_shot, SEED, self.split, count, QUERIES)
            limit = yield from keeping_limit(limits, *which)
        tasks = self.tasks(list(range(count)))
        parts: list[_Tabulated] = []
        with cpu_threads(1), workers(self.device) as pool:
            pieces = zip(*(each.split(_TASKS_AT_A_TIME) for each in tasks), strict=True)
            for part in pool.map(self._tabulated, map(FunctionTasks._make, pieces)):
                parts.append(part)
                yield count + min(len(parts) * _TASKS_AT_A_TIME, count)
        predicted = joined([part.predicted for part in parts])
        ways = [part.ways for part in parts if part.ways is not None]
        nothing = np.full(count, np.nan)
        advantage = nothing
        if limit is not None:
            densities = np.subtract(predicted.log_density, limit.log_density, dtype=np.float64)
            advantage = densities.mean(1)
        every: tuple[str, ...] = ()
        names: tuple[str, ...] = ()
        if isinstance(source, FileFunctions):
            every = tuple(source.file.split(self.split).names)
            names = tuple(every[place] for place in tasks.family.tolist())
        return FunctionTable(
            families=_titles(source),
            numbers=np.arange(count),
            limit_first=nothing if limit is None else limit.family_probability[:, 0],
            first=predicted.family_weights[:, 0] if tells_families(source) else nothing,
            spread=np.concatenate([part.spread for part in parts]) * source.scaling.y_unit,
            squared_error=squared_errors(predicted, tasks, source.scaling),
            advantage=advantage,
            codes=torch.cat(ways, 1).cpu().numpy() if ways else None,
            names=names,
            functions=len(every),
            k_shot=self.k_shot,
        )

    @torch.no_grad()
    def _tabulated(self, tasks: FunctionTasks) -> "_Tabulated":
        some = FunctionTasks._make(each.to(self.device) for each in tasks)
        predicted, band = self._predicted(some)
        spread = (band[:, 1] - band[:, 0]).mean(1).double().cpu().numpy()
        return _Tabulated(predicted, spread, self._ways(some))

    def _predicted(self, tasks: FunctionTasks) -> tuple[Predictions, Tensor]:
        """Predict as evaluations do, and return the band (B, 2, Q) too."""
        support = FunctionSupport(tasks.support_x, tasks.support_y)
        functions: SampledFunctions = self.learner.adapt(self.weights, support)
        values = functions.values(tasks.query_x)
        log_weights = functions.log_likelihood(support, self.source.noise)
        band = _quantiles(values, torch.softmax(log_weights, 1))
        return predictions(values, log_weights, tasks, self.source), band

    def _ways(self, tasks: FunctionTasks) -> Tensor | None:
        """Return the ways of the means of encodings, (T + 1, B, L), where there are codes."""
        assert isinstance(self.learner, AdaptsFunctions)  # all learners of functions do
        support = FunctionSupport(tasks.support_x, tasks.support_y)
        codes = self.learner.adaptation(self.weights, support, samples=0).codes
        return None if codes is None else codes.mean


class _Tabulated(NamedTuple):
    """What a table says of some tasks."""

    predicted: Predictions
    spread: NDArray[np.float64]  # (B,): mean width of the band
    ways: Tensor | None  # (T + 1, B, L)


def load_functions(
    run: Run,
    step: int,
    device: str | None = None,
    file: FunctionFile | None = None,
    split: str = TEST_SPLIT,
) -> LoadedFunctions:
    """Load the weights that a run had at a step, and its file of functions if it has one.

    Parameters
    ----------
    run, step
        The run and the step of one of its checkpoints.
    device
        Where to compute; by default where the run was trained.
    file
        The run's file where it was read already; else it is looked for.
    split
        Whose tasks are looked at.

    Raises
    ------
    BadInput
        If the run does not learn functions, the checkpoint or the file is missing, the file holds
        other points by now or nothing to test on, or there is no such device.
    """
    task = regression(run.experiment)
    place = choose_device(device or run.experiment.run.device)
    learner = learner_of(run.experiment, 1, place)
    weights = named_weights(learner.weights_type, run.checkpoint(str(step)).weights(), place)
    source = source_of(task, file or functions_of(run))
    if isinstance(source, FileFunctions):
        source.file.split(split)
    return LoadedFunctions(learner, weights, place, source, task.k_shot, split)


def _checked(x: ArrayLike, y: ArrayLike) -> FunctionSupport:
    points = torch.as_tensor(np.array([x, y], np.float32))
    count = points.shape[1]
    if not 1 <= count <= MOST_POINTS:
        raise BadInput(f"There are {count} points; give 1 to {MOST_POINTS:,} of the function.")
    if not bool(points.isfinite().all()):
        raise BadInput("A point has a coordinate that is not a finite number; move or remove it.")
    return FunctionSupport(points[:1], points[1:])


def _record(
    loaded: LoadedFunctions, points: FunctionSupport, number: int | None, samples: int | None
) -> FunctionRecord:
    source, learner = loaded.source, loaded.learner
    scaling = source.scaling
    assert isinstance(learner, AdaptsFunctions)  # all learners of functions do
    own = loaded.own_task(points, number)
    support = FunctionSupport(*(each.to(loaded.device) for each in _scaled(points, own, scaling)))
    way = learner.adaptation(loaded.weights, support, samples)
    grid = source.grid(QUERIES)
    # From here on each step is as a task of its own; networks are evaluated step by step, since
    # those of one step stay in the processor's cache, which is four times as fast.
    steps, at_grid = len(way.steps), grid.to(loaded.device)[None]
    values = torch.cat([functions.values(at_grid) for functions in way.steps])  # (T + 1, S, Q)
    log_weights = [functions.log_likelihood(support, source.noise) for functions in way.steps]
    weights = torch.softmax(torch.cat(log_weights), 1)
    at_points = torch.cat([functions.values(support.x) for functions in way.steps])
    y = support.y.expand(steps, -1)
    density = mixture(at_points, weights, y, source.noise).log_density.mean(1)
    is_first = torch.zeros(steps, 0, dtype=torch.bool)
    if tells_families(source):
        is_first = is_of_first_family(source, values, at_grid.expand(steps, -1))
    has_truth = own is not None and isinstance(source, PriorFunctions)
    name, others = _measured(loaded, number)
    return FunctionRecord(
        number=number,
        is_changed=number is not None and own is None,
        families=_titles(source),
        noise=source.noise * scaling.y_unit,
        support_x=points.x[0].numpy(),
        support_y=points.y[0].numpy(),
        grid=scaling.own_x(grid.numpy()),
        truth=own.query_clean[0].numpy() if own is not None and has_truth else None,
        values=scaling.own_y(values.cpu().numpy()),
        weights=weights.cpu().numpy(),
        mean=scaling.own_y((weights[:, None] @ values)[:, 0].cpu().numpy()),
        band=scaling.own_y(_quantiles(values, weights).cpu().numpy()),
        is_first=is_first.cpu().numpy(),
        log_likelihood=density.cpu().numpy() - np.float32(math.log(scaling.y_unit)),
        limit=_limit(source.prior, points, grid) if isinstance(source, PriorFunctions) else None,
        codes=None if way.codes is None else _code_way(way.codes),
        name=name,
        others=others,
        units=(scaling.x_unit, scaling.y_unit),
    )


def _scaled(
    points: FunctionSupport, own: FunctionTasks | None, scaling: Scaling
) -> FunctionSupport:
    """Scale points (1, K); a task's own are those of the task, to the bit."""
    if own is not None:
        return FunctionSupport(own.support_x, own.support_y)
    scaled = torch.from_numpy(scaling.to_scaled(points.x[0].numpy(), points.y[0].numpy()))
    return FunctionSupport(scaled[None, :, 0], scaled[None, :, 1])


def _measured(loaded: LoadedFunctions, number: int | None) -> tuple[str, Points | None]:
    """Return the name of the measured function of a task, and its other points."""
    source = loaded.source
    if number is None or isinstance(source, PriorFunctions):
        return "", None
    function = source.function(loaded.split, SEED, number, loaded.k_shot)
    return function.name, (function.x.astype(np.float32), function.y.astype(np.float32))


def _limit(prior: Prior, points: FunctionSupport, grid: Tensor) -> LimitRecord:
    x = torch.cat([grid, points.x[0]])
    curves = limit_curves(prior, points.x[0], points.y[0], x, _LIMIT_FUNCTIONS)
    at_grid, at_points = curves.functions.split([len(grid), points.x.shape[1]], 1)
    weights = torch.full((1, _LIMIT_FUNCTIONS), 1 / _LIMIT_FUNCTIONS)
    density = mixture(at_points[None], weights, points.y, prior.noise).log_density.mean()
    # Spread over the posterior: the functions lie behind each other by family and draw.
    kept = torch.linspace(0, _LIMIT_FUNCTIONS - 1, _LIMIT_FUNCTIONS_KEPT).long()
    ends = [round(level * (_LIMIT_FUNCTIONS - 1)) for level in _BAND]
    band = np.partition(at_grid.T.contiguous().numpy(), ends, axis=1)[:, ends].T
    return LimitRecord(
        mean=curves.mean[: len(grid)].numpy(),
        band=band,
        family_probability=curves.family_probability.numpy(),
        functions=at_grid[kept].numpy(),
        family=curves.family[kept].numpy(),
        log_likelihood=float(density),
    )


def _code_way(codes: CodeWays) -> CodeWay:
    return CodeWay(
        path=codes.mean[:, 0].cpu().numpy(),
        start=codes.samples[0, :, 0].cpu().numpy(),
        end=codes.samples[-1, :, 0].cpu().numpy(),
        encoded=codes.encoded[0].cpu().numpy(),
        deviation=codes.deviation[0].cpu().numpy(),
    )


def _quantiles(values: Tensor, weights: Tensor) -> Tensor:
    """Return the ends of the band of weighted values (B, S, Q), with weights (B, S): (B, 2, Q)."""
    ordered, places = values.mT.sort(-1)  # (B, Q, S)
    below = weights[:, None].expand_as(places).gather(2, places).cumsum(2)
    levels = torch.tensor(_BAND).to(below).expand(*below.shape[:2], -1).contiguous()
    found = torch.searchsorted(below.contiguous(), levels).clamp(max=values.shape[1] - 1)
    return ordered.gather(2, found).mT


def _titles(source: PriorFunctions | FileFunctions) -> tuple[str, ...]:
    return tuple(family.title for family in source.members)
