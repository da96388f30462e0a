"""Carries out one cell of a study: trains its run to the end, and evaluates it."""

from collections.abc import Callable, Generator
from contextlib import closing

from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint, keep_evaluation
from engine.io.generators import retold
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.runs.run_store import store_of
from engine.studies.cells import Cell
from engine.studies.claims import claimed
from engine.studies.executors import PROBLEM
from engine.studies.standing import StudyFolder
from engine.studies.study import Study
from engine.training import train

Say = Callable[[str], object]
"""Told what happens, a line each."""


def carry_out_cell(
    study: Study, folder: StudyFolder, cell: Cell, library: Library, device: str, say: Say
) -> Generator[None]:
    """Carry out a cell unless somebody else does or has, yielding many times a second.

    Closing it stops: what is being trained keeps a checkpoint. A cell that fails is told of.
    """
    with claimed(folder.claim(cell.name)) as is_mine:
        if not is_mine or folder.standing(study, cell).is_over:
            return
        say(f"{cell.name}: begins")
        try:
            with closing(_carried_out(study, folder, cell, library, device, say)) as steps:
                yield from steps
        except BadInput as error:
            say(f"{PROBLEM}{cell.name}: {error}")


def _carried_out(
    study: Study, folder: StudyFolder, cell: Cell, library: Library, device: str, say: Say
) -> Generator[None]:
    """Train a cell's run to its end, unless it is there, and evaluate it, unless it was."""
    standing = folder.standing(study, cell)
    if standing.run is None:
        run, store = new_run(library, cell.experiment, folder.runs)
    elif standing.state == "open":
        run, store = resumed_run(library, Run(standing.run), device=device, say=say)
    else:
        run = Run(standing.run)
        store = store_of(library, run)
    if standing.state == "open":
        with closing(train(run.experiment, store, run)) as events:
            for _ in events:
                yield
        say(f"{cell.name}: trained in {run.record.seconds:.0f} s")
    assert isinstance(store, EmbeddingStore)  # see `cells_of`
    step = run.checkpoint().step
    steps = evaluate_checkpoint(run, step, store, study.split, study.episodes, device)
    kept = keep_evaluation(run, (yield from retold(steps, lambda _: None)))
    if not kept.is_kept:
        raise BadInput(kept.why_not_kept)
    say(f"{cell.name}: {kept.split} accuracy {100 * kept.accuracy:.2f} ± {100 * kept.ci95:.2f} %")
