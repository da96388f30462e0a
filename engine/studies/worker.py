"""A worker of a study: carries out one cell after the other, whichever nobody else has.

Workers need no scheduler, only the study's folder: a lock for each cell says that somebody has it,
and goes when its process goes. So any number may be started, on any machine that sees the folder.

    python -m engine.studies.worker STUDY_FOLDER LIBRARY_FOLDER DEVICE
"""

import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import filelock

from engine.data.store import EmbeddingStore
from engine.devices.selection import keep_freed_memory
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint, keep_evaluation
from engine.io.generators import retold
from engine.io.locks import holding
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.runs.run_store import store_of
from engine.studies.cells import Cell, cells_of
from engine.studies.executors import PROBLEM, PROBLEMS
from engine.studies.standing import StudyFolder
from engine.studies.study import Study, load_study
from engine.training import train

Say = Callable[[str], object]


def work(folder: StudyFolder, library: Library, device: str, say: Say) -> Generator[None]:
    """Carry out what is left of a study, yielding many times a second; closing it stops.

    What is being trained keeps a checkpoint then. A cell that fails is told of and left.

    Parameters
    ----------
    folder
        The study's folder, which holds its file.
    library
        Where presets and stores are found.
    device
        Where to train.
    say
        Told what happens, a line each.
    """
    study = load_study(folder.file)
    standings = folder.standings(study, cells_of(study, library.experiment, device))
    for cell in [each.cell for each in standings if not each.is_over]:
        with _claimed(folder, cell) as is_mine:
            if not is_mine or folder.standing(study, cell).is_over:
                continue
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


@contextmanager
def _claimed(folder: StudyFolder, cell: Cell) -> Iterator[bool]:
    """Claim a cell inside the block; yields whether nobody else has it.

    Where the file system refuses locks, two may begin the same cell; one of their runs counts.
    """
    folder.claims.mkdir(parents=True, exist_ok=True)
    try:
        with holding(folder.claim(cell.name), timeout=0):
            yield True
    except filelock.Timeout:
        yield False


def main() -> None:
    """Work until nothing is left, whoever started it is gone, or a signal asks to end.

    The exit status says which signal, or that some cells could not be carried out.
    """
    parent = os.getppid()
    place, home, device = sys.argv[1:]
    received: list[int] = []
    problems: list[str] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    def say(line: str) -> None:
        problems.extend([line] * line.startswith(PROBLEM))
        print(line, flush=True)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    keep_freed_memory()
    with closing(work(StudyFolder(Path(place)), Library(Path(home)), device, say)) as steps:
        for _ in steps:
            if received or os.getppid() != parent:
                break
    if received:
        sys.exit(128 + received[0])
    if problems:
        sys.exit(PROBLEMS)


if __name__ == "__main__":
    main()
