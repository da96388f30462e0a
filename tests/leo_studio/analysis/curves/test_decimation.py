import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.curves.decimation import decimate, extremes_between


@given(
    count=st.integers(1, 5000),
    place=st.integers(0, 4999),
    buckets=st.integers(2, 300),
    spike=st.sampled_from([-5.0, 5.0]),
)
def test_curve_keeps_a_single_spike_when_decimated(
    count: int, place: int, buckets: int, spike: float
) -> None:
    x = np.arange(1, count + 1, dtype=np.float64)
    y = np.zeros(count, np.float32)
    place %= count
    y[place] = spike
    xs, ys = decimate(x, y, 1, count, buckets)
    at = np.flatnonzero(ys == spike)
    assert len(at) == 1
    # It is drawn within its own bucket.
    assert abs(xs[at[0]] - x[place]) <= 2 * count / (buckets - 1) + 1


@given(count=st.integers(0, 5000), buckets=st.integers(2, 300))
def test_a_decimated_curve_has_two_points_a_bucket_at_most(count: int, buckets: int) -> None:
    x = np.arange(count, dtype=np.float64)
    xs, ys = decimate(x, np.sin(x), 0, count, buckets)
    assert len(xs) == len(ys) <= 2 * buckets
    assert (np.diff(xs) >= 0).all()


@given(low=st.integers(0, 4000), width=st.integers(1, 4000), seed=st.integers(0, 5))
def test_the_extremes_of_what_is_visible_stay(low: int, width: int, seed: int) -> None:
    x = np.arange(5000, dtype=np.float64)
    y = np.random.default_rng(seed).normal(size=5000)
    high = min(4999, low + width)
    _, ys = decimate(x, y, low, high, 50)
    visible = y[low : high + 1]
    assert np.nanmax(ys) >= visible.max()
    assert np.nanmin(ys) <= visible.min()


def test_growth_changes_only_the_last_bucket() -> None:
    x = np.arange(4000, dtype=np.float64)
    y = np.random.default_rng(0).normal(size=4000)
    before = decimate(x[:3990], y[:3990], 0, 4000, 100)
    after = decimate(x, y, 0, 4000, 100)
    np.testing.assert_array_equal(before[1][:-2], after[1][: len(before[1]) - 2])
    np.testing.assert_array_equal(before[0][:-2], after[0][: len(before[0]) - 2])


def test_a_curve_that_is_moved_keeps_the_points_inside() -> None:
    x = np.arange(4000, dtype=np.float64)
    y = np.random.default_rng(0).normal(size=4000)
    here, moved = decimate(x, y, 100, 3100, 100), decimate(x, y, 107, 3107, 100)
    for one, other in zip(here, moved, strict=True):
        inside = [(xs > 200) & (xs < 3000) for xs in (here[0], moved[0])]
        np.testing.assert_array_equal(one[inside[0]], other[inside[1]])


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_a_monotonous_curve_stays_so_when_decimated(slope: float) -> None:
    x = np.arange(4000, dtype=np.float64)
    _, ys = decimate(x, slope * x, 0, 4000, 100)
    assert (slope * np.diff(ys) >= 0).all()


def test_a_bucket_without_any_number_is_a_gap_and_one_number_is_enough_for_none() -> None:
    x = np.arange(1024, dtype=np.float64)
    y = np.full(1024, np.nan)
    y[:512] = 1.0
    y[1000] = 7.0
    _, ys = decimate(x, y, 0, 1024, 17)
    assert np.isnan(ys).any()
    assert (ys == 7.0).sum() == 2  # the smallest and the largest of its bucket


def test_few_points_are_drawn_as_they_are_with_one_beyond_each_edge() -> None:
    x = np.arange(100, dtype=np.float64)
    xs, _ = decimate(x, x, 10.5, 20.5, 100)
    assert xs.tolist() == list(range(10, 22))


def test_extremes_are_those_of_the_line_between_two_places() -> None:
    x = np.array([0.0, 1.0, 2.0, 3.0])
    y = np.array([0.0, 10.0, -4.0, 100.0])
    assert extremes_between(x, y, 0.5, 2.0) == (-4.0, 10.0)
    assert extremes_between(x, y, 0.25, 0.75) == (2.5, 7.5)  # where no point is
    assert extremes_between(x, y, 2.5, 9.0) == (48.0, 100.0)


def test_extremes_leave_out_what_is_no_number_and_say_where_nothing_is() -> None:
    x = np.array([0.0, 1.0, 2.0])
    y = np.array([np.nan, 3.0, np.inf])
    assert extremes_between(x, y, 0.0, 5.0) == (3.0, 3.0)
    nothing = (np.inf, -np.inf)
    assert extremes_between(x, y, 4.0, 5.0) == nothing
    assert extremes_between(x[:0], y[:0], 0.0, 1.0) == nothing
