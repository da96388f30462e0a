"""The command palette, by keyboard and by mouse."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import LIGHT, ThemeManager
from leo_studio.ui.window.command_list import CommandModel
from leo_studio.ui.window.command_palette import CommandPalette
from leo_studio.ui.window.command_rows import PaletteEntry

Key = Qt.Key


@dataclass
class Bench:
    """A window with two fields, some actions and a palette."""

    qtbot: QtBot
    window: QMainWindow
    actions: ActionRegistry
    palette: CommandPalette
    behind: QLineEdit
    done: list[str] = field(default_factory=list)

    @property
    def edit(self) -> QLineEdit:
        found = self.palette.findChild(QLineEdit)
        assert found is not None
        return found

    @property
    def view(self) -> QListView:
        found = self.palette.findChild(QListView)
        assert found is not None
        return found

    @property
    def titles(self) -> list[str]:
        model = self.view.model()
        assert isinstance(model, CommandModel)
        return [row.title for row in model.rows]

    @property
    def current(self) -> str:
        return self.titles[self.view.currentIndex().row()]

    def press(self, key: Qt.Key) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)

    def open(self) -> None:
        QTest.keyClick(self.window, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        assert self.palette.isVisible()

    def note(self, what: str) -> Callable[[], None]:
        return lambda: self.done.append(what)


@pytest.fixture
def bench(qtbot: QtBot, themes: ThemeManager) -> Bench:
    window = QMainWindow()
    qtbot.addWidget(window)
    centre = QWidget()
    column = QVBoxLayout(centre)
    first, second = QLineEdit(), QLineEdit()
    column.addWidget(first)
    column.addWidget(second)
    window.setCentralWidget(centre)
    actions = ActionRegistry(themes, window)
    palette = CommandPalette(actions, themes, window)
    made = Bench(qtbot, window, actions, palette, second)
    actions.add("train.train", "&Train", made.note("train"), menu="Train", shortcut="Ctrl+R")
    stop = actions.add(
        "train.stop", "&Stop", made.note("stop"), menu="Train", tip="Nothing is being trained"
    )
    stop.setEnabled(False)
    actions.add("file.open", "&Open...", made.note("open"), menu="File", glyph=MDI7.folder_open)
    for registered in actions.all:
        window.addAction(registered.action)
    window.resize(800, 600)
    window.show()
    window.activateWindow()
    second.setFocus()
    qtbot.waitUntil(second.hasFocus)
    return made


def test_typing_and_enter_does_what_was_found(bench: Bench) -> None:
    bench.open()
    QTest.keyClicks(bench.edit, "opn")
    assert bench.current == "File › Open..."
    bench.press(Key.Key_Return)
    bench.qtbot.waitUntil(lambda: bench.done == ["open"])
    assert not bench.palette.isVisible()


@pytest.mark.parametrize("way", [Key.Key_Escape, Key.Key_Return])
def test_the_focus_goes_back_to_where_it_was(bench: Bench, way: Qt.Key) -> None:
    bench.open()
    assert bench.edit.hasFocus()
    bench.press(way)
    assert bench.behind.hasFocus()
    bench.qtbot.waitUntil(lambda: not bench.palette.isVisible())


def test_escape_does_nothing_but_close(bench: Bench) -> None:
    bench.actions.add("edit.clear", "Clear", bench.note("x"), menu="Edit", shortcut="Esc")
    bench.window.addAction(bench.actions["edit.clear"])
    bench.open()
    bench.press(Key.Key_Escape)
    assert not bench.palette.isVisible()
    assert bench.done == []


def test_the_shortcut_closes_it_again(bench: Bench) -> None:
    bench.open()
    QTest.keyClick(bench.edit, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert not bench.palette.isVisible()
    assert bench.behind.hasFocus()


def test_tab_does_not_lead_into_the_window_behind(bench: Bench) -> None:
    bench.open()
    bench.press(Key.Key_Tab)
    assert bench.edit.hasFocus()


def test_arrows_and_pages_move_in_the_list(bench: Bench) -> None:
    bench.open()
    titles = bench.titles
    bench.press(Key.Key_Down)
    assert bench.current == titles[1]
    bench.press(Key.Key_Up)
    bench.press(Key.Key_Up)
    assert bench.current == titles[-1]
    bench.press(Key.Key_PageUp)
    assert bench.current == titles[0]
    bench.press(Key.Key_PageDown)
    assert bench.current == titles[-1]


def test_a_click_does_what_was_clicked(bench: Bench) -> None:
    bench.open()
    index = bench.view.model().index(bench.titles.index("Train › Train"), 0)
    place = bench.view.visualRect(index).center()
    QTest.mouseClick(bench.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    bench.qtbot.waitUntil(lambda: bench.done == ["train"])


def test_a_click_beside_it_closes_it(bench: Bench) -> None:
    bench.open()
    QTest.mouseClick(bench.palette, Qt.MouseButton.LeftButton, pos=QPoint(3, 590))
    assert not bench.palette.isVisible()
    assert bench.behind.hasFocus()


def test_what_cannot_be_done_is_shown_with_its_reason_and_not_done(bench: Bench) -> None:
    bench.open()
    QTest.keyClicks(bench.edit, "stop")
    index = bench.view.currentIndex()
    assert bench.current == "Train › Stop"
    reason = index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert reason == "Nothing is being trained"
    bench.press(Key.Key_Return)
    assert bench.palette.isVisible()
    assert bench.done == []
    why_not = bench.palette.findChild(QLabel, "command-palette-why-not")
    assert isinstance(why_not, QLabel) and why_not.isVisible()
    assert why_not.text() == "Stop: Nothing is being trained"
    bench.edit.clear()
    assert not why_not.isVisible()


def test_what_cannot_be_done_does_not_look_like_what_enter_does(bench: Bench) -> None:
    def accent_pixels() -> int:
        bench.view.clearFocus()
        picture = bench.view.viewport().grab().toImage()
        row = bench.view.visualRect(bench.view.currentIndex())
        accent = QColor(LIGHT.accent)
        return sum(picture.pixelColor(x, row.center().y()) == accent for x in range(row.width()))

    bench.open()
    QTest.keyClicks(bench.edit, "open")
    lit = accent_pixels()
    bench.edit.setText("stop")
    assert bench.current == "Train › Stop"
    assert accent_pixels() == 0 < lit


def test_with_nothing_asked_for_what_can_be_done_comes_first(bench: Bench) -> None:
    bench.palette.recent = ("train.stop",)
    bench.open()
    assert bench.titles == ["Train › Train", "File › Open...", "Train › Stop"]


def test_what_two_menus_have_is_offered_once_and_by_the_one_that_can_do_it(bench: Bench) -> None:
    bench.actions.add("export.stop", "&Stop", bench.note("stopped"), menu="Export")
    bench.open()
    assert [title for title in bench.titles if title.endswith("Stop")] == ["Export › Stop"]


def test_what_was_used_lately_comes_first(bench: Bench) -> None:
    bench.open()
    assert bench.titles[0] == "Train › Train"
    QTest.keyClicks(bench.edit, "open")
    with bench.qtbot.waitSignal(bench.palette.recent_changed) as blocker:
        bench.press(Key.Key_Return)
    assert blocker.args == [("file.open",)]
    bench.open()
    assert bench.titles[0] == "File › Open..."


def test_sources_are_asked_whenever_it_opens(bench: Bench) -> None:
    presets = ["mini-1shot"]
    bench.palette.add_source(
        lambda: [PaletteEntry(f"Load preset {name}", "", bench.note(name)) for name in presets]
    )
    bench.open()
    assert "Load preset mini-1shot" in bench.titles
    bench.press(Key.Key_Escape)
    presets.append("tiered-5shot")
    bench.open()
    QTest.keyClicks(bench.edit, "tiered preset")
    assert bench.titles == ["Load preset tiered-5shot"]
    bench.press(Key.Key_Enter)
    bench.qtbot.waitUntil(lambda: bench.done == ["tiered-5shot"])


def test_nothing_found_is_said(bench: Bench) -> None:
    bench.open()
    QTest.keyClicks(bench.edit, "zebra")
    assert bench.titles == []
    assert "zebra" in bench.edit.accessibleDescription()
    bench.press(Key.Key_Down)
    bench.press(Key.Key_Return)
    assert bench.palette.isVisible()


def test_it_does_not_offer_itself(bench: Bench) -> None:
    bench.open()
    assert not any("palette" in title for title in bench.titles)


def test_it_closes_when_the_focus_goes_elsewhere(bench: Bench) -> None:
    bench.open()
    bench.behind.setFocus()
    assert not bench.palette.isVisible()
    assert bench.behind.hasFocus()


def test_it_covers_the_window_also_after_a_resize(bench: Bench) -> None:
    bench.open()
    bench.window.resize(500, 300)
    bench.qtbot.waitUntil(lambda: bench.palette.size() == bench.window.size())
    card = bench.edit.parentWidget()
    assert card is not None
    assert bench.palette.rect().contains(card.geometry())


def test_a_typing_error_finds_what_comes_near_and_says_so(bench: Bench) -> None:
    bench.open()
    QTest.keyClicks(bench.edit, "tarin")
    assert bench.current == "Train › Train"
    (said,) = (
        label for label in bench.palette.findChildren(QLabel) if "comes near" in label.text()
    )
    assert said.isVisible()
    bench.edit.setText("train")
    assert bench.current == "Train › Train" and not said.isVisible()


def test_a_word_that_the_row_does_not_show_is_named(bench: Bench) -> None:
    bench.open()
    QTest.keyClicks(bench.edit, "learn")  # people say so for training
    assert bench.current == "Train › Train"
    index = bench.view.currentIndex()
    assert "learn" in index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    bench.edit.setText("train")
    described = bench.view.currentIndex().data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert "found by" not in described
