"""Positions of the stages along an adaptation."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Inspection


def stage_at(record: Inspection, position: int) -> int | None:
    """Return which of the three stages a position is; None between them.

    Where several stages are one position, since no steps are taken, it is the last of them.
    """
    found = [stage for stage, place in enumerate(record.stages) if place == position]
    return found[-1] if found else None


def carried_over(
    positions: Sequence[int], record: Inspection, other: Inspection
) -> NDArray[np.float64]:
    """Return where on the way of another adaptation some positions of one would be.

    Stage lies upon stage, and steps between stages are spread evenly where there are more of them,
    or fewer.
    """
    places: NDArray[np.float64] = np.interp(positions, record.stages, other.stages)
    return places
