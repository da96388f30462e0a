"""LEO for regression: its written-out gradients are those of the mean squared error."""

import pytest
import torch
from torch import Tensor

from engine.learners.function_network import (
    clipped,
    error_gradient,
    network_size,
    network_values,
)
from engine.learners.leo_regression.model import adapt_codes, code_gradient, decode
from tests.engine.learners.leo_regression.problems import (
    HIDDEN,
    random_noise,
    random_parameters,
    random_points,
)


def values_in_numbers(network: list[float], x: float) -> float:
    """Evaluate one network at one point, number by number."""
    h = HIDDEN
    pieces = iter(network)
    first, first_bias = ([next(pieces) for _ in range(h)] for _ in range(2))
    middle = [[next(pieces) for _ in range(h)] for _ in range(h)]
    middle_bias, last = ([next(pieces) for _ in range(h)] for _ in range(2))
    units = [max(0.0, x * first[i] + first_bias[i]) for i in range(h)]
    sums = [sum(units[i] * middle[i][j] for i in range(h)) + middle_bias[j] for j in range(h)]
    return sum(max(0.0, sums[j]) * last[j] for j in range(h)) + next(pieces)


def drawn_networks() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(2, 4, network_size(HIDDEN), generator=generator, dtype=torch.float64)


def test_a_generated_network_has_its_weights_in_the_order_that_is_said() -> None:
    networks, x = drawn_networks(), random_points(2).query_x
    found = network_values(networks, x)
    for place in ((0, 0), (1, 3)):
        own = [values_in_numbers(networks[place].tolist(), each) for each in x[place].tolist()]
        torch.testing.assert_close(found[place], torch.tensor(own, dtype=torch.float64))


def test_the_error_gradient_is_that_of_the_mean_squared_error() -> None:
    networks, points = drawn_networks().requires_grad_(), random_points(2)
    error = (network_values(networks, points.support_x) - points.support_y).square().mean(-1)
    (expected,) = torch.autograd.grad(error.sum(), networks)
    found = error_gradient(networks, points.support_x, points.support_y)
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("members", [None, 2])
def test_the_code_gradient_is_that_of_the_mean_squared_error(members: int | None) -> None:
    parameters, points = random_parameters(members), random_points(members)
    codes = random_noise(members, 3).requires_grad_()
    x, y = points.support_x.unsqueeze(-3), points.support_y.unsqueeze(-3)
    error = (network_values(decode(parameters, codes).networks, x) - y).square().mean(-1)
    (expected,) = torch.autograd.grad(error.sum(), codes)
    found = code_gradient(parameters, codes, x, y)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)
    assert found.count_nonzero() > 0


def test_a_step_moves_each_number_of_a_code_at_its_own_rate() -> None:
    parameters, points, codes = random_parameters(None), random_points(None), random_noise(None, 2)
    x, y = points.support_x, points.support_y
    gradient = code_gradient(parameters, codes, x.unsqueeze(-3), y.unsqueeze(-3))
    expected = codes - parameters.inner_lr * clipped(gradient, 5.0)
    torch.testing.assert_close(adapt_codes(parameters, codes, x, y, 1, 5.0), expected)
    twice = adapt_codes(parameters, codes, x, y, 2, 5.0)
    torch.testing.assert_close(twice, adapt_codes(parameters, expected, x, y, 1, 5.0))


def test_gradients_are_clipped_to_a_norm_and_short_ones_left_alone() -> None:
    long, short = torch.tensor([30.0, 40.0]), torch.tensor([0.3, 0.4])
    torch.testing.assert_close(clipped(long, 5.0), torch.tensor([3.0, 4.0]))
    assert torch.equal(clipped(short, 5.0), short)
