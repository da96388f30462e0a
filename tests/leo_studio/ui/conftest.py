"""A theme, a registry of actions and a real controller, as the main window gives them to panels."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import State
from engine.runs.library import Library
from engine.training import validation
from engine.training.outer_step import OuterStep
from leo_studio.services.controller import Controller
from leo_studio.services.preferences import Preferences
from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.main_window import MainWindow
from tests.conftest import TrainedCopy

Train = Callable[[Experiment], RunEntry]


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[ThemeManager]:
    font = qapp.font()
    manager = ThemeManager(qapp)
    manager.choose("light")
    yield manager
    manager.deleteLater()
    # First of all, since every widget that there is would be styled again.
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    qapp.setStyleSheet("")
    qapp.setFont(font)


@pytest.fixture
def actions(themes: ThemeManager, qtbot: QtBot) -> Iterator[ActionRegistry]:
    window = QMainWindow()  # kept until the end: the registry goes with it
    qtbot.addWidget(window)
    yield ActionRegistry(themes, window)


@pytest.fixture
def controller(library_home: Path, qapp: QApplication) -> Iterator[Controller]:
    made = Controller(Library(library_home))
    yield made
    assert made.close(30)
    made.deleteLater()


@pytest.fixture
def wait_for_state(controller: Controller, qtbot: QtBot) -> Callable[[State], None]:
    """Wait until training is in a state, and what it told has arrived."""

    def wait(state: State) -> None:
        qtbot.waitUntil(lambda: controller.status.state == state, timeout=30_000)

    return wait


@pytest.fixture
def train(controller: Controller, qtbot: QtBot, wait_for_state: Callable[[State], None]) -> Train:
    """Train an experiment to its end and return the run's record."""

    def train_one(experiment: Experiment) -> RunEntry:
        known = {run.path for run in controller.runs}

        def finished() -> list[RunEntry]:
            return [
                run for run in controller.runs if run.path not in known and run.status == "finished"
            ]

        controller.train(experiment)
        qtbot.waitUntil(lambda: bool(finished()), timeout=30_000)
        wait_for_state("finished")
        return finished()[0]

    return train_one


@pytest.fixture
def add_run(controller: Controller, trained_copy: TrainedCopy, qtbot: QtBot) -> Train:
    """Put a run of an experiment that was trained before into the library; returns its record."""

    def add_one(experiment: Experiment) -> RunEntry:
        path = trained_copy(controller.library.runs, experiment).path
        controller.refresh_runs()

        def listed() -> list[RunEntry]:
            return [run for run in controller.runs if run.path == path]

        qtbot.waitUntil(lambda: bool(listed()), timeout=30_000)
        return listed()[0]

    return add_one


@pytest.fixture
def toy_run(add_run: Train, toy_experiment: Experiment) -> RunEntry:
    """The record of a run in the library, which was trained before the test."""
    return add_run(toy_experiment)


@pytest.fixture
def unhurried() -> Iterator[pytest.MonkeyPatch]:
    """Let outer steps take their time, until the fixture is undone.

    A run that is only watched, paused or stopped then does not take thousands of steps meanwhile.
    """
    step = OuterStep.__call__

    def later(self: OuterStep, steps: range) -> object:
        time.sleep(0.01)
        return step(self, steps)

    with pytest.MonkeyPatch.context() as slowed:
        slowed.setattr(OuterStep, "__call__", later)
        yield slowed


@pytest.fixture
def validations_tell_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a validation that is waited for tell of itself soon after it has begun."""
    monkeypatch.setattr(validation, "_SECONDS_BETWEEN_EVENTS", 0.01)


class OpenWindow(Protocol):
    """Opens the main window on the test's library, as `leo-studio` does."""

    def __call__(self, *to_open: str, experiment: Experiment | None = None) -> MainWindow: ...


@pytest.fixture
def open_window(
    library_home: Path, themes: ThemeManager, toy_store: EmbeddingStore, qtbot: QtBot
) -> Iterator[OpenWindow]:
    """Windows close after the test, and whatever they train has to end."""
    opened: list[MainWindow] = []
    library = Library(library_home)
    # Drawing the real glyphs takes seconds; where a test wants them it removes this one.
    library.stores.mkdir(parents=True)
    shutil.copy(toy_store.path, library.stores / "glyphs.h5")

    def open_one(*to_open: str, experiment: Experiment | None = None) -> MainWindow:
        window = MainWindow(Controller(library), themes, Preferences(ask_before_closing=False))
        opened.append(window)
        window.show()
        window.begin(to_open)
        if experiment is not None:
            window.experiment.load(experiment)
        return window

    yield open_one
    for window in opened:
        if Shiboken.isValid(window):  # else the test has closed it
            close_window(window, qtbot)


def close_window(window: MainWindow, qtbot: QtBot) -> None:
    """Close a window as its cross does, and wait until everything behind it has ended."""
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=30_000)
    assert window.controller.is_closed()
    window.controller.deleteLater()
    window.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(window))
