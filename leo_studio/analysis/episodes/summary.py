"""A line about the episodes that are shown."""

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.statistics import half_width
from engine.inspection.records import STAGES, EpisodeTable
from leo_studio.analysis.episodes.filter_words import bounds
from leo_studio.analysis.formats import format_accuracy, format_percentage, format_points


def summary(table: EpisodeTable, rows: NDArray[np.int64], expression: str = "") -> str:
    """Return how many rows are shown, and their mean accuracies with 95 % intervals.

    Where there are none, it says what accuracies there are, if the filter compares them.
    """
    if not len(rows):
        none = f"None of {len(table.numbers):,} episodes"
        bound = bounds(expression, "accuracy")
        if not bound or not len(table.numbers):
            return f"{none} is meant by this filter."
        accuracies = table.accuracies[:, 2]
        lowest = f"the lowest accuracy is {format_percentage(float(accuracies.min()), 1)}"
        highest = f"the highest accuracy is {format_percentage(float(accuracies.max()), 1)}"
        each = {"<": lowest, ">": highest}
        return f"{none}; {', '.join(text for sign, text in each.items() if sign in bound)}."
    shown = f"{len(rows):,} of {len(table.numbers):,} episodes. "
    accuracies = table.accuracies[rows]
    parts = []
    for stage, name in enumerate(STAGES):
        values = accuracies[:, stage]
        half = half_width(values) if len(values) > 1 else None
        parts.append(f"{name} {format_accuracy(float(values.mean()), half)}")
    gains = table.gains[rows]
    hurt = int((gains < 0).sum())
    return (
        f"{shown}Mean accuracy {', '.join(parts)}; gain {format_points(gains.mean(), 2)} points; "
        f"adaptation hurt {hurt:,}."
    )


def waiting_words(computed: int, total: int) -> str:
    """Say that the hardest episode is opened once all are computed, and how many are."""
    so_far = f"{computed:,} of {total:,} are computed so far" if computed else "none is so far"
    return (
        f"The hardest episode is opened when all {total:,} are computed; {so_far}. "
        "Cancel opens the hardest of those."
    )
