"""Evaluation of learners of functions: sampled functions on tasks that are the same for all.

Shapes: B tasks, S samples, Q queries: on the prior's grid, or points of a measured function.
"""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.config import Experiment, regression
from engine.data.function_file import FunctionFile
from engine.devices.selection import choose_device, cpu_threads
from engine.evaluation.evaluator import workers
from engine.evaluation.protocol import SEED
from engine.evaluation.record import FOLDER
from engine.evaluation.regression.record import (
    MeasuredScores,
    PerTask,
    RegressionEvaluation,
    RegressionScores,
)
from engine.evaluation.regression.scoring import (
    Likelihood,
    Predictions,
    coverage,
    interval,
    joined,
    measured_summary,
    predictions,
    scores_by_task,
    squared_errors,
    summary,
)
from engine.io.files import write_text
from engine.io.generators import retold
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.learners.sampled_functions import FunctionSupport, SampledFunctions
from engine.runs.run import Run
from engine.tasks.regression import (
    FunctionSource,
    FunctionTasks,
    PriorFunctions,
    keeping_limit,
    limit_name,
    source_of,
)
from engine.tasks.scores import Score

QUERIES = 100
"""Points of the grid, or of a measured function, that predictions are scored at."""
_VALIDATION_SPLIT = "val"
_TASKS_ON_CPU = 4  # so few that their sampled networks stay in the processor's cache
_TASKS_ON_GPU = 32

Adapt = Callable[[FunctionSupport], SampledFunctions]
"""Turns the given points of tasks into functions."""


@dataclass(frozen=True, slots=True)
class ValidatedFunctions:
    """What a validation on regression tasks measured."""

    scores: dict[str, Score]


@dataclass(frozen=True, slots=True)
class PredictedFunctions:
    """Predictions by sampled functions, each as likely as any other, or as the points say."""

    plain: Predictions
    weighted: Predictions


def function_adapter(experiment: Experiment, weights: Any, device: torch.device) -> Adapt:
    """Return the adaptation of an experiment's learner, as evaluations use it."""
    return partial(learner_of(experiment, 1, device).adapt, weights)


def predicted_functions(
    adapt: Adapt,
    tasks: FunctionTasks,
    prior: Likelihood,
    device: torch.device,
    *,
    has_plain: bool = True,
) -> Generator[int, None, PredictedFunctions]:
    """Predict the queries of tasks, yielding how many are done.

    What comes out does not depend on how many are done at a time, but for rounding, nor on how many
    threads share them. Without `has_plain` the weighted predictions stand for the plain ones too.
    """
    count = len(tasks.support_x)
    together = _TASKS_ON_CPU if device.type == "cpu" else _TASKS_ON_GPU
    firsts = range(0, count, together)
    work = partial(_predicted, adapt, tasks, prior, device, has_plain, together)
    parts = []
    with cpu_threads(1), workers(device) as pool:
        for first, part in zip(firsts, pool.map(work, firsts), strict=True):
            parts.append(part)
            yield min(first + together, count)
    return PredictedFunctions(
        joined([part.plain for part in parts]), joined([part.weighted for part in parts])
    )


@torch.no_grad()
def _predicted(
    adapt: Adapt,
    tasks: FunctionTasks,
    prior: Likelihood,
    device: torch.device,
    has_plain: bool,  # partial's
    together: int,
    first: int,
) -> PredictedFunctions:
    """Predict the queries of so many tasks together, from number `first` on."""
    places = slice(first, first + together)
    some = FunctionTasks(*(each[places].to(device) for each in tasks))
    support = FunctionSupport(some.support_x, some.support_y)
    functions = adapt(support)
    values = functions.values(some.query_x)
    log_weights = functions.log_likelihood(support, prior.noise)
    weighted = predictions(values, log_weights, some, prior)
    if values.shape[1] == 1 or not has_plain:
        return PredictedFunctions(weighted, weighted)
    alike = torch.zeros_like(log_weights)
    return PredictedFunctions(predictions(values, alike, some, prior), weighted)


def validated_functions(
    experiment: Experiment,
    weights: Any,
    device: torch.device,
    source: FunctionSource | None = None,
) -> Generator[int, None, ValidatedFunctions]:
    """Validate weights: the scores of `TASK_KINDS`, of samples weighted by their likelihood.

    `source` is where functions come from; by default the prior of the settings.
    """
    task = regression(experiment)
    source, count = source or source_of(task, None), experiment.schedule.validation_episodes
    tasks = tasks_of(source, task.k_shot, _VALIDATION_SPLIT, range(count))
    adapt = function_adapter(experiment, weights, device)
    steps = predicted_functions(adapt, tasks, source, device, has_plain=False)
    found = (yield from steps).weighted
    errors = squared_errors(found, tasks, source.scaling)
    likelihood = float(found.log_density.mean(dtype=np.float64))
    return ValidatedFunctions(
        {
            "error": Score(float(errors.mean()), interval(errors, function_places(source, tasks))),
            "log_likelihood": Score(likelihood - math.log(source.scaling.y_unit)),
            "coverage": Score(coverage(found.pit, 0.9)),
        }
    )


def tasks_of(
    source: FunctionSource, k_shot: int, split: str, numbers: Sequence[int]
) -> FunctionTasks:
    """Return tasks of a split as all evaluations meet them, on the CPU."""
    places = torch.tensor(numbers, dtype=torch.int64)
    return source.evaluated(split, SEED, places, k_shot, QUERIES)


def function_places(source: FunctionSource, tasks: FunctionTasks) -> NDArray[np.int64] | None:
    """Return the place of each task's function, (B,), where tasks may share one; else None."""
    if isinstance(source, PriorFunctions):
        return None
    places: NDArray[np.int64] = tasks.family.cpu().numpy()
    return places


def evaluate_functions(
    run: Run,
    step: int,
    limits: Path,
    split: str,
    count: int,
    device: str | None = None,
    file: FunctionFile | None = None,
) -> Generator[int, None, RegressionEvaluation]:
    """Evaluate the weights that a run had at a step, yielding how many tasks are done.

    Parameters
    ----------
    run, step
        The run and the step of one of its checkpoints.
    limits
        Where the Bayes-optimal limit of the tasks is kept; computed first where it is not.
    split, count
        Tasks 0 to `count` - 1 of a split, the same for every run.
    device
        Where to compute; by default where the run was trained.
    file
        The run's file of functions (see `engine.runs.run_functions`); None where they are drawn.

    Raises
    ------
    BadInput
        If the checkpoint is missing, there is no such device, or the file lacks the split.
    """
    task = regression(run.experiment)
    place, source = choose_device(device or run.experiment.run.device), source_of(task, file)
    tasks = tasks_of(source, task.k_shot, split, range(count))
    tensors = run.checkpoint(str(step)).weights()
    weights = named_weights(learner_of(run.experiment, 1, place).weights_type, tensors, place)
    adapt = function_adapter(run.experiment, weights, place)
    steps = predicted_functions(adapt, tasks, source, place)
    scored: Callable[[Predictions], RegressionScores | MeasuredScores]
    per_task: PerTask | None = None
    if isinstance(source, PriorFunctions):
        which = (source.prior, task.k_shot, SEED, split, count, QUERIES)
        # The limit is one half of the work, and the predictions the other.
        limit = yield from retold(keeping_limit(limits, *which), lambda done: done // 2)
        found = yield from retold(steps, lambda done: (count + done) // 2)
        scored = partial(summary, tasks=tasks, limit=limit)
        per_task = scores_by_task(found.weighted, limit, limit_name(*which))
    else:
        found = yield from steps
        scored = partial(measured_summary, tasks=tasks, scaling=source.scaling)
    return RegressionEvaluation(
        split=split,
        scores=scored(found.weighted),
        plain=scored(found.plain),
        run=str(run.path),
        checkpoint_step=step,
        per_task=per_task,
    )


def keep_regression_evaluation(run: Run, evaluation: RegressionEvaluation) -> Path:
    """Keep an evaluation with its run, and return its file; raises `BadInput` if it cannot be."""
    run.require_folder()
    path = run.path / FOLDER / evaluation.file_name
    write_text(path, evaluation.to_json())
    return path
