"""A panel of the next start is as the one before was left."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import chip, show
from tests.measured import prepared


@pytest.fixture
def start_again(
    controller: Controller, themes: ThemeManager, qtbot: QtBot
) -> Iterator[Callable[[], CurvesPanel]]:
    """Make a panel as a window makes it at the next start."""
    windows: list[QMainWindow] = []  # kept until the end: the panels go with them

    def start() -> CurvesPanel:
        window = QMainWindow()
        windows.append(window)
        qtbot.addWidget(window)
        made = CurvesPanel(controller, ActionRegistry(themes, window), themes)
        window.setCentralWidget(made)
        return made

    yield start


def has_points(panel: CurvesPanel, path: Path, count: int) -> bool:
    return panel.points_of(path) == count


def test_options_and_runs_come_back_at_the_next_start(
    panel: CurvesPanel,
    controller: Controller,
    start_again: Callable[[], CurvesPanel],
    make_run: MakeRun,
    qtbot: QtBot,
) -> None:
    kept, gone = make_run(), make_run()
    show(panel, qtbot, kept, gone)
    panel.set_visible_plots(["loss", "gradient_norm"])
    QTest.mouseClick(chip(panel, "loss_loss"), Qt.MouseButton.LeftButton)
    panel.plots["gradient_norm"].log_button.click()
    is_log = panel.plots["gradient_norm"].is_log_y
    panel.set_axis("time")
    panel.set_log_x(True)
    panel.set_smoothing(0.25)
    panel.set_average_seeds(True)
    plain = json.loads(json.dumps(panel.remembered()))
    shutil.rmtree(gone)
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    for makes_plots_first in (False, True):
        later = start_again()
        if makes_plots_first:
            assert later.plots
        later.restore(plain)
        assert later.shown_runs() == (kept,)
        again = later.remembered()
        assert again == {**plain, "runs": plain["runs"][:1]}
        assert later.visible_plots() == ("loss", "gradient_norm")
        assert not later.plots["loss"].chips["training.loss"].isChecked()
        assert later.plots["loss"].chips["training.query_loss"].isChecked()
        assert later.plots["gradient_norm"].is_log_y == is_log
        assert later.controls.axis.currentData() == "time"
        assert later.controls.number.value() == 0.25
        qtbot.waitUntil(partial(has_points, later, kept, 100))
    assert notices == []


def test_nonsense_leaves_the_panel_as_it_was(panel: CurvesPanel, tmp_path: Path) -> None:
    before = panel.remembered()
    panel.restore(
        {
            "plots": ["no such plot"],
            "curves": 7,
            "axis": [],
            "smoothing": "much",
            "logarithmic": None,
            "runs": [
                {"path": str(tmp_path / "gone")},
                {"path": "x" * 5000},
                {"path": "..", "name": 3},
            ],
        }
    )
    assert panel.remembered() == before
    assert panel.plots["loss"].chips["training.loss"].isChecked()


def test_a_run_that_was_trained_last_leaves_when_another_one_starts(
    panel: CurvesPanel, make_run: MakeRun
) -> None:
    added, trained = make_run(), make_run()
    panel.restore(
        {
            "runs": [
                {"path": str(added), "name": "added", "is_added": True},
                {"path": str(trained), "name": "trained", "is_added": False},
            ]
        }
    )
    assert panel.shown_runs() == (added, trained)
    panel._controller.happened.emit(prepared(str(make_run()), 0, 100))
    assert trained not in panel.shown_runs() and added in panel.shown_runs()
