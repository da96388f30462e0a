"""The outer step that trains, against what the authors' released code computed, draw by draw."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from benchmarks.loop_leo import loop_objective
from engine.config import leo_settings
from engine.learners.leo.adaptation import adapt
from engine.learners.leo.draws import Draws
from engine.learners.leo.kernels import OPERATIONS, Kernels
from engine.learners.leo.model import Parameters, encode
from engine.learners.leo.objective import masked_tasks, starting_codes
from engine.tasks.classification import Tasks
from tests.released import (
    Found,
    Golden,
    Member,
    assert_all_close,
    assert_close,
    assert_members_agree,
    clipped,
    found_by,
    golden_files,
    guarded,
    population_of,
)

TOLERANCE = 1e-6

pytestmark = pytest.mark.usefixtures("double")


@pytest.fixture(params=golden_files(), ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest) -> Golden:
    path: Path = request.param
    return Golden(path)


def found_in(
    golden: Golden,
    changes: dict[str, Any] | None = None,
    tasks: Tasks | None = None,
    draws: Draws | None = None,
    kernels: Kernels | None = None,
) -> Found:
    """Let the outer step of one model compute its gradients, on the golden task by default."""
    member = Member(changes or {}, tasks or golden.tasks, draws or golden.draws)
    (found,) = found_by(golden.step(member.changes, kernels=kernels), [member])
    return found


def test_golden_files_are_there() -> None:
    if not golden_files():
        pytest.skip("no golden files: neither ../shared/golden nor LEO_GOLDEN_DIRS has any")


def test_loss_and_each_of_its_terms_agree(golden: Golden) -> None:
    terms = found_in(golden).terms
    expected = {
        "loss": golden["loss"],
        "query_loss": golden["val_loss"].mean(),
        "query_accuracy": golden["acc"],
        "l2": golden["l2"],
        "orthogonality": golden["orth"],
    }
    if golden.algorithm.is_sampled:
        expected |= {"kl": golden["kl"], "encoder_penalty": golden["encoder_penalty"]}
    for name, its in expected.items():
        assert_close(getattr(terms, name), its, TOLERANCE)


def test_gradient_of_every_variable_agrees_before_clipping(golden: Golden) -> None:
    found = found_in(golden)
    assert_all_close(found.raw, golden.gradients(), TOLERANCE)
    assert_all_close(found.guarded, golden.gradients(), TOLERANCE)
    norm = torch.cat([gradient.flatten() for gradient in golden.gradients()]).norm()
    assert_close(found.norm, norm, TOLERANCE)


def test_l2_weighs_the_five_matrices_and_no_learning_rate(golden: Golden) -> None:
    heavier, weight = 0.1, leo_settings(golden.experiment).l2_weight
    found = found_in(golden, {"learner.l2_weight": heavier})
    assert_close(found.terms.l2, golden["l2"] * heavier / weight, TOLERANCE)
    expected = golden["loss"] + golden["l2"] * (heavier / weight - 1)
    assert_close(found.terms.loss, expected, TOLERANCE)
    moved = [matrix.detach() * (heavier - weight) for matrix in golden.parameters.matrices]
    raw = golden.gradients()
    assert_all_close(
        found.raw, [*(g + m for g, m in zip(raw, moved, strict=False)), *raw[5:]], TOLERANCE
    )


CLIPS = [(0.1, 0.1), (0.05, 0.3), (None, 0.1), (0.02, None), (None, None)]


@pytest.mark.parametrize(("value", "norm"), CLIPS)
def test_clips_are_by_value_and_then_by_each_variables_norm(
    golden: Golden, value: float | None, norm: float | None
) -> None:
    changes = {"optimizer.clip_value": value, "optimizer.clip_norm": norm}
    found = found_in(golden, changes)
    its = [gradient.numpy() for gradient in golden.gradients()]
    assert_all_close(found.clipped, clipped(its, value, norm), TOLERANCE)
    assert_all_close(found.raw, its, TOLERANCE)


def test_a_batch_that_holds_a_nan_leaves_the_l2_term_alone(golden: Golden) -> None:
    """Rescaled to a weight of 1e-4, whatever its own is, and clipped as any other gradient."""
    value, norm = 2e-5, 1e-4
    tasks = Tasks(golden.tasks.support.clone(), golden.tasks.query)
    tasks.support[0, 1, 0, 2] = math.nan
    changes = {
        "learner.l2_weight": 0.3,
        "optimizer.clip_value": value,
        "optimizer.clip_norm": norm,
    }
    found = found_in(golden, changes, tasks)
    assert found.terms.loss.isnan() and found.norm.isnan()
    expected = guarded(math.nan, golden.gradients(), golden.parameters)
    assert_all_close(found.guarded, expected, TOLERANCE)
    assert not any(rate.any() for rate in found.guarded[5:])
    after_clips = clipped(expected, value, norm)
    assert_all_close(found.clipped, after_clips, TOLERANCE)
    # The clips bind, or this would not say in which order things are done.
    assert all(abs(c).max() < abs(e).max() for c, e in zip(after_clips, expected[:5], strict=False))


class Replaced(torch.autograd.Function):
    """Leaves numbers as they are, and puts another in the place of their first one's gradient."""

    @staticmethod
    def forward(ctx: Any, numbers: Tensor, gradient: float) -> Tensor:
        ctx.gradient = gradient
        return numbers.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        changed = grads[0].clone()
        changed[0] = ctx.gradient
        return changed, None


@pytest.mark.parametrize("gradient", [math.nan, math.inf, -math.inf])
def test_one_gradient_that_is_no_number_is_enough_for_the_guard(
    golden: Golden, gradient: float
) -> None:
    """An infinite one is a number, and is clipped."""

    def finetuning(weights: Tensor, rates: Tensor, support: Tensor, k: int) -> Any:
        replaced = Replaced.apply(rates, gradient)  # type: ignore[no-untyped-call]
        return OPERATIONS.finetuning(weights, replaced, support, k)

    found = found_in(golden, kernels=OPERATIONS._replace(finetuning=finetuning))
    assert_close(found.terms.loss, golden["loss"], TOLERANCE)
    gradients = golden.gradients()
    gradients.finetuning_lr[0] = gradient
    expected = guarded(float(golden["loss"]), gradients, golden.parameters)
    assert math.isnan(gradient) == (not expected[-1].any())
    assert_all_close(found.clipped, clipped(expected, 0.1, 0.1), TOLERANCE)


def test_members_of_a_population_agree_each_by_itself(golden: Golden) -> None:
    clips = (0.05, 0.1)
    members = population_of(golden)
    limits = {"optimizer.clip_value": clips[0], "optimizer.clip_norm": clips[1]}
    step = golden.step(*(limits | member.changes for member in members))
    assert_members_agree(golden, members, found_by(step, members), clips, TOLERANCE)


def test_batched_gradient_is_the_mean_over_tasks(golden: Golden) -> None:
    """A batch of the golden task and a class-shifted one; one task must not leak into another."""
    shifted = Tasks(*(part.roll(1, dims=1) * 0.9 for part in golden.tasks))
    both = Tasks(*(torch.cat(pair) for pair in zip(golden.tasks, shifted, strict=True)))
    draws = other_draws = golden.draws
    if golden.algorithm.is_sampled:
        tasks_at = (1, 2, 0, 1, 0)
        other_draws = Draws(*(draw.flip(-1) for draw in golden.draws if draw is not None))
        pairs = zip(golden.draws, other_draws, tasks_at, strict=True)
        draws = Draws(
            *(
                torch.cat([draw, other], dim=axis)
                for draw, other, axis in pairs
                if draw is not None and other is not None
            )
        )
    batched = found_in(golden, tasks=both, draws=draws)
    alone = found_in(golden, tasks=shifted, draws=other_draws)
    assert_close(2 * batched.terms.loss - alone.terms.loss, golden["loss"], TOLERANCE)
    pairs_of_gradients = zip(batched.raw, alone.raw, strict=True)
    mine = Parameters(*(2 * gradient - other for gradient, other in pairs_of_gradients))
    assert_all_close(mine, golden.gradients(), TOLERANCE)


def test_codes_and_weights_along_the_way_agree(golden: Golden) -> None:
    seen = masked_tasks(golden.tasks, golden.draws, golden.algorithm)
    start = starting_codes(golden.parameters, seen.encoded, golden.draws, golden.algorithm)
    codes = start.codes[:, 0].movedim(0, 1).expand_as(golden["latents0"])
    assert_close(codes, golden["latents0"], TOLERANCE)
    if golden.algorithm.is_sampled:
        return
    encoded = encode(golden.parameters, golden.tasks.support)
    assert_close(encoded.mean[0], golden["latents0"].mean(1), TOLERANCE)
    for tuning, key in ((0, "weights_after_inner"), (None, "last_weights")):
        weights = adapt(
            golden.parameters,
            golden.tasks.support,
            inner_steps=golden.algorithm.inner_steps,
            finetuning_steps=golden.algorithm.finetuning_steps if tuning is None else tuning,
        )
        assert_close(weights[0], golden[key].mean(1), TOLERANCE)


def test_the_benchmarks_loop_over_tasks_agrees_too(golden: Golden) -> None:
    loss = loop_objective(golden.parameters, golden.tasks, golden.draws, golden.algorithm)
    assert_close(loss, golden["loss"], TOLERANCE)
    found = torch.autograd.grad(loss, golden.parameters)
    assert_all_close(Parameters(*found), golden.gradients(), TOLERANCE)


def test_a_changed_hyper_parameter_is_noticed(golden: Golden) -> None:
    """The tolerance is no rubber stamp: one per cent more L2 is outside it."""
    weight = 1.01 * leo_settings(golden.experiment).l2_weight
    terms = found_in(golden, {"learner.l2_weight": weight}).terms
    with pytest.raises(AssertionError):
        assert_close(terms.loss, golden["loss"], TOLERANCE)
