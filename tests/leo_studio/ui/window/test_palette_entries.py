"""The palette leads to settings, presets and runs, too."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from leo_studio.services.records import RunEntry
from leo_studio.ui.window.command_list import CommandRow
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow, Train


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


def test_opening_shows_no_window_but_the_main_one(open_window: OpenWindow, qtbot: QtBot) -> None:
    """A part without a parent that is shown is a window: it flashes, and takes the keyboard."""
    shown: list[QWidget] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if (
                event.type() == QEvent.Type.Show
                and isinstance(watched, QWidget)
                and watched.isWindow()
                and not isinstance(watched, MainWindow)
            ):
                shown.append(watched)
            return False

    watch, application = Watch(), QApplication.instance()
    assert application is not None
    application.installEventFilter(watch)
    try:
        window = open_window()
        qtbot.waitUntil(lambda: window.is_complete and bool(window.controller.presets))
    finally:
        application.removeEventFilter(watch)
    assert [type(each).__name__ for each in shown] == []


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


def asked(window: MainWindow, words: str) -> list[CommandRow]:
    """Open the palette, type, and return what is found."""
    window.palette_popup.open()
    line = window.palette_popup.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, words)
    return list(window.palette_popup._model.rows)


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("bigger text", {"View › Larger text"}),
        ("night mode", {"View › Dark theme"}),
        ("fine tune", {"Setting Learner › Fine-tuning steps"}),
        ("text size", {"View › Larger text", "View › Normal text size", "Edit › Preferences..."}),
        ("zoom", {"View › Larger text", "View › Smaller text", "Curves › Show everything"}),
        ("fit", {"Curves › Show everything", "Episodes › Show all codes"}),
        ("normal text size", {"View › Normal text size"}),
    ],
)
def test_words_that_people_use_find_what_they_mean(
    open_window: OpenWindow, qtbot: QtBot, words: str, titles: set[str]
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete, timeout=30_000)
    rows = asked(window, words)
    assert titles <= {row.title for row in rows[:5]}
    assert rows[0].title in titles


def test_a_panels_name_shows_the_panel_first(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete, timeout=30_000)
    named = {"latent": "Latent space", "try": "Try it"}
    titles = [window.docks[name].windowTitle() for name in window.docks.names]
    for words, title in (named | {title.casefold(): title for title in titles}).items():
        assert asked(window, words)[0].title == f"View › Show {title}"


def test_somebody_new_is_offered_what_begins(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete, timeout=30_000)
    first = [row.title for row in asked(window, "")[:5]]
    assert first == [
        "Train › Train",
        "File › Import data...",
        "Help › Guide",
        "Edit › Preferences...",
        "View › Show Latent space",
    ]
    find(window, "queue")
    assert asked(window, "")[0].title == "View › Show Queue"  # what was used comes before


def test_two_runs_are_compared_where_they_are_seen(
    add_run: Train, toy_experiment: Experiment, open_window: OpenWindow, qtbot: QtBot
) -> None:
    for seed in (1, 2):
        add_run(toy_experiment.with_settings({"run.seed": seed}))
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete and len(window.controller.runs) == 2)
    assert window.docks["comparison"].visibleRegion().isEmpty()
    find(window, "compare the two newest")
    qtbot.waitUntil(lambda: not window.docks["comparison"].visibleRegion().isEmpty())
    assert window.comparison.table.columnCount() >= 2


def test_the_text_has_its_normal_size_again_by_its_keys(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.change_preferences(text_scale=1.5)
    QTest.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert window.preferences.text_scale == 1.0
    qtbot.waitUntil(lambda: window.themes.is_settled)
