"""A window of 1280x800 with larger and larger text: docks never lie over each other."""

from functools import partial
from itertools import combinations, repeat

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.actions import MENUS
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow, close_window

_PLOTS = (
    *("curves", "latents", "episode", "classes", "evaluation", "comparison"),
    *("studies", "sweeps", "tryit"),
)
_FORMS = ("experiment", "episodes")


def is_at_rest(window: MainWindow) -> bool:
    return window.themes.is_settled and window.docks.is_at_rest


class Screen:
    """A laptop's screen."""

    def availableGeometry(self) -> QRect:
        return QRect(0, 0, 1280, 800)


@pytest.fixture
def laptop(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """A window with all its panels on a laptop."""
    monkeypatch.setattr(MainWindow, "screen", Screen)
    window = open_window()
    window.move(0, 0)
    window.resize(1280, 770)
    qtbot.waitUntil(lambda: window.is_complete, timeout=30_000)
    qtbot.waitUntil(lambda: window.runs.model.row_of(toy_run.path) >= 0)
    qtbot.waitUntil(partial(is_at_rest, window))
    return window


def test_a_few_runs_and_whole_menus_are_seen_on_a_laptop_at_first(laptop: MainWindow) -> None:
    table = laptop.runs.table
    rows = table.viewport().height() / table.verticalHeader().defaultSectionSize()
    assert rows >= 4.5
    menus = {name: laptop.findChild(QMenu, f"menu_{name.lower()}") for name in MENUS}
    heights = {name: menu.sizeHint().height() for name, menu in menus.items() if menu is not None}
    assert len(heights) == len(MENUS) and max(heights.values()) < 770, heights


def change_text(window: MainWindow, scale: float, qtbot: QtBot) -> None:
    window.change_preferences(text_scale=scale)
    qtbot.waitUntil(partial(is_at_rest, window))


def places(window: MainWindow) -> dict[str, QRect]:
    """Return where docks are that are seen, and the status bar."""
    docks = {name: window.docks[name] for name in window.docks.names}
    seen: dict[str, QWidget] = {
        name: dock for name, dock in docks.items() if not dock.visibleRegion().isEmpty()
    }
    seen["status bar"] = window.statusBar()
    return {
        name: QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        for name, widget in seen.items()
    }


def outside(window: MainWindow) -> list[str]:
    """Return what reaches over the edge of its dock, but for what is scrolled."""
    found = []
    for name in window.docks.names:
        dock = window.docks[name]
        areas = dock.findChildren(QScrollArea)
        for widget in dock.findChildren(QWidget):
            if widget.visibleRegion().isEmpty() or any(a.isAncestorOf(widget) for a in areas):
                continue
            place = QRect(widget.mapTo(dock, QPoint(0, 0)), widget.size())
            if not dock.rect().contains(place):
                found.append(f"{name}: {type(widget).__name__} {widget.objectName()} {place}")
    return found


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_no_dock_lies_over_another_one(laptop: MainWindow, qtbot: QtBot, scale: float) -> None:
    if scale != 1:
        change_text(laptop, scale, qtbot)
    for name in (*_PLOTS, *_FORMS):
        laptop.docks.show(name)
        qtbot.waitUntil(partial(is_at_rest, laptop))
        seen = places(laptop)
        assert name in seen
        for first, second in combinations(seen, 2):
            assert not seen[first].intersects(seen[second]), (first, second, seen)
        assert all(laptop.rect().contains(place) for place in seen.values()), seen
        assert outside(laptop) == []


def test_runs_are_folded_while_there_is_no_room_for_them_and_come_back(
    laptop: MainWindow, qtbot: QtBot
) -> None:
    before = places(laptop)
    assert "runs" in before
    change_text(laptop, 2.0, qtbot)
    assert "runs" not in places(laptop) and laptop.docks.is_folded
    (unfold,) = laptop.statusBar().findChildren(QWidget, "unfold")
    assert unfold.isVisible()
    change_text(laptop, 1.0, qtbot)

    def is_as_before() -> None:
        assert places(laptop) == before

    qtbot.waitUntil(is_as_before)


def test_a_height_that_comes_late_after_another_text_is_nobodys_choice(
    laptop: MainWindow, qtbot: QtBot
) -> None:
    before = places(laptop)
    for scale in (1.15, 1.0):
        change_text(laptop, scale, qtbot)
    assert places(laptop) == before
    runs, higher = laptop.docks["runs"], before["runs"].height() + 30
    laptop.resizeDocks([runs], [higher], Qt.Orientation.Vertical)  # as Qt does, without a hand
    qtbot.waitUntil(lambda: places(laptop)["runs"].height() > before["runs"].height())
    for scale in (1.15, 1.0):
        change_text(laptop, scale, qtbot)
    assert places(laptop) == before


def test_lists_have_their_height_again_when_the_last_panel_is_made(
    open_window: OpenWindow, toy_run: RunEntry, qtbot: QtBot
) -> None:
    window = open_window()
    window._rest = repeat(object())  # panels are made for ever
    window.resize(1280, 770)
    qtbot.waitUntil(lambda: window.runs.model.row_of(toy_run.path) >= 0)
    qtbot.waitUntil(partial(is_at_rest, window))
    runs, curves = window.docks["runs"], window.docks["curves"]
    height = runs.height()
    curves.setMinimumHeight(curves.height() + 25)  # as a panel that was never laid out may ask
    qtbot.waitUntil(lambda: runs.height() < height)
    curves.setMinimumHeight(0)
    QTest.qWait(50)
    assert runs.height() < height  # Qt gives nothing back
    window._rest = iter(())
    qtbot.waitUntil(lambda: window.is_complete)
    qtbot.waitUntil(partial(is_at_rest, window))
    assert runs.height() == height


def test_runs_that_a_person_has_folded_away_stay_so(laptop: MainWindow, qtbot: QtBot) -> None:
    laptop.docks.fold(True)
    for scale in (2.0, 1.0):
        change_text(laptop, scale, qtbot)
        assert laptop.docks.is_folded


def test_runs_fill_the_window_where_there_is_no_room_below_the_plots(
    laptop: MainWindow, qtbot: QtBot
) -> None:
    change_text(laptop, 2.0, qtbot)
    laptop.docks.show("runs")
    qtbot.waitUntil(partial(is_at_rest, laptop))
    assert laptop.docks.filling == "runs" and laptop.runs.isVisible()
    laptop.docks.go_back()
    qtbot.waitUntil(partial(is_at_rest, laptop))
    assert "runs" not in places(laptop)
    change_text(laptop, 1.0, qtbot)
    assert "runs" in places(laptop)


def test_runs_come_back_after_a_restart_too(
    laptop: MainWindow, open_window: OpenWindow, qtbot: QtBot
) -> None:
    change_text(laptop, 2.0, qtbot)
    assert laptop.docks.is_folded
    close_window(laptop, qtbot)

    again = open_window()
    qtbot.waitUntil(lambda: again.is_complete, timeout=30_000)
    again.preferences = again.preferences.changed(text_scale=2.0)  # as the text is
    qtbot.waitUntil(partial(is_at_rest, again))
    change_text(again, 1.0, qtbot)
    assert not again.docks.is_folded
