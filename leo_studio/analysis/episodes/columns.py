"""The columns of a table of episodes: what they hold, how it reads, what it means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import EpisodeTable
from leo_studio.analysis.episodes.filter import FIELDS
from leo_studio.analysis.formats import format_percentage, format_points, format_value

Bar = Literal["", "share", "change"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    title, tip
        Its header, and what it means.
    text
        How a value reads.
    field
        Its name in filters; "" for the classes.
    bar
        Drawn behind the number: a share from 0 to 1, or a change from -1 to 1.
    is_worst_first
        Whether the first click on its header puts the largest first.
    """

    title: str
    tip: str
    text: Callable[[float], str]
    field: str
    bar: Bar = ""
    is_worst_first: bool = False

    def values(self, table: EpisodeTable) -> NDArray[Any]:
        """Return a number for every episode, (E,): what it is sorted by."""
        if self.field:
            return FIELDS[self.field](table)
        return class_ranks(table)


def _percent(value: float) -> str:
    return format_percentage(value, 1)


def _nats(value: float) -> str:
    return format_value(value, 3)


# The accuracy comes first, by which the worst are found: a narrow panel shows a few columns alone.
COLUMNS = (
    Column("Episode", "Its number; the same number is always the same episode", str, "number"),
    Column(
        "Accuracy",
        "Share of queries that are right after fine-tuning, as evaluations count (field: accuracy)",
        _percent,
        "accuracy",
        "share",
    ),
    Column(
        "Gain",
        "Accuracy after fine-tuning less that before adaptation, in points (field: gain)",
        format_points,
        "gain",
        "change",
    ),
    Column(
        "Before",
        "Share of queries that are right before adaptation (field: before)",
        _percent,
        "before",
        "share",
    ),
    Column(
        "Inner loop",
        "Share of queries that are right after the inner loop's steps on codes (field: inner)",
        _percent,
        "inner",
        "share",
    ),
    Column(
        "Loss",
        "Mean cross-entropy of the queries after fine-tuning, in nats (field: loss)",
        _nats,
        "loss",
        is_worst_first=True,
    ),
    Column(
        "Uncertainty",
        "Mutual information between prediction and latent code, in nats: how much of the doubt is "
        "about the code (15 queries per class, 8 sampled codes; field: uncertainty)",
        _nats,
        "uncertainty",
        is_worst_first=True,
    ),
    Column(
        "Entropy",
        "Mean entropy of the predictions after fine-tuning, in nats (field: entropy)",
        _nats,
        "entropy",
        is_worst_first=True,
    ),
    Column(
        "Calibration",
        "Expected calibration error over 15 bins of confidence (field: calibration)",
        _percent,
        "calibration",
        is_worst_first=True,
    ),
    Column(
        "Confident errors",
        "Share of queries that are wrong with a probability of at least 0.9 (field: "
        "confident_errors)",
        _percent,
        "confident_errors",
        "share",
        is_worst_first=True,
    ),
    Column("Classes", "In the order of their labels", str, ""),
)
NUMBER, ACCURACY, GAIN, UNCERTAINTY, CONFIDENT, CLASSES = 0, 1, 2, 6, 9, 10


def class_ranks(table: EpisodeTable) -> NDArray[np.int64]:
    """Return the place of each episode's first class in the alphabet, (E,)."""
    order = np.argsort(np.array([name.casefold() for name in table.class_names]), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    ranks: NDArray[np.int64] = rank[table.classes[:, 0]]
    return ranks
