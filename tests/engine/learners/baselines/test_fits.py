"""Fits of baselines: scikit-learn's probabilities, extremes, and the same in every batch."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from engine.learners.baselines import class_mean, discriminant, logistic
from engine.learners.baselines.neighbours import Neighbours
from engine.tasks.predictor import Predictor

Fit = Callable[[Tensor], Predictor]
FITS: dict[str, Fit] = {
    "distance": lambda support: class_mean.by_distance(support, 3.0),
    "cosine": lambda support: class_mean.by_cosine(support, 3.0, is_centred=False),
    "centred cosine": lambda support: class_mean.by_cosine(support, 3.0, is_centred=True),
    "logistic": lambda support: logistic.classifier(support, 0.5),
    "discriminant": lambda support: discriminant.classifier(support, 0.3),
    "neighbours": lambda support: Neighbours(support, torch.full((len(support),), 3)),
}


def drawn(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def logits_of(predictor: Predictor, queries: Tensor, task: int, n_way: int) -> Tensor:
    """Ask one task about queries (n, D), its classes in their order: (n, N)."""
    return predictor.logits(queries, torch.tensor([task]), torch.arange(n_way)[:, None])[..., 0]


shapes = st.tuples(st.integers(2, 5), st.integers(1, 4), st.integers(2, 30))


@given(shape=shapes, penalty=st.floats(0.01, 100), seed=st.integers(0, 2**31))
def test_logistic_regression_finds_the_least_penalised_loss(
    shape: tuple[int, int, int], penalty: float, seed: int
) -> None:
    """There the gradient is 0; the loss is convex, so nothing else is as small."""
    n, k, _ = shape
    support = drawn(2, *shape, seed=seed)
    weights = logistic.classifier(support, penalty).weights.requires_grad_()
    logits = support.flatten(1, 2) @ weights.mT
    labels = torch.arange(n).repeat_interleave(k).expand(2, -1)
    loss = torch.nn.functional.cross_entropy(logits.mT, labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss + penalty / 2 * weights.square().sum(), weights)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-8)


def test_logistic_regression_is_scikit_learns() -> None:
    support, queries = drawn(1, 4, 3, 20), drawn(9, 20, seed=1)
    fitted = LogisticRegression(C=2, fit_intercept=False, tol=1e-12, max_iter=10_000)
    fitted.fit(support.flatten(0, 2).numpy(), np.arange(4).repeat(3))
    found = logits_of(logistic.classifier(support, 0.5), queries, 0, 4).softmax(-1)
    np.testing.assert_allclose(found.numpy(), fitted.predict_proba(queries.numpy()), atol=1e-6)


def test_logistic_regression_on_long_embeddings_has_converged_in_single_precision() -> None:
    support = 30 * drawn(2, 5, 5, 64)
    found = logistic.classifier(support.float(), 1.0).weights
    torch.testing.assert_close(
        found.double(), logistic.classifier(support, 1.0).weights, rtol=0, atol=2e-5
    )


@pytest.mark.parametrize("k_shot", [1, 5])
def test_logistic_regression_has_converged_at_the_least_penalty(k_shot: int) -> None:
    """On embeddings of length 1, as stores have them."""
    support = torch.nn.functional.normalize(drawn(2, 5, k_shot, 64).abs(), dim=-1).float()
    weights = logistic.classifier(support, 1e-4).weights.requires_grad_()
    labels = torch.arange(5).repeat_interleave(k_shot).expand(2, -1)
    logits = support.flatten(1, 2) @ weights.mT
    loss = torch.nn.functional.cross_entropy(logits.mT, labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss + 1e-4 / 2 * weights.square().sum(), weights)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-4)


@given(shape=shapes, shrinkage=st.floats(0.01, 1), seed=st.integers(0, 2**31))
def test_the_discriminant_is_scikit_learns(
    shape: tuple[int, int, int], shrinkage: float, seed: int
) -> None:
    n, k, d = shape
    k += 1  # of a single example scikit-learn knows no covariance
    support, queries = drawn(2, n, k, d, seed=seed), drawn(9, d, seed=seed + 1)
    for task in range(2):
        fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
        fitted.fit(support[task].flatten(0, 1).numpy(), np.arange(n).repeat(k))
        found = logits_of(discriminant.classifier(support, shrinkage), queries, task, n)
        expected = queries.numpy() @ fitted.coef_.T + fitted.intercept_
        # Of two classes scikit-learn has the difference alone.
        found = found[:, 1:] - found[:, :1] if n == 2 else found - found.mean(-1, keepdim=True)
        expected -= 0 if n == 2 else expected.mean(-1, keepdims=True)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6, atol=1e-6)


def test_the_discriminant_of_single_examples_is_the_nearest_one() -> None:
    support, queries = drawn(3, 5, 1, 20), drawn(50, 20, seed=1)
    for task in range(3):
        found = logits_of(discriminant.classifier(support, 0.5), queries, task, 5)
        nearest = torch.cdist(queries, support[task, :, 0]).argmin(-1)
        assert torch.equal(found.argmax(-1), nearest)


@given(shape=shapes, neighbours=st.integers(1, 9), seed=st.integers(0, 2**31))
def test_neighbours_vote_as_scikit_learns(
    shape: tuple[int, int, int], neighbours: int, seed: int
) -> None:
    n, k, d = shape
    support, queries = drawn(2, *shape, seed=seed), drawn(9, d, seed=seed + 1)
    predictor = Neighbours(support, torch.full((2,), neighbours))
    for task in range(2):
        fitted = KNeighborsClassifier(min(neighbours, n * k), weights="distance")
        fitted.fit(support[task].flatten(0, 1).numpy(), np.arange(n).repeat(k))
        shares = fitted.predict_proba(queries.numpy())
        found = logits_of(predictor, queries, task, n).exp()
        np.testing.assert_allclose(found.numpy(), shares, atol=2e-6)


def test_cosines_are_those_of_definition() -> None:
    support, queries = drawn(2, 4, 3, 20), drawn(9, 20, seed=1)
    means = support.mean(2)
    for task in range(2):
        centre = support[task].flatten(0, 1).mean(0)
        for moved, is_centred in ((torch.zeros(20).double(), False), (centre, True)):
            expected = torch.cosine_similarity(
                (queries - moved)[:, None], (means[task] - moved)[None], dim=-1
            )
            predictor = class_mean.by_cosine(support, 3.0, is_centred=is_centred)
            torch.testing.assert_close(logits_of(predictor, queries, task, 4), 3 * expected)


def test_distances_are_squared_and_differ_by_the_same_for_all_classes() -> None:
    support, queries = drawn(2, 4, 3, 20), drawn(9, 20, seed=1)
    found = logits_of(class_mean.by_distance(support, 0.5), queries, 1, 4)
    expected = -0.5 * torch.cdist(queries, support[1].mean(1)).square()
    torch.testing.assert_close(found.log_softmax(-1), expected.log_softmax(-1))


@pytest.mark.parametrize("fit", FITS)
def test_classes_are_scored_in_the_order_that_is_asked_for(fit: str) -> None:
    predictor = FITS[fit](drawn(3, 4, 2, 20))
    queries, tasks = drawn(9, 20, seed=1), torch.tensor([2, 0])
    order = torch.tensor([[3, 1], [2, 0], [1, 3], [0, 2]])
    together = predictor.logits(queries, tasks, order)
    assert together.shape == (9, 4, 2)
    for place, task in enumerate(tasks.tolist()):
        alone = logits_of(predictor, queries, task, 4)
        torch.testing.assert_close(together[:, :, place], alone[:, order[:, place]])


@pytest.mark.parametrize("fit", FITS)
def test_a_task_is_fitted_the_same_in_every_batch(fit: str) -> None:
    support, queries = drawn(7, 4, 2, 20).float(), drawn(9, 20, seed=1).float()
    # Tasks of which some are fitted sooner than others.
    support *= torch.logspace(-1, 1, 7).view(-1, 1, 1, 1)
    together = FITS[fit](support)
    for task in range(7):
        alone = logits_of(FITS[fit](support[task : task + 1]), queries, 0, 4)
        torch.testing.assert_close(logits_of(together, queries, task, 4), alone)


@pytest.mark.parametrize("fit", FITS)
def test_examples_that_are_all_the_same_say_nothing_and_raise_nothing(fit: str) -> None:
    support = torch.ones(2, 4, 2, 20)
    logits = logits_of(FITS[fit](support), drawn(9, 20).float(), 0, 4)
    assert logits.isfinite().all()
    spread = logits.amax(-1) - logits.amin(-1)
    # Of equal distances, some vote: neighbours alone prefer one for no reason.
    assert fit == "neighbours" or spread.max() < 1e-4
