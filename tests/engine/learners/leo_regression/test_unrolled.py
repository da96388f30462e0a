"""The written-out backward pass of the inner loop against autograd and finite differences."""

import pytest
import torch
from torch import Tensor

from benchmarks.synthetic import preset
from engine.learners.function_points import Points
from engine.learners.leo_regression.learner import Inputs, LeoRegressionLearner
from engine.learners.leo_regression.model import (
    Parameters,
    adapted_plainly,
    code_gradient,
)
from engine.learners.leo_regression.objective import Adaptation, Terms
from engine.learners.leo_regression.unrolled import AdaptedFunctions, adapted_functions
from engine.training.outer_step import OuterStep
from tests.engine.learners.leo_regression.problems import (
    CLIPS,
    PHASES,
    random_noise,
    random_parameters,
    random_points,
    terms_and_gradient,
)


def preset_learner(*, is_compiled: bool = False) -> LeoRegressionLearner:
    experiment = preset("sine-line-5shot")
    return LeoRegressionLearner([experiment], 0, torch.device("cpu"), is_compiled=is_compiled)


def lengths_of_code_gradients(parameters: Parameters, noise: Tensor) -> Tensor:
    points = random_points(None)
    x, y = points.support_x.unsqueeze(-3), points.support_y.unsqueeze(-3)
    lengths: Tensor = torch.linalg.vector_norm(code_gradient(parameters, noise, x, y), dim=-1)
    return lengths


def test_the_norms_of_these_tests_clip_all_some_and_none_of_the_gradients() -> None:
    lengths = lengths_of_code_gradients(random_parameters(None), random_noise(None, 6))
    shares = [float((lengths > clip).double().mean()) for clip in CLIPS]
    assert shares[0] == 1
    assert 0 < shares[1] < 1
    assert shares[2] == 0


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("samples", [1, 6])
@pytest.mark.parametrize("members", [None, 3])
@pytest.mark.parametrize("clip", CLIPS)
def test_loss_and_gradients_are_those_of_autograd(
    phase: str, samples: int, members: int | None, clip: float
) -> None:
    objective = PHASES[phase]._replace(inner_clip=clip)
    given = (random_parameters(members), random_points(members), random_noise(members, samples))
    terms, found = terms_and_gradient(*given, objective, adapted_functions)
    expected_terms, expected = terms_and_gradient(*given, objective, adapted_plainly)
    for name, mine, its in zip(Terms._fields, terms, expected_terms, strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-10, atol=1e-12, msg=name)
    for name, mine, its in zip(Parameters._fields, found, expected, strict=True):
        assert (mine - its).norm() <= 1e-10 * its.norm(), name
    used = objective.inner_steps > 0
    assert bool(found.inner_lr.count_nonzero() > 0) == used


def test_means_of_the_codes_are_adapted_as_autograd_does() -> None:
    """The deterministic variant: the noise is 0."""
    given = (random_parameters(None), random_points(None), 0 * random_noise(None, 1))
    _, found = terms_and_gradient(*given, PHASES["sampled"], adapted_functions)
    _, expected = terms_and_gradient(*given, PHASES["sampled"], adapted_plainly)
    for name, mine, its in zip(Parameters._fields, found, expected, strict=True):
        assert (mine - its).norm() <= 1e-10 * its.norm(), name


@pytest.mark.parametrize("step", [100, 58_000])
def test_in_float32_the_presets_gradient_is_as_exact_as_autograds(step: int) -> None:
    """In both phases, at the first weights and as training takes them; float64 is the truth."""
    learner = preset_learner()
    tasks = OuterStep(learner.experiments, None).tasks.sample(range(step, step + 1))
    inputs = learner.prepared(type(tasks)(*(of[0] for of in tasks)), learner.draws(step))

    def loss_and_gradient(adaptation: Adaptation, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        learner.inner_loop = adaptation
        weights = Parameters(*(each.to(dtype).requires_grad_() for each in learner.initial(0)))
        points = Points(*(each.to(dtype) for each in inputs.points))
        draws = inputs.draws._replace(noise=inputs.draws.noise.to(dtype))
        loss = learner.objective(weights, Inputs(points, draws)).loss
        gradient = torch.autograd.grad(loss, weights)
        return loss.detach().double(), torch.cat([each.flatten() for each in gradient]).double()

    true_loss, truth = loss_and_gradient(adapted_plainly, torch.float64)
    for adaptation in (adapted_plainly, adapted_functions):
        loss, gradient = loss_and_gradient(adaptation, torch.float32)
        torch.testing.assert_close(loss, true_loss, rtol=1e-5, atol=0)
        assert float((gradient - truth).norm() / truth.norm()) < 1e-5


@pytest.mark.parametrize("members", [None, 2])
@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("clip", [0.05, 100.0])
def test_every_gradient_is_that_of_finite_differences(
    members: int | None, steps: int, clip: float
) -> None:
    generator = torch.Generator().manual_seed(1)
    first = () if members is None else (members,)

    def drawn(*shape: int) -> Tensor:
        values = torch.randn(*first, *shape, generator=generator, dtype=torch.float64)
        return values.requires_grad_()

    samples, tasks, latent, units, weights = 2, 2, 2, 3, 2 * 2 + 4 * 2 + 1
    # Small steps: large ones leave for where the error is so steep that differences tell nothing.
    codes, rates = drawn(samples, tasks, latent), (drawn(latent) / 20).detach().requires_grad_()
    matrices = (drawn(latent, units), drawn(units, units), drawn(units, weights))
    biases = (drawn(units), drawn(units), drawn(weights))
    x, y, at = drawn(tasks, 3).detach(), drawn(tasks, 3).detach(), drawn(tasks, 4).detach()

    def adapted(*variables: Tensor) -> tuple[Tensor, Tensor]:
        result: tuple[Tensor, Tensor] = AdaptedFunctions.apply(  # type: ignore[no-untyped-call]
            *variables, x, y, at, steps, clip
        )
        return result

    assert torch.autograd.gradcheck(adapted, (codes, rates, *matrices, *biases))


def test_without_steps_codes_stay_what_they_are_and_are_no_view_of_them() -> None:
    parameters, points, codes = random_parameters(None), random_points(None), random_noise(None, 2)
    support = (points.support_x, points.support_y)
    adapted, _ = adapted_functions(parameters, codes, support, points.query_x, 0, 1.0)
    assert torch.equal(adapted, codes)
    adapted.detach().zero_()
    assert codes.count_nonzero() > 0


def test_a_backward_pass_can_be_taken_twice() -> None:
    """What the first one does leaves what the second one needs."""
    parameters, points = random_parameters(None), random_points(None)
    codes = random_noise(None, 2).requires_grad_()
    support = (points.support_x, points.support_y)
    _, values = adapted_functions(parameters, codes, support, points.query_x, 3, 1.0)
    first, second = (
        torch.autograd.grad(values.sum(), codes, retain_graph=True)[0] for _ in range(2)
    )
    assert torch.equal(first, second)


def test_training_takes_the_written_out_pass_unless_torch_compiles() -> None:
    assert preset_learner().inner_loop is adapted_functions
    assert preset_learner(is_compiled=True).inner_loop is adapted_plainly
