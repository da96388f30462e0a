from dataclasses import replace

import numpy as np
import pytest

from engine.inspection.records import Inspection
from engine.projection.linear import LinearBasis
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.ui.inspection.paths import own_basis
from leo_studio.ui.inspection.view import InspectionView


def basis_of(size: int, seed: int = 0) -> LinearBasis:
    generator = np.random.default_rng(seed)
    axes = np.linalg.qr(generator.normal(size=(size, 2)))[0].T
    return LinearBasis("pca", generator.normal(size=size), axes, ("first", "second"))


def paths(view: InspectionView) -> np.ndarray:
    """Return what is drawn, (P, N, 2)."""
    return np.stack([np.stack(path.getData(), axis=1) for path in view.paths._paths], axis=1)


def marked(view: InspectionView) -> np.ndarray:
    return np.stack(view.paths._here.getData(), axis=1)


def test_the_axes_of_an_episode_hold_as_much_as_two_can(seen: Inspection) -> None:
    basis = own_basis(seen)
    codes = seen.codes[0].reshape(-1, seen.codes.shape[-1]).astype(np.float64)
    np.testing.assert_allclose(basis.axes @ basis.axes.T, np.eye(2), atol=1e-9)
    variances = np.linalg.eigvalsh(np.cov(codes.T))[::-1]
    projected = np.cov(basis.project(codes).T)
    np.testing.assert_allclose(projected, np.diag(variances[:2]), atol=1e-9)
    share = 100 * variances[0] / variances.sum()
    assert basis.labels[0] == f"PC 1 ({share:.0f} % of variance)"


def test_codes_of_one_dimension_have_one_axis(view: InspectionView, seen: Inspection) -> None:
    flat = replace(
        seen,
        mean=seen.mean[..., :1],
        deviation=seen.deviation[..., :1],
        codes=seen.codes[..., :1],
        sampled_codes=seen.sampled_codes[..., :1],
    )
    view.set_inspection(flat)
    assert np.ptp(paths(view)[..., 0]) > 0 and not paths(view)[..., 1].any()


def test_paths_samples_and_ellipses_are_projections(view: InspectionView, seen: Inspection) -> None:
    basis = basis_of(seen.codes.shape[-1])
    view.set_basis(basis)
    view.set_inspection(seen)
    np.testing.assert_allclose(paths(view), basis.project(seen.codes[0]))
    for place, cloud in enumerate(view.paths._samples):
        drawn = np.stack(cloud.getData(), axis=1)
        expected = basis.project(seen.sampled_codes[0, :, [0, seen.inner_steps], place])
        assert {*map(tuple, drawn.round(5))} == {*map(tuple, expected.reshape(-1, 2).round(5))}
    outline = np.stack(view.paths._ellipses[3].getData(), axis=1)
    expected = basis.outlines(seen.mean[0, 1], seen.deviation[0, 1], 0.95)
    np.testing.assert_allclose(outline, expected)


def test_axes_of_codes_of_another_size_are_not_used(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    alone = paths(view)
    view.set_basis(basis_of(seen.codes.shape[-1] + 1))
    np.testing.assert_array_equal(paths(view), alone)
    view.set_basis(basis_of(seen.codes.shape[-1]))
    assert not np.allclose(paths(view), alone)
    view.set_basis(None)
    np.testing.assert_array_equal(paths(view), alone)


def test_another_episode_has_other_axes_of_its_own(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    first = view.paths.basis
    view.set_inspection(replace(seen, codes=seen.codes[..., ::-1].copy()))
    second = view.paths.basis
    assert first is not None and second is not None
    assert not np.allclose(first.axes, second.axes)


def test_markers_stand_at_the_position(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    for position in (0, 2, 5):
        view.set_position(position)
        np.testing.assert_allclose(marked(view), paths(view)[position])
    starts = np.stack(view.paths._ends.getData(), axis=1)
    np.testing.assert_allclose(starts, paths(view)[0])


def test_the_read_out_names_the_class_and_the_position_near_the_mouse(
    view: InspectionView, seen: Inspection
) -> None:
    view.set_inspection(seen)
    x, y = paths(view)[0, 2]
    text = view.paths.text_at(x, y)
    moved = np.linalg.norm(seen.codes[0, seen.inner_steps, 2] - seen.codes[0, 0, 2])
    assert text.startswith(f"{class_names(seen)[2]}, before\n")
    number = text.split("moved it by ")[1].split(",")[0]
    assert float(number) == pytest.approx(moved, rel=0.01)
    assert view.paths.text_at(x + 1e6, y) == ""


def test_classes_are_told_apart_by_more_than_colour(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    pens = [path.opts["pen"] for path in view.paths._paths]
    assert len({pen.style() for pen in pens}) == 4
    symbols = {str(spot["symbol"]) for spot in view.paths._here.data}
    assert len(symbols) == 4


def test_a_distribution_without_spread_is_a_point(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(replace(seen, deviation=np.zeros_like(seen.deviation)))
    for place, ellipse in enumerate(view.paths._ellipses):
        outline = np.stack(ellipse.getData(), axis=1)
        np.testing.assert_allclose(
            outline, np.broadcast_to(paths(view)[0, place // 2], outline.shape), atol=1e-6
        )
