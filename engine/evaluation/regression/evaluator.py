"""Evaluation of learners of functions: sampled functions on tasks that are the same for all.

Shapes: B tasks, S samples, Q queries on the prior's grid.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from engine.config import Experiment, regression
from engine.devices.selection import cpu_threads
from engine.evaluation.protocol import SEED
from engine.evaluation.regression.scoring import Predictions, joined, predictions
from engine.evaluation.statistics import half_width
from engine.learners.registry import learner_of
from engine.learners.sampled_functions import FunctionSupport, SampledFunctions
from engine.tasks.regression import FunctionTasks, Prior, evaluation_tasks
from engine.tasks.regression.training import prior_of
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
