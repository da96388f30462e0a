"""Carrying out a study: workers are started, watched, and started again where they died."""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import filelock

from engine.data.requirements import require_fit
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io.files import not_written, write_text
from engine.io.locks import holding
from engine.runs.library import Library
from engine.studies.cells import Cell
from engine.studies.executors import Executor
from engine.studies.standing import Standing, StudyFolder
from engine.studies.study import Study

# So many workers in a row may die without a cell that is done: then none will do it.
_MOST_DEATHS = 3


def require_stores(library: Library, study: Study, cells: Sequence[Cell]) -> None:
    """Raise `BadInput` unless there is the store of every cell, and its classes suffice.

    The built-in store is drawn where it was not. So nothing is trained that could not be ended.
    """
    for cell in cells:
        store = EmbeddingStore(library.prepared_store(cell.experiment.data.store))
        require_fit(cell.experiment, store.path.name, store.splits, study.split)


@dataclass(slots=True)
class Overseer:
    """Looks at how the cells of a study stand; what is evaluated it does not read again."""

    study: Study
    cells: Sequence[Cell]
    folder: StudyFolder
    _evaluated: dict[str, Standing] = field(default_factory=dict)

    def look(self) -> list[Standing]:
        """Return how each cell stands, in their order."""
        left = [cell for cell in self.cells if cell.name not in self._evaluated]
        found = {each.cell.name: each for each in self.folder.standings(self.study, left)}
        self._evaluated |= {name: each for name, each in found.items() if each.state == "evaluated"}
        every = self._evaluated | found
        return [every[cell.name] for cell in self.cells]


def carried_out(
    overseer: Overseer, executor: Executor, at_once: int, say: Callable[[str], object]
) -> Generator[list[Standing]]:
    """Carry out what is left of a study, yielding how it stands; whoever reads it may wait between.

    Parameters
    ----------
    overseer
        The study, its cells and its folder.
    executor
        Who does it.
    at_once
        How many workers there are to be, at most.
    say
        Told of every worker that died, in a sentence.

    Raises
    ------
    BadInput
        If somebody else carries it out, its folder cannot be written, or workers die again and
        again.
    """
    folder = overseer.folder
    with ExitStack() as stack:
        _own(folder, stack)
        write_text(folder.file, overseer.study.to_yaml())
        standings, deaths, left = overseer.look(), 0, -1
        stack.callback(executor.stop)
        for _ in range(min(at_once, _left(standings))):
            executor.start()
        while True:
            ended = executor.ended()
            standings = overseer.look()
            for sentence in {each.sentence: None for each in ended if each.sentence}:
                say(sentence)
            dead = sum(each.is_dead for each in ended)
            deaths = deaths + dead if _left(standings) == left else dead
            left = _left(standings)
            if deaths > _MOST_DEATHS * at_once:
                raise BadInput(
                    f"Workers of study {overseer.study.name} die again and again; see "
                    f"{folder.workers}. What is done is kept: mend that, and start it again."
                )
            for _ in range(min(dead, left - executor.count)):
                executor.start()
            if not executor.count:
                return
            yield standings


def _left(standings: Sequence[Standing]) -> int:
    """Return how many cells are still to be done."""
    return sum(each.state not in ("evaluated", "failed") for each in standings)


def _own(folder: StudyFolder, stack: ExitStack) -> None:
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        stack.enter_context(holding(folder.lock, timeout=0.2))
    except filelock.Timeout:
        raise BadInput(
            f"Another process carries out this study; see {folder.path}. Wait for it, or stop it."
        ) from None
    except OSError as error:
        raise not_written(folder.path, error) from error
