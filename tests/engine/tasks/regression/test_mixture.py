import math

import pytest
import torch
from scipy import stats

from engine.tasks.regression.mixture import mixture

NOISE = 0.3


def test_a_mixture_is_what_its_parts_add_up_to() -> None:
    values = torch.tensor([[[1.0], [3.0]]])
    weights, target = torch.tensor([[0.75, 0.25]]), torch.tensor([[1.5]])
    found = mixture(values, weights, target, NOISE)
    assert float(found.mean) == 1.5 and float(found.variance) == pytest.approx(0.75)
    parts = [stats.norm(1, NOISE), stats.norm(3, NOISE)]
    density = 0.75 * parts[0].pdf(1.5) + 0.25 * parts[1].pdf(1.5)
    below = 0.75 * parts[0].cdf(1.5) + 0.25 * parts[1].cdf(1.5)
    assert float(found.log_density) == pytest.approx(math.log(density), rel=1e-5)
    assert float(found.pit) == pytest.approx(below, rel=1e-5)


def test_a_target_far_from_all_that_has_weight_is_unlikely_and_not_impossible() -> None:
    """The sample beside it has a weight that is 0 after rounding."""
    values = torch.tensor([[[0.0], [100.0]]])
    weights = torch.softmax(torch.tensor([[0.0, -500.0]]), 1)
    assert weights[0, 1] == 0
    found = mixture(values, weights, torch.tensor([[100.0]]), NOISE)
    expected = stats.norm(0, NOISE).logpdf(100.0)
    assert float(found.log_density) == pytest.approx(expected, rel=1e-5)
    assert float(found.pit) == 1.0
