"""Sweeps in the whole window: a trial's run becomes the current one, and closing asks."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.runs.run import Run
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.start_stop import StartStop
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow, close_window
from tests.leo_studio.ui.studies.conftest import WriteStudy, open_tiny, write_study
from tests.leo_studio.ui.sweeps.conftest import (
    NAME,
    PATIENCE,
    BeginSweep,
    begin_sweep,
    open_new,
    open_sweep,
    sweep_library,
)

__all__ = ["begin_sweep", "sweep_library", "write_study"]  # fixtures


def test_the_run_of_a_trial_becomes_the_current_one(
    open_window: OpenWindow, begin_sweep: BeginSweep, qtbot: QtBot
) -> None:
    begin_sweep(trials=2)
    window = open_window()
    window.docks.show("sweeps")
    open_sweep(window.sweeps, qtbot)
    window.sweeps.page.choice.choose(1)
    window.actions_registry["sweeps.run"].trigger()
    current = window.controller.current

    def is_shown() -> bool:
        return current.entry is not None and current.entry.path.name.startswith("trial-0001")

    qtbot.waitUntil(is_shown, timeout=PATIENCE)
    assert not window.docks["curves"].visibleRegion().isEmpty()


@pytest.mark.slow
def test_closing_asks_while_a_sweep_is_carried_out_and_keeps_what_trains(
    open_window: OpenWindow, begin_sweep: BeginSweep, qtbot: QtBot, library_home: Path
) -> None:
    window = open_window()
    window.change_preferences(ask_before_closing=True)
    panel = window.sweeps
    window.docks.show("sweeps")
    qtbot.waitUntil(lambda: panel.new.space.count() > 0, timeout=PATIENCE)
    open_new(panel, qtbot)
    panel.page.controls.steps.setValue(10_000_000)
    panel.page.controls.at_once.setValue(1)
    window.actions_registry["sweeps.start"].trigger()

    def has_begun() -> bool:
        return panel.view is not None and any(each.share_done > 0 for each in panel.view.begun)

    qtbot.waitUntil(has_begun, timeout=PATIENCE)
    said: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.append(box.text())
        wanted = "Stop and close"
        (button,) = [each for each in box.findChildren(QPushButton) if each.text() == wanted]
        button.click()

    QTimer.singleShot(50, window, answer)
    close_window(window, qtbot)
    assert said == [f"Sweep {NAME} is being carried out."]
    (record,) = (library_home / "sweeps" / NAME / "runs").glob("*/run.json")
    run = Run(record.parent)
    assert run.status == "stopped" and run.checkpoints


def place_in(window: MainWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def is_seen(widget: QWidget) -> bool:
    return not widget.visibleRegion().isEmpty()


def covered(window: MainWindow, buttons: StartStop) -> bool:
    """Whether a notice lies over some buttons."""
    overlay = window.findChild(QWidget, "toasts")
    assert overlay is not None and overlay.isVisible()
    region = overlay.mask().translated(overlay.pos())
    return region.intersects(place_in(window, buttons))


def test_notices_leave_start_and_stop_of_studies_and_sweeps_free(
    open_window: OpenWindow, begin_sweep: BeginSweep, write_study: WriteStudy, qtbot: QtBot
) -> None:
    begin_sweep(is_carried_out=False)
    window = open_window()
    window.resize(1280, 800)
    for name in ("studies", "sweeps"):
        window.docks.show(name)
        if name == "studies":
            open_tiny(window.studies, qtbot)
            buttons = window.studies.page.buttons
        else:
            open_sweep(window.sweeps, qtbot)
            buttons = window.sweeps.page.buttons
        qtbot.waitUntil(partial(is_seen, buttons))
        for place in range(3):
            window.toasts.show_notice(Notice("warning", f"{name}: a notice of some length {place}"))
        qtbot.waitUntil(lambda: len(window.toasts.history()) >= 3)
        assert not covered(window, buttons), name
        window.toasts.forget()
