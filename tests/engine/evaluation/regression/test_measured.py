"""Evaluation on measured functions: in their own unit, without a limit, and over functions."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import experiment_from_dict
from engine.data.function_file import FunctionFile
from engine.errors import BadInput
from engine.evaluation.regression.evaluator import (
    evaluate_functions,
    function_adapter,
    keep_regression_evaluation,
    tasks_of,
)
from engine.evaluation.regression.record import MeasuredScores, kept_regression_evaluations
from engine.evaluation.regression.scoring import interval
from engine.evaluation.statistics import half_width
from engine.io.generators import finished
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.learners.sampled_functions import FunctionSupport
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.runs.run import Run
from engine.tasks.regression import FileFunctions
from engine.training import train
from tests.function_files import oscillations
from tests.learner_kinds import ON_FUNCTIONS, of_kind

CPU = torch.device("cpu")
NOISE = 2.0


def trained_run(folder: Path, kind: str) -> tuple[Run, FunctionFile]:
    experiment = experiment_from_dict(
        {
            "name": "measured",
            "task": {
                "kind": "regression",
                "functions": str(oscillations(folder / "damped.csv")),
                "noise": NOISE,
            },
            "learner": {"kind": "maml"},
            "optimizer": {"meta_batch": 4, "outer_lr": 1e-3},
            "schedule": {"steps": 20, "validate_every": 20, "validation_episodes": 30},
        },
        "toy",
    )
    run, file = new_run(Library(folder), of_kind(experiment, kind))
    assert isinstance(file, FunctionFile)
    list(train(run.experiment, file, run))
    return run, file


@pytest.mark.parametrize("kind", ON_FUNCTIONS)
def test_scores_are_those_of_predictions_in_the_files_unit(kind: str, tmp_path: Path) -> None:
    run, file = trained_run(tmp_path, kind)
    limits = tmp_path / "limits"
    found = finished(evaluate_functions(run, 20, limits, "test", 40, file=file))
    assert not limits.exists()
    assert isinstance(found.scores, MeasuredScores) and isinstance(found.plain, MeasuredScores)
    # Once more in plain words, by numpy, in double precision.
    source = FileFunctions(file, NOISE)
    tasks = tasks_of(source, 5, "test", range(40))
    weights_type = learner_of(run.experiment, 1, CPU).weights_type
    weights = named_weights(weights_type, run.checkpoint("20").weights(), CPU)
    support = FunctionSupport(tasks.support_x, tasks.support_y)
    with torch.no_grad():
        functions = function_adapter(run.experiment, weights, CPU)(support)
        fit = functions.log_likelihood(support, source.noise).double().numpy()
        values = functions.values(tasks.query_x).double().numpy()  # (B, S, Q)
    values = values * file.scaling.y_unit + file.scaling.y_middle
    targets = tasks.query_y.double().numpy() * file.scaling.y_unit + file.scaling.y_middle
    shares = np.exp(fit - fit.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    errors = ((np.einsum("bs,bsq->bq", shares, values) - targets) ** 2).mean(1)
    assert found.scores.mean_squared_error == pytest.approx(errors.mean(), rel=1e-4)
    assert found.scores.median_squared_error == pytest.approx(np.median(errors), rel=1e-4)
    exponents = -((values - targets[:, None]) ** 2) / (2 * NOISE**2) + np.log(shares)[..., None]
    densities = np.logaddexp.reduce(exponents, 1) - math.log(NOISE * math.sqrt(2 * math.pi))
    assert found.scores.log_likelihood == pytest.approx(densities.mean(), rel=1e-4)
    count = len(file.split("test").names)
    assert (found.scores.tasks, found.scores.functions) == (40, min(40, count))
    assert (found.plain == found.scores) == (kind == "maml")


def test_an_evaluation_is_kept_without_anything_of_a_limit(tmp_path: Path) -> None:
    run, file = trained_run(tmp_path, "maml")
    one = finished(evaluate_functions(run, 20, tmp_path, "val", 30, file=file))
    text = keep_regression_evaluation(run, one).read_text()
    assert kept_regression_evaluations(run.path) == ((one,), ())
    for word in ("limit", "risk", "ratio", "famil", "NaN", "null"):
        assert word not in text
    with pytest.raises(BadInput, match="which was not read"):
        finished(evaluate_functions(run, 20, tmp_path, "val", 30))


def test_intervals_are_over_functions_and_not_over_tasks_of_the_same() -> None:
    """A hundred tasks of four functions say no more of others than four numbers do."""
    functions = np.arange(100) % 4
    values = np.array([1.0, 2.0, 4.0, 8.0])[functions]
    assert interval(values, functions) == half_width(np.array([1.0, 2.0, 4.0, 8.0]))
    of_tasks, of_functions = interval(values), interval(values, functions)
    assert of_tasks is not None and of_functions is not None and of_tasks < of_functions / 4
    assert interval(values, np.zeros(100, np.int64)) is None
