"""The objective of LEO for regression against one that loops over tasks and samples."""

import math

import pytest
import torch
from torch import Tensor

from engine.learners.function_network import SCALE
from engine.learners.function_points import Points
from engine.learners.leo_regression.model import Parameters
from engine.learners.leo_regression.objective import Objective, Terms
from engine.learners.leo_regression.unrolled import adapted_functions
from tests.engine.learners.leo_regression.problems import (
    HIDDEN,
    PHASES,
    random_noise,
    random_parameters,
    random_points,
    terms_and_gradient,
)


def layer(rows: Tensor, parameters: Parameters, name: str) -> Tensor:
    weights: dict[str, Tensor] = parameters._asdict()
    return rows @ weights[name] + weights[f"{name}_bias"]


def encoded(parameters: Parameters, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and log deviation of one task's code, pair after pair."""
    points = []
    for each in zip(x, y, strict=True):
        point = layer(torch.stack(each), parameters, "encoder_first").relu()
        point = layer(point, parameters, "encoder_middle").relu()
        points.append(layer(point, parameters, "encoder_last"))
    pairs = []
    for one in points:
        for other in points:
            pair = layer(torch.cat([one, other]), parameters, "relation_first").relu()
            pair = layer(pair, parameters, "relation_middle").relu()
            pairs.append(layer(pair, parameters, "relation_last"))
    mean, log_deviation = torch.stack(pairs).mean(0).chunk(2)
    return mean, (log_deviation - 1).clamp(-6, 2)


def function_values(parameters: Parameters, code: Tensor, x: Tensor) -> Tensor:
    """Return the values at points (N,) of the function that a code (L,) stands for."""
    units = layer(code, parameters, "decoder_first").relu()
    units = layer(units, parameters, "decoder_middle").relu()
    sizes = [HIDDEN, HIDDEN, HIDDEN**2, HIDDEN, HIDDEN, 1]
    first, first_bias, middle, middle_bias, last, last_bias = layer(
        units, parameters, "decoder_last"
    ).split(sizes)
    hidden = (x[:, None] * first + first_bias).relu()
    hidden = (hidden @ middle.view(HIDDEN, HIDDEN) + middle_bias).relu()
    values: Tensor = hidden @ last + last_bias
    return values


def adapted(
    parameters: Parameters, code: Tensor, x: Tensor, y: Tensor, objective: Objective
) -> Tensor:
    """Adapt one code by differentiating the support error."""
    for _ in range(objective.inner_steps):
        error = (function_values(parameters, code, x) - y).square().mean()
        (gradient,) = torch.autograd.grad(error, code, create_graph=True)
        length = gradient.square().sum().sqrt()
        if length > objective.inner_clip:
            gradient = gradient * objective.inner_clip / length
        code = code - parameters.inner_lr * gradient
    return code


def loop_terms(
    parameters: Parameters, points: Points, noise: Tensor, objective: Objective
) -> Terms:
    """Do what `terms` does for one model, task by task and sample by sample."""
    losses, errors, divergences, penalties, deviations = [], [], [], [], []
    for task, (x, y, query_x, query_y) in enumerate(zip(*points, strict=True)):
        mean, log_deviation = encoded(parameters, x, y)
        deviations.append(log_deviation.exp().mean())
        prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
        posterior = torch.distributions.Normal(mean, log_deviation.exp())
        divergence = torch.distributions.kl_divergence(posterior, prior).sum()
        divergences.append(divergence if objective.has_encoder else torch.zeros_like(divergence))
        log_weights, log_likelihoods = [], []
        for own_noise in noise[:, task]:
            start = mean + log_deviation.exp() * own_noise if objective.has_encoder else own_noise
            start = start.clone().requires_grad_() if start.is_leaf else start
            code = adapted(parameters, start, x, y, objective)
            penalties.append((code - start).square().sum())
            own = (function_values(parameters, code, query_x) - query_y).square()
            errors.append(SCALE**2 * own.mean())
            if objective.noise is None:
                fit = own.mean()
                losses.append((fit + 1e-8).sqrt() if objective.takes_roots else fit)
            else:
                misfit = (function_values(parameters, code, x) - y).square().sum()
                log_weights.append(-misfit / (2 * objective.noise**2))
                log_likelihoods.append(-own.sum() / (2 * objective.noise**2))
        if objective.noise is not None:
            shares = torch.stack(log_weights).exp() / torch.stack(log_weights).exp().sum()
            losses.append(-(shares * torch.stack(log_likelihoods).exp()).sum().log())
    parts = (torch.stack(each).mean() for each in (losses, errors, divergences, penalties))
    fit, error, kl, penalty = parts
    loss = fit + objective.kl_weight * kl + objective.encoder_penalty_weight * penalty
    return Terms(loss, error, kl, penalty, torch.stack(deviations).mean())


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("samples", [1, 3])
def test_the_objective_is_that_of_tasks_one_by_one(phase: str, samples: int) -> None:
    objective = PHASES[phase]
    parameters, points = random_parameters(None), random_points(None)
    noise = random_noise(None, samples)
    found, gradient = terms_and_gradient(parameters, points, noise, objective, adapted_functions)
    expected = loop_terms(parameters, points, noise, objective)
    for name, mine, its in zip(Terms._fields, found, expected, strict=True):
        torch.testing.assert_close(mine, its.detach(), rtol=1e-9, atol=1e-12, msg=name)
    expected_gradient = torch.autograd.grad(
        expected.loss, parameters, allow_unused=True, materialize_grads=True
    )
    for name, mine, its in zip(Parameters._fields, gradient, expected_gradient, strict=True):
        assert (mine - its).norm() <= 1e-9 * its.norm(), name


@pytest.mark.parametrize("phase", PHASES)
def test_members_of_a_population_do_not_meet(phase: str) -> None:
    parameters, points, noise = random_parameters(3), random_points(3), random_noise(3, 2)
    weights = torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64)
    together = PHASES[phase]._replace(kl_weight=weights, encoder_penalty_weight=weights / 2)
    found, gradient = terms_and_gradient(parameters, points, noise, together, adapted_functions)
    for member in range(3):
        own = PHASES[phase]._replace(
            kl_weight=float(weights[member]), encoder_penalty_weight=float(weights[member]) / 2
        )
        alone, its = terms_and_gradient(
            Parameters(*(each[member].detach().requires_grad_() for each in parameters)),
            Points(*(each[member] for each in points)),
            noise[member],
            own,
            adapted_functions,
        )
        for of_all, of_one in zip(found, alone, strict=True):
            torch.testing.assert_close(of_all[member], of_one, rtol=1e-10, atol=1e-12)
        for of_all, of_one in zip(gradient, its, strict=True):
            torch.testing.assert_close(of_all[member], of_one, rtol=1e-8, atol=1e-10)


def test_of_one_sample_the_last_phase_asks_for_the_likelihood_of_the_queries() -> None:
    """Whatever it makes of the support points: it has all the weight."""
    objective = PHASES["last_phase"]._replace(inner_steps=0, kl_weight=0.0)
    parameters, points, noise = random_parameters(None), random_points(None), random_noise(None, 1)
    found, _ = terms_and_gradient(parameters, points, noise, objective, adapted_functions)
    assert objective.noise is not None
    squares = found.query_error / SCALE**2 * points.query_x.shape[-1]
    expected = squares / (2 * objective.noise**2)
    assert math.isclose(float(found.loss), float(expected), rel_tol=1e-10)
