"""Evaluation of learners of functions: sampled functions on tasks that are the same for all.

Shapes: B tasks, S samples, Q queries on the prior's grid.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.config import Experiment, regression
from engine.devices.selection import choose_device, cpu_threads
from engine.evaluation.evaluator import workers
from engine.evaluation.protocol import SEED
from engine.evaluation.record import FOLDER
from engine.evaluation.regression.record import RegressionEvaluation
from engine.evaluation.regression.scoring import Predictions, coverage, joined, predictions, summary
from engine.evaluation.statistics import half_width
from engine.io.files import write_text
from engine.io.generators import retold
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.learners.sampled_functions import FunctionSupport, SampledFunctions
from engine.runs.run import Run
from engine.tasks.regression import FunctionTasks, Prior, evaluation_tasks, keeping_limit, prior_of
from engine.tasks.scores import Score

QUERIES = 100
"""Points of the grid that predictions are measured at."""
_VALIDATION_SPLIT = "val"
_TASKS_AT_A_TIME = 32

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
    prior: Prior,
    device: torch.device,
    *,
    has_plain: bool = True,
) -> Generator[int, None, PredictedFunctions]:
    """Predict the queries of tasks, yielding how many are done.

    What comes out does not depend on how many are done at a time, but for rounding, nor on how many
    threads share them. Without `has_plain` the weighted predictions stand for the plain ones too.
    """
    count = len(tasks.support_x)
    firsts = range(0, count, _TASKS_AT_A_TIME)
    work = partial(_predicted, adapt, tasks, prior, device, has_plain)
    parts = []
    with cpu_threads(1), workers(device) as pool:
        for first, part in zip(firsts, pool.map(work, firsts), strict=True):
            parts.append(part)
            yield min(first + _TASKS_AT_A_TIME, count)
    return PredictedFunctions(
        joined([part.plain for part in parts]), joined([part.weighted for part in parts])
    )


@torch.no_grad()
def _predicted(
    adapt: Adapt,
    tasks: FunctionTasks,
    prior: Prior,
    device: torch.device,
    has_plain: bool,  # partial's
    first: int,
) -> PredictedFunctions:
    """Predict the queries of as many tasks as are done at a time, from number `first` on."""
    places = slice(first, first + _TASKS_AT_A_TIME)
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
    experiment: Experiment, weights: Any, device: torch.device
) -> Generator[int, None, ValidatedFunctions]:
    """Validate weights: the scores of `TASK_KINDS`, of samples weighted by their likelihood."""
    task = regression(experiment)
    prior, count = prior_of(task), experiment.schedule.validation_episodes
    tasks = evaluation_tasks(prior, task.k_shot, SEED, _VALIDATION_SPLIT, count, QUERIES)
    adapt = function_adapter(experiment, weights, device)
    steps = predicted_functions(adapt, tasks, prior, device, has_plain=False)
    found = (yield from steps).weighted
    errors = np.square(found.mean - tasks.query_clean.numpy(), dtype=np.float64).mean(1)
    return ValidatedFunctions(
        {
            "error": Score(float(errors.mean()), half_width(errors)),
            "log_likelihood": Score(float(found.log_density.mean(dtype=np.float64))),
            "coverage": Score(coverage(found.pit, 0.9)),
        }
    )


def evaluate_functions(
    run: Run, step: int, limits: Path, split: str, count: int, device: str | None = None
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

    Raises
    ------
    BadInput
        If the checkpoint is missing, or there is no such device.
    """
    task = regression(run.experiment)
    place, prior = choose_device(device or run.experiment.run.device), prior_of(task)
    tensors = run.checkpoint(str(step)).weights()
    weights = named_weights(learner_of(run.experiment, 1, place).weights_type, tensors, place)
    adapt = function_adapter(run.experiment, weights, place)
    which = (prior, task.k_shot, SEED, split, count, QUERIES)
    tasks = evaluation_tasks(*which)
    # The limit is one half of the work, and the predictions the other.
    limit = yield from retold(keeping_limit(limits, *which), lambda done: done // 2)
    found = yield from retold(
        predicted_functions(adapt, tasks, prior, place), lambda done: (count + done) // 2
    )
    return RegressionEvaluation(
        split=split,
        scores=summary(found.weighted, tasks, limit),
        plain=summary(found.plain, tasks, limit),
        run=str(run.path),
        checkpoint_step=step,
    )


def keep_regression_evaluation(run: Run, evaluation: RegressionEvaluation) -> Path:
    """Keep an evaluation with its run, and return its file; raises `BadInput` if it cannot be."""
    run.require_folder()
    path = run.path / FOLDER / evaluation.file_name
    write_text(path, evaluation.to_json())
    return path
