"""The catalogue of task families: what is said of each without importing torch."""

from dataclasses import dataclass

from engine.config import Experiment
from engine.tasks.scores import ACCURACY, ERROR, Quantity, ScoreSpec

_CALIBRATION = Quantity(
    "validation", "Validation loss and calibration", "loss (nats), error (0 to 1)", is_shown=False
)


_LIKELIHOOD = Quantity("likelihood", "Log likelihood", "nats per target")
_COVERAGE = Quantity(
    "coverage", "Calibration of intervals", "coverage (%)", is_fraction=True, is_shown=False
)


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of task."""

    title: str
    scores: tuple[ScoreSpec, ...]  # the first one picks the best checkpoint


TASK_KINDS = {
    "classification": TaskKind(
        "Few-shot classification",
        (
            ScoreSpec(
                "accuracy",
                "accuracy",
                "Accuracy on the validation episodes; bars are its 95 % confidence interval",
                ACCURACY,
                higher_is_better=True,
                has_interval=True,
            ),
            ScoreSpec(
                "loss",
                "loss",
                "Cross-entropy on the validation episodes",
                _CALIBRATION,
                higher_is_better=False,
                unit="nats",
            ),
            ScoreSpec(
                "calibration_error",
                "calibration error",
                "How far confidence is from accuracy, 0 to 1",
                _CALIBRATION,
                higher_is_better=False,
                unit="%",
            ),
        ),
    ),
    "regression": TaskKind(
        "Few-shot regression",
        (
            ScoreSpec(
                "error",
                "squared error",
                "Mean squared error of the predicted mean on the validation tasks: to the "
                "functions without noise, or to what a file says of them, in its unit; bars are "
                "its 95 % confidence interval",
                ERROR,
                higher_is_better=False,
                has_interval=True,
            ),
            ScoreSpec(
                "log_likelihood",
                "log likelihood",
                "Log density of the validation tasks' noisy targets under the sampled functions",
                _LIKELIHOOD,
                higher_is_better=True,
                unit="nats",
            ),
            ScoreSpec(
                "coverage",
                "90 % interval",
                "Share of targets inside the interval that should hold 90 % of them",
                _COVERAGE,
                higher_is_better=True,
                unit="%",
            ),
        ),
    ),
}
"""By `task.kind`."""


def task_kind(experiment: Experiment) -> TaskKind:
    """Return the kind of an experiment's tasks."""
    return TASK_KINDS[experiment.task.kind]
