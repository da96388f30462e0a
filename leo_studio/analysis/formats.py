"""Formats of numbers, times and dates as people read them.

What is unknown (None, not a number, infinite) reads as a dash, so that no caller needs a case of
its own for it.
"""

import math
from datetime import datetime, timedelta

from engine.tasks.scores import UNKNOWN, written

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def format_number(number: float | None, decimals: int = 0) -> str:
    """Return a number with its thousands apart: "12,345"."""
    if number is None or not math.isfinite(number):
        return UNKNOWN
    text = f"{number:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def format_value(number: float | None, digits: int = 4) -> str:
    """Return a measured value with so many significant digits: "0.6931", "1.2e-06", "12,345"."""
    if number is None or not math.isfinite(number):
        return UNKNOWN
    if number == 0:
        return "0"
    size = abs(number)
    if size < 1e-3 or size >= 1e7:
        return f"{number:.{max(1, digits - 2)}e}"
    return format_number(number, max(0, digits - 1 - math.floor(math.log10(size))))


def format_percentage(fraction: float | None, decimals: int = 2) -> str:
    """Return a fraction of one as a percentage: "87.62 %"."""
    if fraction is None or not math.isfinite(fraction):
        return UNKNOWN
    return f"{format_number(100 * fraction, decimals)} %"


def format_points(change: float | None, decimals: int = 1) -> str:
    """Return a change of a fraction of one in percentage points, with its sign: "+2.1", "−0.4"."""
    if change is None or not math.isfinite(change):
        return UNKNOWN
    text = format_number(100 * change, decimals)
    if float(text.replace(",", "")) == 0:
        return text
    return text.replace("-", "−") if change < 0 else f"+{text}"


def format_accuracy(accuracy: float | None, ci95: float | None = None) -> str:
    """Return an accuracy, 0 to 1, with the half width of its interval: "87.62 ± 0.30 %"."""
    return written(accuracy, ci95, is_fraction=True)


def format_duration(seconds: float | None) -> str:
    """Return a duration in its two largest units: "38 s", "4 min", "1 h 12 min", "2 d 3 h"."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    seconds = max(0.0, seconds)
    # Each is rounded to what it shows before its unit is chosen: 59.7 s is 1 min, not 60 s.
    if round(seconds) < _MINUTE:
        return f"{round(seconds)} s"
    if (minutes := round(seconds / _MINUTE)) < 60:
        return f"{minutes} min"
    if minutes * _MINUTE < _DAY:
        return _two(minutes, 60, "h", "min")
    return _two(round(seconds / _HOUR), 24, "d", "h")


def format_time_left(seconds: float | None, *, is_at_least: bool = False) -> str:
    """Return how long something still takes: "4 min left", "over 4 min left".

    "" where nobody can say.
    """
    text = format_duration(seconds)
    if text == UNKNOWN:
        return ""
    return f"over {text} left" if is_at_least else f"{text} left"


def format_rate(per_second: float | None, unit: str = "steps") -> str:
    """Return a rate: "86 steps/s", "3.4 steps/s", and "12 s/step" for less than one a second."""
    if per_second is None or not math.isfinite(per_second) or per_second <= 0:
        return UNKNOWN
    if per_second >= 9.95:
        return f"{format_number(per_second)} {unit}/s"
    if per_second >= 0.995:
        return f"{per_second:.1f} {unit}/s"
    seconds = 1 / per_second
    shown = f"{seconds:.1f} s" if seconds < 9.95 else format_duration(seconds)
    return f"{shown}/{unit.removesuffix('s')}"


def format_progress(done: int, total: int) -> str:
    """Return how far something counted is: "12,345 / 100,000"."""
    return f"{done:,} / {total:,}"


def format_validation(done: int, episodes: int) -> str:
    """Return how far a validation is: "validating 1,200 of 2,000"."""
    return f"validating {done:,} of {episodes:,}"


def format_bytes(count: float | None) -> str:
    """Return a size on disk, in thousands as file dialogs have it: "532 B", "1.4 GB"."""
    if count is None or not math.isfinite(count):
        return UNKNOWN
    size, unit = max(0.0, float(count)), 0
    while size >= (999.5 if unit == 0 else 999.95) and unit < len(_BYTE_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{format_number(size, 0 if unit == 0 else 1)} {_BYTE_UNITS[unit]}"


def format_moment(moment: str | datetime, now: datetime | None = None) -> str:
    """Return a moment in local time: "today 14:02", "yesterday 09:30", "12 Mar 14:02".

    Parameters
    ----------
    moment
        ISO 8601, or with a time zone of its own; without a zone it is local.
    now
        What today is; by default, now.

    Returns
    -------
    str
        Dates of another year have the year; a text that is no date is returned as it is.
    """
    try:
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return str(moment) or UNKNOWN
    local = parsed.astimezone()
    today = (now or datetime.now()).astimezone().date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return f"today {clock}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday {clock}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {clock}"


def _two(small: int, per_large: int, large_unit: str, small_unit: str) -> str:
    large, rest = divmod(small, per_large)
    return f"{large} {large_unit}" + (f" {rest} {small_unit}" if rest else "")
