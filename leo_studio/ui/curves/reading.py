"""Which point of a curve the crosshair reads, and of which step it is."""

from leo_studio.analysis.curves.aggregation import Curve, row_at
from leo_studio.analysis.curves.quantities import XAxis


def row_of(curve: Curve, crosshair: float | None, *, is_log_x: bool) -> int | None:
    """Return the point at the crosshair, or the last one without it; None for none there."""
    if crosshair is None:
        return len(curve.x) - 1
    x = 10**crosshair if is_log_x else crosshair
    return row_at(curve.x, x / curve.scale)


def step_words(curve: Curve, row: int | None, axis: XAxis) -> str:
    """Say which step a value is of that was not measured at every one; "" for the others."""
    if row is None or not curve.has_points or axis != "step":
        return ""
    return f" (step {int(curve.x[row]):,})"
