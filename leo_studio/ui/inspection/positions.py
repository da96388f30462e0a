"""Which positions along an adaptation are its stages; no Qt."""

from engine.inspection.records import Inspection


def stage_at(record: Inspection, position: int) -> int | None:
    """Return which of the three stages a position is; None between them.

    Where several stages are one position, since no steps are taken, it is the last of them.
    """
    found = [stage for stage, place in enumerate(record.stages) if place == position]
    return found[-1] if found else None
