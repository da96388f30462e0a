"""A range that was chosen for one run does not hide the next one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import StateChanged
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.curves.outside_note import OutsideNote
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_gestures import x_of
from tests.leo_studio.ui.curves.test_panel import runs_drawn, show
from tests.measured import prepared

Train = Callable[[Experiment], RunEntry]


def zoom(panel: CurvesPanel, qtbot: QtBot, low: float, high: float) -> None:
    panel.plots["loss"].canvas.choose((low, high), None, goes_on=False)
    qtbot.waitUntil(lambda: x_of(panel) == pytest.approx((low, high)))


def note(panel: CurvesPanel, plot: str) -> OutsideNote:
    found = panel.plots[plot].findChild(OutsideNote)
    assert found is not None
    return found


def test_a_run_that_starts_is_seen_from_its_first_step(
    panel: CurvesPanel, controller: Controller, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(400))
    zoom(panel, qtbot, 143, 362)
    run = str(make_run(1))
    controller.status = replace(controller.status, state="running", run=run)
    for event in (StateChanged("running", run), prepared(run, 0, 300)):
        controller.happened.emit(event)
    qtbot.waitUntil(lambda: x_of(panel)[0] == 0)
    # It is followed, too: whole ranges grow with the curves.
    assert panel._composition.views.current.is_everything


def test_a_run_with_nothing_in_the_range_is_seen_whole_and_another_leaves_the_range(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    long, other, short = make_run(400), make_run(400, run__seed=1), make_run(100, run__seed=2)
    show(panel, qtbot, long)
    zoom(panel, qtbot, 143, 362)
    show(panel, qtbot, long, other)
    assert x_of(panel) == pytest.approx((143, 362))
    show(panel, qtbot, long, other, short)
    qtbot.waitUntil(lambda: x_of(panel)[0] == 0 and x_of(panel)[1] >= 400)
    panel.go_back()
    qtbot.waitUntil(lambda: x_of(panel) == pytest.approx((143, 362)))


def test_a_plot_without_anything_in_its_range_says_so_and_fits(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    short = make_run(100)
    show(panel, qtbot, short, make_run(400, run__seed=1))
    loss, accuracy = note(panel, "loss"), note(panel, "accuracy")
    assert loss.isHidden() and accuracy.isHidden()
    zoom(panel, qtbot, 150, 170)
    panel.hide_run(panel.shown_runs()[1])
    qtbot.waitUntil(lambda: runs_drawn(panel, "loss") == 1)
    qtbot.waitUntil(loss.isVisible)
    qtbot.waitUntil(accuracy.isVisible)  # plots are drawn one after another
    (words,) = loss.findChildren(QLabel)
    assert words.text() == "All curves lie outside of this range."
    (button,) = loss.findChildren(QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: x_of(panel) == pytest.approx((0, 103)))
    qtbot.waitUntil(lambda: loss.isHidden() and accuracy.isHidden())


def test_a_range_of_y_beside_all_curves_is_said_too(
    panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run(100))
    panel.plots["loss"].canvas.choose(None, (1000.0, 2000.0), goes_on=False)
    qtbot.waitUntil(note(panel, "loss").isVisible)
    assert note(panel, "accuracy").isHidden()
