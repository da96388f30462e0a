"""Docks: who gets room, one panel that fills the window, Runs folded away, and titles."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.dock_titles import NoTitle, TitleBar, bars_of_docks, title_of
from leo_studio.ui.window.docks import Docks

NAMES = (
    "experiment",
    "curves",
    "evaluation",
    "comparison",
    "runs",
    "queue",
    "latents",
    "episodes",
    "episode",
    "classes",
    "tryit",
    "functions",
    "studies",
    "sweeps",
    "curvature",
)


class Made(NamedTuple):
    """A window with docks, and a text in each."""

    window: QMainWindow
    docks: Docks


@pytest.fixture
def made(qtbot: QtBot, themes: ThemeManager) -> Iterator[Made]:
    window = QMainWindow()
    window.resize(1480, 940)
    docks = Docks(window, themes)
    for name in NAMES:
        docks.add(name, name.capitalize(), "")
        docks.fill(name, QTextEdit)
    docks.arrange()
    qtbot.addWidget(window)
    window.show()
    docks.share_room()
    QApplication.processEvents()
    # A look that an earlier test chose may still arrive; sizes given meanwhile are nobody's.
    qtbot.waitUntil(lambda: docks.is_at_rest)
    yield Made(window, docks)


def arrangement(docks: Docks) -> dict[str, object]:
    """Return where each dock is that can be seen, and which are closed."""
    return {
        name: (docks[name].geometry(), docks[name].isFloating())
        if not docks[name].visibleRegion().isEmpty()
        else docks[name].isHidden()
        for name in docks.names
    }


def resize(window: QMainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    QApplication.processEvents()


def tab(window: QMainWindow, title: str) -> tuple[QTabBar, QPoint]:
    """Return a tab's bar and its middle."""
    (found,) = [
        (bar, bar.tabRect(place).center())
        for bar in bars_of_docks(window)
        for place in range(bar.count())
        if title_of(bar, place) == title and bar.isVisible()
    ]
    return found


def button(parent: QWidget, name: str) -> QToolButton:
    (found,) = [each for each in parent.findChildren(QToolButton, name) if each.isVisible()]
    return found


def test_plots_have_most_of_the_window(made: Made) -> None:
    curves = made.docks["curves"].geometry()
    assert curves.width() > 0.65 * 1480
    assert curves.height() > 0.65 * 940


def test_a_wider_window_widens_plots_and_not_the_form(made: Made) -> None:
    form, lists = made.docks["experiment"].width(), made.docks["runs"].height()
    plots = made.docks["curves"].width()
    resize(made.window, 2200, 940)
    assert abs(made.docks["experiment"].width() - form) <= 2
    assert made.docks["curves"].width() >= plots + 2200 - 1480 - 2
    resize(made.window, 1280, 800)
    assert abs(made.docks["experiment"].width() - form) <= 2
    assert abs(made.docks["runs"].height() - lists) <= 2
    resize(made.window, 1480, 940)
    assert made.docks["curves"].width() == plots


def test_the_width_that_somebody_gave_the_form_is_kept(made: Made) -> None:
    window, dock = made.window, made.docks["experiment"]
    left, between = Qt.MouseButton.LeftButton, dock.geometry().right() + 3
    wider = QPoint(between + 600 - dock.width(), dock.geometry().center().y())
    QTest.mousePress(window, left, pos=QPoint(between, wider.y()))
    QTest.mouseMove(window, wider)
    QTest.qWait(20)  # Qt moves what is between docks a little later
    QTest.mouseRelease(window, left, pos=wider)
    QTest.qWait(200)
    form = dock.width()
    assert abs(form - 600) <= 2
    resize(window, 1900, 940)
    assert abs(dock.width() - form) <= 2


def test_a_width_that_nobody_gave_the_form_is_not_kept(made: Made) -> None:
    dock, plots = made.docks["experiment"], made.docks["curves"]
    form = dock.width()
    # As Qt does for a panel that comes to the front and needs more room.
    made.window.resizeDocks([dock, plots], [600, 874], Qt.Orientation.Horizontal)
    QApplication.processEvents()
    assert abs(dock.width() - 600) <= 2
    resize(made.window, 1900, 940)
    assert abs(dock.width() - form) <= 2


def test_a_panel_fills_the_window_and_all_comes_back_as_it_was(made: Made) -> None:
    made.docks["latents"].raise_()
    made.docks["queue"].close()
    QApplication.processEvents()
    before = arrangement(made.docks)
    made.docks.fill_window("runs")
    QApplication.processEvents()
    seen = [name for name in NAMES if not made.docks[name].visibleRegion().isEmpty()]
    assert seen == ["runs"]
    assert made.docks["runs"].width() == made.window.width()
    QTest.keyClick(made.window, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert arrangement(made.docks) == before
    assert made.docks.filling == ""


def test_a_double_click_on_a_tab_fills_the_window_and_one_on_the_title_goes_back(
    made: Made,
) -> None:
    before = arrangement(made.docks)
    bar, middle = tab(made.window, "Curves")
    QTest.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=middle)
    QApplication.processEvents()
    assert made.docks.filling == "curves"
    title = made.docks["curves"].titleBarWidget()
    QTest.mouseDClick(title, Qt.MouseButton.LeftButton, pos=title.rect().center())
    QApplication.processEvents()
    assert arrangement(made.docks) == before


def test_the_panel_with_the_keyboard_fills_the_window(qtbot: QtBot, made: Made) -> None:
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    made.docks["runs"].widget().setFocus()
    made.docks.fill_window()
    assert made.docks.filling == "runs"
    made.docks.fill_window()
    assert made.docks.filling == ""
    made.docks["experiment"].widget().setFocus()
    made.docks.fill_window("curves")  # as by a double click on its tab
    assert has_keyboard(made, "curves")
    made.docks.go_back()
    QApplication.processEvents()
    assert has_keyboard(made, "curves")
    made.docks.fill_window()
    assert made.docks.filling == "curves"


def has_keyboard(made: Made, name: str) -> bool:
    here = QApplication.focusWidget()
    return here is not None and made.docks[name].isAncestorOf(here)


def test_asking_for_another_panel_goes_back_first(made: Made) -> None:
    made.docks.fill_window("curves")
    made.docks.show("evaluation")
    QApplication.processEvents()
    assert made.docks.filling == ""
    assert not made.docks["evaluation"].visibleRegion().isEmpty()
    assert not made.docks["experiment"].visibleRegion().isEmpty()


def test_a_window_that_grew_meanwhile_gives_the_form_its_own_width(made: Made) -> None:
    form = made.docks["experiment"].width()
    made.docks.fill_window("curves")
    resize(made.window, 2000, 1000)
    made.docks.go_back()
    QApplication.processEvents()
    assert abs(made.docks["experiment"].width() - form) <= 2


def test_runs_fold_away_by_their_button_and_come_back_as_high(made: Made) -> None:
    before = arrangement(made.docks)
    bar, _ = tab(made.window, "Runs")
    QTest.mouseClick(button(bar, "fold"), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert made.docks.is_folded
    assert made.docks["curves"].height() > 0.9 * made.window.height()
    made.docks.fold(False)
    QApplication.processEvents()
    assert arrangement(made.docks) == before


def test_asking_for_runs_unfolds_them(made: Made) -> None:
    made.docks.fold(True)
    made.docks.show("runs")
    assert not made.docks.is_folded


def test_a_title_is_said_by_the_tab_or_by_the_title(made: Made, qtbot: QtBot) -> None:
    titles = {name: made.docks[name].titleBarWidget() for name in NAMES}
    assert all(isinstance(each, NoTitle) for each in titles.values())
    made.docks["queue"].close()
    QApplication.processEvents()
    assert isinstance(made.docks["runs"].titleBarWidget(), TitleBar)
    button(made.docks["runs"], "float").click()
    assert made.docks["runs"].isFloating()
    # The system's own.
    qtbot.waitUntil(lambda: made.docks["runs"].titleBarWidget() is None)


# The offscreen platform has no popups of its own.
@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_the_menu_of_a_tab_takes_its_panel_out_of_the_window(made: Made) -> None:
    bar, middle = tab(made.window, "Latents")
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, middle, bar.mapToGlobal(middle))
    QApplication.sendEvent(bar, event)
    menu = made.window.findChild(QMenu, "tab-menu")
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    assert set(actions) == {"Fill the window", "Take out of the window", "Close"}
    actions["Take out of the window"].trigger()
    menu.close()
    assert made.docks["latents"].isFloating()
