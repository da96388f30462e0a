"""A line about the episodes that are shown."""

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.statistics import half_width
from engine.inspection.records import STAGES, EpisodeTable
from leo_studio.analysis.formats import format_accuracy, format_points


def summary(table: EpisodeTable, rows: NDArray[np.int64]) -> str:
    """Return how many rows are shown, and their mean accuracies with 95 % intervals."""
    if not len(rows):
        return f"None of {len(table.numbers):,} episodes is meant by this filter."
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
