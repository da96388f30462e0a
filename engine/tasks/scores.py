"""Scores: what evaluations and validations measure, with their units and which way is better."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of number; curves of one quantity share a plot and its axis."""

    name: str  # unique; also the plot's name in preferences and exports
    title: str
    axis_label: str
    is_log: bool = False  # how the axis begins
    is_fraction: bool = False  # stored as 0 to 1, read as percent
    is_shown: bool = True  # whether its plot is there before a person says anything


LOSS = Quantity("loss", "Loss", "loss (nats)")
ACCURACY = Quantity("accuracy", "Accuracy", "accuracy (%)", is_fraction=True)


@dataclass(frozen=True, slots=True)
class ScoreSpec:
    """A score that people read; the first one of a task family picks the best checkpoint."""

    name: str  # in validation.csv, in JSON and on the command line
    label: str
    description: str
    quantity: Quantity
    higher_is_better: bool
    has_interval: bool = False  # whether a confidence interval over tasks is known

    def is_better(self, value: float, other: float) -> bool:
        """Whether a value is better than another one; equal values are not."""
        return value > other if self.higher_is_better else value < other


@dataclass(frozen=True, slots=True)
class Score:
    """A measured score: its mean over tasks and half the width of its 95 % interval."""

    value: float
    ci95: float | None = None
