"""Evaluation of runs on functions: what is found does not depend on how it is computed."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment, experiment_from_dict
from engine.errors import BadInput
from engine.evaluation.regression import evaluator
from engine.evaluation.regression.evaluator import (
    QUERIES,
    evaluate_functions,
    keep_regression_evaluation,
    predicted_functions,
    validated_functions,
)
from engine.evaluation.regression.record import RegressionScores, kept_regression_evaluations
from engine.io.generators import finished
from engine.learners.function_network import SCALE, network_values
from engine.learners.registry import trained_learner_of
from engine.learners.sampled_functions import FunctionSupport, SampledFunctions
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.tasks.regression import Prior, evaluation_tasks
from engine.training import train
from tests.learner_kinds import ON_FUNCTIONS, of_kind

CPU = torch.device("cpu")
PRIOR = Prior(("sine", "line"))
BASE = experiment_from_dict(
    {
        "name": "toy-functions",
        "task": {"kind": "regression"},
        "learner": {"kind": "maml"},
        "optimizer": {"meta_batch": 4},
        "schedule": {"steps": 40, "validate_every": 20, "validation_episodes": 50},
    },
    "toy",
)
every_kind = pytest.mark.parametrize("kind", ON_FUNCTIONS)


def functions_experiment(kind: str) -> Experiment:
    return of_kind(BASE, kind)


def trained_run(folder: Path, kind: str) -> Run:
    run = Run.create(folder, functions_experiment(kind), StoreRecord())
    list(train(run.experiment, None, run))
    return run


def true_functions(support: FunctionSupport) -> SampledFunctions:
    """Return networks that are the line y = x, in two samples; the second one is y = x + 1."""
    hidden = 2
    row = torch.zeros(hidden * hidden + 4 * hidden + 1)
    row[:2] = torch.tensor([1.0, -1.0])  # first layer: relu(x), relu(-x)
    row[4:8] = torch.eye(2).flatten()
    row[10:12] = torch.tensor([1.0, -1.0])
    shifted = row.clone()
    shifted[-1] = 1 / SCALE
    networks = torch.stack([row, shifted])[:, None].expand(-1, len(support.x), -1)
    return SampledFunctions(networks)


def test_sampled_functions_are_in_the_units_of_the_tasks() -> None:
    x = torch.linspace(-5, 5, 7).expand(3, -1)
    values = true_functions(FunctionSupport(x, x)).values(x)
    torch.testing.assert_close(values[:, 0], x)
    torch.testing.assert_close(values[:, 1], x + 1)
    scaled = network_values(true_functions(FunctionSupport(x, x)).networks[0], x / SCALE)
    torch.testing.assert_close(scaled, x / SCALE)


def test_functions_are_weighted_by_how_well_they_fit_the_points() -> None:
    x = torch.tensor([[0.0, 1.0]])
    likelihood = true_functions(FunctionSupport(x, x)).log_likelihood(FunctionSupport(x, x), 0.5)
    torch.testing.assert_close(likelihood, torch.tensor([[0.0, -2 / (2 * 0.25)]]))


def test_predictions_do_not_depend_on_how_many_tasks_are_done_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tasks = evaluation_tasks(PRIOR, 5, 0, "test", 10, 20)
    found = []
    for together in (3, 10):
        monkeypatch.setattr(evaluator, "_TASKS_ON_CPU", together)
        done: list[int] = []
        steps = predicted_functions(true_functions, tasks, PRIOR, CPU)
        found.append(finished(steps, done.append))
        assert done == ([3, 6, 9, 10] if together == 3 else [10])
    one, other = (each.weighted for each in found)
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(one.log_density, other.log_density, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(one.pit, other.pit, rtol=1e-5, atol=1e-6)
    # The plain mean lies amid the two samples, the weighted one at that which fits.
    np.testing.assert_allclose(found[0].plain.mean, tasks.query_x.numpy() + 0.5, atol=1e-5)


@every_kind
def test_validation_asks_for_the_scores_of_its_kind_and_finds_them_again(kind: str) -> None:
    experiment = functions_experiment(kind)
    weights = trained_learner_of([experiment], 1, CPU).initial(0)
    one, again = (finished(validated_functions(experiment, weights, CPU)) for _ in range(2))
    assert one == again
    error, likelihood, coverage = one.scores.values()
    assert error.value > 0.1 and error.ci95 is not None and error.ci95 > 0
    assert likelihood.value < 0 and 0 < coverage.value < 1


@every_kind
def test_an_evaluation_is_kept_beside_the_limit_and_is_always_the_same(
    kind: str, tmp_path: Path
) -> None:
    run = trained_run(tmp_path / "runs", kind)
    assert run.record.best is not None and run.record.best.score == "error"
    limits, done = tmp_path / "limits", list[int]()
    one = finished(evaluate_functions(run, 40, limits, "test", 60), done.append)
    assert done == sorted(done) and done[-1] == 60
    (file,) = limits.iterdir()  # the second one need not compute it
    again = finished(evaluate_functions(run, 40, limits, "test", 60))
    assert one == again and list(limits.iterdir()) == [file]
    assert isinstance(one.scores, RegressionScores)
    assert one.scores.tasks == 60 and one.scores.risk_ratio > 1
    assert one.scores.log_likelihood < one.scores.limit_log_likelihood
    assert (one.plain == one.scores) == (kind == "maml")  # it knows one function of a task
    path = keep_regression_evaluation(run, one)
    assert kept_regression_evaluations(run.path).records == (one,)
    assert path.name in {each.name for each in (run.path / "evaluations").iterdir()}


def test_other_splits_have_other_tasks(tmp_path: Path) -> None:
    run = trained_run(tmp_path / "runs", "maml")
    found = [
        finished(evaluate_functions(run, 40, tmp_path / "limits", split, 20))
        for split in ("val", "test")
    ]
    assert found[0].scores != found[1].scores
    assert QUERIES == 100
    with pytest.raises(BadInput, match="has no checkpoint"):
        finished(evaluate_functions(run, 33, tmp_path / "limits", "test", 20))
