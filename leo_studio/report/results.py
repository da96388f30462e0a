"""Results of evaluations as a report needs them: from files that a run keeps, or made now."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.baselines import NEAREST_CLASS_MEAN
from engine.evaluation.evaluator import half_width
from engine.runs.run import Run
from leo_studio.catalogue import evaluation_entry

Numbers = NDArray[np.float64]
BASELINE_WORDS = "nearest class mean"


@dataclass(frozen=True, slots=True)
class Opponent:
    """What a result was compared with on the same episodes; the name is never a path."""

    name: str
    episodes: int
    accuracy: float
    ci95: float
    difference: float
    difference_ci95: float

    @classmethod
    def of(cls, paired: Mapping[str, Any], episodes: int) -> "Opponent":
        """Read what `engine.evaluation.checkpoints.paired_with` wrote."""
        name = str(paired["other"])
        return cls(
            name=BASELINE_WORDS if name == NEAREST_CLASS_MEAN else last_name(name),
            episodes=episodes,
            accuracy=float(paired["other_accuracy"]),
            ci95=float(paired["other_ci95"]),
            difference=float(paired["difference"]),
            difference_ci95=float(paired["ci95"]),
        )

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval leaves out "no difference"."""
        return abs(self.difference) > self.difference_ci95


@dataclass(frozen=True, slots=True)
class Result:
    """An evaluation of the weights of a step.

    Attributes
    ----------
    split, step, episodes
        What was evaluated; episodes 0 to `episodes` - 1 under the seed of all evaluations.
    accuracy, ci95
        The mean over episodes, 0 to 1, and half the width of its 95 % interval.
    loss, calibration_error
        In nats; and the expected calibration error, 0 to 1.
    queries
        The smallest and the largest number of queries that a class had in an episode.
    accuracies
        Of every episode, (E,); empty where they were not kept.
    classes
        Mean accuracy on queries by the class's name, of the classes that came up.
    bin_counts, bin_confidences, bin_accuracies
        The calibration curve.
    opponent
        What it was compared with, or None.
    is_kept
        Whether the run keeps it; otherwise it was made for the report.
    """

    split: str
    step: int
    episodes: int
    accuracy: float
    ci95: float
    loss: float
    calibration_error: float
    queries: tuple[int, int]
    accuracies: Numbers
    classes: Mapping[str, float]
    bin_counts: Numbers
    bin_confidences: Numbers
    bin_accuracies: Numbers
    opponent: Opponent | None
    is_kept: bool


def kept_results(run: Run) -> list[Result]:
    """Return the evaluations that a run keeps, the newest first, as far as they can be read."""
    found: list[tuple[float, str, Result]] = []
    for path in (run.path / "evaluations").glob("*.json"):
        entry = evaluation_entry(path)
        result = None if entry is None else result_of(entry.report, is_kept=True)
        if result is not None:
            found.append((path.stat().st_mtime, path.name, result))
    return [result for *_, result in sorted(found, key=lambda each: each[:2], reverse=True)]


def result_of(report: Mapping[str, Any], *, is_kept: bool) -> Result | None:
    """Read what `evaluation.checkpoints.report_of` wrote; None where a part of it is missing."""
    try:
        low, high = report["queries_per_class"]
        curve, paired = report["calibration"], report.get("paired")
        return Result(
            split=str(report["split"]),
            step=int(report["checkpoint_step"]),
            episodes=int(report["episodes"]),
            accuracy=float(report["accuracy"]),
            ci95=float(report["ci95"]),
            loss=float(report["loss"]),
            calibration_error=float(report["calibration_error"]),
            queries=(int(low), int(high)),
            accuracies=_numbers(report.get("accuracies", ())),
            classes={
                str(name): float(accuracy)
                for name, accuracy in report["classes"].items()
                if accuracy is not None
            },
            bin_counts=_numbers(curve["counts"]),
            bin_confidences=_numbers(curve["confidences"]),
            bin_accuracies=_numbers(curve["accuracies"]),
            opponent=None if paired is None else Opponent.of(paired, int(report["episodes"])),
            is_kept=is_kept,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def paired_on_shared_episodes(one: Result, other: Result) -> tuple[float, float, int] | None:
    """Compare two results on the episodes that both have: the first ones of either.

    Returns
    -------
    tuple or None
        The mean difference of accuracy, half the width of its 95 % interval, and how many episodes
        it is over; None where one of them kept no single episodes.
    """
    count = min(len(one.accuracies), len(other.accuracies))
    if count < 2:
        return None
    differences = one.accuracies[:count] - other.accuracies[:count]
    return float(differences.mean()), half_width(differences), count


def last_name(path: str) -> str:
    """Return the last part of a path of whatever system: what may be told to others."""
    return PurePosixPath(PureWindowsPath(path).as_posix()).name or path


def _numbers(values: Any) -> Numbers:
    return np.asarray(values, np.float64).reshape(-1)
