"""Plots are those that the runs in the panel have numbers for, whatever learns and is scored."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.events import CheckpointSaved, Prepared, StepsTaken, Validated
from leo_studio.services.controller import Controller
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import chip, note, runs_drawn, show
from tests.second_kind import COLUMNS, SCORES, scored, stand_beside_the_first

LEO = ("loss", "accuracy", "learning_rates", "gradient_norm", "throughput")
OWN = ("gradient_norm", "squared_error", "throughput")


@pytest.fixture(autouse=True)
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_beside_the_first(monkeypatch)


def train(controller: Controller, path: Path) -> None:
    """Tell the window of a run of the second kind."""
    metrics = np.array([[0.5, 3.0], [0.25, 2.0], [0.125, 1.0]], np.float32)
    for event in (
        Prepared(str(path), 0, 3, "cpu", COLUMNS, SCORES),
        StepsTaken(2, metrics[:2], 1.0, 2.0),
        Validated(2, scored(0.25), True),
        CheckpointSaved(2, "file"),
        StepsTaken(3, metrics[2:], 1.5, 2.0),
        Validated(3, scored(0.75), False),
    ):
        controller.happened.emit(event)


def test_a_run_has_the_plots_of_its_learner_and_task(
    panel: CurvesPanel, controller: Controller, make_run: MakeRun, qtbot: QtBot
) -> None:
    assert panel.visible_plots() == LEO
    train(controller, make_run())
    assert panel.visible_plots() == OWN
    plot = panel.plots["squared_error"]
    qtbot.waitUntil(lambda: len(plot.drawn) == 2)
    curves = {key: curve for (_, key), curve in plot.drawn.items()}
    np.testing.assert_array_equal(curves["training.query_mse"].raw, [0.5, 0.25, 0.125])
    validation = curves["validation.mse"]
    assert validation.line.tolist() == [0.25, 0.75] and validation.upper is not None
    assert validation.upper.tolist() == [0.2625, 0.7625]
    qtbot.waitUntil(lambda: note(panel, "squared_error") == "★ best 0.2500 at step 2")
    panel.set_plot_visible("spread", True)
    qtbot.waitUntil(lambda: len(panel.plots["spread"].drawn) == 1)
    assert note(panel, "spread") == note(panel, "gradient_norm") == ""


def test_a_learner_that_needs_no_training_has_its_scores_alone(
    panel: CurvesPanel,
    controller: Controller,
    make_run: MakeRun,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    # The run's settings are still to come: as soon as they are known, a hint stands for a run that
    # is not trained, and no plot is drawn.
    monkeypatch.setattr(controller, "load_curves", lambda path, then: None)
    controller.happened.emit(Prepared(str(make_run()), 0, 0, "cpu", (), SCORES))
    controller.happened.emit(Validated(0, scored(0.25), True))
    assert panel.visible_plots() == ("squared_error",)
    plot = panel.plots["squared_error"]
    qtbot.waitUntil(lambda: [key for _, key in plot.drawn] == ["validation.mse"])
    assert chip(panel, "squared_error_mse").isVisible()
    assert not chip(panel, "squared_error_query_mse").isVisible()


def test_the_best_is_the_lowest_of_what_is_left(
    panel: CurvesPanel, controller: Controller, make_run: MakeRun
) -> None:
    path = make_run()
    train(controller, path)
    (run,) = panel._runs.all
    run.series.take_validation(Validated(5, scored(0.1), True))
    run.series.truncate(3)
    assert run.series.best_step == 2


def test_with_runs_of_both_kinds_there_are_the_plots_of_both(
    panel: CurvesPanel,
    controller: Controller,
    actions: ActionRegistry,
    make_run: MakeRun,
    qtbot: QtBot,
) -> None:
    other, own = make_run(), make_run(3)
    show(panel, qtbot, other)
    assert panel.visible_plots() == LEO
    assert not actions["curves.show_squared_error"].isVisible()
    train(controller, own)
    assert panel.visible_plots() == OWN  # nobody asked for the other one beside this
    panel.show_run(other)
    qtbot.waitUntil(lambda: set(panel.visible_plots()) == {*LEO, *OWN})
    assert panel.visible_plots()[: len(OWN)] == OWN  # those of the run that trains come first
    assert actions["curves.show_squared_error"].isVisible()
    qtbot.waitUntil(lambda: runs_drawn(panel, "gradient_norm") == 2)
    assert runs_drawn(panel, "squared_error") == runs_drawn(panel, "accuracy") == 1
    exported = panel.exported()
    assert exported is not None
    steps, validations = (table.columns for table in exported.tables)
    errors = np.asarray(steps["query_mse"])
    is_own = np.asarray(steps["run"]) == own.name
    assert errors[is_own].tolist() == [0.5, 0.25, 0.125] and np.isnan(errors[~is_own]).all()
    assert {"accuracy", "mse", "spread_ci95"} <= validations.keys()
    panel.hide_run(own)
    assert panel.visible_plots() == LEO
    assert not chip(panel, "squared_error_query_mse").isVisible()
