"""Numbers that people type: read and written in one way in every country.

A comma and a point both begin the decimals, and nothing parts thousands: "1,000" is one. So no
number is ever read with a factor of 1000 that its writer did not mean; what would need a guess,
such as "1,000.5", is not read at all. Numbers are written as on the command line and in files.
"""

import math
import re

_DECIMAL = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+")
# The minus and the Arabic decimal separator, as keyboards and our own tables write them.
_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{ARABIC DECIMAL SEPARATOR}": "."})


def read_decimal(text: str) -> float | None:
    """Read "0.5", "0,5", ".5", "1e-4" or "3E-5"; None for a text that is no finite number."""
    text = text.strip().translate(_SIGNS)
    if _DECIMAL.fullmatch(text) is None:
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def read_whole(text: str) -> int | None:
    """Read a whole number; None for any other text, one with a separator included."""
    text = text.strip().translate(_SIGNS)
    try:
        return int(text) if _WHOLE.fullmatch(text) else None
    except ValueError:  # thousands of digits
        return None


def number_text(value: object) -> str:
    """Write a number as briefly as it can be read back the same."""
    if not isinstance(value, float) or not math.isfinite(value):
        return "" if value is None else str(value)
    mantissa, letter, exponent = repr(value).partition("e")
    mantissa = mantissa.removesuffix(".0")
    return f"{mantissa}e{int(exponent)}" if letter else mantissa
