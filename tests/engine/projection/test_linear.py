import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.errors import BadInput
from engine.projection import fit_lda, fit_pca


def codes(seed: int, count: int, size: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, size)) * generator.uniform(0.1, 3, size)


def is_inside(
    points: NDArray[np.float64], centre: NDArray[np.float64], covariance: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether points lie within the ellipse of 95 %, by its definition."""
    away = points - centre
    distance = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
    inside: NDArray[np.bool_] = distance <= -2 * math.log(1 - 0.95)
    return inside


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1000), size=st.integers(2, 70), method=st.sampled_from(["pca", "lda"]))
def test_the_ellipse_holds_95_percent_of_projected_samples(
    seed: int, size: int, method: str
) -> None:
    known = codes(seed, 200, size)
    basis = fit_pca(known) if method == "pca" else fit_lda(known, np.arange(200) % 5)
    generator = np.random.default_rng(seed + 1)
    mean, deviation = known[0], generator.uniform(0.01, 2, size)
    samples = 20_000
    points = basis.project(mean + deviation * generator.normal(size=(samples, size)))
    share = is_inside(points, basis.project(mean), basis.covariances(deviation)).mean()
    assert abs(share - 0.95) < 5 * math.sqrt(0.95 * 0.05 / samples)
    # The outline that is drawn is the edge of that region.
    outline = basis.outlines(mean, deviation, 0.95)
    away = outline - basis.project(mean)
    inverse = np.linalg.inv(basis.covariances(deviation))
    distance = np.einsum("ni,ij,nj->n", away, inverse, away)
    np.testing.assert_allclose(distance, -2 * math.log(0.05), rtol=1e-6)


def test_a_code_without_spread_has_a_point_for_an_ellipse() -> None:
    basis = fit_pca(codes(0, 50, 6))
    outline = basis.outlines(np.ones((3, 6)), np.zeros((3, 6)), 0.5)
    assert outline.shape[0] == 3 and outline.shape[2] == 2
    np.testing.assert_allclose(outline, basis.project(np.ones(6)) + 0 * outline)


def test_components_are_those_of_the_covariance_and_say_their_share() -> None:
    known = codes(3, 500, 8)
    basis = fit_pca(known)
    values, vectors = np.linalg.eigh(np.cov(known.T))
    np.testing.assert_allclose(np.abs(basis.axes @ vectors[:, ::-1][:, :2]), np.eye(2), atol=1e-6)
    assert basis.labels[0].startswith(f"PC 1 ({100 * values[-1] / values.sum():.0f} %")
    np.testing.assert_allclose(basis.axes @ basis.axes.T, np.eye(2), atol=1e-9)


def test_axes_do_not_flip_between_fits() -> None:
    known = codes(5, 100, 10)
    shuffled = known[np.random.default_rng(0).permutation(100)]
    np.testing.assert_allclose(fit_pca(known).axes, fit_pca(shuffled).axes, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_axes_point_to_where_their_largest_element_is_positive(seed: int) -> None:
    known, labels = codes(seed, 60, 6), np.arange(60) % 3
    for basis in (fit_pca(known), fit_lda(known, labels), fit_lda(known, labels == 0)):
        for axis in basis.axes:
            assert axis[np.abs(axis).argmax()] > 0


def test_discriminant_axes_tell_classes_apart_where_components_do_not() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(600) % 3
    known = generator.normal(size=(600, 5)) * np.array([30, 30, 1, 1, 1])
    known[:, 2] += 6 * (labels == 1)
    known[:, 3] += 6 * (labels == 2)
    points = fit_lda(known, labels).project(known)
    centres = np.stack([points[labels == label].mean(0) for label in range(3)])
    nearest = np.linalg.norm(points[:, None] - centres, axis=-1).argmin(1)
    assert (nearest == labels).mean() > 0.98


def test_two_classes_have_one_discriminant_and_say_what_the_other_axis_is() -> None:
    known = codes(1, 60, 6)
    known[:30, 0] += 9
    basis = fit_lda(known, np.repeat([0, 1], 30))
    assert "right angles" in basis.labels[1]
    assert abs(basis.axes[0] @ basis.axes[1]) < 1e-6 * np.linalg.norm(basis.axes[0])


def test_codes_of_one_dimension_are_shown_on_a_line() -> None:
    basis = fit_pca(codes(1, 20, 1))
    assert not basis.project(codes(1, 20, 1))[:, 1].any()


def test_too_little_to_fit_is_said_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="need two codes or more"):
        fit_pca(np.zeros((1, 4)))
    with pytest.raises(BadInput, match="two classes or more"):
        fit_lda(np.zeros((5, 4)), np.zeros(5))
    with pytest.raises(BadInput, match="not numbers"):
        fit_pca(np.full((5, 4), np.nan))
