"""The record of an evaluation: how the weights of a run did on the episodes of a split.

One type wherever it is met: the evaluator returns it, a run keeps it as JSON, and windows,
comparisons, reports and exports read it. No torch.

Shapes: E episodes, C classes of the split, 15 bins of confidence.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import BadInput
from engine.evaluation.statistics import PairedDifference
from engine.io.files import last_name
from engine.io.text import read_text
from engine.io.versions import require_known_version
from engine.tasks.scores import Score

SCHEMA = 1
FOLDER = "evaluations"  # in a run's folder
# What the names of files of other kinds begin with: see `regression.record`, `grid_record`, and
# `engine.inspection.uncertainty_record` and `curvature_record`.
OF_REGRESSION, OF_UNCERTAINTY, OF_GRID = "regression-", "uncertainty-", "grid-"
OF_CURVATURE = "curvature-"
NEAREST_CLASS_MEAN = "nearest-class-mean"  # the baseline, where others are runs
_KEYS = (
    "run",
    "checkpoint_step",
    "accuracy",
    "ci95",
    "episodes",
    "split",
    "loss",
    "calibration_error",
    "queries_per_class",
    "classes",
    "calibration",
    "paired",
    "caution",
    "accuracies",
)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Queries by the model's confidence in its answer: one number per bin, (15,)."""

    counts: NDArray[np.int64]
    confidences: NDArray[np.float64]  # means, 0 to 1
    accuracies: NDArray[np.float64]

    @property
    def edges(self) -> NDArray[np.float64]:
        """Where bins begin and end, one more than there are bins."""
        return np.linspace(0, 1, len(self.counts) + 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calibration) and _parts(self) == _parts(other)

    def __hash__(self) -> int:
        return hash(_parts(self))


@dataclass(frozen=True, slots=True)
class Opponent:
    """The classifier that an evaluation is compared with on the same episodes, and the difference.

    Attributes
    ----------
    other
        The folder of a run, or `NEAREST_CLASS_MEAN`.
    accuracy, ci95
        How it did.
    difference
        How much better the evaluation is than its opponent.
    """

    other: str
    accuracy: float
    ci95: float
    difference: PairedDifference

    @property
    def is_baseline(self) -> bool:
        """Whether it is nearest class mean, and no run."""
        return self.other == NEAREST_CLASS_MEAN

    @property
    def name(self) -> str:
        """What people call it; never a path."""
        return "nearest class mean" if self.is_baseline else last_name(self.other)


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The record of what a classifier scored on a number of episodes.

    Two are equal where they hold the same numbers, not-a-number included.

    Attributes
    ----------
    split
        The split's name.
    episodes
        E: episodes 0 to E - 1 under the seed of all evaluations.
    accuracy, ci95
        Mean over episodes of the share of queries that were right, 0 to 1, and half the width of
        its 95 % confidence interval.
    loss
        Mean cross-entropy over all queries, in nats.
    calibration_error
        Expected calibration error: the mean over queries of the distance between confidence and
        accuracy within each of 15 equal bins of confidence (Guo et al. 2017).
    queries_per_class
        The smallest and the largest number of queries that a class had in an episode.
    class_names, class_accuracies
        Mean accuracy on queries of each class, (C,); not-a-number for a class that never came up.
    calibration
        The curve behind `calibration_error`.
    accuracies
        Share of queries that were right, per episode, (E,); empty where they were not kept.
    run, step
        The run's folder and the step of the weights; "" and None for what is no run's.
    opponent
        What it was compared with.
    caution
        A sentence on why accuracies may be better than they should: an image encoder has seen the
        classes before; "" where nothing is known of that.
    path
        The file that it is kept in, or would be.
    why_not_kept
        A sentence, where the file could not be written; the result is as good.
    others
        What the file holds besides, such as what a later version wrote.
    """

    split: str
    episodes: int
    accuracy: float
    ci95: float
    loss: float
    calibration_error: float
    queries_per_class: tuple[int, int]
    class_names: tuple[str, ...]
    class_accuracies: NDArray[np.float64]
    calibration: Calibration
    accuracies: NDArray[np.float64]
    run: str = ""
    step: int | None = None
    opponent: Opponent | None = None
    caution: str = ""
    path: Path | None = None
    why_not_kept: str = ""
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_kept(self) -> bool:
        """Whether a run keeps it."""
        return self.path is not None and not self.why_not_kept

    @property
    def scores(self) -> dict[str, Score]:
        """What it measured, by the names of the scores; see `engine.tasks.catalogue`."""
        return {
            "accuracy": Score(self.accuracy, self.ci95),
            "loss": Score(self.loss),
            "calibration_error": Score(self.calibration_error),
        }

    @property
    def file_name(self) -> str:
        """What its file is, or will be, called in the run's folder, without the ending."""
        if self.path is not None:
            return self.path.stem
        return f"{self.split}-step-{self.step or 0:09d}-{self.episodes}"

    @property
    def known_classes(self) -> dict[str, float]:
        """Accuracy by name of the classes that came up."""
        pairs = zip(self.class_names, self.class_accuracies.tolist(), strict=True)
        return {name: accuracy for name, accuracy in pairs if not math.isnan(accuracy)}

    def without_paths(self) -> "Evaluation":
        """Return the same, saying nothing of where runs lie on this machine."""
        opponent = self.opponent
        if opponent is not None:
            opponent = replace(opponent, other=last_name(opponent.other))
        return replace(self, run="", opponent=opponent)

    def summary(self) -> dict[str, Any]:
        """Return plain containers for JSON without single episodes, classes and bins."""
        whole = {"run": self.run, "checkpoint_step": self.step, "caution": self.caution}
        return {key: value for key, value in whole.items() if value not in ("", None)} | {
            "accuracy": self.accuracy,
            "ci95": self.ci95,
            "episodes": self.episodes,
            "split": self.split,
            "loss": self.loss,
            "calibration_error": self.calibration_error,
            "queries_per_class": list(self.queries_per_class),
            **self.others,
        }

    def to_dict(self, *, has_episodes: bool = True) -> dict[str, Any]:
        """Return plain containers for JSON; a class that never came up has null.

        `has_episodes` says whether the accuracy of every episode is among them.
        """
        names, accuracies = self.class_names, self.class_accuracies.tolist()
        whole = self.summary() | {
            "classes": {
                name: None if math.isnan(accuracy) else accuracy
                for name, accuracy in zip(names, accuracies, strict=True)
            },
            "calibration": {
                "counts": self.calibration.counts.tolist(),
                "confidences": self.calibration.confidences.tolist(),
                "accuracies": self.calibration.accuracies.tolist(),
            },
        }
        if self.opponent is not None:
            whole["paired"] = _opponent_dict(self.opponent)
        if has_episodes and len(self.accuracies):
            whole["accuracies"] = self.accuracies.tolist()
        return whole

    def to_json(self) -> str:
        """Return the text of its file."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Evaluation) and _parts(self) == _parts(other)

    def __hash__(self) -> int:
        return hash((self.path, self.split, self.step, self.episodes, self.accuracy))


class Kept(NamedTuple):
    """The evaluations that a run keeps, and a sentence for each file that is none."""

    evaluations: tuple[Evaluation, ...]
    problems: tuple[str, ...]


def kept_evaluations(run_folder: Path) -> Kept:
    """Read the evaluations that a run keeps, by the names of their files."""
    evaluations, problems = [], []
    for path in sorted((run_folder / FOLDER).glob("*.json")):
        if path.name.startswith((OF_REGRESSION, OF_UNCERTAINTY, OF_GRID, OF_CURVATURE)):
            continue
        try:
            evaluations.append(read_evaluation(path))
        except BadInput as error:
            problems.append(str(error))
    return Kept(tuple(evaluations), tuple(problems))


def read_evaluation(path: Path) -> Evaluation:
    """Read an evaluation that is kept; raises `BadInput` for a file that is no whole one."""
    try:
        whole = json.loads(read_text(path))
    except (OSError, ValueError, RecursionError):
        whole = None
    require_known_version(whole, path, SCHEMA)
    return evaluation_from_dict(whole, path)


def evaluation_from_dict(whole: Any, path: Path) -> Evaluation:
    """Read what `Evaluation.to_dict` returned and `path` keeps.

    Raises
    ------
    BadInput
        If a part is missing or is not what it should be.
    """
    try:
        return replace(_evaluation(whole), path=path)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise BadInput(f"{path} is no whole evaluation; evaluate again.") from None


def _evaluation(whole: Mapping[str, Any]) -> Evaluation:
    """Read an evaluation; raises one of many errors for what is none."""
    fewest, most = map(_whole, whole["queries_per_class"])
    episodes = _whole(whole["episodes"])
    accuracies = _numbers(whole.get("accuracies", []))
    if len(accuracies) not in (0, episodes) or not _are_shares(accuracies):
        raise ValueError("accuracies")
    classes = whole.get("classes", {})
    class_accuracies = _numbers(
        [math.nan if value is None else value for value in classes.values()]
    )
    if not _are_shares(np.nan_to_num(class_accuracies)):
        raise ValueError("classes")
    paired = whole.get("paired")
    return Evaluation(
        split=_text(whole["split"]),
        episodes=episodes,
        accuracy=_share(whole["accuracy"]),
        ci95=_number(whole["ci95"]),
        loss=_number(whole["loss"]),
        calibration_error=_number(whole["calibration_error"]),
        queries_per_class=(fewest, most),
        class_names=tuple(classes.keys()),
        class_accuracies=class_accuracies,
        calibration=_calibration(whole.get("calibration", {})),
        accuracies=accuracies,
        run=_text(whole.get("run", "")),
        step=_whole(whole["checkpoint_step"]),
        opponent=None if paired is None else _opponent(paired, episodes),
        caution=_text(whole.get("caution", "")),
        others={key: value for key, value in whole.items() if key not in _KEYS},
    )


def _calibration(bins: Mapping[str, Any]) -> Calibration:
    counts = np.asarray([_whole(count) for count in bins.get("counts", [])], np.int64)
    confidences, accuracies = (_numbers(bins.get(key, [])) for key in ("confidences", "accuracies"))
    if not len(counts) == len(confidences) == len(accuracies):
        raise ValueError("calibration")
    means = np.nan_to_num([*confidences, *accuracies])  # no number where a bin is empty
    if (counts < 0).any() or not _are_shares(means):
        raise ValueError("calibration")
    return Calibration(counts, confidences, accuracies)


def _opponent(paired: Mapping[str, Any], episodes: int) -> Opponent:
    return Opponent(
        other=_text(paired["other"]),
        accuracy=_share(paired["other_accuracy"]),
        ci95=_number(paired["other_ci95"]),
        difference=PairedDifference(
            _number(paired["difference"]), _number(paired["ci95"]), episodes
        ),
    )


def _opponent_dict(opponent: Opponent) -> dict[str, Any]:
    return {
        "other": opponent.other,
        "other_accuracy": opponent.accuracy,
        "other_ci95": opponent.ci95,
        "difference": opponent.difference.difference,
        "ci95": opponent.difference.ci95,
        "excludes_zero": opponent.difference.excludes_zero,
    }


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no whole number")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError("no number")
    return float(value)


def _share(value: object) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise ValueError("no share")
    return number


def _are_shares(values: NDArray[np.float64]) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())  # false for not-a-number


def _numbers(values: object) -> NDArray[np.float64]:
    if not isinstance(values, list):
        raise TypeError("no list")
    return np.asarray([_number(value) for value in values], np.float64)


def _parts(record: Calibration | Evaluation) -> tuple[object, ...]:
    """Return what makes two records equal, of which not-a-number equals itself."""
    return tuple(_comparable(getattr(record, each.name)) for each in fields(record))


def _comparable(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    return repr(value) if isinstance(value, float) else value
