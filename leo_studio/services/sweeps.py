"""Sweeps that a window asks for: read, weighed and carried out in the background."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.errors import BadInput
from engine.runs.library import Library
from engine.studies.carrying_out import carried_out
from engine.studies.executors.local import LocalExecutor, usual_workers
from engine.studies.sweeps.overseer import SweepOverseer
from engine.studies.sweeps.proposals import require_optuna
from engine.studies.sweeps.requirements import require_sweepable
from leo_studio.services.background import Task
from leo_studio.services.carrying_out import CarryingOut, Undertaken, follow
from leo_studio.services.command_output import command_output
from leo_studio.services.inspection_requests import Start
from leo_studio.services.sweep_reading import SweepReader
from leo_studio.services.sweep_records import (
    AddedSpace,
    Importance,
    SweepList,
    SweepView,
    SweepWanted,
)

NOUN = "Sweep"


class SweepRequests:
    """Reads sweeps, and has them carried out; each method returns its task.

    Parameters
    ----------
    library
        Where sweeps are.
    start
        How work is started.
    carrying_out
        Carries out one thing at a time.
    """

    def __init__(self, library: Library, start: Start, carrying_out: CarryingOut) -> None:
        self._library = library
        self._start = start
        self._carrying_out = carrying_out
        self._reader = SweepReader(library, carrying_out.is_in)

    @property
    def task(self) -> Task | None:
        """The sweep that is carried out; None where there is none."""
        return self._carrying_out.task_of(NOUN)

    @property
    def under_way(self) -> str:
        """The name of that sweep; "" where there is none."""
        return self._carrying_out.name_of(NOUN)

    def is_elsewhere(self, name: str) -> bool:
        """Whether another process carries a sweep out; a look at one file."""
        return self._reader.is_elsewhere(name)

    def new_name(self, preset: str, space: str) -> str:
        """Return a name for a new sweep."""
        return self._reader.new_name(preset, space)

    def list(
        self, then: Callable[[SweepList], None], failed: Callable[[BaseException], None]
    ) -> Task:
        """Read which sweeps there are, how they stand, and what can be begun."""
        read = self._reader.list
        return self._start("Reading sweeps", lambda _: read(), then, is_shown=False, failed=failed)

    def view(
        self,
        wanted: SweepWanted,
        then: Callable[[SweepView], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Read how a sweep stands, trial by trial."""
        title, read = f"Reading sweep {wanted.name}", self._reader.view
        return self._start(title, lambda _: read(wanted), then, is_shown=False, failed=failed)

    def importance(self, view: SweepView, then: Callable[[Importance], None]) -> Task:
        """Find out how much each setting decides, as the command says it.

        By a process of its own: of a thousand trials that takes half a minute of a processor, and
        Optuna is not imported into the window's process.
        """
        folder, complete = view.folder.path, view.complete

        def weigh(task: Task) -> Importance:
            require_optuna()
            words = ("sweep", "--folder", str(folder), "--table", "--json")
            text = command_output(self._library.root, words, task, "weighing settings")
            shares: Mapping[str, float] = json.loads(text)["importance"]
            return Importance(shares, complete)

        return self._start(
            f"Weighing the settings of sweep {view.name}",
            weigh,
            then,
            is_shown=False,
            failed=lambda error: then(Importance({}, complete, _sentence(error))),
        )

    def add_space(self, file: Path, then: Callable[[AddedSpace], None]) -> Task:
        """Take a space's file into the library."""
        title, add = f"Reading {file.name}", self._reader.add_space
        return self._start(title, lambda _: add(file), then, is_shown=False)

    def usual_count(self, device: str) -> int:
        """Return how many trials to train at once."""
        return usual_workers(device)

    def carry_out(self, wanted: SweepWanted, show: Callable[[SweepView], None]) -> Task:
        """Carry out what is left of a sweep; see `CarryingOut.begin`."""
        folder = self._reader.folder(wanted.name).path
        return self._carrying_out.begin(
            Undertaken(NOUN, wanted.name, folder),
            lambda task: self._carried_out(wanted, task),
            show,
        )

    def stop(self) -> None:
        """End the sweep that is carried out; what trains keeps a checkpoint."""
        self._carrying_out.stop(NOUN)

    def _carried_out(self, wanted: SweepWanted, task: Task) -> Callable[[], SweepView]:
        task.report(None, "looking at its store")
        reader = self._reader
        sweep, folder = reader.sweep(wanted), reader.folder(wanted.name)
        require_optuna()
        require_sweepable(self._library, sweep)
        overseer = SweepOverseer(sweep, folder, wanted.device)
        executor = LocalExecutor(folder, self._library.root, wanted.device)
        # More workers would have nothing to do.
        at_once = min(wanted.at_once, sweep.lag + 1)
        looks = carried_out(overseer, executor, at_once, task.hand_over)
        follow(
            looks,
            lambda parts: reader.view_of(wanted, folder, overseer.state_of(parts)),
            task,
        )
        return lambda: reader.view_of(wanted, folder, overseer.state())


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, BadInput) else f"It could not be found out: {error}"
