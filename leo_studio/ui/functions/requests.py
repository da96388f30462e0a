"""Requests for records and tables: one is under way, of those that wait the latest counts."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from engine.inspection.function_records import FunctionRecord, FunctionTable, Points
from leo_studio.services.records import EpisodeSource

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller


class Wanted(NamedTuple):
    """What is asked: which weights look at which task, or at which points in its place."""

    source: EpisodeSource
    number: int
    points: Points | None  # None for the task's own
    samples: int | None  # at most; None for as many as evaluations use


class RecordRequests:
    """Asks for records one after another.

    Parameters
    ----------
    controller
        Does the work.
    then
        Called with each record of the task that was asked for last.
    failed
        Called with what went wrong.
    """

    def __init__(
        self,
        controller: "Controller",
        then: Callable[[FunctionRecord], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._controller = controller
        self._then = then
        self._failed = failed
        self._task: Task | None = None
        self._asked: Wanted | None = None  # under way
        self._waiting: Wanted | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._task is not None

    def ask(self, wanted: Wanted) -> None:
        """Ask now, or as soon as the answer that is under way is there."""
        if self._asked is not None and self._asked[:2] != wanted[:2]:
            self.end()  # of another task: nobody wants to see it any more
        if self._task is None:
            self._start(wanted)
        else:
            self._waiting = wanted

    def end(self) -> None:
        """Want nothing any more."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._asked = self._waiting = None

    def _start(self, wanted: Wanted) -> None:
        self._asked = wanted
        self._task = self._controller.functions.record(*wanted, self._take, self._fail)

    def _take(self, record: FunctionRecord) -> None:
        waiting = self._waiting
        self._task = self._asked = self._waiting = None
        if waiting is not None:
            self._start(waiting)  # it is computed while this one is drawn
        self._then(record)

    def _fail(self, error: BaseException) -> None:
        self.end()
        self._failed(error)


class TableRequests:
    """Asks for the table of a run's first tasks; one that is under way gives way to another.

    Parameters
    ----------
    controller
        Does the work.
    then
        Called with the table that was asked for last.
    failed
        Called with what went wrong.
    """

    def __init__(
        self,
        controller: "Controller",
        then: Callable[[FunctionTable], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._controller = controller
        self._then = then
        self._failed = failed
        self._task: Task | None = None
        self.source: EpisodeSource | None = None  # of the table that is there, or under way

    @property
    def is_busy(self) -> bool:
        """Whether a table is still to come."""
        return self._task is not None

    def ask(self, source: EpisodeSource, count: int) -> None:
        """Ask for the first tasks of a source."""
        self.end()
        self.source = source
        functions = self._controller.functions
        self._task = functions.tabulate(source, count, self._take, self._fail)

    def end(self) -> None:
        """Want nothing any more."""
        if self._task is not None:
            self._task.cancel()
        self._task = self.source = None

    def _take(self, table: FunctionTable) -> None:
        self._task = None
        self._then(table)

    def _fail(self, error: BaseException) -> None:
        self._task = None
        self._failed(error)
