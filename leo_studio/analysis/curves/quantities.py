"""The plots of what learners report and tasks score, and the curves that each draws."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from engine.learners.catalogue import LEARNERS
from engine.learners.columns import ColumnSpec
from engine.tasks.catalogue import TASK_KINDS
from engine.tasks.scores import Quantity as Measure
from engine.tasks.scores import ScoreSpec

XAxis = Literal["step", "time", "episodes"]
X_AXES: tuple[XAxis, ...] = ("step", "time", "episodes")
Source = Literal["training", "validation"]

RATE = "steps_per_second"
"""The column of train.csv that the studio draws beside what the learner reports."""

THROUGHPUT = Measure("throughput", "Throughput", "outer steps per second")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One curve of a run: a column of train.csv or validation.csv."""

    column: str
    label: str
    tip: str
    plot: str  # the name of its plot
    source: Source = "training"
    is_on: bool = True  # whether it is drawn before a person says anything

    @property
    def key(self) -> str:
        """Its name, unique in its plot."""
        return f"{self.source}.{self.column}"


@dataclass(frozen=True, slots=True)
class PlotKind:
    """One plot."""

    name: str
    title: str
    y_label: str
    quantities: tuple[Quantity, ...]
    is_log: bool = False  # how its y axis begins
    is_percentage: bool = False  # the columns hold fractions, and people read percent
    is_shown: bool = True


def plots_of(columns: Iterable[ColumnSpec], scores: Iterable[ScoreSpec]) -> tuple[PlotKind, ...]:
    """Return the plots of what learners report and tasks score, one for each kind of number.

    Parameters
    ----------
    columns
        Those of one learner, or of several, one after the other.
    scores
        Those of one kind of task, or of several.
    """
    columns, scores = list(columns), list(scores)
    drawn: dict[Measure, dict[str, Quantity]] = {}
    for column in columns:
        plot, tip = column.quantity.name, column.description
        curve = Quantity(column.name, column.label, tip, plot, is_on=column.is_drawn)
        drawn.setdefault(column.quantity, {}).setdefault(curve.key, curve)
    rate = Quantity(RATE, "steps/s", "Outer steps per second of training", THROUGHPUT.name)
    drawn[THROUGHPUT] = {rate.key: rate}
    trained = {column.quantity for column in columns}
    for score in scores:
        label = score.label
        if score.quantity in trained:
            # Beside what training reports of the same kind, a curve is known by where it is from.
            is_alone = sum(other.quantity == score.quantity for other in scores) == 1
            label = "validation" if is_alone else f"validation {label}"
        plot = score.quantity.name
        curve = Quantity(score.name, label, score.description, plot, "validation")
        drawn.setdefault(score.quantity, {}).setdefault(curve.key, curve)
    return tuple(_plot(measure, tuple(curves.values())) for measure, curves in drawn.items())


def every_plot() -> tuple[PlotKind, ...]:
    """Return the plots of all learners and tasks in the catalogues."""
    return plots_of(
        chain.from_iterable(kind.columns for kind in LEARNERS.values()),
        chain.from_iterable(kind.scores for kind in TASK_KINDS.values()),
    )


def first_kinds() -> tuple[tuple[ColumnSpec, ...], tuple[ScoreSpec, ...]]:
    """Return what the first learner reports and the first kind of task scores.

    Their plots stand there before a run is shown.
    """
    return next(iter(LEARNERS.values())).columns, next(iter(TASK_KINDS.values())).scores


def _plot(measure: Measure, curves: tuple[Quantity, ...]) -> PlotKind:
    return PlotKind(
        measure.name,
        measure.title,
        measure.axis_label,
        curves,
        measure.is_log,
        measure.is_fraction,
        measure.is_shown,
    )
