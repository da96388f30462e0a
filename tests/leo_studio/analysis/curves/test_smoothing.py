import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.curves.smoothing import Smoother

NUMBERS = st.floats(-100, 100, width=32) | st.just(math.nan) | st.just(math.inf)
DECAYS = st.sampled_from([0.0, 0.3, 0.9, 0.97, 0.999])


def smoothed_one_by_one(values: list[float], decay: float) -> list[float]:
    total = weight = 0.0
    smoothed: list[float] = []
    for value in values:
        total, weight = total * decay, weight * decay
        if math.isfinite(value):
            total, weight = total + value, weight + 1
        elif decay == 0 and smoothed:
            # Nothing is left of the past, but what was known stays known.
            smoothed.append(smoothed[-1])
            continue
        smoothed.append(total / weight if weight > 0 else math.nan)
    return smoothed


@given(values=st.lists(NUMBERS, max_size=40), decay=DECAYS)
def test_smoothing_equals_the_debiased_recursion(values: list[float], decay: float) -> None:
    smoothed = Smoother(decay).extend(np.array(values))
    np.testing.assert_allclose(
        smoothed, smoothed_one_by_one(values, decay), rtol=1e-9, atol=1e-9, equal_nan=True
    )


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.999])
def test_long_series_equal_the_recursion_too(decay: float) -> None:
    values = np.random.default_rng(0).normal(size=40_000)
    expected = smoothed_one_by_one(values.tolist(), decay)
    np.testing.assert_allclose(Smoother(decay).extend(values), expected, rtol=1e-9, atol=1e-12)


@given(
    values=st.lists(NUMBERS, max_size=60),
    decay=DECAYS,
    cuts=st.lists(st.integers(0, 60), max_size=5),
)
def test_a_series_smoothed_in_pieces_is_the_series_smoothed_at_once(
    values: list[float], decay: float, cuts: list[int]
) -> None:
    whole = Smoother(decay).extend(np.array(values))
    smoother = Smoother(decay)
    pieces = np.split(np.array(values), sorted(cuts))
    together = np.concatenate([smoother.extend(piece) for piece in pieces])
    np.testing.assert_allclose(together, whole, rtol=1e-9, atol=1e-9, equal_nan=True)


def test_ten_thousand_steps_without_a_number_leave_the_smoothed_value_as_it_was() -> None:
    values = np.concatenate([[3.0, 5.0], np.full(10_000, np.nan), [9.0]])
    smoothed = Smoother(0.9).extend(values)
    assert smoothed[10_001] == pytest.approx(smoothed[1])
    assert smoothed[-1] == pytest.approx(9.0)


def test_a_series_is_not_a_number_before_its_first_number() -> None:
    smoothed = Smoother(0.9).extend(np.array([np.nan, np.nan, 2.0]))
    assert np.isnan(smoothed[:2]).all()
    assert smoothed[2] == 2.0


def test_a_decay_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="below 1"):
        Smoother(1.0)
