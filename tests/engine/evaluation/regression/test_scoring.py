import math
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.evaluation.regression.record import RegressionScores
from engine.evaluation.regression.scoring import joined, predictions, scores_of, summary
from engine.evaluation.statistics import half_width
from engine.io.generators import finished
from engine.tasks.regression import (
    FunctionTasks,
    Limit,
    Prior,
    evaluation_tasks,
    limit_functions,
    limit_of,
)

PRIOR = Prior(("sine", "line"))
TASKS = 300
SAMPLES = 200


@cache
def tasks() -> FunctionTasks:
    return evaluation_tasks(PRIOR, 5, 0, "test", TASKS, 25)


@cache
def limit() -> Limit:
    return finished(limit_of(PRIOR, tasks()))


@cache
def best_functions() -> Tensor:
    return limit_functions(PRIOR, tasks(), SAMPLES)


def scores(values: Tensor, log_weights: Tensor | None = None) -> RegressionScores:
    log_weights = torch.zeros(values.shape[:2]) if log_weights is None else log_weights
    return scores_of(values, log_weights, tasks(), limit(), PRIOR)


def exactly(prior: Prior, count: int, variances: list[float], first: list[float]) -> Limit:
    """Return a limit with a mean of 0, and the given variances and probabilities of a family."""
    zeros = np.zeros((count, 2), np.float32)
    spread = np.array(variances, np.float32)[:, None] + zeros
    probability = np.array([[each, 1 - each] for each in first])
    return Limit(zeros, spread, zeros, zeros, probability, np.ones(count))


def blank_tasks(query_x: Tensor) -> FunctionTasks:
    zeros, none = torch.zeros_like(query_x), torch.zeros(len(query_x), 0)
    numbers = torch.zeros(len(query_x), dtype=torch.int64)
    return FunctionTasks(none, none, query_x, zeros, zeros, numbers, none)


def test_functions_of_the_limit_score_as_the_limit() -> None:
    found = scores(best_functions())
    assert found.tasks == TASKS
    for ratio in (found.risk_ratio, found.trimmed_risk_ratio, found.ratio_of_medians):
        assert 1 <= ratio < 1.03
    assert abs(found.log_likelihood - found.limit_log_likelihood) < 0.01
    assert abs(found.coverage_90 - 0.9) < 0.025
    assert abs(found.coverage_50 - 0.5) < 0.04
    assert np.abs(np.subtract(found.shares_below, found.levels)).max() < 0.04


def test_scores_of_the_limit_are_those_of_its_own_predictions() -> None:
    """Its mean, density and pit, as if a learner had made them."""
    known = predictions(best_functions(), torch.zeros(TASKS, SAMPLES), tasks(), PRIOR)
    known = known._replace(mean=limit().mean, log_density=limit().log_density, pit=limit().pit)
    found = summary(known, tasks(), limit())
    assert (found.risk_ratio, found.trimmed_risk_ratio, found.ratio_of_medians) == (1, 1, 1)
    assert found.log_likelihood == pytest.approx(found.limit_log_likelihood, abs=1e-9)


def test_a_single_wrong_function_scores_badly() -> None:
    flat = scores(torch.zeros(TASKS, 1, 25))
    best = scores(best_functions())
    assert flat.risk_ratio > 20
    assert flat.log_likelihood < best.log_likelihood - 5
    assert flat.coverage_90 < 0.4
    assert flat.mean_squared_error > 20 * best.mean_squared_error
    assert flat.both_families == 0


def test_too_sure_and_too_unsure_show_in_the_coverage() -> None:
    centre = best_functions().mean(1, keepdim=True)
    sure = scores(centre + 0.2 * (best_functions() - centre))
    unsure = scores(centre + 6 * (best_functions() - centre))
    best = scores(best_functions())
    assert sure.coverage_90 < best.coverage_90 - 0.02 < best.coverage_90 + 0.02 < unsure.coverage_90
    assert max(sure.log_likelihood, unsure.log_likelihood) < best.log_likelihood - 0.01


def test_a_shift_of_all_functions_shows_in_the_reliability_curve() -> None:
    higher, lower = scores(best_functions() + 0.5), scores(best_functions() - 0.5)
    assert np.greater(higher.shares_below, higher.levels).all()
    assert np.less(lower.shares_below, lower.levels).all()
    assert higher.shares_below[9] > 0.75 > 0.25 > lower.shares_below[9]


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), shift=st.floats(-50, 50))
def test_weights_stand_for_repeated_samples(seed: int, shift: float) -> None:
    """A sample of weight 3 is three samples, whatever all weights are multiplied with."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(TASKS, 3, 25, generator=generator)
    counts = torch.tensor([1, 3, 2])
    repeated = scores(values.repeat_interleave(counts, 1))
    weighted = scores(values, (counts.log() + shift).expand(TASKS, 3))
    for name in ("risk_ratio", "log_likelihood", "mean_squared_error"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-4), name
    np.testing.assert_allclose(weighted.shares_below, repeated.shares_below, atol=1e-3)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), first=st.integers(1, TASKS - 1))
def test_batches_and_the_order_of_samples_do_not_show(seed: int, first: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    log_weights = torch.randn(TASKS, SAMPLES, generator=generator)
    order = torch.randperm(SAMPLES, generator=generator)
    whole = predictions(best_functions(), log_weights, tasks(), PRIOR)
    parts = [
        predictions(
            best_functions()[places][:, order],
            log_weights[places][:, order],
            FunctionTasks(*(part[places] for part in tasks())),
            PRIOR,
        )
        for places in (slice(first), slice(first, None))
    ]
    together = joined(parts)
    for name in whole._fields:
        mine, its = getattr(together, name), getattr(whole, name)
        np.testing.assert_allclose(mine, its, rtol=1e-3, atol=1e-4, err_msg=name)


def test_scores_are_what_their_names_say() -> None:
    """Against plain sums, one sample per task."""
    noise = 0.5
    prior = Prior(("sine", "line"), noise)
    query_x = torch.tensor([[-1.0, 1.0]] * 3)
    targets = torch.tensor([[0.0, 0.1], [1.0, 0.0], [-1.0, 2.0]])
    asked = blank_tasks(query_x)._replace(query_y=targets)
    values = torch.tensor([[[0.1, 0.1]], [[0.2, 0.4]], [[3.0, 1.0]]])
    best = exactly(prior, 3, [1.0, 2.0, 6.0], [0.0, 0.0, 0.0])
    found = scores_of(values, torch.zeros(3, 1), asked, best, prior)
    distances = np.array([0.01, 0.1, 5.0])
    assert found.risk_ratio == pytest.approx(1 + distances.mean() / 3)
    assert found.trimmed_risk_ratio == pytest.approx(1 + distances[:2].mean() / 1.5)
    assert found.ratio_of_medians == pytest.approx(2.1 / 2)
    assert found.mean_squared_error == pytest.approx(distances.mean())
    residuals = (targets - values[:, 0]).double().numpy() / noise
    densities = -(residuals**2) / 2 - math.log(noise * math.sqrt(2 * math.pi))
    assert found.log_likelihood == pytest.approx(densities.mean(), rel=1e-5)
    assert found.log_likelihood_ci95 == pytest.approx(half_width(densities.mean(1)), rel=1e-5)
    pit = np.array([[0.5 * math.erfc(-each / math.sqrt(2)) for each in row] for row in residuals])
    assert found.coverage_50 == pytest.approx(((pit > 0.25) & (pit < 0.75)).mean())
    assert found.coverage_90 == pytest.approx(((pit > 0.05) & (pit < 0.95)).mean())
    assert found.shares_below[3] == pytest.approx((pit < 0.2).mean())
    assert found.levels[3] == pytest.approx(0.2)


@pytest.mark.parametrize(("sines", "names_both"), [(0, 0), (4, 0), (5, 1), (95, 1), (96, 0)])
def test_both_families_want_a_twentieth_of_the_samples_each(sines: int, names_both: int) -> None:
    x = PRIOR.grid(30).expand(1, -1)
    wave = 2 * torch.sin(x - 1) + 0.1 * torch.cos(3 * x)
    line = 0.7 * x - 1 + 0.1 * torch.cos(3 * x)
    values = torch.cat([wave] * sines + [line] * (100 - sines))[None]
    best = exactly(PRIOR, 1, [1.0], [0.5])
    best = Limit(*(np.zeros((1, 30), np.float32) + 1,) * 4, best.family_probability, np.ones(1))
    found = scores_of(values, torch.zeros(1, 100), blank_tasks(x), best, PRIOR)
    assert (found.ambiguous_tasks, found.both_families) == (1, names_both)


def test_a_sample_is_of_the_family_whose_best_fit_leaves_less() -> None:
    generator = torch.Generator().manual_seed(0)
    x = 10 * torch.rand(4, 12, generator=generator) - 5
    values = torch.randn(4, 50, 12, generator=generator)
    log_weights = torch.randn(4, 50, generator=generator)
    found = predictions(values, log_weights, blank_tasks(x), PRIOR).family_weights
    for place in range(4):
        residuals = []
        for columns in (torch.sin(x[place]), torch.cos(x[place])), (x[place], torch.ones(12)):
            basis = torch.stack(columns, -1).double()
            targets = values[place].double().mT
            fit = torch.linalg.lstsq(basis, targets).solution
            residuals.append((targets - basis @ fit).square().sum(0))
        of_sines = torch.softmax(log_weights[place], 0)[residuals[0] < residuals[1]].sum()
        assert 0.05 < of_sines < 0.95
        np.testing.assert_allclose(found[place], [of_sines, 1 - of_sines], rtol=1e-5)


def test_only_tasks_that_leave_the_family_open_are_asked_for_both() -> None:
    x = torch.tensor([[-1.0, 1.0]] * 5)
    values = torch.ones(5, 1, 2)
    best = exactly(PRIOR, 5, [1.0] * 5, [0.1, 0.21, 0.5, 0.79, 0.9])
    found = scores_of(values, torch.zeros(5, 1), blank_tasks(x), best, PRIOR)
    assert (found.ambiguous_tasks, found.both_families) == (3, 0)
    none = exactly(PRIOR, 5, [1.0] * 5, [0.1] * 5)
    found = scores_of(values, torch.zeros(5, 1), blank_tasks(x), none, PRIOR)
    assert (found.ambiguous_tasks, found.both_families) == (0, None)


@pytest.mark.parametrize("families", [("sine",), ("varying_sine", "line")])
def test_other_priors_are_not_asked_for_both_families(families: tuple[str, ...]) -> None:
    prior = Prior(families)
    asked = evaluation_tasks(prior, 5, 0, "test", 2, 5)
    best = finished(limit_of(prior, asked))
    found = scores_of(limit_functions(prior, asked, 50), torch.zeros(2, 50), asked, best, prior)
    assert (found.ambiguous_tasks, found.both_families) == (0, None)
    assert found.risk_ratio < 1.1


def test_a_single_task_has_no_interval() -> None:
    asked = FunctionTasks(*(part[:1] for part in tasks()))
    best = finished(limit_of(PRIOR, asked))
    found = scores_of(best_functions()[:1], torch.zeros(1, SAMPLES), asked, best, PRIOR)
    assert found.log_likelihood_ci95 is None
    assert found.trimmed_risk_ratio == found.risk_ratio
