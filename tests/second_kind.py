"""A second kind of task and of learner, as different from the first as specs allow.

Its first score is the lower, the better, has an interval and is no percentage; the second one has
an interval too. Its learner reports two columns, of which the first is in the score's plot.
"""

from dataclasses import replace

import pytest

from engine.learners.catalogue import LEARNERS
from engine.learners.columns import GRADIENT_NORM_COLUMN, ColumnSpec
from engine.tasks.catalogue import TASK_KINDS
from engine.tasks.scores import Quantity, Score, ScoreSpec

SQUARED_ERROR = Quantity("squared_error", "Squared error", "squared error (V²)", is_log=True)
SPREAD = Quantity("spread", "Spread", "spread", is_shown=False)
COLUMNS = (
    ColumnSpec("query_mse", "training", "On training tasks", SQUARED_ERROR, "training/mse"),
    GRADIENT_NORM_COLUMN,
)
SCORES = (
    ScoreSpec(
        "mse",
        "squared error",
        "On validation tasks",
        SQUARED_ERROR,
        higher_is_better=False,
        has_interval=True,
        unit="V²",
    ),
    ScoreSpec("spread", "spread", "Of predictions", SPREAD, True, has_interval=True),
)


def scored(mse: float, spread: float = 2.0) -> dict[str, Score]:
    return {"mse": Score(mse, 0.0125), "spread": Score(spread, 0.5)}


def take_the_place_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every run be of the second kind, as far as what is measured goes."""
    learner, task = LEARNERS["leo"], TASK_KINDS["classification"]
    monkeypatch.setitem(LEARNERS, "leo", replace(learner, columns=COLUMNS))
    monkeypatch.setitem(TASK_KINDS, "classification", replace(task, scores=SCORES))


def stand_beside_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the second kind into the catalogues."""
    learner, task = LEARNERS["leo"], TASK_KINDS["classification"]
    monkeypatch.setitem(LEARNERS, "second", replace(learner, columns=COLUMNS))
    monkeypatch.setitem(TASK_KINDS, "second", replace(task, scores=SCORES))
