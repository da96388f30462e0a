"""Scores: what evaluations and validations measure, with their units and which way is better."""

import math
from dataclasses import dataclass

UNKNOWN = "–"  # what people read where a number is not known


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
ERROR = Quantity("error", "Squared error", "mean squared error", is_log=True)
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
    unit: str = ""  # of its values; "%" for a fraction that is read as percent

    @property
    def is_percentage(self) -> bool:
        """Whether it is stored as 0 to 1, and read as percent."""
        return self.quantity.is_fraction or self.unit == "%"

    def goodness(self, value: float) -> float:
        """Return a number that is the larger, the better a value is."""
        return value if self.higher_is_better else -value

    def is_best(self, value: float, best: float | None) -> bool:
        """Whether a value is a new best after the best so far, or the first one.

        What is not finite never is: it says that training went astray.
        """
        return math.isfinite(value) and (best is None or self.goodness(value) > self.goodness(best))

    def text(self, value: float | None, ci95: float | None = None) -> str:
        """Write a value as people read it: "87.62 ± 0.30 %", "0.4021 ± 0.0031 nats"."""
        return written(value, ci95, self.unit, is_fraction=self.is_percentage)


@dataclass(frozen=True, slots=True)
class Score:
    """A measured score: its mean over tasks and half the width of its 95 % interval."""

    value: float
    ci95: float | None = None


def written(
    value: float | None, ci95: float | None = None, unit: str = "", *, is_fraction: bool = False
) -> str:
    """Write a measured value as people read it.

    Parameters
    ----------
    value
        None and what is not finite are unknown, a dash.
    ci95
        Half the width of its interval; left out where it is unknown.
    unit
        What follows it.
    is_fraction
        Whether it is stored as 0 to 1, and read as percent.
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if is_fraction:
        value, unit = 100 * value, "%"
    number = f"{value:,.2f}" if is_fraction else f"{value:.4g}"
    if ci95 is not None and math.isfinite(ci95):
        number += f" ± {100 * ci95:,.2f}" if is_fraction else f" ± {ci95:.2g}"
    return f"{number} {unit}".rstrip()
