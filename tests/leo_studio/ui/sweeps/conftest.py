"""A sweep of moments in the library, and the panel on the real engine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.io.files import write_text
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from engine.studies.sweeps.beginning import asked_sweep
from engine.studies.sweeps.sweep_work import work_on_sweep
from engine.studies.sweeps.trials import SweepFolder
from leo_studio.services.controller import Controller
from leo_studio.ui.sweeps import SweepsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

BeginSweep = Callable[..., SweepFolder]
PATIENCE = 60_000
NAME = "toy-rates"

SPACE: dict[str, Any] = {
    "schema": 1,
    "name": "rates",
    "about": "Which rates suit toys",
    "parameters": {
        "optimizer.outer_lr": {"low": 1e-4, "high": 1e-1, "log": True},
        "learner.dropout": {"low": 0.0, "high": 0.6, "step": 0.1},
        "optimizer.clip_norm": {"choices": [None, 0.1, 1.0]},
    },
}
SHORT = {"schedule.steps": 12, "schedule.validate_every": 2, "evaluation.episodes": 10}


@pytest.fixture
def sweep_library(library_home: Path, toy_experiment: Experiment) -> Library:
    """A library with a preset "toy" of moments, and a space of one's own that fits it."""
    library = Library(library_home)
    settings = SHORT | {"run.device": "cpu", "learner.dropout": 0.3}
    library.save_preset("toy", toy_experiment.with_settings(settings))
    write_text(library.sweeps / "rates.yaml", written_yaml(SPACE))
    return library


@pytest.fixture
def begin_sweep(sweep_library: Library) -> BeginSweep:
    """Begins a sweep in the library, and carries it out as a worker does; returns its folder."""

    def begin(*, is_carried_out: bool = True, **numbers: Any) -> SweepFolder:
        given = {"trials": 8, "random": 2, "lag": 1, "final_seeds": 0} | numbers
        sweep = asked_sweep(sweep_library, "toy", "rates", {}, given, "test")
        folder = SweepFolder((sweep_library.sweeps / NAME).absolute())
        write_text(folder.file, sweep.to_yaml())
        if is_carried_out:
            said: list[str] = []
            for _ in work_on_sweep(folder, sweep_library, "cpu", said.append):
                pass
        return folder

    return begin


@pytest.fixture
def panel(
    sweep_library: Library,
    qtbot: QtBot,
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
) -> SweepsPanel:
    """The panel, which has read its list."""
    made = SweepsPanel(controller, actions, themes)
    made.resize(1100, 700)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.new.space.count() > 0, timeout=PATIENCE)
    return made


def open_sweep(panel: SweepsPanel, qtbot: QtBot) -> None:
    """Open the sweep, and wait until it was read."""
    panel.open_sweep(NAME)
    qtbot.waitUntil(lambda: panel.view is not None, timeout=PATIENCE)


def open_new(panel: SweepsPanel, qtbot: QtBot) -> None:
    """Open the page of a new sweep of toys, and wait until it was read."""
    panel.new.choose("rates")
    panel.new.preset.setCurrentText("toy")
    panel.new.begin_button.click()
    qtbot.waitUntil(lambda: panel.view is not None, timeout=PATIENCE)
