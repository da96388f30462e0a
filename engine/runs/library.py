"""The library folder: stores, runs, the user's own presets, and what was thrown away.

What is in stores and runs is read with torch and numpy, which are imported once it is: a list of
presets should not wait for them.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.config import Experiment, checked_name, load_experiment
from engine.config.built_in import built_in_presets
from engine.data.built_in import BUILT_IN_STORE, StoreState
from engine.data.known_stores import how_to_get
from engine.errors import BadInput
from engine.io.files import link_or_copy, not_written, write_text
from engine.io.names import nearest_name
from engine.io.paths import expanded, is_file, is_path
from engine.io.times import stamp
from engine.runs.folders import run_folders, run_identity

if TYPE_CHECKING:
    from engine.runs.run import Run

STORE_ENDINGS = (".h5", ".hdf5")
EXPERIMENT_ENDINGS = (".yaml", ".yml")
_LOCK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Library:
    """A library folder; its parts are made when something is first put there.

    Attributes
    ----------
    folder
        The folder; None where this machine has no place for it, which matters once it is needed.
    """

    folder: Path | None

    @property
    def root(self) -> Path:
        """The folder; raises `BadInput` if there is none."""
        if self.folder is None:
            raise BadInput(
                "There is no place for the library: this user has no home folder. Set "
                "LEO_STUDIO_HOME to a folder for it, or set HOME."
            )
        return self.folder

    @property
    def stores(self) -> Path:
        """Embedding stores, one HDF5 file each."""
        return self.root / "stores"

    @property
    def runs(self) -> Path:
        """Runs, one folder each."""
        return self.root / "runs"

    @property
    def presets(self) -> Path:
        """The user's own presets, one YAML file each."""
        return self.root / "presets"

    @property
    def limits(self) -> Path:
        """Bayes-optimal limits of regression tasks, which every evaluation of these needs."""
        return self.root / "limits"

    @property
    def points(self) -> Path:
        """Points of functions that a person kept, one JSON file each."""
        return self.root / "points"

    @property
    def studies(self) -> Path:
        """Studies, a folder each: see `engine.studies.standing`."""
        return self.root / "studies"

    @property
    def sweeps(self) -> Path:
        """Sweeps, a folder each: see `engine.studies.sweeps.trials`."""
        return self.root / "sweeps"

    @property
    def trash(self) -> Path:
        """Deleted runs and what else was deleted, and stores that were replaced."""
        return self.root / "trash"

    def preset_files(self) -> Mapping[str, Path]:
        """Return all presets by name: the built-in ones, and the user's own, which come first."""
        files = {path.stem: path for path in sorted(built_in_presets().glob("*.yaml"))}
        if self.folder is not None:
            files |= {path.stem: path for path in sorted(self.presets.glob("*.yaml"))}
        return files

    def experiment(self, preset_or_file: str) -> Experiment:
        """Load a preset by name, or an experiment file by path."""
        return load_experiment(self.experiment_path(preset_or_file))

    def experiment_path(self, preset_or_file: str) -> Path:
        """Find a preset by its name, or an experiment file by its path, which may not exist."""
        if is_path(preset_or_file, EXPERIMENT_ENDINGS):
            return expanded(preset_or_file)
        files = self.preset_files()
        if preset_or_file in files:
            return files[preset_or_file]
        if Path(preset_or_file).is_file():
            return Path(preset_or_file)
        meant = nearest_name(preset_or_file, files)
        others = f"there are {', '.join(files)}." if meant is None else f"did you mean {meant}?"
        raise BadInput(
            f'No preset named "{preset_or_file}"; {others} A file of your own is given by its '
            "path, ending in .yaml."
        )

    def store_path(self, name_or_path: str) -> Path:
        """Find a store by its name in the library or by its path; it may not exist yet."""
        if is_path(name_or_path, STORE_ENDINGS):
            return expanded(name_or_path).resolve()
        named, here = self.stores / f"{name_or_path}.h5", Path(name_or_path)
        if name_or_path != BUILT_IN_STORE and not named.is_file() and here.is_file():
            return here.resolve()
        return named

    def existing_store(self, name_or_path: str) -> Path:
        """Find a store, or say how to get it; raises `BadInput`."""
        path = self.store_path(name_or_path)
        if path.is_file():
            return path
        if path.parent != self.stores:
            raise BadInput(f"There is no store at {path}; check the path.")
        names = [BUILT_IN_STORE, *(each.stem for each in self.stores.glob("*.h5"))]
        meant = nearest_name(name_or_path, names)
        hint = "." if meant is None else f"; did you mean {meant}?"
        raise BadInput(
            f'No store named "{name_or_path}" in the library{hint} {how_to_get(name_or_path)}'
        )

    def store_state(self, name_or_path: str) -> StoreState:
        """Return whether a store is there, or is built in and so drawn when it is first used."""
        if name_or_path == BUILT_IN_STORE:
            return "built in"
        try:
            return "there" if is_file(self.store_path(name_or_path)) else "missing"
        except BadInput:  # no library, or nobody's home folder
            return "missing"

    def must_draw(self, name_or_path: str) -> bool:
        """Whether this is the built-in store, and it was not drawn yet (some seconds)."""
        return name_or_path == BUILT_IN_STORE and not self.store_path(name_or_path).is_file()

    def prepared_store(
        self, name_or_path: str, progress: Callable[[float], None] | None = None
    ) -> Path:
        """Find a store; the built-in glyphs are drawn when they are first needed.

        Parameters
        ----------
        name_or_path
            The store.
        progress
            Called with the fraction that is drawn; an exception that it raises ends the drawing.

        Raises
        ------
        BadInput
            If there is no such store; the sentence says how to get it.
        """
        if self.must_draw(name_or_path):
            from engine.data.glyphs import write_glyphs

            path = self.store_path(name_or_path)
            path.parent.mkdir(parents=True, exist_ok=True)
            # Who comes second waits for the first, in this process or another.
            with _waited_for(path.with_name(f".{path.stem}.lock"), progress):
                if not path.is_file():
                    write_glyphs(path, progress)
        return self.existing_store(name_or_path)

    def run(self, name_or_path: str, runs: Path | None = None) -> "Run":
        """Find and read a run by its path, or by its name in the library; see `run_folder`."""
        from engine.runs.run import Run

        return Run(self.run_folder(name_or_path, runs))

    def run_folder(self, name_or_path: str, runs: Path | None = None) -> Path:
        """Find a run by its path, or by its name in the library (or an unambiguous beginning).

        It need not be readable. A folder here that has a run's name, or its beginning, does not
        stand before it.
        """
        if not name_or_path:
            raise BadInput("The run's name is empty; see leo-studio runs list.")
        if is_path(name_or_path):
            path = expanded(name_or_path)
            if not path.is_dir():
                raise BadInput(f"There is no run at {path}; check the path.")
            return run_identity(path)
        folder = runs or self.runs
        if (folder / name_or_path / "run.json").is_file():
            return run_identity(folder / name_or_path)
        found = [path for path in run_folders(folder) if path.name.startswith(name_or_path)]
        if len(found) == 1:
            return found[0]
        here = Path(name_or_path)
        if (here / "run.json").is_file() or (not found and here.is_dir()):
            return run_identity(here)
        if found:
            names = ", ".join(path.name for path in found)
            raise BadInput(f'"{name_or_path}" may mean {names}; write more of the name.')
        meant = nearest_name(name_or_path, (path.name for path in run_folders(folder)))
        hint = "see" if meant is None else f"did you mean {meant}? See"
        raise BadInput(
            f'There is no run "{name_or_path}", neither here nor in {folder}; {hint} leo-studio '
            "runs list."
        )

    def throw_away(
        self, run: Path, *, waits: bool = True, say: Callable[[str], object] | None = None
    ) -> Path:
        """Move a run to the trash and return where it is now; raises `BadInput` if it trains.

        A run that cannot be read can be thrown away like any other. Where its folder is a symbolic
        link, the link alone goes, and the run stays where it lies. For `waits` and `say` see
        `engine.runs.ownership.require_free`.
        """
        from engine.runs.ownership import require_free

        if not (run / "run.json").is_file():
            raise BadInput(f"{run} is not a run; a run's folder holds run.json.")
        require_free(run, waits=waits, say=say)
        target = self.trash / f"{run.name}--{_unique()}"
        self.trash.mkdir(parents=True, exist_ok=True)
        shutil.move(run, target)
        return target

    def restore(self, thrown_away: Path, run: Path) -> None:
        """Take a run back out of the trash to where it was.

        Raises
        ------
        BadInput
            If there is another by now, or somebody else took it back or removed it.
        """
        if os.path.lexists(run):
            raise BadInput(f"There is another run at {run}; rename that one first.")
        if not os.path.lexists(thrown_away):  # a link may lead nowhere from there
            raise BadInput(f"{run.name} is no longer in the trash; see {self.trash} and the runs.")
        run.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(thrown_away, run)

    def trained_on(self, store: Path) -> list[str]:
        """Return the names of the library's runs that were trained on what a store holds now."""
        from engine.data.fingerprint import fingerprint
        from engine.data.store import EmbeddingStore
        from engine.runs.run import Run

        path = store.resolve()
        try:
            contents = fingerprint(EmbeddingStore(store))
        except BadInput:
            contents = ""  # damaged; what was trained on it can be told by its place alone
        runs = []
        for folder in run_folders(self.runs):
            try:
                trained = Run(folder).record.store
            except BadInput:
                continue
            if trained.fingerprint and contents:
                is_trained = trained.fingerprint == contents
            else:
                is_trained = bool(trained.path) and Path(trained.path).resolve() == path
            runs += [folder.name] * is_trained
        return runs

    def keep_old_store(self, store: Path) -> Path:
        """Keep a store that is about to be replaced, and return where.

        That is the trash, or beside it for a store outside of the library. It also stays where it
        is, so that there is a store at every moment.

        Raises
        ------
        FileNotFoundError
            If it is gone.
        BadInput
            If the system does not let it be kept.
        """
        folder = store.parent
        if folder.resolve() == self.stores.resolve():
            folder = self.trash
        target = folder / f"{store.stem}--{_unique()}{store.suffix}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if store.is_symlink():
                target.symlink_to(store.resolve())
            else:
                link_or_copy(store, target)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise not_written(target, error) from error
        return target

    def restore_store(self, old: Path, store: Path) -> None:
        """Put a store back that was replaced; the one that is there now is kept in its turn.

        Raises
        ------
        BadInput
            If it is no longer where it was kept.
        """
        if not old.is_file():
            raise BadInput(f"{store.name} is no longer at {old}; see {self.trash}.")
        if store.exists():
            self.keep_old_store(store)
        old.replace(store)

    def rename(self, run: "Run", name: str, *, waits: bool = True) -> Path:
        """Give a run, and its folder, another name; for `waits` see `require_free`.

        Where its folder is a symbolic link, the link alone is renamed.

        Raises
        ------
        BadInput
            If it is being trained, or the name is no name for a folder or is taken.
        """
        from engine.runs.ownership import require_free
        from engine.runs.run import Run

        require_free(run.path, waits=waits)
        name = checked_name(name, "The run's name")
        target = run.path.with_name(name)
        if target == run.path:
            return target
        if os.path.lexists(target):
            raise BadInput(f"There is a run called {name} already; choose another name.")
        try:
            run.path.rename(target)
        except OSError as error:
            if target.exists():  # by now
                raise BadInput(
                    f"There is a run called {name} already; choose another name."
                ) from error
            raise not_written(target, error) from error
        if not target.is_symlink():
            Run(target).amend(name=name)
        return target

    def save_preset(self, name: str, experiment: Experiment) -> Path:
        """Keep an experiment among the user's own presets, replacing one of the same name."""
        name = checked_name(name, "The preset's name")
        path = self.presets / f"{name}.yaml"
        write_text(path, experiment.with_settings({"name": name}).to_yaml())
        return path


@contextmanager
def _waited_for(lock: Path, progress: Callable[[float], None] | None) -> Iterator[None]:
    """Hold a lock, waiting for it in small portions, so that `progress` can end the wait.

    Where locks are refused two may draw at once, which is safe: the last to end is taken.
    """
    import filelock

    from engine.io.locks import holding

    while True:
        with ExitStack() as stack:
            try:
                stack.enter_context(holding(lock, _LOCK_SECONDS))
            except filelock.Timeout:
                if progress is not None:
                    progress(0.0)
                continue
            yield
            return


def _unique() -> str:
    """Return the end of a name that nothing in the trash has."""
    return f"{stamp()}-{secrets.token_hex(2)}"
