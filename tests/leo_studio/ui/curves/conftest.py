"""The Curves panel in a window of its own, and runs on disk to show in it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from leo_studio.services.controller import Controller
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.measured import TRAIN_COLUMNS

MakeRun = Callable[..., Path]


@pytest.fixture
def panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> CurvesPanel:
    window = actions.parent()
    assert isinstance(window, QMainWindow)
    made = CurvesPanel(controller, actions, themes)
    window.setCentralWidget(made)
    window.resize(1200, 900)
    with qtbot.waitExposed(window):
        window.show()
    return made


@pytest.fixture
def make_run(controller: Controller, toy_experiment: Experiment) -> MakeRun:
    """Write a run that was never trained: so many steps, and what to change in the experiment."""

    def make(steps: int = 100, columns: dict[str, float] | None = None, **changes: object) -> Path:
        settings = {name.replace("__", "."): value for name, value in changes.items()}
        experiment = toy_experiment.with_settings(settings)
        run = Run.create(controller.library.runs, experiment, StoreRecord(name="toy"))
        table = np.abs(np.random.default_rng(0).normal(size=(steps, len(TRAIN_COLUMNS)))) + 0.1
        table[:, 0] = np.arange(1, steps + 1)
        for name, value in (columns or {}).items():
            table[:, TRAIN_COLUMNS.index(name)] = value
        table[:, TRAIN_COLUMNS.index("seconds")] = np.arange(1, steps + 1) / 10
        run.training.append((int(row[0]), row[1:].tolist()) for row in table)
        run.validation.append([(steps // 2, (0.5, 0.02, 1.0, 0.1))])
        return run.path

    return make
