"""Numbers that are typed mean the same in every country, or are not read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.typed_numbers import number_text, read_decimal, read_whole


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_read_back_the_same_with_a_point_and_with_a_comma(value: float) -> None:
    text = number_text(value)
    assert read_decimal(text) == value
    assert read_decimal(text.replace(".", ",")) == value


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (1e-6, "1e-6"), (0.307651, "0.307651"), (3e22, "3e22")]
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (",5", 0.5),
        (".5", 0.5),
        ("5,", 5.0),
        ("1e-4", 1e-4),
        ("3E-5", 3e-5),
        ("1,5e3", 1500.0),
        ("1,000", 1.0),
        (" -2,25 ", -2.25),
        ("\N{MINUS SIGN}0.4", -0.4),
        ("٠٫٥", 0.5),
    ],
)
def test_point_and_comma_begin_the_decimals(text: str, number: float) -> None:
    assert read_decimal(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "1,000.5",
        "1.000,5",
        "1 000",
        "1'000",
        "1.2.3",
        "nan",
        "inf",
        "1e999",
        "",
        "e5",
        "0x1",
        "1_0",
    ],
)
def test_what_would_be_a_guess_is_not_read(text: str) -> None:
    assert read_decimal(text) is None


@pytest.mark.parametrize("text", ["1,000", "1.000", "1.0", "1e3", "1 000", "1_000", "", "9" * 5000])
def test_a_whole_number_has_digits_alone(text: str) -> None:
    assert read_whole(text) is None
    assert read_whole("1000") == 1000
    assert read_whole("١٢") == 12


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_or_none(text: str) -> None:
    number = read_decimal(text)
    assert number is None or math.isfinite(number)
    whole = read_whole(text)
    assert whole is None or whole == number
