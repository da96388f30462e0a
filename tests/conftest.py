"""Fixtures that all tests share: one torch thread, small stores, a library of one's own."""

import gc
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol

# Before anything imports Qt: the tests need no display, and there is one binding. The screen that
# this platform has by itself is smaller than a window with all panels.
os.environ.setdefault(
    "QT_QPA_PLATFORM", f"offscreen:configfile={Path(__file__).parent / 'screen.json'}"
)
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
# Before anything imports numpy or torch, and for the processes that tests start: as many tests run
# at once as there are cores, and threads that wait for a core of their own wait busily.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import filelock
import hypothesis
import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.config import Experiment, experiment_from_dict
from engine.data.glyphs import write_glyphs
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.runs.folders import run_folders
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train
from leo_studio.startup.garbage import collected_on_this_thread
from tests.command_line import run_main
from tests.leaks import no_leaks

torch.set_num_threads(1)  # also for what is made once for all tests

hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")  # how long something takes is no test's claim

PATIENCE = 120_000  # milliseconds
WINDOW_TESTS = Path(__file__).parent / "leo_studio" / "ui"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without looking for garbage: there are millions of objects, and they stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()  # nor is it looked for among them later
        gc.enable()


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the window that leaves threads, windows or running timers."""
    uses_qt = "qtbot" in request.fixturenames or WINDOW_TESTS in request.path.parents
    if not uses_qt:
        yield
        return
    # Made once for all tests, and so before the first of them is watched.
    request.getfixturevalue("qapp")
    with collected_on_this_thread(), no_leaks():
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Look for garbage a last time before pytest and the interpreter do, each of them twice."""
    gc.collect()
    gc.freeze()


class PatientBot(QtBot):
    """Waits long for what comes late on a busy machine: how soon it comes is no test's claim."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE))

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE, **options: Any) -> Any:
        if options.get("raising", True):  # else it is watched whether a signal does not come
            timeout = max(timeout, PATIENCE)
        return super().waitSignal(signal, timeout=timeout, **options)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def double() -> Iterator[None]:
    """Compute in double precision, where rounding does not grow into a difference within steps."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def library_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "library"
    monkeypatch.setenv("LEO_STUDIO_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def toy_store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingStore:
    """16-d Gaussian classes: 12, 8 and 8 of 30 examples."""
    path = tmp_path_factory.mktemp("stores") / "toy.h5"
    generator = np.random.default_rng(0)
    with create_store(path, "toy", "drawn for tests", 16) as writer:
        for split, classes in (("train", 12), ("val", 8), ("test", 8)):
            centres = generator.normal(size=(classes, 1, 16))
            embeddings = (centres + generator.normal(size=(classes, 30, 16))).reshape(-1, 16)
            writer.add_split(
                split,
                embeddings,
                np.repeat(np.arange(classes), 30),
                [f"{split}-{label}" for label in range(classes)],
                [f"{split}-{row}" for row in range(classes * 30)],
            )
    return EmbeddingStore(path)


@pytest.fixture(scope="session")
def toy_experiment(toy_store: EmbeddingStore) -> Experiment:
    """A second of training on the toy store."""
    return experiment_from_dict(
        {
            "name": "toy",
            "data": {"store": str(toy_store.path)},
            "task": {"n_way": 4, "k_shot": 2, "queries": 3, "examples_per_class": 30},
            "learner": {"kind": "leo", "latent_size": 5, "inner_steps": 2, "finetuning_steps": 2},
            "optimizer": {"meta_batch": 3},
            "schedule": {"steps": 40, "validate_every": 15, "validation_episodes": 20},
        },
        "toy",
    )


class TrainedCopy(Protocol):
    """Puts a run of an experiment, trained when it was first asked for, into a folder of runs."""

    def __call__(self, runs: Path, experiment: Experiment) -> Run: ...


@pytest.fixture(scope="session")
def trained_copy(tmp_path_factory: pytest.TempPathFactory) -> TrainedCopy:
    """Most tests of what is done with a run need one that is trained, and not that it trains."""
    trained: dict[str, Run] = {}
    folder = tmp_path_factory.mktemp("trained")  # one for all: no two have the same name there

    def copy(runs: Path, experiment: Experiment) -> Run:
        known = experiment.to_yaml()
        if known not in trained:
            store = EmbeddingStore(Path(experiment.data.store))
            run = Run.create(folder, experiment, store_record(store))
            list(train(experiment, store, run))
            trained[known] = run
        return Run(shutil.copytree(trained[known].path, runs / trained[known].name))

    return copy


class OnnxExport(NamedTuple):
    """ONNX models that the command line has written, and what it said of them."""

    run: Run
    folder: Path
    told: str


@pytest.fixture(scope="session")
def onnx_export(
    trained_copy: TrainedCopy, toy_experiment: Experiment, tmp_path_factory: pytest.TempPathFactory
) -> OnnxExport:
    """Written once for all tests that look at them, since translating programs takes seconds."""
    home = _shared_folder(tmp_path_factory, "onnx")
    folder, told = home / "models", home / "told.txt"
    with filelock.FileLock(home / "lock"):
        if not told.exists():
            run = trained_copy(home / "runs", toy_experiment)
            words = ["export", run.name, "--format", "onnx", "--out", str(folder)]
            told.write_text(_told_by_command_line(home, words), encoding="utf-8")
    (run_folder,) = run_folders(home / "runs")
    return OnnxExport(Run(run_folder), folder, told.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def glyphs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in store, drawn once for all tests that want the whole of it: it takes seconds."""
    home = _shared_folder(tmp_path_factory, "glyphs")
    with filelock.FileLock(home / "lock"):
        if not (home / "glyphs.h5").exists():
            write_glyphs(home / "glyphs.h5")
    return home / "glyphs.h5"


def _shared_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a folder that all processes share in which tests run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    return folder


def _told_by_command_line(home: Path, words: Sequence[str]) -> str:
    told = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told):
        patch.setenv("LEO_STUDIO_HOME", str(home))
        assert run_main(patch, *words) == 0
    return told.getvalue()
