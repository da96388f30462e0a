import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.curves.ticks import linear_ticks, log_ticks, tick_text


@given(low=st.floats(-1e9, 1e9), span=st.floats(1e-6, 1e9), most=st.integers(2, 20))
def test_ticks_are_within_the_range_and_not_too_many(low: float, span: float, most: int) -> None:
    high = low + span
    ticks = linear_ticks(low, high, most)
    assert len(ticks) <= most + 1
    slack = 1e-6 * span + 1e-14 * abs(low)
    assert all(low - slack <= place <= high + slack for place, _ in ticks)


@given(low=st.floats(-12, 12), span=st.floats(0.01, 12), most=st.integers(2, 12))
def test_logarithmic_ticks_are_within_the_range(low: float, span: float, most: int) -> None:
    ticks = log_ticks(low, low + span, most)
    assert all(low - 1e-6 <= place <= low + span + 1e-6 for place, _ in ticks)
    assert all(math.isfinite(place) for place, _ in ticks)


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (0.0, 1.0, "0"),
        (0.25, 0.05, "0.25"),
        (7.5, 2.5, "7.5"),
        (0.75, 0.25, "0.75"),
        (2000.0, 500.0, "2000"),
        (250_000.0, 50_000.0, "250k"),
        (1_500_000.0, 500_000.0, "1.5M"),
        (-2.0, 1.0, "−2"),
        (2e-5, 1e-5, "2·10⁻⁵"),
        (1e-4, 1e-4, "10⁻⁴"),
    ],
)
def test_numbers_read_briefly(value: float, spacing: float, text: str) -> None:
    assert tick_text(value, spacing) == text


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), most=st.integers(2, 20))
def test_two_numbers_at_least_tell_the_scale(low: float, span: float, most: int) -> None:
    assert len(linear_ticks(low, low + span, most)) >= 2
