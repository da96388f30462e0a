"""Intervals and differences."""

import importlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.evaluation.statistics import (
    half_width,
    paired_difference,
    student_half_width,
    wilson_interval,
)

pairs = st.integers(2, 30).flatmap(
    lambda count: st.tuples(*[arrays(np.float64, count, elements=st.floats(0, 1))] * 2)
)


def test_interval_is_of_the_mean_over_episodes() -> None:
    values = np.array([0.2, 0.4, 0.9, 0.5])
    assert half_width(values) == pytest.approx(1.96 * np.std(values, ddof=1) / 2)


@given(pairs)
def test_a_difference_is_paired_by_episodes(both: tuple[np.ndarray, np.ndarray]) -> None:
    one, other = both
    found = paired_difference(one, other)
    assert (found.difference, found.ci95) == (np.mean(one - other), half_width(one - other))
    assert found.episodes == len(one)
    back = paired_difference(other, one)
    assert (back.difference, back.ci95) == pytest.approx((-found.difference, found.ci95))
    assert found.excludes_zero == (abs(found.difference) > found.ci95)


def test_few_values_have_a_wider_interval_than_many() -> None:
    values = np.array([0.2, 0.4, 0.9])
    quantile = importlib.import_module("scipy.stats").t.ppf(0.975, 2)
    expected = quantile * values.std(ddof=1) / math.sqrt(3)
    assert student_half_width(values) == pytest.approx(expected)
    assert student_half_width(values) > half_width(values)


@given(count=st.integers(0, 500), more=st.integers(0, 500))
def test_an_interval_holds_its_share_and_stays_between_0_and_1(count: int, more: int) -> None:
    low, high = wilson_interval(count, count + more)
    if count + more == 0:
        assert math.isnan(low)
        return
    assert 0.0 <= low <= count / (count + more) <= high <= 1.0
    assert low < high


def test_wilsons_interval_is_the_textbooks() -> None:
    assert wilson_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
