"""Show curves, in a comparison, shows those that are compared and no other."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from tests.leo_studio.ui.conftest import OpenWindow


def test_the_run_that_trains_is_not_added(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    window = open_window()
    controller = window.controller
    for seed, steps in ((0, 5), (1, 5), (2, 100_000)):
        changes = {"run.seed": seed, "schedule.steps": steps}
        controller.train(toy_experiment.with_settings(changes))
    qtbot.waitUntil(lambda: controller.status.steps == 100_000, timeout=60_000)
    live = Path(controller.status.run)
    qtbot.waitUntil(lambda: live in window.curves.shown_runs(), timeout=30_000)
    qtbot.waitUntil(lambda: len(controller.runs) == 3, timeout=30_000)
    compared = tuple(run for run in controller.runs if run.path != live)
    window.comparison.show_runs(compared)
    window.actions_registry["comparison.curves"].trigger()
    paths = tuple(run.path for run in compared)
    assert window.curves.shown_runs() == paths
    step = controller.status.step
    qtbot.waitUntil(lambda: controller.status.step > step + 5, timeout=30_000)
    assert window.curves.shown_runs() == paths  # the other goes on without coming back
    window.curves.show_run(live)
    qtbot.waitUntil(lambda: window.curves.points_of(live) > step, timeout=30_000)
