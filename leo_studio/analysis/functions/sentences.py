"""What is seen of some points of a function, in words."""

from collections.abc import Sequence

import numpy as np

from engine.inspection.function_records import FunctionRecord, FunctionTable
from engine.inspection.kept_points import KeptPoints
from engine.io.listing import shown
from leo_studio.analysis.formats import (
    format_moment,
    format_number,
    format_percentage,
    format_value,
)
from leo_studio.analysis.functions.edited_points import KeptAs
from leo_studio.analysis.kept_names import kept_name, rest_of_note

WEIGHTED = "Of the samples, each of which counts by how well it fits the given points"
FAINT = (
    "A function that the run holds possible; the fainter, the worse it fits the given points and "
    "the less it counts, in means, intervals and percentages alike"
)
_NAME_LETTERS = 60


def summary(record: FunctionRecord, step: int, learner: str) -> str:
    """Say what the limit, where it is known, and a learner make of points, at an inner step.

    Such as: "sine 63 %, line 37 % by the Bayes-optimal limit; sine 55 %, line 45 % by LEO; log
    likelihood of the given points −0.42 by LEO, −0.31 by the limit". Of another step than the
    last, it begins with the step.
    """
    parts, limit = [], record.limit
    if limit is not None and len(record.families) > 1:
        shares = limit.family_probability.tolist()
        parts.append(f"{_named(record.families, shares)} by the Bayes-optimal limit")
    if (first := record.first_weights) is not None:
        weight = min(max(float(first[step]), 0.0), 1.0)
        parts.append(f"{_named(record.families, [weight, 1 - weight])} by {learner}")
    own = _nats(float(record.log_likelihood[step]))
    best = "" if limit is None else f", {_nats(limit.log_likelihood)} by the limit"
    parts.append(f"log likelihood of the given points {own} by {learner}{best}")
    about = f"function {shown(record.name, _NAME_LETTERS)}: " if record.name else ""
    return about + _when(step, record.steps) + "; ".join(parts)


def shares_tip(record: FunctionRecord, learner: str) -> str:
    """Say what a learner's percentages in the summary are of; "" where it has no samples."""
    if record.first_weights is None or record.samples < 2:
        return ""
    return f"Percentages by {learner}: {WEIGHTED[0].lower()}{WEIGHTED[1:]}; faint ones hardly count"


def _when(step: int, steps: int) -> str:
    """Say which step a sentence is of; "" for the last, which all others are of."""
    if step >= steps:
        return ""
    return f"After {step_names(steps)[step]}: " if step else "Before the inner loop: "


def table_words(steps: int) -> str:
    """Say which step of the inner loop the table of tasks is of; "" where there is no loop."""
    return f"Each task after the last step, {steps} of {steps}" if steps else ""


def source_words(table: FunctionTable) -> str:
    """Say what the tasks of measured functions are; "" for drawn ones, which are all different."""
    if not table.functions:
        return ""
    points = f"{table.k_shot:,} point{'' if table.k_shot == 1 else 's'}"
    functions = f"{table.functions:,} test function{'' if table.functions == 1 else 's'}"
    return f"Tasks are {points} each of {functions}"


def values_at(record: FunctionRecord, step: int, learner: str, x: float) -> tuple[str, str]:
    """Say what a learner, at an inner step, and the limit predict at x: whole, and without bands.

    The limit is left out where nobody knows it.

    Such as: "x = −1.20; LEO 0.31 (0.11 to 0.52); limit 0.29 (0.10 to 0.48); true function 0.30".
    """
    place = int(np.abs(record.grid - x).argmin())
    whole = [f"x = {_value(record.grid[place])}"]
    means = list(whole)
    said = [(learner, record.mean[step], record.band[step])]
    if record.limit is not None:
        said.append(("limit", record.limit.mean, record.limit.band))
    for name, mean, band in said:
        low, middle, high = (_value(values[place]) for values in (band[0], mean, band[1]))
        means.append(f"{name} {middle}")
        whole.append(f"{name} {middle} ({low} to {high})")
    if record.truth is not None:
        truth = f"true function {_value(record.truth[place])}"
        means.append(truth)
        whole.append(truth)
    return "; ".join(whole), "; ".join(means)


def _named(families: Sequence[str], shares: Sequence[float]) -> str:
    """Return the share of each family: "sine 63 %, line 37 %"."""
    pairs = zip(families, whole_percents(shares), strict=True)
    return ", ".join(f"{family} {percent}" for family, percent in pairs)


def points_words(kept_as: KeptAs | None, *, is_changed: bool, samples: int | None = None) -> str:
    """Say before a summary which points it is of; "" for a task's own.

    Such as: 'Kept points "higher"; ', or 'Points changed: '. Where it is of the first few samples
    alone, as long as the others are on their way, `samples` says of how many.
    """
    so_far = "" if samples is None else f", {samples} samples so far"
    if kept_as is not None:
        return f'Kept points "{kept_as.name}"{", changed" if kept_as.is_changed else ""}{so_far}; '
    return f"Points changed{so_far}: " if is_changed else ""


def kept_points_name(kept: KeptPoints) -> str:
    """Return what people call kept points: their name, or else their task."""
    return kept_name(kept.note, "of no task" if kept.number is None else f"task {kept.number:,}")


def listed_words(kept: KeptPoints, run: str) -> str:
    """Say in a list what was kept: the name, what it is of, and what else its note says.

    `run` is what people call the run that the points were kept with; "" for none.
    """
    task = "Points of no task" if kept.number is None else f"Task {kept.number:,}"
    count = len(kept.x)
    about = (
        f"{task} of {run}" if run else task,
        "" if kept.step is None else f"step {kept.step:,}",
        f"{count:,} point{'' if count == 1 else 's'}",
        format_moment(kept.kept),
    )
    lines = (kept_name(kept.note, ""), ", ".join(filter(None, about)), rest_of_note(kept.note))
    return "\n".join(filter(None, lines))


def opened_words(kept: KeptPoints, run: str, *, has_same_task: bool) -> str:
    """Say where points that were opened are from; `number` is that of the task in their place.

    Parameters
    ----------
    kept
        The points.
    run
        What people call the run that they were kept with; "" for none.
    has_same_task
        Whether they were points of that very task.
    """
    with_run = f" with {run}" if run else ""
    step = f", step {kept.step:,}" if kept.step is not None else ""
    said = f"Points kept {format_moment(kept.kept)}{with_run}{step}"
    if not has_same_task:
        said += f"; they are of another task, and stand in the place of task {kept.number:,}'s own"
    return f"{said}. {kept.note}".rstrip()


def step_names(steps: int) -> list[str]:
    """Return what the positions along the inner loop are called, `steps` + 1 of them."""
    return ["before", *(f"step {step} of {steps}" for step in range(1, steps + 1))]


def whole_percents(shares: Sequence[float]) -> list[str]:
    """Write shares of one in percent: whole, but for what is nearly nothing or nearly all."""
    return [_percent(share) for share in shares]


def _percent(share: float) -> str:
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return format_percentage(share, 0)


def _value(number: float) -> str:
    return format_value(float(number), 3).replace("-", "−")


def _nats(number: float) -> str:
    return format_number(number, 2).replace("-", "−")
