"""Carrying out a study: workers are started, watched, and started again where they died."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import filelock

from engine.data.requirements import require_fit
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io.files import not_written, write_text
from engine.io.locks import holding, lock_state
from engine.runs.library import Library
from engine.studies.cells import Cell
from engine.studies.executors import Executor
from engine.studies.standing import Standing, StudyFolder
from engine.studies.study import Study

_LOCK = "study.lock"
# So many workers, for each that there are to be, may die in so many seconds without a cell that is
# done: then none will do it. A cluster that takes its nodes back does so less often.
_MOST_DEATHS = 3
_SECONDS_OF_DEATHS = 600.0
# A worker sees by itself that nothing is left, but not one that a cluster has not begun yet.
_SECONDS_TO_SEE_THE_END = 10.0


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
        standings, left = overseer.look(), -1
        deaths: list[float] = []
        stack.callback(executor.stop)
        waits_for_others = False
        # Those of a cluster outlive whoever started them.
        _start(executor, min(at_once, _left(standings)) - executor.count)
        while True:
            ended = executor.ended()
            standings, now = overseer.look(), time.monotonic()
            for sentence in {each.sentence: None for each in ended if each.sentence}:
                say(sentence)
            if _left(standings) != left:
                left, since, deaths = _left(standings), now, []
            dead = sum(each.is_dead for each in ended)
            deaths = [each for each in deaths if now - each < _SECONDS_OF_DEATHS] + [now] * dead
            if len(deaths) > _MOST_DEATHS * at_once:
                raise BadInput(
                    f"Workers of study {overseer.study.name} die again and again; see "
                    f"{folder.workers}. What is done is kept: mend that, and start it again."
                )
            _start(executor, min(dead, left - executor.count))
            if not left and now - since > _SECONDS_TO_SEE_THE_END:
                return
            if not executor.count:
                waited, waits_for_others = waits_for_others, _others_work(folder, standings)
                if not waits_for_others and not waited:
                    return
                _start(executor, 0 if waits_for_others else min(at_once, left))
            yield standings


def _start(executor: Executor, count: int) -> None:
    for _ in range(count):
        executor.start()


def _others_work(folder: StudyFolder, standings: Sequence[Standing]) -> bool:
    """Whether somebody else has a cell that is left; nobody of ours works when this is asked.

    That is a worker of another command; or a node of a cluster that died, whose locks a network
    folder holds for a minute or two.
    """
    left = (each.cell.name for each in standings if not each.is_over)
    return any(lock_state(folder.claim(name)) == "held" for name in left)


def _left(standings: Sequence[Standing]) -> int:
    """Return how many cells are still to be done."""
    return sum(not each.is_over for each in standings)


def _own(folder: StudyFolder, stack: ExitStack) -> None:
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        stack.enter_context(holding(folder.path / _LOCK, timeout=0.2))
    except filelock.Timeout:
        raise BadInput(
            f"Another process carries out this study; see {folder.path}. Wait for it, or stop it."
        ) from None
    except OSError as error:
        raise not_written(folder.path, error) from error
