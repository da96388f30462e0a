"""The catalogue of the library: runs, stores and presets as records for the windows."""

from itertools import chain
from pathlib import Path

from engine.config import Experiment, load_experiment
from engine.config.built_in import built_in_presets
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.grid_record import kept_grids
from engine.evaluation.record import kept_evaluations
from engine.evaluation.regression.record import kept_regression_evaluations
from engine.inspection.curvature_record import kept_curvatures
from engine.inspection.uncertainty_record import kept_uncertainties
from engine.io.versions import NewerVersion
from engine.runs.annotations import read_annotations
from engine.runs.folders import run_folders, run_identity, without_aliases
from engine.runs.library import Library
from engine.runs.record import OWNED
from engine.runs.run import Run
from engine.session.failures import explain
from leo_studio.services.held_results import HeldResults, Result
from leo_studio.services.records import Curves, PresetEntry, RunEntry, StoreEntry
from leo_studio.services.run_titles import with_titles


class Catalogue:
    """Reads presets, stores and runs; runs that did not change are read once.

    Methods may be called from any thread; `runs` and `run` one at a time.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._elsewhere: frozenset[Path] = frozenset()
        self._held = HeldResults()
        self._runs: dict[Path, tuple[tuple[int, ...], RunEntry]] = {}
        self._listed: dict[Path, RunEntry] = {}  # with titles, as they were last
        self._presets: dict[str, tuple[tuple[int, ...], Experiment | None]] = {}

    def presets(self) -> tuple[PresetEntry, ...]:
        """Return all presets, the user's own first."""
        built_in = built_in_presets()
        entries = [
            _preset(name, path, path.parent == built_in)
            for name, path in self._library.preset_files().items()
        ]
        return tuple(sorted(entries, key=lambda entry: (entry.is_built_in, entry.name)))

    def stores(self) -> tuple[StoreEntry, ...]:
        """Return the stores in the library, by name."""
        paths = sorted(self._library.stores.glob("*.h5"))
        return tuple(store_entry(path.stem, path) for path in paths)

    def include(self, run: Path) -> None:
        """List a run that lies outside the library too, from now on."""
        self._elsewhere |= {run_identity(run)}  # another set: a thread may be looking at this one

    def hold(self, result: Result) -> None:
        """List a result with its run as long as this lasts, if it could not be kept there."""
        self._held.hold(result)

    def runs(self) -> tuple[RunEntry, ...]:
        """Return all runs, the newest first."""
        elsewhere = {path for path in self._elsewhere if (path / "run.json").is_file()}
        own = run_folders(self._library.runs)
        # A run of the library is listed by its name there, whatever path it was opened by.
        listed = {path.resolve() for path in own}
        paths = [*own, *without_aliases(p for p in elsewhere if p.resolve() not in listed)]
        found = [self.run(path) for path in paths]
        self._runs = {path: self._runs[path] for path in paths}  # less those that are gone
        entries = with_titles(found, self._preset_experiments({run.preset for run in found}))
        entries = tuple(self._as_before(entry) for entry in entries)
        self._listed = {entry.path: entry for entry in entries}
        return tuple(sorted(entries, key=lambda entry: (entry.created, entry.name), reverse=True))

    def run(self, path: Path) -> RunEntry:
        """Return one run, wherever it is."""
        path = run_identity(path)
        stamp = _stamp(path)
        known = self._runs.get(path)
        # Whether somebody trains a run is in no file's time, nor what a run lacks that is being
        # copied, whose files have the times of the original.
        is_settled = known is not None and known[1].status not in OWNED and not known[1].problem
        if known is None or known[0] != stamp or not is_settled:
            self._runs[path] = (stamp, _run_entry(path))
        return self._held.beside(self._runs[path][1])

    def _preset_experiments(self, names: set[str]) -> dict[str, Experiment]:
        """Return the experiments of some presets by name, less those that cannot be used."""
        files = self._library.preset_files()
        wanted = {name: files[name] for name in names if name in files}
        stamps = {name: _marks(path) for name, path in wanted.items()}
        for name, path in wanted.items():
            known = self._presets.get(name)
            if known is None or known[0] != stamps[name]:
                self._presets[name] = (stamps[name], _preset(name, path, False).experiment)
        read = {name: self._presets[name][1] for name in wanted}
        return {name: experiment for name, experiment in read.items() if experiment is not None}

    def _as_before(self, entry: RunEntry) -> RunEntry:
        """Return the very entry of the last time for a run that did not change since."""
        before = self._listed.get(entry.path)
        return before if before is not None and before == entry else entry


def store_entry(name: str, path: Path) -> StoreEntry:
    """Return what a store holds, or why it cannot be used."""
    try:
        store = EmbeddingStore(path)
    except BadInput as error:
        return StoreEntry(name, path, problem=str(error))
    splits = tuple(store.splits.values())
    return StoreEntry(name, path, store.embedding_dim, store.source, splits)


def load_curves(path: Path) -> Curves:
    """Read all metrics of a run; raises `BadInput` if they are damaged."""
    run = Run(path)
    return Curves(
        run.path,
        run.record.id,
        run.experiment,
        run.training.arrays(),
        run.validation.arrays(),
        tuple(checkpoint.step for checkpoint in run.checkpoints),
        run.record.best.step if run.record.best else None,
    )


def _preset(name: str, path: Path, is_built_in: bool) -> PresetEntry:
    try:
        return PresetEntry(name, path, is_built_in, load_experiment(path))
    except BadInput as error:
        return PresetEntry(name, path, is_built_in, None, str(error))


def _stamp(path: Path) -> tuple[int, ...]:
    """Return a stamp that differs when a run has changed."""
    parts = ("run.json", "notes.json", "validation.csv", "evaluations", "checkpoints")
    return tuple(number for part in parts for number in _marks(path / part))


def _marks(path: Path) -> tuple[int, ...]:
    try:
        facts = path.stat()
    except OSError:
        return ()
    # Two changes within a tick of the clock have one time, but no two files have one number.
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _run_entry(path: Path) -> RunEntry:
    try:
        run = Run(path)
        score = run.scores[0].name
        validation = tuple(row[score] for row in run.validation.read())
        checkpoints = tuple(checkpoint.step for checkpoint in run.checkpoints)
        kept_best = run.kept.best
    except (BadInput, OSError) as error:
        is_newer = isinstance(error, NewerVersion)
        return RunEntry(path, problem=explain(error).sentence, is_newer=is_newer)
    record = run.record
    annotations = read_annotations(path)
    kept, on_functions = kept_evaluations(path), kept_regression_evaluations(path)
    uncertainties, curvatures = kept_uncertainties(path), kept_curvatures(path)
    grids = kept_grids(path)
    of_files = (kept, on_functions, uncertainties, curvatures, grids)
    return RunEntry(
        path=path,
        id=record.id,
        status=run.status,
        watched_host=run.watched_host if run.status in OWNED else "",
        preset=record.preset,
        experiment=run.experiment,
        step=record.step,
        steps=record.steps,
        best=record.best,
        kept_best=kept_best,
        created=record.created,
        seconds=record.seconds,
        device=record.device,
        store=record.store.name,
        store_path=record.store.path,
        error=record.error or "",
        note=annotations.note,
        tags=annotations.tags,
        validation=validation,
        checkpoints=checkpoints,
        evaluations=kept.evaluations,
        evaluation_problems=tuple(chain.from_iterable(each.problems for each in of_files)),
        function_evaluations=on_functions.records,
        uncertainties=uncertainties.records,
        curvatures=curvatures.records,
        grids=grids.records,
        versions=record.versions,
        store_splits=record.store.splits,
    )
