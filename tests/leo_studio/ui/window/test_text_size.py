"""The window and its dialogs with larger text, and when text has its first size again."""

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from leo_studio.services.preferences import Preferences
from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.theme import REST_MILLISECONDS, ThemeManager
from leo_studio.ui.window import still_picture
from leo_studio.ui.window.main_window import MainWindow
from leo_studio.ui.window.preferences_dialog import PreferencesDialog
from tests.leo_studio.ui.conftest import OpenWindow, close_window

_FIELDS_MILLISECONDS = 200  # until fields of a form that is shown have their places


def is_at_rest(window: MainWindow) -> bool:
    return window.themes.is_settled and window.docks.is_at_rest


def change_text(window: MainWindow, scale: float, qtbot: QtBot) -> None:
    window.change_preferences(text_scale=scale)
    qtbot.waitUntil(partial(is_at_rest, window))


def make_no_more(window: MainWindow) -> None:
    """Leave out the panels that stand behind others: each has hundreds of widgets to be styled."""
    window._rest = iter(())


def places(window: MainWindow) -> dict[str, QRect]:
    """Return where docks and buttons of the toolbar are, and how wide columns of runs."""
    found = {name: window.docks[name] for name in ("experiment", "curves", "runs")}
    widgets: dict[str, QWidget] = dict(found)
    for action in window.actions_registry.all:
        for button in action.action.associatedObjects():
            if isinstance(button, QToolButton) and button.isVisible():
                widgets[action.identifier] = button
    seen = {
        name: QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        for name, widget in widgets.items()
    }
    table = window.runs.table
    for column in range(table.model().columnCount()):
        seen[f"column {column}"] = QRect(0, 0, table.columnWidth(column), 0)
    return seen


def test_all_is_where_it_was_when_text_has_its_first_size_again(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    make_no_more(window)
    qtbot.waitUntil(lambda: window.runs.model.row_of(toy_run.path) >= 0)
    qtbot.waitUntil(partial(is_at_rest, window))
    QApplication.processEvents()
    before = places(window)
    assert len(before) > 14  # the toolbar's are among them
    for scale in (1.15, 0.9, 1.0):
        change_text(window, scale, qtbot)
        assert places(window) != before or scale == 1
    after = places(window)
    assert {
        name: (before[name], after[name]) for name in before if before[name] != after[name]
    } == {}


def test_the_picture_stays_still_until_all_has_its_place(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(still_picture, "_LONGEST", 600_000)  # however slow the machine is
    window = open_window()
    qtbot.waitUntil(partial(is_at_rest, window))
    window.change_preferences(theme="dark")
    qtbot.waitUntil(lambda: window.themes.current.is_dark)
    assert window.updatesEnabled()  # other colours are shown at once
    window.change_preferences(text_scale=1.5)
    qtbot.waitUntil(lambda: not window.updatesEnabled())
    assert not is_at_rest(window)
    qtbot.waitUntil(window.updatesEnabled)
    assert window.docks._room.is_calm and window.isVisible()
    window.change_preferences(text_scale=1.0)
    qtbot.waitUntil(lambda: not window.updatesEnabled())
    close_window(window, qtbot)


def test_all_is_where_it_was_also_after_a_restart_with_large_text(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    make_no_more(window)
    qtbot.waitUntil(lambda: window.runs.model.row_of(toy_run.path) >= 0)
    qtbot.waitUntil(partial(is_at_rest, window))
    QApplication.processEvents()
    before, size = places(window), window.size()
    change_text(window, 2.0, qtbot)
    assert window.docks["experiment"].width() > before["experiment"].width()
    close_window(window, qtbot)

    again = open_window()
    qtbot.waitUntil(lambda: again.is_complete, timeout=30_000)  # panels come, and need their room
    again.preferences = again.preferences.changed(text_scale=2.0)  # as the text is
    qtbot.waitUntil(lambda: again.runs.model.row_of(toy_run.path) >= 0)
    qtbot.waitUntil(partial(is_at_rest, again))
    assert again.docks["experiment"].width() > before["experiment"].width()
    change_text(again, 1.0, qtbot)
    qtbot.waitUntil(lambda: again.size() == size)
    docks = ("experiment", "curves", "runs")
    after = places(again)
    assert {name: after[name] for name in docks} == {name: before[name] for name in docks}


def test_panels_behind_others_need_no_more_room_than_before_either(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete, timeout=30_000)
    qtbot.waitUntil(partial(is_at_rest, window))
    needed = window.minimumSizeHint()
    change_text(window, 2.0, qtbot)
    change_text(window, 1.0, qtbot)
    QApplication.processEvents()
    again = window.minimumSizeHint()
    line = window.fontMetrics().height()
    assert again.width() <= needed.width() + line and again.height() <= needed.height() + line


def test_the_window_has_its_size_again_and_never_reaches_over_the_edge_of_the_screen(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    make_no_more(window)

    class Screen:
        """A screen of a laptop, which is too small for all panels with the largest text."""

        def availableGeometry(self) -> QRect:
            return QRect(0, 0, 1280, 800)

    monkeypatch.setattr(window, "screen", Screen)
    window.move(180, 30)
    # The second one by a person, later. Runs are folded away first where the screen is too low.
    for size in (QSize(900, 600), QSize(880, 580)):
        window.resize(size)
        QApplication.processEvents()
        place = window.pos()
        change_text(window, 2.0, qtbot)
        assert QRect(0, 0, 1280, 800).contains(window.frameGeometry())
        assert window.size() != size  # or the test shows nothing
        change_text(window, 1.0, qtbot)
        qtbot.waitUntil(lambda size=size: window.size() == size)  # type: ignore[misc]
        assert window.pos() == place


def test_a_size_that_a_person_gives_the_window_while_text_is_large_stays(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    make_no_more(window)
    change_text(window, 2.0, qtbot)
    window.resize(1500, 1000)
    change_text(window, 1.0, qtbot)
    QApplication.processEvents()
    assert window.size() == QSize(1500, 1000)


@pytest.fixture
def dialog(themes: ThemeManager, qtbot: QtBot) -> Iterator[PreferencesDialog]:
    dialog = PreferencesDialog(Preferences())
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog


def is_whole(label: QLabel) -> bool:
    """Whether a label has room for its text."""
    width = label.width()
    wanted = label.heightForWidth(width) if label.wordWrap() else label.sizeHint().height()
    return label.height() >= wanted and (label.wordWrap() or width >= label.sizeHint().width())


def test_preferences_grow_with_the_text_and_become_small_again(
    dialog: PreferencesDialog, themes: ThemeManager, qtbot: QtBot
) -> None:
    area = dialog.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    QApplication.processEvents()
    first = dialog.size()
    heights = [first.height()]
    for scale in (1.15, 1.5, 0.8, 2.0, 1.0):
        themes.choose("light", scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        qtbot.waitUntil(lambda: dialog.size() == dialog.sizeHint())
        assert area.verticalScrollBar().maximum() == area.horizontalScrollBar().maximum() == 0
        assert all(is_whole(label) for label in dialog.findChildren(QLabel))
        heights.append(dialog.height())
    assert dialog.size() == first
    small, medium, large, least, largest, _ = heights
    assert least < small < medium < large < largest


def test_preferences_grow_in_place(
    dialog: PreferencesDialog,
    themes: ThemeManager,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Screen:
        """A screen with room for all of it."""

        def availableGeometry(self) -> QRect:
            return QRect(0, 0, 2560, 1600)

    monkeypatch.setattr(dialog, "screen", Screen)
    qtbot.waitUntil(lambda: dialog.size() == dialog.sizeHint())
    dialog.move(900, 500)
    QApplication.processEvents()
    before = dialog.geometry()
    for scale in (2.0, 1.5, 1.0):
        themes.choose("light", scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        qtbot.waitUntil(lambda: dialog.size() == dialog.sizeHint())
        apart = dialog.geometry().center() - before.center()
        assert abs(apart.x()) <= 1 and abs(apart.y()) <= 1
    assert dialog.geometry() == before


def test_preferences_stay_on_a_small_screen_and_are_scrolled_there(
    dialog: PreferencesDialog,
    themes: ThemeManager,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Screen:
        """A small screen."""

        def availableGeometry(self) -> QRect:
            return QRect(0, 0, 1280, 720)

    monkeypatch.setattr(dialog, "screen", Screen)
    themes.choose("light", 2.0)
    qtbot.waitUntil(lambda: themes.is_settled)
    QApplication.processEvents()
    assert QRect(0, 0, 1280, 720).contains(dialog.frameGeometry())
    area = dialog.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    assert area.horizontalScrollBar().maximum() == 0
    assert area.verticalScrollBar().maximum() > 0


def heights(window: MainWindow) -> dict[str, int]:
    """Return the heights of what stands above something else at the left, and of the status bar."""
    names = ("experiment", "episodes", "runs")
    found = {name: window.docks[name].height() for name in names}
    rows = window.runs.table.verticalHeader().defaultSectionSize()
    return {**found, "rows": rows, "status bar": window.statusBar().height()}


def stacked(open_window: OpenWindow, qtbot: QtBot) -> MainWindow:
    """Open a window whose episodes stand above the form."""
    window = open_window()
    make_no_more(window)
    window.resize(1500, 950)
    window.docks.show("episodes")
    episodes, experiment = window.docks["episodes"], window.docks["experiment"]
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, experiment)
    window.splitDockWidget(episodes, experiment, Qt.Orientation.Vertical)
    qtbot.waitUntil(partial(is_at_rest, window))
    return window


def drag(window: MainWindow, y: int, pixels: int, qtbot: QtBot) -> None:
    """Move what parts two docks at the left down, by the mouse."""
    left, start = Qt.MouseButton.LeftButton, QPoint(window.docks["episodes"].geometry().x() + 20, y)
    QTest.mousePress(window, left, pos=start)
    QTest.mouseMove(window, start + QPoint(0, pixels))
    qtbot.wait(20)  # Qt moves what is between docks a little later
    QTest.mouseRelease(window, left, pos=start + QPoint(0, pixels))
    qtbot.wait(200)


def test_heights_that_nobody_gave_are_not_kept(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = stacked(open_window, qtbot)
    episodes, experiment = window.docks["episodes"], window.docks["experiment"]
    qtbot.wait(200)
    before = heights(window)
    # As Qt does for a panel that needs more room for a while.
    window.resizeDocks([episodes, experiment], [600, 250], Qt.Orientation.Vertical)
    qtbot.wait(200)
    assert heights(window) != before
    change_text(window, 1.2, qtbot)
    change_text(window, 1.0, qtbot)
    assert heights(window) == before


def test_all_is_as_high_as_it_was_after_many_sizes_of_text(
    toy_run: RunEntry, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = stacked(open_window, qtbot)
    drag(window, window.docks["episodes"].geometry().bottom() + 3, 120, qtbot)
    before = heights(window)
    assert before["episodes"] > before["experiment"] + 100
    # Each look is followed by the next one while what is hidden waits for it.
    for scale in (1.5, 2.0, 1.7, 1.4, 1.2):
        window.change_preferences(text_scale=scale)
        qtbot.wait(REST_MILLISECONDS + 20)
    change_text(window, 1.0, qtbot)
    assert heights(window) == before


def form_places(window: MainWindow) -> dict[str, tuple[QRect, QSize]]:
    """Return where everything in the form is, and how large its icons are."""
    found: dict[str, tuple[QRect, QSize]] = {}
    form = window.docks["experiment"]
    for number, widget in enumerate(form.findChildren(QWidget)):
        if widget.isVisible():
            icon = widget.iconSize() if isinstance(widget, QAbstractButton) else QSize()
            name = f"{number} {type(widget).__name__} {widget.objectName()}"
            found[name] = QRect(widget.mapTo(form, QPoint(0, 0)), widget.size()), icon
    return found


def test_a_form_behind_others_is_as_it_was_when_it_comes_into_sight_again(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    make_no_more(window)
    window.docks.show("experiment")
    qtbot.waitUntil(partial(is_at_rest, window))
    qtbot.wait(_FIELDS_MILLISECONDS)
    before = form_places(window)
    assert any(icon.height() > 0 for _, icon in before.values())
    window.docks.show("episodes")
    QApplication.processEvents()
    change_text(window, 1.5, qtbot)
    change_text(window, 1.0, qtbot)
    window.docks.show("experiment")
    qtbot.waitUntil(partial(is_at_rest, window))
    qtbot.wait(_FIELDS_MILLISECONDS)
    after = form_places(window)
    different = {
        name: (before[name], after.get(name)) for name in before if before[name] != after.get(name)
    }
    assert different == {}
