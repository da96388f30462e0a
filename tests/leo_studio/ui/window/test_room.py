"""The whole window: how small it can be, what is kept at closing, and where messages stand."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.widgets.folders import show_in_folder
from leo_studio.ui.window.kept_size import KeptSize
from leo_studio.ui.window.main_window import MainWindow
from leo_studio.ui.window.toast import Toast
from leo_studio.ui.window.window_state import fit_screen
from tests.leo_studio.ui.conftest import OpenWindow, close_window


def make_all(window: MainWindow) -> None:
    for _ in window._make_the_rest():
        pass
    QApplication.processEvents()


def area(window: QWidget, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def shown_toasts(window: MainWindow) -> list[Toast]:
    return [toast for toast in window.findChildren(Toast) if toast.isVisible()]


def test_the_window_can_be_small_with_all_its_panels(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    make_all(window)
    page = window.episode_panels.episode
    window.docks.show("episode")
    qtbot.waitUntil(lambda: bool(window.controller.runs))
    window.episode_panels.selection.show(1)
    qtbot.waitUntil(lambda: page.inspection is not None and not page.is_busy)
    page.header.what_if.click()  # which needs most room
    qtbot.waitUntil(lambda: page.other is not None and not page.is_busy)
    for scale, width, height in ((1.0, 1000, 700), (1.5, 1280, 800)):
        window.change_preferences(text_scale=scale)
        qtbot.waitUntil(lambda: window.themes.is_settled)
        needed = window.minimumSizeHint()
        assert needed.width() <= width and needed.height() <= height, (scale, needed)


def test_closing_while_a_panel_fills_the_window_keeps_the_arrangement_of_before(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    QApplication.processEvents()
    form = window.docks["experiment"].size()
    window.docks.show("curves")
    window.curves.setFocus()
    window.actions_registry["panel.fill"].trigger()
    assert window.docks.filling == "curves"
    assert not window.docks["experiment"].isVisible()
    close_window(window, qtbot)

    window = open_window()
    assert not window.docks.filling
    assert window.docks["experiment"].size() == form
    window.actions_registry["panel.fold_runs"].trigger()
    close_window(window, qtbot)

    window = open_window()
    assert window.docks.is_folded
    assert window.actions_registry["panel.fold_runs"].isChecked()


@pytest.mark.parametrize("panel", ["runs", "episodes"])
def test_messages_cover_neither_runs_nor_episodes(open_window: OpenWindow, panel: str) -> None:
    window = open_window()
    make_all(window)
    window.docks.show(panel)
    for number in range(4):
        window.toasts.show_notice(Notice("error", f"Error {number} of a kind that takes a line."))
    QApplication.processEvents()
    lists = area(window, window.docks[panel])
    assert len(shown_toasts(window)) >= 2
    for toast in shown_toasts(window):
        assert not area(window, toast).intersects(lists)


def test_messages_stand_beside_the_menus_where_a_list_fills_the_window(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    window.docks.fill_window("runs")
    window.actions_registry["runs.details"].setChecked(False)  # there is room for messages
    qtbot.waitUntil(lambda: window.runs.model.row_of(toy_run.path) >= 0)
    window.toasts.show_notice(Notice("information", "Saved."))
    QTest.qWait(1)
    (toast,) = shown_toasts(window)
    assert area(window, toast).bottom() < area(window, window.runs.table).top()


def test_messages_stand_over_the_legend_of_a_plot_and_are_seen_as_a_whole(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    make_all(window)
    window.docks.show("latents")
    qtbot.waitUntil(lambda: window.episode_panels.latents.shown is not None)
    sentence = "A sentence of so many words that it takes some lines of the narrow message. "
    window.toasts.show_notice(Notice("success", 3 * sentence))
    QTest.qWait(1)
    (toast,) = shown_toasts(window)
    plots = area(window, window.docks["latents"])
    assert plots.contains(area(window, toast))
    window.docks.fill_window("runs")
    window.actions_registry["runs.details"].setChecked(False)
    window.toasts.clear()
    window.toasts.show_notice(Notice("success", 12 * sentence))
    QTest.qWait(1)
    (toast,) = shown_toasts(window)
    assert window.rect().contains(area(window, toast))


def test_a_window_is_never_larger_than_its_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    inside = QWidget()
    inside.setMinimumSize(900, 600)
    window.setCentralWidget(inside)
    window.resize(1480, 940)

    class Screen:
        """A small screen."""

        def availableGeometry(self) -> QRect:
            return QRect(0, 0, 960, 500)

    monkeypatch.setattr(window, "screen", Screen)
    KeptSize(window)
    fit_screen(window)
    window.show()
    assert window.width() <= 960
    assert window.height() < 500  # the frame has its part


def test_the_folder_of_a_written_file_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_window: OpenWindow
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    window = open_window()
    where = (show_in_folder(tmp_path / "curves.png", window.controller.notified.emit),)
    window.controller.notified.emit(Notice("success", "Saved curves.png.", actions=where))
    (button,) = [
        each
        for each in window.findChildren(QPushButton, "action")
        if each.text() == "Show in folder"
    ]
    button.click()
    assert opened == [str(tmp_path)]
