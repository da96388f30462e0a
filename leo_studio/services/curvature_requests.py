"""Requests of the panel Curvature: measured in the background, kept with the run."""

from collections.abc import Callable
from pathlib import Path

from engine.data.requirements import no_such_split
from engine.errors import BadInput
from engine.inspection.curvature import keep_curvature, measured_curvature
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_of
from leo_studio.services.background import Task
from leo_studio.services.held_results import MeasuredCurvature, TakeResult
from leo_studio.services.inspection_requests import Start

SPLIT = "test"
"""New classes, as the paper measures on."""


class CurvatureRequests:
    """Measures curvature; each request returns its task, which can be cancelled.

    Parameters
    ----------
    library
        Where runs and their stores are.
    start
        How work is started.
    take_result
        Lists a new result with its run, also one that could not be kept.
    """

    def __init__(self, library: Library, start: Start, take_result: TakeResult) -> None:
        self._library = library
        self._start = start
        self._take_result = take_result

    def measure(
        self,
        run: Path,
        step: int,
        episodes: int,
        title: str,
        then: Callable[[MeasuredCurvature], None],
    ) -> Task:
        """Measure the curvature of a run, under a title for people, at a step."""

        def show(found: MeasuredCurvature) -> None:
            self._take_result(run, found)
            then(found)

        return self._start(
            f"Measuring the curvature of {title}",
            lambda task: _measured(self._library, run, step, episodes, task),
            show,
        )


def _measured(
    library: Library, path: Path, step: int, episodes: int, task: Task
) -> MeasuredCurvature:
    """Measure, and keep the record with its run.

    Raises
    ------
    BadInput
        If the checkpoint, the store or its split is not there, or there is nothing to measure.
    """
    run = Run(path)
    store = store_of(library, run)
    if SPLIT not in store.splits:
        raise BadInput(no_such_split(store.path.name, SPLIT, store.splits))
    task.report(0.0)
    steps = measured_curvature(run, step, store, SPLIT, episodes)
    record = finished(steps, lambda done: task.report(done / episodes))
    try:
        keep_curvature(run, record)
    except BadInput as error:
        return MeasuredCurvature(path, record, str(error))
    return MeasuredCurvature(path, record)
