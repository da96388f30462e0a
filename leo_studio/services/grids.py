"""Grids that a window asks for, from the request to the record kept with the run."""

from collections.abc import Callable
from itertools import product

from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.grid import GridWanted, evaluate_grid, keep_grid, require_stores
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_of
from leo_studio.services.background import Task
from leo_studio.services.grid_records import EvaluatedGrid, GridRequest
from leo_studio.services.held_results import TakeResult
from leo_studio.services.inspection_requests import Start


class GridRequests:
    """Evaluates runs on other ways, shots and stores; each method returns its task.

    Parameters
    ----------
    library
        Where runs and stores are.
    start
        How work is started.
    take_result
        Lists a new result with its run, also one that could not be kept.
    """

    def __init__(self, library: Library, start: Start, take_result: TakeResult) -> None:
        self._library = library
        self._start = start
        self._take_result = take_result

    def evaluate(
        self, request: GridRequest, title: str, then: Callable[[EvaluatedGrid], None]
    ) -> Task:
        """Evaluate a run, under a title for people; the result is kept with it."""

        def show(found: EvaluatedGrid) -> None:
            self._take_result(request.run, found)
            then(found)

        return self._start(
            f"Evaluating {title} on other ways, shots and stores",
            lambda task: evaluated_grid(self._library, request, task),
            show,
        )


def evaluated_grid(library: Library, request: GridRequest, task: Task) -> EvaluatedGrid:
    """Evaluate a run at every place, and keep that with it; one that could not be says why.

    Raises
    ------
    BadInput
        If a run, a checkpoint or a store is missing, or a store does not fit.
    """
    run = Run(request.run)
    step = run.checkpoint(request.checkpoint).step
    own = store_of(library, run)
    stores = {own.path.stem: own} if request.is_on_own else {}
    for name in request.stores:
        store = EmbeddingStore(library.prepared_store(name, lambda _: task.report()))
        stores.setdefault(store.path.stem, store)
    wanted = GridWanted(
        stores,
        request.ways,
        request.shots,
        request.split,
        request.episodes,
        is_hard=request.is_hard,
        is_varying=request.is_varying,
    )
    require_stores(run, wanted)
    notes = _notes(wanted)

    def report(done: int) -> None:
        note = notes[min(done // request.episodes, len(notes) - 1)]
        task.report(done / wanted.all_episodes, note)

    report(0)
    grid = finished(evaluate_grid(run, step, wanted, own.path.stem), report)
    try:
        return EvaluatedGrid(request.run, keep_grid(run, grid))
    except BadInput as error:
        return EvaluatedGrid(request.run, grid, str(error))


def _notes(wanted: GridWanted) -> list[str]:
    """Return what is evaluated, in its order."""
    notes = []
    for store in wanted.stores:
        pairs = product(wanted.ways, wanted.shots)
        notes += [f"{n_way}-way {k_shot}-shot on {store}" for n_way, k_shot in pairs]
        notes += [f"varying ways and shots on {store}"] * wanted.is_varying
    return notes
