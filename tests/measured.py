"""What runs of LEO on classification measure, as tests tell of it."""

from engine.events import Prepared, Validated
from engine.learners.catalogue import LEARNERS
from engine.runs.metrics import train_columns, validation_columns
from engine.tasks.catalogue import TASK_KINDS
from engine.tasks.scores import Score

COLUMNS = LEARNERS["leo"].columns
SCORES = TASK_KINDS["classification"].scores
STEP_COLUMNS = tuple(column.name for column in COLUMNS)
TRAIN_COLUMNS, VALIDATION_COLUMNS = train_columns(COLUMNS), validation_columns(SCORES)


def prepared(run: str, step: int, steps: int) -> Prepared:
    return Prepared(run, step, steps, "cpu", COLUMNS, SCORES)


def measured(accuracy: float, ci95: float = 0.1) -> dict[str, Score]:
    return {
        "accuracy": Score(accuracy, ci95),
        "loss": Score(1.0),
        "calibration_error": Score(0.1),
    }


def validated(step: int, accuracy: float, *, is_best: bool = True, ci95: float = 0.1) -> Validated:
    return Validated(step, measured(accuracy, ci95), is_best)
