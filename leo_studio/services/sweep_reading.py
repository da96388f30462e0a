"""Reads sweeps for the windows: which there are, how they stand, and what speaks against them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.config import Experiment
from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.text import required_text
from engine.runs.library import Library
from engine.studies.sweeps.beginning import asked_sweep, begun_sweep, usual_lag
from engine.studies.sweeps.catalogue import space_files
from engine.studies.sweeps.overseer import SweepOverseer, SweepState
from engine.studies.sweeps.proposals import require_optuna
from engine.studies.sweeps.requirements import require_comparable, uses_of_store
from engine.studies.sweeps.space import load_space, require_fitting
from engine.studies.sweeps.sweep import FILE, Sweep
from engine.studies.sweeps.trials import SweepFolder, best_of
from leo_studio.services.needed_stores import missing_stores, why_not_trained
from leo_studio.services.sweep_records import (
    AddedSpace,
    SpaceOffer,
    SweepEntry,
    SweepList,
    SweepView,
    SweepWanted,
)
from leo_studio.services.work_states import WorkState, is_elsewhere, work_state

_MOST_KNOWN = 32  # sweeps whose trials that have ended are not read again
_SOURCE = "The panel Sweeps"


class SweepReader:
    """Reads sweeps; trials that have ended are read once. Methods may be called from any thread.

    Parameters
    ----------
    library
        Where they are.
    is_ours
        Whether this process carries out the sweep in a folder.
    """

    def __init__(self, library: Library, is_ours: Callable[[Path], bool]) -> None:
        self._library = library
        self._is_ours = is_ours
        self._overseers: dict[str, SweepOverseer] = {}
        self._offers: dict[str, tuple[str, SpaceOffer]] = {}  # and what they were read from
        self._lock = threading.Lock()

    def list(self) -> SweepList:
        """Return all sweeps, and the spaces that others can be begun with."""
        names = sorted(path.parent.name for path in self._library.sweeps.glob(f"*/{FILE}"))
        return SweepList(tuple(map(self._entry, names)), self._spaces(), _problem())

    def view(self, wanted: SweepWanted) -> SweepView:
        """Return how a sweep stands; raises `BadInput` where it is none."""
        sweep, folder = self.sweep(wanted), self.folder(wanted.name)
        return self.view_of(wanted, folder, self._state(sweep, folder))

    def view_of(self, wanted: SweepWanted, folder: SweepFolder, state: SweepState) -> SweepView:
        """Return how a sweep stands whose trials stand so."""
        standing = self._standing(folder, state)
        why_not, lacks = "", False
        if standing in ("new", "open"):
            lacks = bool(missing_stores(self._library, [state.sweep.experiment]))
            why_not = self._why_not(state.sweep)
        return SweepView(wanted, state, standing, folder, why_not, lacks)

    def sweep(self, wanted: SweepWanted) -> Sweep:
        """Return a sweep as it is wanted; raises `BadInput` where it is none."""
        folder = self.folder(wanted.name)
        if folder.file.is_file() and self.is_elsewhere(wanted.name):
            return begun_sweep(folder)  # as that process asked for it
        if folder.file.is_file() or not wanted.preset:
            return begun_sweep(folder, trials=wanted.trials, final_seeds=wanted.final_seeds)
        settings = {} if wanted.steps is None else {"schedule.steps": wanted.steps}
        numbers = {
            "trials": wanted.trials,
            "final_seeds": wanted.final_seeds,
            "pruning": wanted.pruning,
            "lag": usual_lag(wanted.at_once),
        }
        asked = asked_sweep(self._library, wanted.preset, wanted.space, settings, numbers, _SOURCE)
        return replace(asked, name=wanted.name)

    def new_name(self, preset: str, space: str) -> str:
        """Return a name that no sweep of the library has."""
        first = f"{preset}-{space}"[:90]
        name, number = first, 2
        while (self._library.sweeps / name).exists():
            name, number = f"{first}-{number}", number + 1
        return name

    def is_elsewhere(self, name: str) -> bool:
        """Whether another process carries a sweep out; a look at one file."""
        return is_elsewhere(self.folder(name), self._is_ours)

    def folder(self, name: str) -> SweepFolder:
        """Return where a sweep is carried out."""
        return SweepFolder((self._library.sweeps / name).absolute())

    def add_space(self, path: Path) -> AddedSpace:
        """Take a space's file into the library; raises `BadInput` where it cannot be."""
        space, text = load_space(path), required_text(path)
        if space.name in space_files():
            raise BadInput(
                f'{path}: a space called "{space.name}" comes with the program; give this one '
                "another name in its file."
            )
        file = self._library.sweeps / f"{space.name}.yaml"
        if file.is_file() and load_space(file) != space:
            raise BadInput(
                f'{path}: there is another space called "{space.name}" in the library; give this '
                f"one another name in its file, or remove {file}."
            )
        write_text(file, text)
        return AddedSpace(space.name, file)

    def _state(self, sweep: Sweep, folder: SweepFolder) -> SweepState:
        """Look how a sweep stands; what has ended is not read again."""
        key = f"{folder.path}\n{sweep.to_yaml()}"
        with self._lock:
            found = self._overseers.pop(key, None) or SweepOverseer(sweep, folder, "cpu")
            self._overseers[key] = found  # the one that was asked for last is the last one here
            for old in list(self._overseers)[:-_MOST_KNOWN]:
                del self._overseers[old]
            return found.state()

    def _entry(self, name: str) -> SweepEntry:
        try:
            folder = self.folder(name)
            state = self._state(begun_sweep(folder), folder)
        except BadInput as error:
            return SweepEntry(name, state="unreadable", problem=str(error))
        best, standing = best_of(state.trials), self._standing(folder, state)
        lacks = tuple[str, ...]()
        if standing in ("new", "open"):
            lacks = missing_stores(self._library, [state.sweep.experiment])
        return SweepEntry(
            name,
            len(state.trials),
            sum(trial.is_over for trial in state.trials),
            None if best is None else best.value,
            standing,
            lacks=lacks,
        )

    def _standing(self, folder: SweepFolder, state: SweepState) -> WorkState:
        return work_state(
            folder,
            self._is_ours,
            is_over=state.is_whole,
            has_begun=any(trial.run is not None for trial in state.trials),
        )

    def _why_not(self, sweep: Sweep) -> str:
        try:
            require_optuna()
            require_comparable(sweep)
        except BadInput as error:
            return str(error)
        return why_not_trained(self._library, uses_of_store(sweep))

    def _spaces(self) -> tuple[SpaceOffer, ...]:
        """Return what a sweep can be begun with; what did not change is read once."""
        files = space_files(self._library.sweeps)
        presets = self._library.preset_files()
        stamps = [_stamp(path) for path in presets.values()]
        found = []
        experiments: dict[str, Experiment] = {}
        for name, path in files.items():
            key = f"{_stamp(path)} {stamps}"
            if self._offers.get(name, ("",))[0] != key:
                if not experiments:
                    experiments = self._experiments(list(presets))
                self._offers[name] = key, _offer(name, path, experiments)
            found.append(self._offers[name][1])
        return tuple(found)

    def _experiments(self, presets: Sequence[str]) -> dict[str, Experiment]:
        found = {}
        for name in presets:
            try:
                found[name] = self._library.experiment(name)
            except BadInput:
                continue  # of another kind, or damaged: the list of presets says so
        return found


def _problem() -> str:
    try:
        require_optuna()
    except BadInput as error:
        return str(error)
    return ""


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return f"{path} gone"
    return f"{path} {status.st_mtime_ns} {status.st_size}"


def _offer(name: str, path: Path, experiments: dict[str, Experiment]) -> SpaceOffer:
    """Return which presets a space fits; its file's name is that by which it is found."""
    try:
        space = load_space(path)
    except BadInput as error:
        return SpaceOffer(name, "", (), str(error))
    why_not, fitting = "", []
    for preset, experiment in experiments.items():
        try:
            require_fitting(space, experiment, str(path))
            require_comparable(Sweep(name, experiment, space.parameters, trials=1))
        except BadInput as error:
            why_not = why_not or str(error)
        else:
            fitting.append(preset)
    problem = "" if fitting else f"It fits no preset. {why_not}"
    return SpaceOffer(name, space.about, tuple(fitting), problem)
