"""Studies in the whole window: an entry's run becomes the current one, and closing asks."""

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.runs.run import Run
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow, close_window
from tests.leo_studio.ui.studies.conftest import (
    CarryOut,
    WriteStudy,
    carry_out,
    open_tiny,
    write_study,
)

__all__ = ["carry_out", "write_study"]  # fixtures

PATIENCE = 60_000


def start_long(window: MainWindow, write_study: WriteStudy, qtbot: QtBot) -> None:
    """Start a study that would take long, and wait until a run of it trains."""
    write_study(rows=[{"name": "LEO"}], against=None, seeds=1, set={"schedule.steps": 10_000_000})
    open_tiny(window.studies, qtbot)
    window.studies.page.controls.at_once.setValue(1)
    window.actions_registry["studies.start"].trigger()
    panel = window.studies
    qtbot.waitUntil(
        lambda: panel.view is not None and any(each.progress > 0 for each in panel.view.standings),
        timeout=PATIENCE,
    )


def test_the_run_of_an_entry_becomes_the_current_one(
    open_window: OpenWindow, carry_out: CarryOut, qtbot: QtBot
) -> None:
    carry_out()
    window = open_window()
    window.docks.show("studies")
    open_tiny(window.studies, qtbot)
    table = window.studies.page.table
    table.setCurrentCell(1, 0)
    window.actions_registry["studies.run"].trigger()
    current = window.controller.current
    qtbot.waitUntil(
        lambda: (
            current.entry is not None and "leo-1-shot-seed-0" in current.entry.path.name.lower()
        ),
        timeout=PATIENCE,
    )
    assert not window.docks["curves"].visibleRegion().isEmpty()


@pytest.mark.slow
def test_closing_asks_while_a_study_is_carried_out_and_keeps_what_trains(
    open_window: OpenWindow, write_study: WriteStudy, qtbot: QtBot, library_home: Path
) -> None:
    window = open_window()
    window.change_preferences(ask_before_closing=True)
    start_long(window, write_study, qtbot)
    said: list[str] = []
    answers = iter(["Go on", "Stop and close"])

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.append(box.text())
        wanted = next(answers)
        (button,) = [each for each in box.findChildren(QPushButton) if each.text() == wanted]
        button.click()

    QTimer.singleShot(50, window, answer)
    window.close()
    assert window.isVisible() and window.controller.studies.under_way == "tiny"
    QTimer.singleShot(50, window, answer)
    close_window(window, qtbot)
    assert said == ["Study tiny is being carried out."] * 2
    (record,) = (library_home / "studies" / "tiny" / "runs").glob("*/run.json")
    run = Run(record.parent)
    assert run.status == "stopped" and run.checkpoints
