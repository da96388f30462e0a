"""Attention over support examples: the paper's formula, and what follows from it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cosine_similarity

from engine.learners.linear_embedding.learner import Parameters
from engine.learners.matching.model import attention

# B tasks, N ways, K shots, D and E.
shapes = st.tuples(*(st.integers(low, 5) for low in (1, 2, 1, 2, 1)))
seeds = st.integers(0, 2**31)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def problem(shape: tuple[int, ...], seed: int) -> tuple[Parameters, Tensor, Tensor]:
    """Return a projection, support sets (B, N, K, D) and queries (B, 6, D)."""
    b, n, k, d, e = shape
    projection = Parameters(drawn(d, e, seed=seed))
    return projection, drawn(b, n, k, d, seed=seed + 1), drawn(b, 6, d, seed=seed + 2)


@given(shape=shapes, scale=st.floats(0.1, 100), seed=seeds)
def test_a_class_is_as_likely_as_its_examples_are_attended_to(
    shape: tuple[int, ...], scale: float, seed: int
) -> None:
    parameters, support, queries = problem(shape, seed)
    found = attention(parameters, support, scale).own_logits(queries)
    known, asked = support @ parameters.projection, queries @ parameters.projection
    for task, examples in enumerate(known):
        for place, query in enumerate(asked[task]):
            cosines = cosine_similarity(query, examples.flatten(0, 1), dim=-1)
            shares = (scale * cosines).softmax(0).view(examples.shape[:2]).sum(1)
            torch.testing.assert_close(found[task, place], shares.log())


def test_shared_examples_are_scored_as_each_tasks_own() -> None:
    parameters, support, queries = problem((4, 3, 2, 5, 3), 0)
    predictor, tasks = attention(parameters, support, 7.0), torch.tensor([3, 0])
    classes = torch.tensor([[2, 0], [0, 1], [1, 2]])
    found = predictor.logits(queries[0], tasks, classes)
    assert found.shape == (6, 3, 2)
    own = predictor.own_logits(queries[:1].expand(4, -1, -1))
    for place, task in enumerate(tasks.tolist()):
        torch.testing.assert_close(found[:, :, place], own[task][:, classes[:, place]])


def test_members_of_a_population_do_not_meet_and_have_their_own_scales() -> None:
    projections, scales = drawn(3, 7, 4), torch.tensor([1.0, 5.0, 30.0]).double()
    support, queries = drawn(3, 2, 5, 2, 7, seed=1), drawn(3, 2, 6, 7, seed=2)
    together = attention(Parameters(projections), support, scales.view(-1, 1, 1, 1, 1))
    found = together.own_logits(queries)
    for member, scale in enumerate(scales.tolist()):
        alone = attention(Parameters(projections[member]), support[member], scale)
        torch.testing.assert_close(found[member], alone.own_logits(queries[member]))


@given(shape=shapes, power=st.floats(-12, 12), seed=seeds)
def test_the_lengths_of_embeddings_change_nothing(
    shape: tuple[int, ...], power: float, seed: int
) -> None:
    parameters, support, queries = problem(shape, seed)
    found = attention(parameters, support, 10.0).own_logits(queries)
    factor = 10**power
    of_examples = factor * (1 + drawn(*support.shape[:-1], 1, seed=seed).abs())
    scaled = attention(parameters, support * of_examples, 10.0).own_logits(queries / factor)
    torch.testing.assert_close(scaled, found)


@given(shape=shapes, seed=seeds)
def test_classes_in_another_order_have_their_logits_in_that_order(
    shape: tuple[int, ...], seed: int
) -> None:
    parameters, support, queries = problem(shape, seed)
    order = torch.randperm(shape[1], generator=torch.Generator().manual_seed(seed))
    found = attention(parameters, support, 10.0).own_logits(queries)
    turned = attention(parameters, support[:, order], 10.0).own_logits(queries)
    torch.testing.assert_close(turned, found[..., order])


@given(shape=shapes, seed=seeds)
def test_of_single_examples_the_nearest_by_cosine_wins_at_a_huge_scale(
    shape: tuple[int, ...], seed: int
) -> None:
    b, n, _, d, e = shape
    parameters, support, queries = problem((b, n, 1, d, e + 1), seed)
    found = attention(parameters, support, 1e12).own_logits(queries).softmax(-1)
    known, asked = support @ parameters.projection, queries @ parameters.projection
    cosines = cosine_similarity(asked[:, :, None], known[:, None, :, 0], dim=-1)
    torch.testing.assert_close(found.amax(-1), torch.ones(b, 6).double())
    assert torch.equal(found.argmax(-1), cosines.argmax(-1))


@pytest.mark.parametrize("zero", ["support", "query", "projection", "all"])
def test_what_has_no_direction_is_like_nothing_and_has_a_finite_gradient(zero: str) -> None:
    projection, support, queries = drawn(5, 3), drawn(2, 4, 2, 5), drawn(2, 6, 5, seed=1)
    if zero in ("support", "all"):
        support[:, 1] = 0
    if zero in ("query", "all"):
        queries[:, 2] = 0
    if zero in ("projection", "all"):
        projection.zero_()
    projection.requires_grad_()
    logits = attention(Parameters(projection), support, 10.0).own_logits(queries)
    (gradient,) = torch.autograd.grad(logits[..., 0].sum(), projection)
    assert logits.isfinite().all() and gradient.isfinite().all()
    if zero == "query":
        assert torch.allclose(logits[:, 2].exp(), torch.tensor(0.25).double())


@pytest.mark.parametrize("size", [3e37, 1e15, 1e-25, 1e-40])
def test_very_long_and_very_short_embeddings_are_as_good_as_others(size: float) -> None:
    projection, support = drawn(5, 3).float(), drawn(2, 4, 2, 5).float()
    queries = drawn(2, 6, 5, seed=1).float()
    parameters = Parameters(projection.requires_grad_())
    found = attention(parameters, support * size, 10.0).own_logits(queries * size)
    plain = attention(parameters, support, 10.0).own_logits(queries)
    torch.testing.assert_close(found, plain, rtol=1e-3, atol=1e-3)
    (gradient,) = torch.autograd.grad(found[..., 0].sum(), projection)
    assert gradient.isfinite().all()


def test_the_tasks_share_one_projection() -> None:
    parameters, support, _ = problem((4, 3, 2, 5, 3), 0)
    assert attention(parameters, support, 7.0).projection is parameters.projection
