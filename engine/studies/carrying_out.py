"""Carrying out a study or a sweep: workers are started, watched, and started again where they died.

What is carried out looks at its own folder and says what is left; see `Undertaking`.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import filelock

from engine.data.requirements import require_fit
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io.files import not_written, write_text
from engine.io.locks import holding
from engine.runs.library import Library
from engine.studies.cells import Cell
from engine.studies.executors import Executor, WorkFolder
from engine.studies.standing import Standing, StudyFolder
from engine.studies.study import Study

# So many workers in a row may die without a run that is done: then none will do it.
_MOST_DEATHS = 3


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
        standings, deaths, left = undertaking.look(), 0, -1
        stack.callback(executor.stop)
        for _ in range(min(at_once, _left(standings))):
            executor.start()
        while True:
            ended = executor.ended()
            standings = undertaking.look()
            for sentence in {each.sentence: None for each in ended if each.sentence}:
                say(sentence)
            dead = sum(each.is_dead for each in ended)
            deaths = deaths + dead if _left(standings) == left else dead
            left = _left(standings)
            if deaths > _MOST_DEATHS * at_once:
                raise BadInput(
                    f"Workers of {title} die again and again; see {folder.workers}. What is done "
                    "is kept: mend that, and start it again."
                )
            for _ in range(min(dead, left - executor.count)):
                executor.start()
            if not executor.count:
                return
            yield standings


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
