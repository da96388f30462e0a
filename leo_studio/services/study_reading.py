"""Reads studies for the windows: which there are, how they stand, and what speaks against them."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine.errors import BadInput
from engine.io.files import write_text
from engine.runs.library import Library
from engine.studies.carrying_out import Overseer
from engine.studies.catalogue import study_files
from engine.studies.cells import cells_of
from engine.studies.standing import FILE, Standing, StudyFolder
from engine.studies.study import Study, load_study
from engine.studies.table import table_of
from leo_studio.services.needed_stores import missing_stores, why_not_trained
from leo_studio.services.study_records import (
    STEPS,
    AddedStudy,
    FirstLook,
    StudyEntry,
    StudyView,
    StudyWanted,
)
from leo_studio.services.work_states import WorkState, is_elsewhere, work_state

_MOST_KNOWN = 32  # studies whose evaluated runs are not read again


class StudyReader:
    """Reads studies; evaluated runs are read once. Methods may be called from any thread.

    Parameters
    ----------
    library
        Where they are.
    is_ours
        Whether this process carries out the study in a folder.
    """

    def __init__(self, library: Library, is_ours: Callable[[Path], bool]) -> None:
        self._library = library
        self._is_ours = is_ours
        self._overseers: dict[str, Overseer] = {}
        self._lock = threading.Lock()

    def entries(self) -> tuple[StudyEntry, ...]:
        """Return all studies, those that come with the program first."""
        own = [path.parent.name for path in self._library.studies.glob(f"*/{FILE}")]
        own += [path.stem for path in self._library.studies.glob("*.yaml")]
        return tuple(self._entry(name) for name in dict.fromkeys((*study_files(), *sorted(own))))

    def view(self, wanted: StudyWanted) -> StudyView:
        """Return how a study stands; raises `BadInput` where it is none."""
        study, folder = self.study(wanted), self.folder(wanted.name)
        overseer = self.overseer(study, folder)
        with self._lock:
            standings = overseer.look()
        return self.view_of(wanted.name, study, folder, standings)

    def view_of(
        self, name: str, study: Study, folder: StudyFolder, standings: Sequence[Standing]
    ) -> StudyView:
        """Return how a study stands whose runs stand so."""
        state = self._state(folder, standings)
        why_not, lacks_store = "", False
        if state in ("new", "open"):
            uses = [(each.cell.experiment, study.split) for each in standings]
            lacks_store = bool(missing_stores(self._library, (each for each, _ in uses)))
            why_not = why_not_trained(self._library, uses)
        return StudyView(
            name,
            study,
            _first_look(study, self._own(name)),
            standings,
            table_of(study, standings),
            state,
            folder,
            why_not,
            lacks_store,
        )

    def is_elsewhere(self, name: str) -> bool:
        """Whether another process carries a study out; a look at one file."""
        return is_elsewhere(self.folder(name), self._is_ours)

    def folder(self, name: str) -> StudyFolder:
        """Return where a study is carried out."""
        return StudyFolder((self._library.studies / name).absolute())

    def overseer(self, study: Study, folder: StudyFolder) -> Overseer:
        """Return what looks at a study, and knows what it saw before."""
        key = f"{folder.path}\n{study.to_yaml()}"
        with self._lock:
            found = self._overseers.pop(key, None)
            if found is None:
                found = Overseer(study, cells_of(study, self._library.experiment, "cpu"), folder)
            self._overseers[key] = found  # the one that was asked for last is the last one here
            for old in list(self._overseers)[:-_MOST_KNOWN]:
                del self._overseers[old]
        return found

    def study(self, wanted: StudyWanted) -> Study:
        """Return a study as it is wanted; raises `BadInput` where it is none."""
        own, asked = self._own(wanted.name), self._asked(wanted.name)
        study = own if asked is None else _as_asked(own, asked)
        if asked is not None and self.is_elsewhere(wanted.name):
            return asked
        if wanted.is_as_asked:
            return study
        changes = {path: value for path, value in study.changes.items() if path != STEPS}
        if wanted.first_look is None:
            changes |= {path: value for path, value in own.changes.items() if path == STEPS}
            return study.with_parts(seeds=own.seeds, set=changes)
        changes[STEPS] = wanted.first_look.steps
        return study.with_parts(seeds=wanted.first_look.seeds, set=changes)

    def keep_own(self, name: str) -> None:
        """Keep a study's own file where there is none beside its folder.

        The one inside says from now on what was asked for, which may be a first look.
        """
        file = self._library.studies / f"{name}.yaml"
        if name not in study_files() and not file.is_file():
            write_text(file, self._own(name).to_yaml())

    def add(self, path: Path) -> AddedStudy:
        """Take a study's file into the library; raises `BadInput` where it cannot be."""
        study = load_study(path)
        if study.name in study_files():
            raise BadInput(
                f'{path}: a study called "{study.name}" comes with the program; give this one '
                "another name in its file."
            )
        file = self._library.studies / f"{study.name}.yaml"
        if file.is_file() and load_study(file) != study:
            raise BadInput(
                f'{path}: there is another study called "{study.name}" in the library; give this '
                f"one another name in its file, or remove {file}."
            )
        cells_of(study, self._library.experiment, "cpu")
        write_text(file, study.to_yaml())
        return AddedStudy(study.name, file)

    def _own(self, name: str) -> Study:
        """Return a study as it comes with the program, or as somebody has written it."""
        built_in = study_files().get(name)
        file = self._library.studies / f"{name}.yaml"
        if built_in is not None or file.is_file():
            return load_study(built_in or file)
        return load_study(self.folder(name).file)

    def _asked(self, name: str) -> Study | None:
        """Return a study as it was last asked for; None where it never was, or nobody can say."""
        file = self.folder(name).file
        try:
            return load_study(file) if file.is_file() else None
        except BadInput:
            return None

    def _entry(self, name: str) -> StudyEntry:
        try:
            study, folder = self.study(StudyWanted(name)), self.folder(name)
            overseer = self.overseer(study, folder)
            with self._lock:
                standings = overseer.look()
        except BadInput as error:
            return StudyEntry(name, state="unreadable", problem=str(error))
        done = sum(each.state in ("evaluated", "failed") for each in standings)
        state, lacks = self._state(folder, standings), tuple[str, ...]()
        if state in ("new", "open"):
            left = (each.cell.experiment for each in standings if not each.is_over)
            lacks = missing_stores(self._library, left)
        return StudyEntry(name, study.about, len(standings), done, state, lacks=lacks)

    def _state(self, folder: StudyFolder, standings: Sequence[Standing]) -> WorkState:
        return work_state(
            folder,
            self._is_ours,
            is_over=all(each.state in ("evaluated", "failed") for each in standings),
            has_begun=any(each.run is not None for each in standings),
        )


def _as_asked(own: Study, asked: Study) -> Study:
    """Return a study with what a command may have changed; rows and columns are its own."""
    changed: dict[str, Any] = {"seeds": asked.seeds, "episodes": asked.episodes}
    return own.with_parts(**changed, set=asked.changes)


def _first_look(study: Study, own: Study) -> FirstLook | None:
    """Return what a study is cut down to; None where seeds and steps are its own."""
    steps, own_steps = study.changes.get(STEPS), own.changes.get(STEPS)
    if (study.seeds, steps) == (own.seeds, own_steps):
        return None
    return FirstLook(study.seeds, FirstLook().steps if steps is None else steps)
