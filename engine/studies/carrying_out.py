"""Carrying out a study or a sweep: workers are started, watched, and started again where they died.

What is carried out looks at its own folder and says what is left; see `Undertaking`.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

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
from engine.studies.work_folder import WorkFolder

# So many workers, for each that there are to be, may die in so many seconds without a run that is
# done: then none will do it. A cluster that takes its nodes back does so less often.
_MOST_DEATHS = 3
_SECONDS_OF_DEATHS = 600.0
# A worker sees by itself that nothing is left, but not one that a cluster has not begun yet.
_SECONDS_TO_SEE_THE_END = 10.0


class Part(Protocol):
    """How one of the runs to be carried out stands."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do, or nothing that helps."""


P = TypeVar("P", bound=Part)


class Undertaking(Protocol[P]):
    """Many runs that workers carry out: a study or a sweep."""

    @property
    def title(self) -> str:
        """What it is, and its name: "study table-2"."""

    @property
    def folder(self) -> WorkFolder:
        """Where it is carried out."""

    def write(self) -> None:
        """Write what is asked for into its folder, where workers read it."""

    def look(self) -> list[P]:
        """Return how each run stands."""

    def claims(self, standings: Sequence[P]) -> list[Path]:
        """Return the locks of the runs that are left."""


def require_stores(library: Library, study: Study, cells: Sequence[Cell]) -> None:
    """Raise `BadInput` unless there is the store of every cell, and its classes suffice.

    The built-in store is drawn where it was not. So nothing is trained that could not be ended.
    """
    for cell in cells:
        store = EmbeddingStore(library.prepared_store(cell.experiment.data.store))
        require_fit(cell.experiment, store.path.name, store.splits, study.split)


@dataclass(slots=True)
class Overseer:
    """Looks at how the cells of a study stand; what is evaluated it does not read again.

    See `Undertaking`.
    """

    study: Study
    cells: Sequence[Cell]
    folder: StudyFolder
    _evaluated: dict[str, Standing] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is, and its name."""
        return f"study {self.study.name}"

    def write(self) -> None:
        """Write the study's file into its folder."""
        write_text(self.folder.file, self.study.to_yaml())

    def look(self) -> list[Standing]:
        """Return how each cell stands, in their order."""
        left = [cell for cell in self.cells if cell.name not in self._evaluated]
        found = {each.cell.name: each for each in self.folder.standings(self.study, left)}
        self._evaluated |= {name: each for name, each in found.items() if each.state == "evaluated"}
        every = self._evaluated | found
        return [every[cell.name] for cell in self.cells]

    def claims(self, standings: Sequence[Standing]) -> list[Path]:
        """Return the locks of the cells that are left."""
        return [self.folder.claim(each.cell.name) for each in standings if not each.is_over]


def carried_out(
    undertaking: Undertaking[P], executor: Executor, at_once: int, say: Callable[[str], object]
) -> Generator[list[P]]:
    """Carry out what is left, yielding how it stands; whoever reads it may wait between.

    Parameters
    ----------
    undertaking
        The study or the sweep.
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
    title, folder = undertaking.title, undertaking.folder
    with ExitStack() as stack:
        _own(title, folder, stack)
        undertaking.write()
        standings, left = undertaking.look(), -1
        deaths: list[float] = []
        stack.callback(executor.stop)
        waits_for_others = False
        # Those of a cluster outlive whoever started them.
        _start(executor, min(at_once, _left(standings)) - executor.count)
        while True:
            ended = executor.ended()
            standings, now = undertaking.look(), time.monotonic()
            for sentence in {each.sentence: None for each in ended if each.sentence}:
                say(sentence)
            if _left(standings) != left:
                left, since, deaths = _left(standings), now, []
            dead = sum(each.is_dead for each in ended)
            deaths = [each for each in deaths if now - each < _SECONDS_OF_DEATHS] + [now] * dead
            if len(deaths) > _MOST_DEATHS * at_once:
                raise BadInput(
                    f"Workers of {title} die again and again; see {folder.workers}. What is done "
                    "is kept: mend that, and start it again."
                )
            _start(executor, min(dead, left - executor.count))
            if not left and now - since > _SECONDS_TO_SEE_THE_END:
                return
            if not executor.count:
                others_work = _others_work(undertaking.claims(standings))
                waited, waits_for_others = waits_for_others, others_work
                if not waits_for_others and not waited:
                    return
                _start(executor, 0 if waits_for_others else min(at_once, left))
            yield standings


def _start(executor: Executor, count: int) -> None:
    for _ in range(count):
        executor.start()


def _others_work(claims: Sequence[Path]) -> bool:
    """Whether somebody else has a run that is left; nobody of ours works when this is asked.

    That is a worker of another command; or a node of a cluster that died, whose locks a network
    folder holds for a minute or two.
    """
    return any(lock_state(claim) == "held" for claim in claims)


def _left(standings: Sequence[Part]) -> int:
    """Return how many runs are still to be done."""
    return sum(not each.is_over for each in standings)


def _own(title: str, folder: WorkFolder, stack: ExitStack) -> None:
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        stack.enter_context(holding(folder.lock, timeout=0.2))
    except filelock.Timeout:
        kind = title.partition(" ")[0]
        raise BadInput(
            f"Another process carries out this {kind}; see {folder.path}. Wait for it, or stop it."
        ) from None
    except OSError as error:
        raise not_written(folder.path, error) from error
