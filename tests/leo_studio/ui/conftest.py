"""A theme, a registry of actions and a real controller, as the main window gives them to panels."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import State
from engine.library import Library
from leo_studio.controller import Controller
from leo_studio.records import RunEntry
from leo_studio.ui.actions import ActionRegistry
from leo_studio.ui.theme import ThemeManager

Train = Callable[[Experiment], RunEntry]


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[ThemeManager]:
    font = qapp.font()
    manager = ThemeManager(qapp)
    manager.choose("light")
    yield manager
    manager.deleteLater()
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
