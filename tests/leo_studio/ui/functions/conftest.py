"""Runs of few-shot regression, trained once, and the panel that looks at them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment, experiment_from_dict
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train
from leo_studio.services.controller import Controller
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.functions import panel as panel_module
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

STEPS, TASKS = 60, 16
AddRun = Callable[..., Run]


def functions_experiment(kind: str, **settings: object) -> Experiment:
    """Return some seconds of training: LEO or MAML on sines and lines."""
    base = experiment_from_dict(
        {
            "name": f"toy-{kind}",
            "task": {"kind": "regression"},
            "learner": {"kind": kind, "hidden_units": 10, "inner_steps": 2, "evaluation_steps": 4},
            "optimizer": {"meta_batch": 8},
            "schedule": {"steps": STEPS, "validate_every": 30, "validation_episodes": 10},
        },
        "toy",
    )
    small = {"learner.latent_size": 4, "learner.evaluation_samples": 40}
    return base.with_settings((small if kind == "leo_regression" else {}) | settings)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Experiment], Run]:
    """Train an experiment when it is first asked for."""
    folder = tmp_path_factory.mktemp("functions")
    known: dict[str, Run] = {}

    def run_of(experiment: Experiment) -> Run:
        text = experiment.to_yaml()
        if text not in known:
            known[text] = Run.create(folder, experiment, StoreRecord())
            list(train(experiment, None, known[text]))
        return known[text]

    return run_of


@pytest.fixture
def add_functions(
    controller: Controller, trained: Callable[[Experiment], Run], qtbot: QtBot
) -> AddRun:
    """Put a run of a kind of learner into the library, and look at it."""

    def add(kind: str = "leo_regression", **settings: object) -> Run:
        source = trained(functions_experiment(kind, **settings)).path
        runs: Path = controller.library.runs
        run = Run(shutil.copytree(source, runs / source.name))
        controller.refresh_runs()
        qtbot.waitUntil(lambda: any(each.path == run.path for each in controller.runs))
        controller.current.choose(run.path)
        return run

    return add


@pytest.fixture
def panel(
    controller: Controller,
    actions: ActionRegistry,
    themes: ThemeManager,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> FunctionsPanel:
    monkeypatch.setattr(panel_module, "TASKS", TASKS)  # a limit of 200 takes seconds
    made = FunctionsPanel(controller, actions, themes)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made
