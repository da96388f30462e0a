"""A kept evaluation as sentences, arrays and tables."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BadInput
from leo_studio.analysis.formats import UNKNOWN, format_accuracy, format_number, format_percentage
from leo_studio.records import EvaluationEntry

NEAREST_CLASS_MEAN = "nearest-class-mean"  # as `EvaluationRequest.compare` has it
_FEWEST_BINS, _MOST_BINS = 5, 50
_NARROWEST = 0.01  # of a histogram, from its first bin to its last


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a run did against another on the same episodes."""

    other: str  # for people
    other_accuracy: float
    other_ci95: float
    difference: float  # -1 to 1
    ci95: float
    excludes_zero: bool

    @property
    def sentence(self) -> str:
        """The difference in points, with its interval, and what it means."""
        sign, side = ("+", "over") if self.difference >= 0 else ("", "below")
        points = f"{sign}{100 * abs(self.difference):.2f} ± {100 * self.ci95:.2f} points {side}"
        verb = "excludes" if self.excludes_zero else "includes"
        accuracy = format_accuracy(self.other_accuracy, self.other_ci95)
        return f"{points} {self.other} ({accuracy}) on the same episodes; the interval {verb} 0"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Queries by the model's confidence in its answer: one number per bin."""

    counts: NDArray[np.float64]
    confidences: NDArray[np.float64]  # means, 0 to 1
    accuracies: NDArray[np.float64]

    @property
    def edges(self) -> NDArray[np.float64]:
        """Where bins begin and end, one more than there are bins."""
        return np.linspace(0, 1, len(self.counts) + 1)


@dataclass(frozen=True, slots=True)
class Report:
    """All that an evaluation found.

    Attributes
    ----------
    task
        Such as "5-way 1-shot"; "" where the run's settings cannot be read.
    classes, class_accuracies
        By falling accuracy; not-a-number, at the end, for classes that never came up.
    accuracies
        Of every episode; empty where they were not kept.
    """

    split: str
    step: int
    task: str
    episodes: int
    accuracy: float
    ci95: float
    loss: float
    calibration_error: float
    queries: tuple[int, ...]
    classes: tuple[str, ...]
    class_accuracies: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    calibration: Calibration
    comparison: Comparison | None
    chance: float | None  # accuracy of guessing
    whole: Mapping[str, Any]  # as it is on disk

    @property
    def headline(self) -> str:
        """The accuracy with its interval."""
        return format_accuracy(self.accuracy, self.ci95)

    @property
    def description(self) -> str:
        """What was measured, and what the interval is of."""
        fewest, most = min(self.queries, default=0), max(self.queries, default=0)
        queries = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
        task = f"{self.task}, " if self.task else ""
        return (
            f"{task}{self.episodes:,} episodes of split {self.split}, checkpoint step "
            f"{self.step:,}, {queries} queries per class; 95 % confidence interval over episodes"
        )

    @property
    def measures(self) -> str:
        """Loss and calibration error."""
        loss = format_number(self.loss, 4)
        unit = "" if loss == UNKNOWN else " nats"
        return (
            f"Loss {loss}{unit} per query · expected calibration error "
            f"{format_percentage(self.calibration_error)}"
        )


def read_report(entry: EvaluationEntry, task: str = "", n_way: int | None = None) -> Report:
    """Return what an evaluation found; raises `BadInput` for a file that says too little."""
    whole = entry.report
    try:
        names, values = _sorted_classes(whole.get("classes", {}))
        bins = whole.get("calibration", {})
        calibration = Calibration(
            *(_numbers(bins.get(name, ())) for name in ("counts", "confidences", "accuracies"))
        )
        # Raises where they are not of one length.
        np.stack([calibration.counts, calibration.confidences, calibration.accuracies])
        return Report(
            split=entry.split,
            step=entry.step,
            task=task,
            episodes=entry.episodes,
            accuracy=entry.accuracy,
            ci95=entry.ci95,
            loss=float(whole["loss"]),
            calibration_error=float(whole["calibration_error"]),
            queries=tuple(int(count) for count in whole["queries_per_class"]),
            classes=names,
            class_accuracies=values,
            accuracies=_numbers(whole.get("accuracies", ())),
            calibration=calibration,
            comparison=_comparison(whole.get("paired")),
            chance=1 / n_way if n_way else None,
            whole=whole,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(f"{entry.path} is no whole evaluation; evaluate again.") from None


def histogram(accuracies: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count episodes by accuracy: how many in each bin, and the bins' edges, one more."""
    low, high = float(accuracies.min()), float(accuracies.max())
    if high - low < _NARROWEST:
        low, high = max(0.0, low - _NARROWEST), min(1.0, high + _NARROWEST)
    wanted = len(np.histogram_bin_edges(accuracies, "sturges")) * 2
    edges = np.linspace(low, high, min(max(wanted, _FEWEST_BINS), _MOST_BINS) + 1)
    counts, _ = np.histogram(accuracies, edges)
    return counts.astype(np.float64), edges


def _numbers(values: Any) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _sorted_classes(classes: Mapping[str, Any]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    found = [(name, math.nan if value is None else float(value)) for name, value in classes.items()]
    found.sort(key=lambda each: (math.isnan(each[1]), -each[1] if each[1] == each[1] else 0.0))
    return tuple(name for name, _ in found), _numbers([value for _, value in found])


def _comparison(paired: Any) -> Comparison | None:
    if paired is None:
        return None
    other = str(paired["other"])
    return Comparison(
        other="nearest class mean" if other == NEAREST_CLASS_MEAN else Path(other).name,
        other_accuracy=float(paired["other_accuracy"]),
        other_ci95=float(paired["other_ci95"]),
        difference=float(paired["difference"]),
        ci95=float(paired["ci95"]),
        excludes_zero=bool(paired["excludes_zero"]),
    )
