"""Orders of tasks of regression: which are worth a look first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.inspection.function_records import FunctionTable
from leo_studio.analysis.formats import format_number, format_percentage, format_value

Key = Callable[[FunctionTable], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """A question about tasks, and the order that answers it.

    Attributes
    ----------
    name, title, tip
        Of its command.
    key
        The smallest comes first.
    needs_families
        Whether it asks for a prior of several families.
    """

    name: str
    title: str
    tip: str
    key: Key
    needs_families: bool = False


@dataclass(frozen=True, slots=True)
class TaskColumn:
    """A column of the table of tasks."""

    title: str
    tip: str
    values: Key
    text: Callable[[float], str]


ORDERS = (
    TaskOrder(
        "ambiguous",
        "Most ambiguous",
        "Tasks first whose points leave open which family their function is of, by the limit",
        lambda table: np.abs(table.limit_first - 0.5),
        needs_families=True,
    ),
    TaskOrder(
        "uncertain",
        "Most uncertain",
        "Tasks first whose prediction is the widest: the run itself does not know",
        lambda table: -table.spread,
    ),
    TaskOrder(
        "overconfident",
        "Overconfident",
        "Tasks first whose prediction was much less likely to be right than the limit's: sure, "
        "and wrong",
        lambda table: table.advantage,
    ),
)


def order_of(table: FunctionTable, key: Key) -> NDArray[np.int64]:
    """Return the places of the tasks, the smallest of a key first; those without one last."""
    order: NDArray[np.int64] = np.argsort(key(table), kind="stable")
    return order


def columns_of(table: FunctionTable | None, learner: str) -> tuple[TaskColumn, ...]:
    """Return the columns of a table of a learner's tasks; families stand in their titles."""
    columns = [
        TaskColumn(
            "Task",
            "The number of the task in the test split",
            lambda of: of.numbers.astype(np.float64),
            lambda number: format_number(number),
        )
    ]
    if table is None or len(table.families) > 1:
        family = table.families[0] if table is not None else "first family"
        columns.append(
            TaskColumn(
                f"Limit: {family}",
                f"Probability that the function is a {family}, by all that can be known",
                lambda of: of.limit_first,
                _percentage,
            )
        )
        if table is None or not np.isnan(table.first).all():
            columns.append(
                TaskColumn(
                    f"{learner}: {family}",
                    f"Weight of {learner}'s samples that are nearer to a {family} than to a "
                    f"{table.families[1] if table is not None else 'second one'}",
                    lambda of: of.first,
                    _percentage,
                )
            )
    columns += [
        TaskColumn(
            "Spread",
            "Mean width of the prediction, from its 5 to its 95 % quantile",
            lambda of: of.spread,
            _value,
        ),
        TaskColumn(
            "Error",
            "Squared error of the predicted mean, to the function without noise",
            lambda of: of.squared_error,
            _value,
        ),
        TaskColumn(
            "To limit",
            "Mean log likelihood of other points, less that of the limit, in nats: 0 is the best",
            lambda of: of.advantage,
            _signed,
        ),
    ]
    return tuple(columns)


def _percentage(fraction: float) -> str:
    return format_percentage(fraction, 0)


def _value(number: float) -> str:
    return format_value(number, 3)


def _signed(number: float) -> str:
    return format_number(number, 2).replace("-", "−")
