"""Inspection of few-shot regression: what a checkpoint makes of the points of a function.

Shapes: B tasks, K points that are given, Q points of the grid, S samples, T inner steps.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from engine.config import regression
from engine.devices.selection import choose_device, cpu_threads
from engine.errors import BadInput
from engine.evaluation.protocol import SEED
from engine.evaluation.regression.evaluator import QUERIES
from engine.evaluation.regression.scoring import Predictions, joined, predictions
from engine.inspection.function_records import (
    TEST_SPLIT,
    CodeWay,
    FunctionRecord,
    FunctionTable,
    LimitRecord,
)
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
from engine.tasks.regression import FunctionTasks, Prior, keeping_limit, prior_of, sample_functions
from engine.tasks.regression.limit_curves import limit_curves
from engine.tasks.regression.mixture import mixture
from engine.tasks.regression.nearest_family import is_of_first_family, tells_families

MOST_POINTS = 1000
"""So many points of a function can be given."""
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
    prior, k_shot
        What the run's tasks are drawn from, and how many points of each are given.
    """

    learner: Learner
    weights: Any
    device: torch.device
    prior: Prior
    k_shot: int

    def record(self, number: int, samples: int | None = None) -> FunctionRecord:
        """Look at a task of the test split; see `record_of`."""
        task = self.tasks([number])
        support = task.support_x[0].numpy(), task.support_y[0].numpy()
        return self.record_of(*support, number=number, samples=samples)

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
            The points, (K,) each, in any number.
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

    def tasks(self, numbers: list[int]) -> FunctionTasks:
        """Return tasks of the test split with their queries on the grid, on the CPU."""
        places = torch.tensor(numbers, dtype=torch.int64)
        return sample_functions(
            self.prior, SEED, TEST_SPLIT, places, self.k_shot, QUERIES, query_grid=True
        )

    def tabulate(self, limits: Path, count: int) -> Generator[int, None, FunctionTable]:
        """Tabulate the tasks 0 to `count` - 1, yielding how many are done of twice as many.

        Parameters
        ----------
        limits
            Where the Bayes-optimal limit is kept; computed first where it is not.
        count
            How many tasks.
        """
        which = (self.prior, self.k_shot, SEED, TEST_SPLIT, count, QUERIES)
        limit = yield from keeping_limit(limits, *which)
        tasks = self.tasks(list(range(count)))
        found: list[Predictions] = []
        spreads: list[NDArray[np.float64]] = []
        ways: list[Tensor] = []
        for first in range(0, count, _TASKS_AT_A_TIME):
            some = FunctionTasks(
                *(each[first : first + _TASKS_AT_A_TIME].to(self.device) for each in tasks)
            )
            with torch.no_grad(), cpu_threads(1):
                predicted, band = self._predicted(some)
                ways += self._ways(some)
            found.append(predicted)
            spreads.append((band[:, 1] - band[:, 0]).mean(1).double().cpu().numpy())
            yield count + min(first + _TASKS_AT_A_TIME, count)
        predicted = joined(found)
        nothing = np.full(count, np.nan)
        errors = np.square(predicted.mean - tasks.query_clean.numpy(), dtype=np.float64)
        densities = np.subtract(predicted.log_density, limit.log_density, dtype=np.float64)
        return FunctionTable(
            families=_titles(self.prior),
            numbers=np.arange(count),
            limit_first=limit.family_probability[:, 0],
            first=predicted.family_weights[:, 0] if tells_families(self.prior) else nothing,
            spread=np.concatenate(spreads),
            squared_error=errors.mean(1),
            advantage=densities.mean(1),
            codes=torch.cat(ways, 1).cpu().numpy() if ways else None,
        )

    def _predicted(self, tasks: FunctionTasks) -> tuple[Predictions, Tensor]:
        """Predict as evaluations do, and return the band (B, 2, Q) too."""
        support = FunctionSupport(tasks.support_x, tasks.support_y)
        functions: SampledFunctions = self.learner.adapt(self.weights, support)
        values = functions.values(tasks.query_x)
        log_weights = functions.log_likelihood(support, self.prior.noise)
        band = _quantiles(values, torch.softmax(log_weights, 1))
        return predictions(values, log_weights, tasks, self.prior), band

    def _ways(self, tasks: FunctionTasks) -> list[Tensor]:
        """Return the ways of the means of encodings, (T + 1, B, L), where there are codes."""
        assert isinstance(self.learner, AdaptsFunctions)  # all learners of functions do
        support = FunctionSupport(tasks.support_x, tasks.support_y)
        codes = self.learner.adaptation(self.weights, support, samples=0).codes
        return [] if codes is None else [codes.mean]


def load_functions(run: Run, step: int, device: str | None = None) -> LoadedFunctions:
    """Load the weights that a run had at a step.

    Raises
    ------
    BadInput
        If the run does not learn functions, the checkpoint is missing, or there is no such device.
    """
    task = regression(run.experiment)
    place = choose_device(device or run.experiment.run.device)
    learner = learner_of(run.experiment, 1, place)
    weights = named_weights(learner.weights_type, run.checkpoint(str(step)).weights(), place)
    return LoadedFunctions(learner, weights, place, prior_of(task), task.k_shot)


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
    prior, learner = loaded.prior, loaded.learner
    assert isinstance(learner, AdaptsFunctions)  # all learners of functions do
    support = FunctionSupport(*(each.to(loaded.device) for each in points))
    way = learner.adaptation(loaded.weights, support, samples)
    grid = prior.grid(QUERIES)
    # From here on each step is as a task of its own; networks are evaluated step by step, since
    # those of one step stay in the processor's cache, which is four times as fast.
    steps, at_grid = len(way.steps), grid.to(loaded.device)[None]
    values = torch.cat([functions.values(at_grid) for functions in way.steps])  # (T + 1, S, Q)
    log_weights = [functions.log_likelihood(support, prior.noise) for functions in way.steps]
    weights = torch.softmax(torch.cat(log_weights), 1)
    at_points = torch.cat([functions.values(support.x) for functions in way.steps])
    y = support.y.expand(steps, -1)
    density = mixture(at_points, weights, y, prior.noise).log_density.mean(1)
    is_first = torch.zeros(steps, 0, dtype=torch.bool)
    if tells_families(prior):
        is_first = is_of_first_family(prior, values, at_grid.expand(steps, -1))
    truth, is_changed = _truth(loaded, points, number)
    return FunctionRecord(
        number=number,
        is_changed=is_changed,
        families=_titles(prior),
        noise=prior.noise,
        support_x=points.x[0].numpy(),
        support_y=points.y[0].numpy(),
        grid=grid.numpy(),
        truth=truth,
        values=values.cpu().numpy(),
        weights=weights.cpu().numpy(),
        mean=(weights[:, None] @ values)[:, 0].cpu().numpy(),
        band=_quantiles(values, weights).cpu().numpy(),
        is_first=is_first.cpu().numpy(),
        log_likelihood=density.cpu().numpy(),
        limit=_limit(prior, points, grid),
        codes=None if way.codes is None else _code_way(way.codes),
    )


def _truth(
    loaded: LoadedFunctions, points: FunctionSupport, number: int | None
) -> tuple[NDArray[np.float32] | None, bool]:
    """Return a task's function where the points are its own, and whether they are not."""
    if number is None:
        return None, False
    task = loaded.tasks([number])
    is_own = torch.equal(task.support_x, points.x) and torch.equal(task.support_y, points.y)
    return (task.query_clean[0].numpy() if is_own else None), not is_own


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


def _titles(prior: Prior) -> tuple[str, ...]:
    return tuple(family.title for family in prior.members)
