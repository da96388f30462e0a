"""Numbers of settings: reads what was typed for one, and steps it."""

import math
from typing import Final

import annotated_types
from pydantic.fields import FieldInfo

from engine.config import declared
from leo_studio.analysis.typed_numbers import read_decimal, read_whole

_DIGITS: Final = 12  # steps are rounded to as many, or 0.1 + 0.2 would show
_SMALLEST: Final = 1e-10  # below it, a weight that may be zero is
_ROUND: Final = (1.0, 2.0, 5.0)


def is_integer(info: FieldInfo) -> bool:
    """Whether a setting is a whole number."""
    return "int" in str(info.annotation)


def is_logarithmic(info: FieldInfo) -> bool:
    """Whether a setting is stepped by factors."""
    return declared(info).scale == "log"


def parsed(text: str, *, integer: bool) -> object:
    """Read a number; a text that is none comes back as it is, for the schema to refuse."""
    number = read_whole(text) if integer else read_decimal(text)
    if number is not None:
        return number
    try:
        # Also "1_000", which files may say too, and "inf", which the schema refuses by its name.
        return int(text) if integer else float(text)
    except ValueError:
        return text


def stepped(value: float, steps: int, info: FieldInfo, *, singly: bool = False) -> float:
    """Return the number some steps above or below, inside the setting's limits.

    Settings with a logarithmic scale go 1, 2, 5, 10; others by a step of their size's second
    digit, or a twentieth of a range that both limits give, and to the multiples of it.
    """
    for _ in range(abs(steps)):
        value = _next(value, steps > 0, info, singly)
    return value


def _next(value: float, is_up: bool, info: FieldInfo, singly: bool) -> float:
    if is_logarithmic(info):
        wanted = _next_round(value, is_up)
    else:
        wanted = _next_multiple(value, is_up, _step(value, is_up, info, singly))
    wanted = _limited(wanted, value, info)
    return int(wanted) if is_integer(info) else float(wanted)


def _step(value: float, is_up: bool, info: FieldInfo, singly: bool) -> float:
    if singly:
        return 1
    limits = [limit for limit in info.metadata if isinstance(limit, annotated_types.Lt)]
    if limits and not is_integer(info):
        return float(str(limits[0].lt)) / 20
    if value == 0:
        return 1 if is_integer(info) else 0.01
    # Just below a power of ten the step is already the smaller one on the way down.
    size = abs(value) if is_up else abs(value) * (1 - 1e-9)
    step = 10.0 ** (math.floor(math.log10(size)) - 1)
    return max(1, step) if is_integer(info) else step


def _next_multiple(value: float, is_up: bool, step: float) -> float:
    if isinstance(value, int):
        whole = int(step)
        return (value // whole + 1) * whole if is_up else (-(-value // whole) - 1) * whole
    count = round(value / step, 6)
    multiple = math.floor(count) + 1 if is_up else math.ceil(count) - 1
    return round(multiple * step, _DIGITS)


def _next_round(value: float, is_up: bool) -> float:
    if value <= 0 or (not is_up and value <= _SMALLEST * (1 + 1e-9)):
        return _SMALLEST if is_up else 0.0
    decade = math.floor(math.log10(value))
    around = [
        float(f"{digit}e{power}") for power in range(decade - 1, decade + 2) for digit in _ROUND
    ]
    if is_up:
        return min(each for each in around if each > value * (1 + 1e-9))
    return max(each for each in around if each < value * (1 - 1e-9))


def _limited(wanted: float, value: float, info: FieldInfo) -> float:
    """Return a number inside the limits; what lies at an open one stays where it was."""
    for limit in info.metadata:
        match limit:
            case annotated_types.Ge(ge=lowest):
                wanted = max(wanted, float(str(lowest)))
            case annotated_types.Le(le=highest):
                wanted = min(wanted, int(str(highest)))
            case annotated_types.Gt(gt=below) if wanted <= float(str(below)):
                wanted = value
            case annotated_types.Lt(lt=above) if wanted >= float(str(above)):
                wanted = value
            case _:
                pass
    return wanted
