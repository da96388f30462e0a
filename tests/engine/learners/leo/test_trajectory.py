import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.learners.leo.adaptation import adapt
from engine.learners.leo.model import encode
from engine.learners.leo.trajectory import Model, Support, distribution, trajectory
from tests.problems import random_parameters, random_tasks

SIZES = {
    "b": st.integers(1, 4),
    "n": st.integers(2, 6),
    "k": st.integers(1, 5),
    "d": st.integers(1, 12),
    "latent": st.integers(1, 8),
    "inner": st.integers(0, 4),
    "tuning": st.integers(0, 4),
}


def made(
    b: int, n: int, k: int, d: int, latent: int, inner: int, tuning: int
) -> tuple[Model, torch.Tensor]:
    parameters = random_parameters(d, latent, seed=d)
    support = random_tasks(b, n, k, 1, d, seed=k).support
    return Model(parameters, inner, tuning, has_encoder=True, is_sampled=True), support


@settings(max_examples=40, deadline=None, derandomize=True)
@given(**SIZES)
def test_step_t_of_a_trajectory_equals_adapting_with_t_steps(
    b: int, n: int, k: int, d: int, latent: int, inner: int, tuning: int
) -> None:
    model, examples = made(b, n, k, d, latent, inner, tuning)
    support = Support.of(examples)
    positions = list(trajectory(model, support, distribution(model, support).mean))
    assert len(positions) == inner + tuning + 1
    for place, position in enumerate(positions):
        expected = adapt(
            model.parameters,
            examples,
            inner_steps=min(place, inner),
            finetuning_steps=max(0, place - inner),
        )
        assert torch.equal(position.weights, expected)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(**SIZES)
def test_uneven_support_sets_of_equal_classes_are_adapted_to_like_even_ones(
    b: int, n: int, k: int, d: int, latent: int, inner: int, tuning: int
) -> None:
    model, examples = made(1, n, k, d, latent, inner, tuning)
    even, uneven = Support.of(examples), Support.uneven(list(examples[0]))
    one, other = distribution(model, even), distribution(model, uneven)
    torch.testing.assert_close(one.mean, other.mean)
    torch.testing.assert_close(one.deviation, other.deviation)
    for mine, its in zip(
        trajectory(model, even, one.mean), trajectory(model, uneven, other.mean), strict=True
    ):
        torch.testing.assert_close(mine.weights, its.weights)


def test_a_class_with_more_examples_is_adapted_to_as_one_code_for_each_of_them() -> None:
    """The released algorithm, example by example: K_n copies of a code, logits averaged."""
    model, examples = made(1, 3, 4, 6, 5, 2, 2)
    classes = [examples[0, 0], examples[0, 1, :2], examples[0, 2, :3]]
    support = Support.uneven(classes)
    start = distribution(model, support)
    *_, found = trajectory(model, support, start.mean)
    to_mean = model.parameters.decoder[:, :6]
    labels = support.labels.argmax(0)
    copies = [start.mean[0, n].repeat(len(each), 1) for n, each in enumerate(classes)]

    def gradients(of: list[torch.Tensor], decode: torch.Tensor | None) -> list[torch.Tensor]:
        wanted = [each.detach().requires_grad_() for each in of]
        weights = [each if decode is None else each @ decode for each in wanted]
        logits = torch.stack([(torch.cat(classes) @ each.T).mean(1) for each in weights], 1)
        loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
        return list(torch.autograd.grad(loss, wanted))

    for _ in range(2):
        steps = gradients(copies, to_mean)
        copies = [z - model.parameters.inner_lr * g for z, g in zip(copies, steps, strict=True)]
    weights = [each @ to_mean for each in copies]
    for _ in range(2):
        steps = gradients(weights, None)
        rate = model.parameters.finetuning_lr
        weights = [w - rate * g for w, g in zip(weights, steps, strict=True)]
    expected = torch.stack([each.mean(0) for each in weights])
    torch.testing.assert_close(found.weights[0], expected)


def test_without_encoder_codes_start_at_the_prior_and_without_sampling_they_have_no_spread() -> (
    None
):
    model, examples = made(2, 3, 2, 6, 5, 1, 1)
    support = Support.of(examples)
    prior = distribution(model._replace(has_encoder=False), support)
    assert not prior.mean.any() and (prior.deviation == 1).all()
    fixed = distribution(model._replace(is_sampled=False), support)
    assert torch.equal(fixed.mean, encode(model.parameters, examples).mean)
    assert not fixed.deviation.any()
