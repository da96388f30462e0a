"""Orders of tasks of regression: which are worth a look first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.inspection.function_records import FunctionTable
from engine.io.listing import shown
from leo_studio.analysis.formats import format_number, format_percentage, format_value

_NAME_LETTERS = 24

NO_LIMIT = "The functions were measured, so their Bayes-optimal limit is not known."

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
    needs_limit
        Whether it asks for the Bayes-optimal limit.
    """

    name: str
    title: str
    tip: str
    key: Key
    needs_families: bool = False
    needs_limit: bool = False

    def why_not(self, *, families: int, has_limit: bool) -> str:
        """Say why tasks of so many families cannot be asked; "" where they can."""
        if self.needs_limit and not has_limit:
            return NO_LIMIT
        if self.needs_families and families < 2:
            return "All functions are of one family; none is ambiguous."
        return ""


def going_words(order: TaskOrder | None) -> str:
    """Say that tasks are gone through, and for which order if one was asked for."""
    asked = "" if order is None else f", for: {order.title}"
    return f"Going through the first tasks of the test split{asked} ..."


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
        needs_limit=True,
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
        needs_limit=True,
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
    if table is not None and table.names:
        columns.append(_name_column(table.names))
    if table is not None and len(table.families) > 1:
        family = table.families[0]
        columns.append(
            TaskColumn(
                f"Limit: {family}",
                f"Probability that the function is a {family}, by all that can be known",
                lambda of: of.limit_first,
                _percentage,
            )
        )
        if not np.isnan(table.first).all():
            columns.append(
                TaskColumn(
                    f"{learner}: {family}",
                    f"Weight of {learner}'s samples that are nearer to a {family} than to a "
                    f"{table.families[1]}",
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
            "Squared error of the predicted mean, to the function without noise or what was "
            "measured",
            lambda of: of.squared_error,
            _value,
        ),
    ]
    if table is None or table.has_limit:
        columns.append(
            TaskColumn(
                "To limit",
                "Mean log likelihood of other points, less that of the limit, in nats: 0 is best",
                lambda of: of.advantage,
                _signed,
            )
        )
    return tuple(columns)


def _name_column(names: Sequence[str]) -> TaskColumn:
    """Return the column of the names of measured functions, by their places in the alphabet."""
    sorted_names = sorted(set(names))
    places = {name: float(place) for place, name in enumerate(sorted_names)}
    numbers = np.array([places[name] for name in names])
    return TaskColumn(
        "Function",
        "Its name in the file",
        lambda _: numbers,
        lambda place: shown(sorted_names[int(place)], _NAME_LETTERS),
    )


def _percentage(fraction: float) -> str:
    return format_percentage(fraction, 0)


def _value(number: float) -> str:
    return format_value(number, 3)


def _signed(number: float) -> str:
    return format_number(number, 2).replace("-", "−")
