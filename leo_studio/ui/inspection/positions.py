"""What the positions along an adaptation are called; no Qt."""

from engine.inspection.records import Inspection, Latents


def position_name(record: Inspection | Latents, position: int) -> str:
    """Return "before", "inner 3 of 5" or "fine-tuning 2 of 5"."""
    if position == 0:
        return "before"
    if position <= record.inner_steps:
        return f"inner {position} of {record.inner_steps}"
    return f"fine-tuning {position - record.inner_steps} of {record.finetuning_steps}"


def stage_at(record: Inspection, position: int) -> int | None:
    """Return which of the three stages a position is; None between them.

    Where several stages are one position, since no steps are taken, it is the last of them.
    """
    found = [stage for stage, place in enumerate(record.stages) if place == position]
    return found[-1] if found else None
