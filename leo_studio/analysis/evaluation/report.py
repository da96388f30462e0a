"""An evaluation as sentences, arrays and tables."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.record import Calibration, Evaluation, Opponent
from engine.tasks.scores import UNKNOWN
from leo_studio.analysis.formats import format_accuracy, format_number, format_percentage

_FEWEST_BINS, _MOST_BINS = 5, 50
_NARROWEST = 0.01  # of a histogram, from its first bin to its last


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation as a person reads it.

    Attributes
    ----------
    evaluation
        All that it found.
    classes, class_accuracies
        By rising accuracy, since a person looks for those that went wrong; not-a-number, at the
        end, for classes that never came up.
    task
        Such as "5-way 1-shot"; "" where the run's settings cannot be read.
    chance
        Accuracy of guessing; None where nobody knows.
    """

    evaluation: Evaluation
    classes: tuple[str, ...]
    class_accuracies: NDArray[np.float64]
    task: str
    chance: float | None

    def rank(self, place: int) -> int:
        """Return the rank of a class: 1 for the best; those that never came up are the last."""
        known = int(np.count_nonzero(~np.isnan(self.class_accuracies)))
        return known - place if place < known else place + 1

    @property
    def headline(self) -> str:
        """The accuracy with its interval."""
        return format_accuracy(self.evaluation.accuracy, self.evaluation.ci95)

    @property
    def description(self) -> str:
        """What was measured, and what the interval is of."""
        found = self.evaluation
        fewest, most = found.queries_per_class
        queries = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
        task = f"{self.task}, " if self.task else ""
        return (
            f"{task}{found.episodes:,} episodes of split {found.split}, checkpoint step "
            f"{found.step:,}, {queries} queries per class; 95 % confidence interval over episodes"
        )

    @property
    def measures(self) -> str:
        """Loss and calibration error."""
        loss = format_number(self.evaluation.loss, 4)
        unit = "" if loss == UNKNOWN else " nats"
        return (
            f"Loss {loss}{unit} per query · expected calibration error "
            f"{format_percentage(self.evaluation.calibration_error)}"
        )

    @property
    def comparison(self) -> str:
        """What it was compared with; "" where it was not."""
        opponent = self.evaluation.opponent
        return "" if opponent is None else compared(opponent)


def report_of(evaluation: Evaluation, task: str = "", n_way: int | None = None) -> Report:
    """Return the report of an evaluation."""
    values = evaluation.class_accuracies
    order = np.argsort(values, kind="stable")  # which puts not-a-number at the end
    return Report(
        evaluation=evaluation,
        classes=tuple(evaluation.class_names[place] for place in order.tolist()),
        class_accuracies=values[order],
        task=task,
        chance=1 / n_way if n_way else None,
    )


def compared(opponent: Opponent) -> str:
    """Return the difference from an opponent in points, with its interval, and what it means."""
    found = opponent.difference
    sign, side = ("+", "over") if found.difference >= 0 else ("", "below")
    points = f"{sign}{100 * abs(found.difference):.2f} ± {100 * found.ci95:.2f} points {side}"
    verb = "excludes" if found.excludes_zero else "includes"
    accuracy = format_accuracy(opponent.accuracy, opponent.ci95)
    return f"{points} {opponent.name} ({accuracy}) on the same episodes; the interval {verb} 0"


def leaning(bins: Calibration) -> str:
    """Say on which side of calibrated a model's confidence is."""
    is_used = bins.counts > 0
    gaps = bins.accuracies[is_used] - bins.confidences[is_used]
    gap = float((bins.counts[is_used] * gaps).sum())
    if gap == 0:
        return "neither over- nor underconfident"
    return "mostly underconfident" if gap > 0 else "mostly overconfident"


def histogram(accuracies: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count episodes by accuracy: how many in each bin, and the bins' edges, one more."""
    low, high = float(accuracies.min()), float(accuracies.max())
    if high - low < _NARROWEST:
        low, high = max(0.0, low - _NARROWEST), min(1.0, high + _NARROWEST)
    # Twice the bins of Sturges' rule, by which numpy itself fails where all are nearly the same.
    wanted = 2 * (math.ceil(math.log2(len(accuracies))) + 2)
    edges = np.linspace(low, high, min(max(wanted, _FEWEST_BINS), _MOST_BINS) + 1)
    counts, _ = np.histogram(accuracies, edges)
    return counts.astype(np.float64), edges
