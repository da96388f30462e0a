"""The readers of files, each with a whole specimen to damage and a look at what it returns."""

import pickle
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import torch

from engine.config import Experiment, experiment_from_dict, load_experiment, setting_values
from engine.data.importers.arrays import import_arrays
from engine.data.importers.checks import ImportedStore
from engine.data.importers.deepmind import import_deepmind
from engine.data.integrity import inspect_store
from engine.data.splits import SPLITS
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint, keep_evaluation
from engine.evaluation.record import read_evaluation
from engine.export.bundle import save_bundle
from engine.export.bundle_reading import import_bundle
from engine.export.trained import trained
from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
from engine.inspection.files import load_inspection, read_heading, save_inspection
from engine.inspection.kept_points import KeptPoints, keep_points, read_points
from engine.io.generators import finished
from engine.runs import ownership
from engine.runs.annotations import Annotations, write_annotations
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.training import train
from leo_studio.services.catalogue import Catalogue, load_curves
from leo_studio.services.preferences import Preferences, load_preferences, save_preferences
from tests.hunts import feature_readers

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

_LARGEST_NUMBER = 100  # among the settings of a run that is trained
_CLASSES, _EXAMPLES, _DIM = 6, 5, 4  # of each split


class Reader(NamedTuple):
    """A reader of files.

    Attributes
    ----------
    make
        Writes a whole specimen into a folder, and returns the file or the folder to damage.
    read
        Reads it; the second path is an empty folder that may be written to. Raises `BadInput` for
        what it refuses, or AssertionError where what it read cannot be right.
    changes
        What may change where the specimen lies: nothing, nothing if it is refused, or the file
        is moved aside.
    """

    make: Callable[[Path], Path]
    read: Callable[[Path, Path], None]
    changes: Literal["nothing", "unless refused", "moved aside"] = "nothing"


def make_store(folder: Path) -> Path:
    """Write a store of 3 x 6 classes x 5 examples in 4 dimensions, and return its path."""
    path = folder / "whole.h5"
    with create_store(path, "whole", "a hunt", _DIM) as writer:
        for split in SPLITS:
            embeddings, labels = _examples(split)
            names = [f"{split}-{label}" for label in range(_CLASSES)]
            rows = [f"{split}-{row}" for row in range(len(labels))]
            images = np.zeros((len(labels), 2, 2, 1), np.uint8)
            writer.add_split(split, embeddings, labels, names, rows, images)
    return path


def toy_experiment(store: Path, steps: int = 6) -> Experiment:
    """Return an experiment of some steps on such a store."""
    return experiment_from_dict(
        {
            "name": "toy",
            "data": {"store": str(store)},
            "task": {"n_way": 3, "k_shot": 1, "queries": 2, "examples_per_class": _EXAMPLES},
            "learner": {"kind": "leo", "latent_size": 3, "inner_steps": 2, "finetuning_steps": 1},
            "optimizer": {"meta_batch": 2},
            "schedule": {"steps": steps, "validate_every": 3, "validation_episodes": 4},
            "run": {"device": "cpu"},
        },
        "a hunt",
    )


def _examples(split: str) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(SPLITS.index(split))
    labels = np.arange(_CLASSES).repeat(_EXAMPLES)
    centres = chance.normal(size=(_CLASSES, _DIM))[labels]
    return (centres + chance.normal(size=centres.shape)).astype(np.float32), labels


def _require_sound(path: Path) -> None:
    """Read everything that a store holds, and hold it to what every store promises."""
    store = EmbeddingStore(path)
    report = inspect_store(store)
    assert len(report.splits) == len(store.splits)
    for name, summary in store.splits.items():
        offsets = store.class_offsets(name)
        assert offsets[0] == 0 and offsets[-1] == summary.examples and (np.diff(offsets) > 0).all()
        names = store.class_names(name)
        assert len(names) == len(set(names)) == summary.classes
        assert len(store.image_names(name)) == summary.examples
        store.images(name, [0, summary.examples - 1])
        split = store.load([name])
        norms = np.linalg.norm(split.in_memory.double().numpy(), axis=1)
        assert np.all((abs(norms - 1) < 1e-5) | (norms == 0)), norms


def _read_store(path: Path, scratch: Path) -> None:
    _require_sound(path)


def make_npz(folder: Path) -> Path:
    parts = [_examples(split) for split in SPLITS]
    labels = [labels + at * _CLASSES for at, (_, labels) in enumerate(parts)]
    path = folder / "whole.npz"
    np.savez(
        path,
        embeddings=np.concatenate([embeddings for embeddings, _ in parts]),
        labels=np.concatenate(labels),
        split=np.repeat(SPLITS, len(labels[0])),
        class_names=np.array([f"class {label}" for label in range(3 * _CLASSES)]),
    )
    return path


def _read_npz(path: Path, scratch: Path) -> None:
    _imported(lambda: [import_arrays(path, scratch / "out.h5")], scratch)


def _read_features(path: Path, scratch: Path) -> None:
    _imported(feature_readers.import_from(path, scratch), scratch)


def _make_pickles(folder: Path) -> Path:
    release = folder / "embeddings" / "whole" / "center"
    release.mkdir(parents=True)
    for protocol, split in enumerate(SPLITS):
        embeddings, labels = _examples(split)
        names = [f"{row}-{split}{label}-{split}{label}_{row}" for row, label in enumerate(labels)]
        content = {"embeddings": embeddings, "labels": labels.tolist(), "keys": names}
        (release / f"{split}_embeddings.pkl").write_bytes(pickle.dumps(content, protocol))
    return folder / "embeddings"


def _make_zip(folder: Path) -> Path:
    release = _make_pickles(folder)
    with zipfile.ZipFile(folder / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(release.rglob("*.pkl")):
            archive.write(path, path.relative_to(folder))
    return folder / "whole.zip"


def _read_release(path: Path, scratch: Path) -> None:
    _imported(lambda: import_deepmind(path, scratch / "out"), scratch)


def _imported(imports: Callable[[], list[ImportedStore]], scratch: Path) -> None:
    """Import, and require whole stores; where the source is refused, none that it does not name."""
    try:
        imports()
    except BadInput as error:
        left = [path for path in scratch.rglob("*") if path.is_file()]
        unnamed = [path for path in left if f" {path.stem}" not in str(error)]
        assert not unnamed, f"a refused import left {unnamed}"
        raise
    finally:
        for path in scratch.rglob("*.h5"):
            _require_sound(path)


def _made_run(folder: Path) -> tuple[Run, EmbeddingStore]:
    """Train a run to its middle, and keep everything with it that a run can keep."""
    library = Library(folder)
    run, store = new_run(library, toy_experiment(make_store(folder)))
    assert isinstance(store, EmbeddingStore)
    for event in train(run.experiment, store, run):
        if run.record.step >= 4:
            del event
            break
    step = run.checkpoint("last").step
    evaluated = finished(evaluate_checkpoint(run, step, store, "test", 3))
    keep_evaluation(run, evaluated)
    write_annotations(run.path, Annotations("a note", ("a tag",)))
    return Run(run.path), store


def _make_run(folder: Path) -> Path:
    return _made_run(folder)[0].path


def _read_run(path: Path, scratch: Path) -> None:
    catalogue = Catalogue(Library(scratch))
    catalogue.include(path)
    for entry in catalogue.runs():
        assert entry.path == path
    load_curves(path)
    run = Run(path)
    run.validation.read()
    for which in (None, "best", "last"):
        load_model(run, run.checkpoint(which).step)
    trained(run)


def _resume_run(path: Path, scratch: Path) -> None:
    """Train a run to its end; the same settings must give the same weights."""
    with _hasty_clock():
        run, store = resumed_run(Library(scratch), Run(path))
        assert store is not None
        if _is_long(run.experiment):
            return
        for _ in train(run.experiment, store, run):
            pass
    again = Run(path)
    assert again.record.status == "finished", again.record.status
    assert again.record.step == again.record.steps
    steps = again.training.arrays()["step"].tolist()
    assert steps == sorted(set(steps)), steps
    if again.experiment == toy_experiment(store.path):
        mine, whole = again.checkpoint("last").weights(), _uninterrupted_weights()
        assert all(torch.equal(mine[name], whole[name]) for name in whole)


def _is_long(experiment: Experiment) -> bool:
    """Whether its settings, which a fault may have made a thousand times larger, ask for hours."""
    numbers = [value for value in setting_values(experiment).values() if isinstance(value, int)]
    return max(numbers) > _LARGEST_NUMBER


@contextmanager
def _hasty_clock() -> Iterator[None]:
    """Let the heart of a run that seems to be another machine's be watched in no time."""
    usual, later = ownership.CLOCK, count(0.0, ownership.HEARTBEAT_SECONDS)
    ownership.CLOCK = ownership.Clock(ticks=lambda: next(later), sleep=lambda _: None)
    try:
        yield
    finally:
        ownership.CLOCK = usual


@cache
def _uninterrupted_weights() -> dict[str, torch.Tensor]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        run, store = new_run(Library(root), toy_experiment(make_store(root)))
        for _ in train(run.experiment, store, run):
            pass
        return run.checkpoint("last").weights()


def _make_bundle(folder: Path) -> Path:
    save_bundle(folder / "whole.leo.zip", trained(_made_run(folder)[0]))
    return folder / "whole.leo.zip"


def _read_bundle(path: Path, scratch: Path) -> None:
    try:
        run = import_bundle(Library(scratch), path)
    except BadInput:
        left = [each for each in scratch.rglob("*") if each.is_file()]
        assert not left, f"a refused bundle left {left}"
        raise
    load_model(run, run.checkpoint().step)


def _make_experiment(folder: Path) -> Path:
    path = folder / "whole.yaml"
    path.write_text(toy_experiment(folder / "whole.h5").to_yaml(), encoding="utf-8")
    return path


def _read_experiment(path: Path, scratch: Path) -> None:
    experiment = load_experiment(path)
    assert experiment_from_dict(experiment.to_dict(), "again") == experiment
    again = scratch / "again.yaml"
    again.write_text(experiment.to_yaml(), encoding="utf-8")
    assert load_experiment(again) == experiment


def _make_evaluation(folder: Path) -> Path:
    run, _ = _made_run(folder)
    return next((run.path / "evaluations").glob("*.json"))


def _read_evaluation(path: Path, scratch: Path) -> None:
    evaluation = read_evaluation(path)
    assert 0 <= evaluation.accuracy <= 1, evaluation.accuracy
    evaluation.to_json()


def _make_inspection(folder: Path) -> Path:
    run, store = _made_run(folder)
    step = run.checkpoint("last").step
    loaded = loaded_checkpoint(
        run, step, "test", load_model(run, step), load_split(run, store, "test")
    )
    path = folder / "whole.h5"
    path.unlink()  # the store's
    save_inspection(path, loaded.inspect([1], 2), "a note", {3: "test-3"})
    return path


def _read_inspection(path: Path, scratch: Path) -> None:
    read_heading(path)
    load_inspection(path)


def _make_points(folder: Path) -> Path:
    path = folder / "whole.json"
    keep_points(path, KeptPoints(x=(1.0, 2.5), y=(3.0, -4.0), number=7, own_x=(1.0,), own_y=(3.0,)))
    return path


def _read_points(path: Path, scratch: Path) -> None:
    kept = read_points(path)
    keep_points(scratch / "again.json", kept)
    assert read_points(scratch / "again.json") == kept


def _make_preferences(folder: Path) -> Path:
    path = folder / "preferences.yaml"
    save_preferences(path, Preferences(recent_files=("/a/b.h5",)))
    return path


def _read_preferences(path: Path, scratch: Path) -> None:
    loaded = load_preferences(path)
    save_preferences(scratch / "again.yaml", loaded.preferences)
    again = load_preferences(scratch / "again.yaml")
    assert again.preferences == loaded.preferences and not again.warning
    if loaded.warning:
        raise BadInput(loaded.warning)


def _make_window_state(folder: Path) -> Path:
    from leo_studio.ui.window.window_state import save_window_state

    path = folder / "window.json"
    save_window_state(_window(), path)
    return path


def _read_window_state(path: Path, scratch: Path) -> None:
    from leo_studio.ui.window.window_state import restore_window_state

    window = _window()
    restore_window_state(window, path)
    window.show()
    window.close()


def _window() -> "QMainWindow":
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

    QApplication.instance() or QApplication(["a hunt"])
    window = QMainWindow()
    for name in ("runs", "curves"):
        dock = QDockWidget(name)
        dock.setObjectName(name)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    return window


READERS = {
    "store": Reader(make_store, _read_store),
    "npz": Reader(make_npz, _read_npz),
    "features": Reader(feature_readers.make_plk, _read_features),
    "pytorch": Reader(feature_readers.make_pytorch, _read_features),
    "csv": Reader(feature_readers.make_csv, _read_features),
    "parquet": Reader(feature_readers.make_parquet, _read_features),
    "arrays": Reader(feature_readers.make_arrays, _read_features),
    "functions": Reader(feature_readers.make_functions, feature_readers.read_functions),
    "splits": Reader(feature_readers.make_class_splits, feature_readers.read_splits),
    "pickle": Reader(_make_pickles, _read_release),
    "zip": Reader(_make_zip, _read_release),
    "run": Reader(_make_run, _read_run),
    "resume": Reader(_make_run, _resume_run, "unless refused"),
    "bundle": Reader(_make_bundle, _read_bundle),
    "experiment": Reader(_make_experiment, _read_experiment),
    "evaluation": Reader(_make_evaluation, _read_evaluation),
    "inspection": Reader(_make_inspection, _read_inspection),
    "points": Reader(_make_points, _read_points),
    "preferences": Reader(_make_preferences, _read_preferences, "moved aside"),
    "window": Reader(_make_window_state, _read_window_state),
}
