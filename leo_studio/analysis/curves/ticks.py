"""Places and texts of an axis's numbers.

pyqtgraph's own ticks have three levels, whose grid lines cost 5 ms at every change of range, and
number large steps as 1e+06.
"""

import math

_STEPS = (1.0, 2.0, 5.0, 10.0)
_MULTIPLES = (1, 2, 5)
Ticks = list[tuple[float, str]]


def linear_ticks(low: float, high: float, most: int) -> Ticks:
    """Return round numbers between two, about `most` of them, with their texts."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return []
    rough = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    spacing = power * next(step for step in _STEPS if step * power >= rough * (1 - 1e-9))
    first, last = _multiples(low, high, spacing)
    while last - first < 1 and spacing > 1e-9 * span:  # one number says nothing of the scale
        spacing /= 2
        first, last = _multiples(low, high, spacing)
    # Far from zero a narrow range has more digits than a float has.
    if last - first > 10 * most:
        return []
    values = [number * spacing for number in range(first, last + 1)]
    return [(value, tick_text(value, spacing)) for value in values]


def _multiples(low: float, high: float, spacing: float) -> tuple[int, int]:
    """Return the first and the last multiple of `spacing` between two numbers."""
    return math.ceil(low / spacing - 1e-9), math.floor(high / spacing + 1e-9)


def log_ticks(low: float, high: float, most: int) -> Ticks:
    """Return ticks of a logarithmic axis: exponents of ten, with the texts of their powers.

    Whole decades where there are two or more, else 1, 2 and 5 times a power of ten, and round
    numbers where the range is even less.
    """
    decades = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if high - low >= 2:
        every = max(1, -(-len(decades) // max(1, most)))
        return [(float(power), power_text(power)) for power in decades if power % every == 0]
    if high - low >= 0.8:
        values = [
            multiple * 10.0**power
            for power in range(math.floor(low), math.floor(high) + 1)
            for multiple in _MULTIPLES
        ]
        inside = [value for value in values if low <= math.log10(value) <= high]
        return [(math.log10(value), tick_text(value, value)) for value in inside]
    if low < -300 or high > 300:
        return []
    ticks = linear_ticks(10**low, 10**high, most)
    return [(math.log10(value), text) for value, text in ticks if value > 0]


def tick_text(value: float, spacing: float) -> str:
    """Return a number with the digits that its distance to the next one needs: "250k", "0.05"."""
    if abs(value) < spacing * 1e-6:
        return "0"
    size = max(abs(value), spacing)
    for unit, factor in (("M", 1e6), ("k", 1e3)):
        if size >= factor * (10 if unit == "k" else 1):
            return f"{_trimmed(value / factor, spacing / factor)}{unit}"
    if size < 1e-3:
        power = math.floor(math.log10(abs(value)) + 1e-9)
        mantissa = _trimmed(value / 10.0**power, spacing / 10.0**power)
        return power_text(power) if mantissa == "1" else f"{mantissa}·{power_text(power)}"
    return _trimmed(value, spacing)


def power_text(power: int) -> str:
    """Return a power of ten: "0.01", "1", "1000", and "10⁻⁵" where that is shorter."""
    if -3 <= power <= 4:
        return f"{10.0**power:.{max(0, -power)}f}"
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _trimmed(value: float, spacing: float) -> str:
    decimals = min(12, max(0, -math.floor(math.log10(spacing) + 1e-9)))
    # A spacing of 2.5 needs one digit more than its size says.
    while decimals < 12 and abs(round(spacing, decimals) - spacing) > 1e-9 * spacing:
        decimals += 1
    return f"{value:.{decimals}f}".replace("-", "−")
