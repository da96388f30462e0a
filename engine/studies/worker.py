"""A worker of a study or a sweep: carries out one run after the other, whichever nobody else has.

Workers need no scheduler, only the folder: a lock for each run says that somebody has it, and goes
when its process goes. So any number may be started, on any machine that sees the folder.

    python -m engine.studies.worker FOLDER LIBRARY_FOLDER DEVICE
"""

import os
import signal
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from types import FrameType

from engine.devices.selection import keep_freed_memory
from engine.runs.library import Library
from engine.studies.cell_work import Say, carry_out_cell
from engine.studies.cells import cells_of
from engine.studies.executors import PROBLEM, PROBLEMS
from engine.studies.standing import StudyFolder
from engine.studies.study import load_study
from engine.studies.sweeps.sweep_work import work_on_sweep
from engine.studies.sweeps.trials import SweepFolder


def work_in(place: Path, library: Library, device: str, say: Say) -> Generator[None]:
    """Carry out what is left in the folder of a study or of a sweep; see `work`."""
    sweep = SweepFolder(place)
    if sweep.file.is_file():
        return work_on_sweep(sweep, library, device, say)
    return work(StudyFolder(place), library, device, say)


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
        yield from carry_out_cell(study, folder, cell, library, device, say)


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
    with closing(work_in(Path(place), Library(Path(home)), device, say)) as steps:
        for _ in steps:
            if received or os.getppid() != parent:
                break
    if received:
        sys.exit(128 + received[0])
    if problems:
        sys.exit(PROBLEMS)


if __name__ == "__main__":
    main()
