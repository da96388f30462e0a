"""The palette leads to settings, presets and runs, too."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from leo_studio.services.records import RunEntry
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow


def find(window: MainWindow, words: str) -> None:
    """Open the palette, type, and do the first thing that is found."""
    window.actions_registry["view.command_palette"].trigger()
    line = window.palette_popup.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, words)
    QTest.keyClick(line, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("words", "path"),
    [("inner steps", "learner.inner_steps"), ("setting dropout", "learner.dropout")],
)
def test_a_setting_is_found_and_has_the_keyboard(
    open_window: OpenWindow, words: str, path: str, qtbot: QtBot
) -> None:
    window = open_window()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.docks.show("episodes")
    find(window, words)

    def has_keyboard() -> bool:
        here = QApplication.focusWidget()
        row = window.experiment._form.rows[path]
        return here is not None and row.isAncestorOf(here) and row.isVisible()

    qtbot.waitUntil(has_keyboard)


def test_a_preset_and_a_run_are_found(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: bool(window.controller.runs) and bool(window.controller.presets))
    find(window, "load preset mini-5shot")
    qtbot.waitUntil(lambda: window.experiment.preset == "mini-5shot")
    (run,) = window.controller.runs
    window.docks.show("evaluation")
    find(window, f"show run {run.title.replace(',', '')}")
    qtbot.waitUntil(lambda: not window.docks["curves"].visibleRegion().isEmpty())
    assert window.controller.current.path == toy_run.path


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("onnx", "Export › Export model..."),
        ("dark", "View › Dark theme"),
        ("evaluate", "Runs › Evaluate"),
        ("seed", "Setting Run › Seed"),
        ("import", "File › Import data..."),
        ("export", "Export › Export model..."),
        ("episode", "View › Show Episode"),
    ],
)
def test_what_is_done_comes_before_what_is_read_about_it(
    toy_run: RunEntry, open_window: OpenWindow, words: str, title: str, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: bool(window.controller.runs))
    window.actions_registry["view.command_palette"].trigger()
    line = window.palette_popup.findChild(QLineEdit)
    assert line is not None and toy_run.path
    line.setText(words)
    rows = window.palette_popup._model.rows
    assert rows[0].title == title
    readings = [row.is_reading for row in rows]
    assert readings == sorted(readings) and sum(readings) <= 3
