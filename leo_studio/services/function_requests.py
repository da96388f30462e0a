"""Requests of the panel Functions: work in the background, answers on the window's thread."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from engine.inspection.function_records import FunctionRecord, FunctionTable, Points
from engine.runs.library import Library
from leo_studio.services.background import Task
from leo_studio.services.function_evaluations import evaluate_on_functions
from leo_studio.services.function_inspector import FunctionInspector
from leo_studio.services.held_results import EvaluatedFunctions, TakeResult
from leo_studio.services.inspection_requests import Start
from leo_studio.services.records import (
    EpisodeSource,
    EvaluationRequest,
)

_MILLISECONDS = 4  # between looks for an answer that the mouse waits for


class FunctionRequests(QObject):
    """Answers questions about functions; each returns its task, which can be cancelled.

    Parameters
    ----------
    library
        Where runs and limits are.
    start
        How work is started.
    collect
        Hands over what is done, and returns all that is under way. It is called often while an
        answer is waited for, as the controller's own timer is slower than a hand that drags.
    take_result
        Lists a new result with its run, also one that could not be kept.
    """

    def __init__(
        self,
        library: Library,
        start: Start,
        collect: Callable[[], Sequence[Task]],
        take_result: TakeResult,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._start = start
        self._collect = collect
        self._take_result = take_result
        self._library = library
        self._inspector = FunctionInspector(library)
        self._awaited: Task | None = None
        self._timer = QTimer(self, interval=_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    def record(
        self,
        source: EpisodeSource,
        number: int,
        points: Points | None,
        samples: int | None,
        then: Callable[[FunctionRecord], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Look at a task, or at points in the place of its own.

        Parameters
        ----------
        source, number
            Which weights look at which task.
        points
            In the place of the task's own; None for these.
        samples
            How many functions are sampled at most; None for as many as evaluations use.
        then, failed
            Called with the record, or with what went wrong; with neither after a cancel.
        """

        def work(_: Task) -> FunctionRecord:
            return self._inspector.record(source, number, points, samples)

        task = self._start(f"Looking at task {number}", work, then, is_shown=False, failed=failed)
        self._awaited = task
        self._timer.start()
        return task

    def evaluate(
        self,
        request: EvaluationRequest,
        title: str,
        then: Callable[[EvaluatedFunctions], None],
    ) -> Task:
        """Evaluate a run, under a title for people; the result is kept with it."""

        def show(found: EvaluatedFunctions) -> None:
            self._take_result(request.run, found)
            then(found)

        return self._start(
            f"Evaluating {title} on {request.split}",
            lambda task: evaluate_on_functions(self._library, request, task),
            show,
        )

    def end(self) -> None:
        """Wait for no answer any more."""
        self._timer.stop()

    def _look(self) -> None:
        if self._awaited not in self._collect():
            self._timer.stop()

    def tabulate(
        self,
        source: EpisodeSource,
        count: int,
        then: Callable[[FunctionTable], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Tabulate the first tasks of the test split."""
        return self._start(
            f"Going through {count:,} tasks",
            lambda task: self._inspector.tabulate(source, count, task),
            then,
            failed=failed,
        )
