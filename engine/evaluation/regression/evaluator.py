"""Evaluation of learners of functions: sampled functions on tasks that are the same for all.

Shapes: B tasks, S samples, Q queries on the prior's grid.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from engine.config import Experiment, regression
from engine.devices.selection import choose_device, cpu_threads
from engine.evaluation.protocol import SEED
from engine.evaluation.record import FOLDER
from engine.evaluation.regression.record import RegressionEvaluation
from engine.evaluation.regression.scoring import Predictions, joined, predictions, summary
from engine.evaluation.statistics import half_width
from engine.io.files import write_text
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.learners.sampled_functions import FunctionSupport, SampledFunctions
from engine.runs.run import Run
from engine.tasks.regression import FunctionTasks, Prior, evaluation_tasks, keeping_limit
from engine.tasks.regression.training import prior_of
from engine.tasks.scores import Score

QUERIES = 100
"""Points of the grid that predictions are measured at."""
_VALIDATION_SPLIT = "val"
_TASKS_AT_A_TIME = 32

Made = TypeVar("Made")
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


@torch.no_grad()
def predicted_functions(
    adapt: Adapt, tasks: FunctionTasks, prior: Prior, device: torch.device
) -> Generator[int, None, PredictedFunctions]:
    """Predict the queries of tasks, yielding how many are done.

    What comes out does not depend on how many are done at a time, but for rounding.
    """
    plain, weighted = [], []
    with cpu_threads(1):
        for first in range(0, len(tasks.support_x), _TASKS_AT_A_TIME):
            some = FunctionTasks(
                *(each[first : first + _TASKS_AT_A_TIME].to(device) for each in tasks)
            )
            support = FunctionSupport(some.support_x, some.support_y)
            functions = adapt(support)
            values = functions.values(some.query_x)
            log_weights = functions.log_likelihood(support, prior.noise)
            weighted.append(predictions(values, log_weights, some, prior))
            plain.append(
                weighted[-1]
                if values.shape[1] == 1
                else predictions(values, torch.zeros_like(log_weights), some, prior)
            )
            yield min(first + _TASKS_AT_A_TIME, len(tasks.support_x))
    return PredictedFunctions(joined(plain), joined(weighted))


def validated_functions(
    experiment: Experiment, weights: Any, device: torch.device
) -> Generator[int, None, ValidatedFunctions]:
    """Validate weights: the scores of `TASK_KINDS`, of samples weighted by their likelihood."""
    task = regression(experiment)
    prior, count = prior_of(task), experiment.schedule.validation_episodes
    tasks = evaluation_tasks(prior, task.k_shot, SEED, _VALIDATION_SPLIT, count, QUERIES)
    adapt = function_adapter(experiment, weights, device)
    found = (yield from predicted_functions(adapt, tasks, prior, device)).weighted
    errors = np.square(found.mean - tasks.query_clean.numpy(), dtype=np.float64).mean(1)
    pit = found.pit
    return ValidatedFunctions(
        {
            "error": Score(float(errors.mean()), half_width(errors)),
            "log_likelihood": Score(float(found.log_density.mean(dtype=np.float64))),
            "coverage": Score(float(((pit >= 0.05) & (pit <= 0.95)).mean())),
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
    learner = learner_of(run.experiment, 1, place)
    adapt = partial(learner.adapt, named_weights(learner.weights_type, tensors, place))
    which = (prior, task.k_shot, SEED, split, count, QUERIES)
    tasks = evaluation_tasks(*which)
    limit = yield from _halved(keeping_limit(limits, *which), 0)
    found = yield from _halved(predicted_functions(adapt, tasks, prior, place), count)
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


def _halved(steps: Generator[int, None, Made], before: int) -> Generator[int, None, Made]:
    """Do a half of the work, which counts for half of the tasks."""
    while True:
        try:
            done = next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made
        yield (before + done) // 2
