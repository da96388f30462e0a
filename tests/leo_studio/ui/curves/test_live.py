"""Curves while the engine trains."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import Event, State, StepsTaken
from engine.runs.metrics import training_metrics
from leo_studio.analysis.curves.series import RunSeries
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.curves.runs_shown import RunsShown
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import show
from tests.measured import COLUMNS, prepared

Train = Callable[[Experiment], RunEntry]
Wait = Callable[[State], None]


def live_series(panel: CurvesPanel) -> RunSeries:
    runs = panel.findChild(RunsShown)
    assert runs is not None
    live = runs.live
    assert live is not None
    return live.series


def assert_as_on_disk(series: RunSeries, path: Path) -> None:
    columns = training_metrics(path, COLUMNS).arrays()
    np.testing.assert_array_equal(series.steps, columns["step"])
    for name in ("loss", "gradient_norm"):
        np.testing.assert_array_equal(series.measured[name], columns[name].astype(np.float32))


def test_curves_grow_while_a_run_is_trained(
    panel: CurvesPanel,
    controller: Controller,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    lengths: list[int] = []
    controller.happened.connect(
        lambda event: (
            lengths.append(live_series(panel).last_step) if isinstance(event, StepsTaken) else None
        )
    )
    controller.train(toy_experiment.with_settings({"schedule.steps": 100}))
    qtbot.waitUntil(lambda: controller.status.state == "finished", timeout=30_000)
    path = Path(controller.status.run)
    assert panel.shown_runs() == (path,)
    assert lengths == sorted(lengths)
    assert len(set(lengths)) > 1
    assert_as_on_disk(live_series(panel), path)

    def validations() -> int:
        return len(panel.plots["accuracy"].drawn[str(path), "validation.accuracy"].line)

    qtbot.waitUntil(lambda: panel.points_of(path) == 100)
    qtbot.waitUntil(lambda: validations() == 7)


def test_the_experiment_of_a_new_run_becomes_known(
    panel: CurvesPanel, train: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    train(toy_experiment)
    qtbot.waitUntil(lambda: live_series(panel).experiment == toy_experiment)


def test_a_new_run_takes_the_place_of_the_last_one_and_leaves_added_ones(
    panel: CurvesPanel, train: Train, toy_experiment: Experiment, make_run: MakeRun, qtbot: QtBot
) -> None:
    added = make_run()
    show(panel, qtbot, added)
    train(toy_experiment)
    second = train(toy_experiment.with_settings({"run.seed": 1}))
    assert panel.shown_runs() == (second.path, added)


def test_a_resumed_run_shows_what_is_on_disk(
    panel: CurvesPanel,
    controller: Controller,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    wait_for_state: Wait,
    qtbot: QtBot,
) -> None:
    controller.train(toy_experiment.with_settings({"schedule.steps": 100_000}))
    qtbot.waitUntil(lambda: controller.status.step > 20, timeout=30_000)
    controller.stop()
    wait_for_state("stopped")
    path = Path(controller.status.run)
    stopped = live_series(panel).last_step
    controller.resume_run(path, stopped + 20)
    wait_for_state("finished")
    qtbot.waitUntil(lambda: live_series(panel).last_step == stopped + 20, timeout=10_000)
    assert_as_on_disk(live_series(panel), path)


def test_steps_after_the_checkpoint_are_forgotten_when_a_run_is_resumed(
    panel: CurvesPanel, controller: Controller, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run(100)
    show(panel, qtbot, path)
    # As another sitting begins: the engine has cut the file, and tells so.
    training_metrics(path, COLUMNS).keep(lambda step: step <= 60)
    controller.happened.emit(prepared(str(path), 60, 200))
    assert live_series(panel).last_step <= 60
    qtbot.waitUntil(lambda: live_series(panel).last_step == 60)
    assert_as_on_disk(live_series(panel), path)


def test_steps_that_the_channel_dropped_are_read_from_disk(
    panel: CurvesPanel, controller: Controller, make_run: MakeRun, qtbot: QtBot
) -> None:
    path = make_run(100)
    columns = training_metrics(path, COLUMNS).arrays()
    names = list(columns)[1:-2]
    rows = np.stack([columns[name] for name in names], axis=1).astype(np.float32)

    def event(first: int, last: int) -> Event:
        return StepsTaken(last, rows[first - 1 : last], last / 10, 10.0)

    controller.happened.emit(prepared(str(path), 0, 100))
    controller.happened.emit(event(1, 10))
    assert live_series(panel).last_step == 10
    controller.happened.emit(event(41, 50))
    # What is told while the file is read is not lost, nor taken twice.
    controller.happened.emit(event(51, 60))
    qtbot.waitUntil(lambda: live_series(panel).last_step >= 60)
    assert_as_on_disk(live_series(panel), path)


def test_a_hidden_panel_draws_nothing_and_catches_up_when_it_is_shown(
    panel: CurvesPanel, train: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    panel.hide()
    entry = train(toy_experiment)
    assert panel.plots["loss"].drawn == {}
    panel.show()
    qtbot.waitUntil(lambda: (str(entry.path), "training.loss") in panel.plots["loss"].drawn)


def test_the_best_validation_is_named(
    panel: CurvesPanel, train: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    entry = dataclasses.replace(train(toy_experiment))
    best = f"at step {entry.best_step}"
    qtbot.waitUntil(lambda: panel.plots["accuracy"].note.text().endswith(best))


def test_the_words_on_the_best_validation_do_not_lie_on_its_curve(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    panel.set_smoothing(0.0)
    path = make_run(200, columns={"query_accuracy": 0.2})
    show(panel, qtbot, path)
    plot = panel.plots["accuracy"]
    assert "training.query_accuracy" in {key for _, key in plot.drawn}
    # The curve of training lies at the foot of the plot; the only validation is high above.
    plot._show_note(0, "★ best 50.00 % at step 100")
    assert plot.note.isVisible() and plot.note.y() < plot.canvas.view.height() / 2
