"""The next start is as the last session was left: experiment, current run, episode and options."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.inspection.what_if import WhatIf
from leo_studio.services.current_run import CurrentRun
from leo_studio.services.records import RunEntry
from leo_studio.services.try_records import Example
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.window.main_window import MainWindow
from leo_studio.ui.window.window_memory import WindowMemory
from tests.leo_studio.ui.conftest import OpenWindow, Train, close_window


def opened(open_window: OpenWindow, qtbot: QtBot, runs: int) -> MainWindow:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete and len(window.controller.runs) == runs)
    return window


def test_a_restart_brings_back_what_was_seen_and_set(
    open_window: OpenWindow, add_run: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    older = add_run(toy_experiment)
    newer = add_run(toy_experiment.with_settings({"run.seed": 1}))
    window = opened(open_window, qtbot, 2)
    wanted = toy_experiment.with_settings({"learner.dropout": 0.125})
    window.experiment.load(wanted, base=toy_experiment, title="toy")
    window.controller.current.choose(older.path, older.checkpoints[0])
    window.actions_registry["curves.x_time"].trigger()
    window.compare_runs(window.controller.runs)
    page = window.episode_panels.episode
    window.docks.show("episode")
    window.episode_panels.selection.show(3)
    qtbot.waitUntil(lambda: page.inspection is not None and not page.is_busy)
    window.evaluation.form.episodes.setValue(5000)
    window.episode_panels.episodes.count.setValue(5000)
    window.episode_panels.latents.controls.popover.count.setValue(5000)
    close_window(window, qtbot)

    window = opened(open_window, qtbot, 2)
    assert window.evaluation.form.episodes.value() == 5000
    assert window.episode_panels.episodes.count.value() == 5000
    controls = window.episode_panels.latents.controls
    assert (controls.chosen_scope, controls.count) == ("first", 5000)
    window.controller.current.choose(newer.path)
    # A run where nobody chose a number takes the one that was chosen last.
    assert window.evaluation.form.episodes.value() == 5000
    window.controller.current.choose(older.path, older.checkpoints[0])
    assert window.experiment.experiment() == wanted
    assert window.experiment.preset == toy_experiment.name
    current = window.controller.current
    assert (current.path, current.step) == (older.path, older.checkpoints[0])
    assert [run.path for run in window.runs.selected()] == [older.path]
    assert window.curves.controls.axis.currentData() == "time"
    assert {run.path for run in window.comparison._runs} == {older.path, newer.path}
    assert window.episode_panels.selection.current == 3


def test_drawings_and_changes_of_an_episode_are_there_after_a_restart(
    open_window: OpenWindow, add_run: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    run = add_run(toy_experiment)
    window = opened(open_window, qtbot, 1)
    drawing = Example("drawing 1", strokes=(np.array([[0.25, 0.5], [0.75, 0.5]]),))
    window.tryit.classes.rows[0].add_examples([drawing])
    page = window.episode_panels.episode
    window.docks.show("episode")
    window.episode_panels.selection.show(3)
    qtbot.waitUntil(lambda: page.inspection is not None and not page.is_busy)
    QTest.mouseClick(page.header.what_if, Qt.MouseButton.LeftButton)
    changes = WhatIf(inner_steps=2)
    page.what_if.change(changes)
    qtbot.waitUntil(lambda: page.other is not None and not page.is_busy)
    close_window(window, qtbot)

    window = opened(open_window, qtbot, 1)
    (example,) = window.tryit.classes.rows[0].examples
    assert example.name == "drawing 1"
    np.testing.assert_allclose(example.strokes[0], drawing.strokes[0])
    page = window.episode_panels.episode
    window.docks.show("episode")
    qtbot.waitUntil(lambda: page.other is not None and not page.is_busy)
    assert page.header.what_if.isChecked() and page.what_if.what_if == changes
    assert page.other is not None and page.other.provenance.what_if == str(changes)
    window.episode_panels.selection.show(4)  # another episode has no changes
    qtbot.waitUntil(lambda: seen_number(page) == 4 and not page.is_busy)
    assert page.what_if.what_if.is_nothing and run.path == window.controller.runs[0].path


def seen_number(page: EpisodePanel) -> int:
    return -1 if page.inspection is None else int(page.inspection.numbers[0])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 1}', '{"version": 1, "run": 7, "panels": 3}', '{"version": "x"}'],
)
def test_a_damaged_file_is_a_first_start(qapp: object, tmp_path: Path, text: str) -> None:
    path = tmp_path / "window-memory.json"
    path.write_text(text)
    current = CurrentRun()
    memory = WindowMemory(path, current)
    assert current.path is None
    memory.save()
    assert json.loads(path.read_text())["run"] == ""


def test_what_a_later_version_wrote_is_left_as_it_is(qapp: object, tmp_path: Path) -> None:
    path = tmp_path / "window-memory.json"
    path.write_text('{"version": 99}')
    WindowMemory(path, CurrentRun()).save()
    assert path.read_text() == '{"version": 99}'


def test_a_run_that_is_gone_gives_way_to_the_newest(qapp: object, tmp_path: Path) -> None:
    path = tmp_path / "window-memory.json"
    path.write_text(json.dumps({"version": 1, "run": "/runs/gone", "step": 10, "panels": {}}))
    current = CurrentRun()
    WindowMemory(path, current)
    newest = RunEntry(Path("/runs/b"), id="b")
    current.update((newest,))
    assert current.entry == newest and current.step is None


def test_eyes_are_open_for_the_runs_that_come_back_and_the_current_one_is_not_added(
    open_window: OpenWindow, add_run: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    older = add_run(toy_experiment)
    newer = add_run(toy_experiment.with_settings({"run.seed": 1}))
    window = opened(open_window, qtbot, 2)
    window.controller.current.choose(older.path)
    window.curves.hide_run(older.path)
    window.curves.show_run(older.path)
    close_window(window, qtbot)

    window = opened(open_window, qtbot, 2)
    assert window.curves.shown_runs() == (older.path,)
    assert [run.path for run in window.controller.runs if window.runs.model.is_shown(run)] == [
        older.path
    ]
    window.controller.current.choose(newer.path)
    assert window.curves.shown_runs() == (newer.path,)
