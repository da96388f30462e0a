"""Formats of numbers, durations and dates."""

import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.scores import UNKNOWN
from leo_studio.analysis.formats import (
    format_accuracy,
    format_bytes,
    format_duration,
    format_moment,
    format_number,
    format_percentage,
    format_progress,
    format_rate,
    format_time_left,
    format_validation,
    format_value,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (38.4, "38 s"),
        (59.7, "1 min"),
        (240, "4 min"),
        (3599, "1 h"),
        (4320, "1 h 12 min"),
        (86399, "1 d"),
        (2 * 86400 + 3 * 3600, "2 d 3 h"),
    ],
)
def test_duration_shows_its_two_largest_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.floats(0, 1e9))
def test_no_duration_shows_sixty_of_a_unit(seconds: float) -> None:
    assert not re.search(r"\b60 (s|min)|\b24 h", format_duration(seconds))


@given(st.floats(0, 1e7))
def test_duration_is_off_by_less_than_half_of_its_smallest_unit(seconds: float) -> None:
    units = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    parts = re.findall(r"(\d+) (s|min|h|d)", format_duration(seconds))
    shown = sum(int(count) * units[unit] for count, unit in parts)
    allowed = 3600 if seconds >= 86400 - 30 else 60 if seconds >= 59.5 else 1
    assert abs(shown - seconds) <= allowed / 2


def test_time_left_says_nothing_where_nobody_knows() -> None:
    assert format_time_left(None) == ""
    assert format_time_left(None, is_at_least=True) == ""
    assert format_time_left(240) == "4 min left"
    assert format_time_left(240, is_at_least=True) == "over 4 min left"


def test_accuracy_shows_its_interval() -> None:
    assert format_accuracy(0.8762, 0.003) == "87.62 ± 0.30 %"
    assert format_accuracy(0.8762) == "87.62 %"
    assert format_percentage(0.5, 0) == "50 %"


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf])
def test_what_is_unknown_reads_as_a_dash(unknown: float | None) -> None:
    for show in (
        format_number,
        format_value,
        format_percentage,
        format_accuracy,
        format_duration,
        format_rate,
        format_bytes,
    ):
        assert show(unknown) == UNKNOWN
    assert format_accuracy(0.5, unknown) == "50.00 %"


def test_counts_say_of_how_many() -> None:
    assert format_progress(12345, 100000) == "12,345 / 100,000"
    assert format_validation(1200, 2000) == "validating 1,200 of 2,000"


def test_thousands_are_apart_and_nothing_is_minus_zero() -> None:
    assert format_number(12345) == "12,345"
    assert format_number(-0.001, 2) == "0.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.693147, "0.6931"), (1.2e-6, "1.20e-06"), (12345.6, "12,346"), (2.5, "2.500")],
)
def test_values_keep_four_significant_digits(value: float, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("per_second", "text"),
    [
        (86.2, "86 steps/s"),
        (12345, "12,345 steps/s"),
        (9.96, "10 steps/s"),
        (3.42, "3.4 steps/s"),
        (0.25, "4.0 s/step"),
        (0.01, "2 min/step"),
        (0, UNKNOWN),
    ],
)
def test_slow_rates_are_told_as_time_for_each(per_second: float, text: str) -> None:
    assert format_rate(per_second) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (532, "532 B"), (1000, "1.0 kB"), (999_960, "1.0 MB"), (1.4e9, "1.4 GB")],
)
def test_bytes_have_a_unit_that_fits(count: float, text: str) -> None:
    assert format_bytes(count) == text


def test_today_and_yesterday_are_called_so() -> None:
    now = datetime(2026, 3, 1, 0, 30).astimezone()
    assert format_moment(now - timedelta(minutes=10), now) == "today 00:20"
    assert format_moment(now - timedelta(hours=1), now) == "yesterday 23:30"
    assert format_moment(datetime(2026, 1, 5, 14, 2), now) == "5 Jan 14:02"
    assert format_moment(datetime(2025, 12, 31, 14, 2), now) == "31 Dec 2025 14:02"


def test_moments_of_another_zone_are_shown_in_local_time() -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert format_moment("2026-03-01T12:00:00+00:00", now) == f"today {now.astimezone():%H:%M}"
    assert format_moment("2026-03-01T12:00:00Z", now) == f"today {now.astimezone():%H:%M}"


def test_text_that_is_no_date_is_shown_as_it_is() -> None:
    assert format_moment("long ago") == "long ago"
    assert format_moment("") == UNKNOWN
