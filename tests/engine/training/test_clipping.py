import math

import pytest
import torch

from engine.learners.layout import Layout
from engine.learners.leo.model import Parameters
from engine.training.clipping import Clipping, norm_scales
from tests.problems import random_parameters


def test_each_variable_is_clipped_by_its_own_norm() -> None:
    large, small, tall = torch.full((100,), 0.05), torch.full((4,), 0.01), torch.tensor([3.0, 0.0])
    layout = Layout(Parameters, ("large", "small", "tall"), ((100,), (4,), (2,)))
    scales = norm_scales(layout, torch.cat([large, small, tall]), 0.1)
    # Neither the others' size nor its own, which is below the limit, changes the small one.
    torch.testing.assert_close(scales, torch.tensor([0.2, 1.0, 0.1 / 3.0]))


@pytest.mark.parametrize("value", [None, 0.5])
@pytest.mark.parametrize("norm", [None, 0.7])
def test_what_is_clipped_is_put_where_it_is_wanted(value: float | None, norm: float | None) -> None:
    layout = Layout.of(random_parameters(4, 3))
    gradients = torch.randn(2, sum(layout.sizes), generator=torch.Generator().manual_seed(0))
    kept, out = gradients.clone(), torch.zeros_like(gradients)
    assert Clipping(layout, value, norm, gradients).clip(gradients, out) is out
    assert torch.equal(gradients, kept) and out.any(-1).all()
    assert torch.equal(out, gradients) == (value is None and norm is None)


def test_the_gradient_of_all_variables_is_clipped_last_each_members_by_itself() -> None:
    layout = Layout.of(random_parameters(4, 3))
    gradients = torch.randn(2, sum(layout.sizes), generator=torch.Generator().manual_seed(0))
    gradients[1] *= 1e-3
    found = Clipping(layout, None, None, gradients, 0.5).clip(
        gradients, torch.zeros_like(gradients)
    )
    torch.testing.assert_close(found[0], gradients[0] * (0.5 / gradients[0].norm()))
    assert torch.equal(found[1], gradients[1])  # it is shorter
    by_variable = Clipping(layout, 0.2, 0.7, gradients).clip(gradients, torch.zeros_like(gradients))
    both = Clipping(layout, 0.2, 0.7, gradients, 0.5).clip(gradients, torch.zeros_like(gradients))
    torch.testing.assert_close(both[0], by_variable[0] * (0.5 / by_variable[0].norm()))


def test_a_loss_or_a_gradient_that_is_no_number_pulls_weights_towards_zero() -> None:
    parameters = random_parameters(4, 3)
    layout = Layout.of(parameters)
    rows = layout.rows(parameters).detach()
    clipping = Clipping(layout, None, None, rows)
    gradients = torch.ones_like(rows)
    one = torch.tensor(1.0, dtype=torch.float64)
    assert torch.equal(clipping.guarded(gradients, one, one, rows), gradients)
    for norm, loss in ((one, one * math.nan), (one * math.nan, one)):
        replaced = layout.views(clipping.guarded(gradients, norm, loss, rows))
        for name, variable, gradient in zip(Parameters._fields, parameters, replaced, strict=True):
            weight = 0.0 if name.endswith("_lr") else 1e-4
            torch.testing.assert_close(gradient, weight * variable.detach())
