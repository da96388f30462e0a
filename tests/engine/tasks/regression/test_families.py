import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.tasks.regression.families import FUNCTION_FAMILIES, Prior, VaryingSine

NAMES = sorted(FUNCTION_FAMILIES)
X = torch.linspace(-5, 5, 7, dtype=torch.float64)


def uniform(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, 3, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 10**6))
def test_a_function_is_its_two_weights_times_the_basis(name: str, seed: int) -> None:
    family = FUNCTION_FAMILIES[name]
    places = uniform(5, seed)
    frequency = (places[:, 2] * family.frequencies).long()
    # At the middle of a frequency's cell, where the grid has it.
    places[:, 2] = (frequency + 0.5) / family.frequencies
    parameters = family.parameters(places[:, : len(family.parameter_names)])
    bases = family.bases(X)[:, frequency].transpose(0, 1)  # (5, 7, 2)
    rebuilt = (bases @ family.coefficients(parameters)[..., None]).squeeze(-1)
    torch.testing.assert_close(rebuilt, family.values(parameters, X.expand(5, -1)))


@pytest.mark.parametrize("name", NAMES)
def test_density_of_the_weights_is_that_of_their_draws(name: str) -> None:
    """Its integral over a square is the share of draws that fall into the square."""
    family = FUNCTION_FAMILIES[name]
    weights = family.coefficients(family.parameters(uniform(400_000)))
    steps = (torch.arange(400, dtype=torch.float64) + 0.5) / 400
    for left, bottom in ((-1.5, -1.5), (0.3, -2.6), (1.0, 1.0), (-0.1, -0.5)):
        corner = torch.tensor([left, bottom], dtype=torch.float64)
        grid = corner + torch.stack(torch.meshgrid(steps, steps, indexing="ij"), -1)
        expected = family.log_density(grid).exp().mean()
        share = ((weights > corner) & (weights < corner + 1)).all(-1).double().mean()
        assert abs(float(share - expected)) < 4 * math.sqrt(max(float(expected), 1e-5) / 400_000)


@pytest.mark.parametrize("name", NAMES)
def test_draws_of_parameters_have_a_density(name: str) -> None:
    family = FUNCTION_FAMILIES[name]
    weights = family.coefficients(family.parameters(uniform(10_000)))
    assert family.log_density(weights).isfinite().all()


def test_parameters_are_within_the_bounds_of_the_paper() -> None:
    bounds: dict[str, list[tuple[float, float]]] = {
        "sine": [(0.1, 5), (0, math.pi)],
        "line": [(-3, 3), (-3, 3)],
        "varying_sine": [(0.1, 5), (0, math.pi), (0.5, 2)],
    }
    for name, wanted in bounds.items():
        family = FUNCTION_FAMILIES[name]
        ends = family.parameters(torch.tensor([[0.0] * 3, [1.0] * 3], dtype=torch.float64))
        expected = torch.tensor(wanted, dtype=torch.float64).T
        torch.testing.assert_close(ends, expected)
        assert len(wanted) == len(family.parameter_names)


def test_grid_of_frequencies_covers_all_of_them() -> None:
    at_one = VaryingSine().bases(torch.tensor([0.1], dtype=torch.float64))[0, :, 0]
    frequencies = at_one.asin() / 0.1
    half = 1.5 / 256 / 2
    torch.testing.assert_close(frequencies[0], torch.tensor(0.5 + half, dtype=torch.float64))
    torch.testing.assert_close(frequencies[-1], torch.tensor(2 - half, dtype=torch.float64))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"families": ("cosine",)}, '"cosine".*sine, line, varying_sine'),
        ({"families": ()}, "families is empty"),
        ({"families": ("sine", "sine")}, "twice"),
        ({"noise": 0.0}, "noise is 0"),
        ({"noise": math.nan}, "noise is nan"),
        ({"low": 5.0}, "low must be below high"),
        ({"high": math.inf}, "low must be below high"),
    ],
)
def test_a_wrong_prior_is_refused_in_a_sentence(
    wrong: dict[str, float | tuple[str, ...]], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        Prior(**{"families": ("sine",), **wrong})  # type: ignore[arg-type]
