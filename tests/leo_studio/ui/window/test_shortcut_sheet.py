"""The sheet of shortcuts."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QMainWindow,
    QVBoxLayout,
    QWidgetItem,
)
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.key_caps import KeyCaps
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.shortcut_sheet import ShortcutRow, ShortcutSheet

HINTS = (ShortcutRow("Plots", "Wheel", "Zoom at the pointer"),)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def sheet(window: QMainWindow, themes: ThemeManager, qtbot: QtBot) -> ShortcutSheet:
    actions = ActionRegistry(themes, window)
    sheet = ShortcutSheet(actions, HINTS, themes, window)
    actions.add("view.dark", "Dark theme", menu="View", shortcut="Ctrl+D")
    actions.add("file.open", "&Open...", menu="File", shortcut="Ctrl+O")
    actions.add("runs.compare", "Compare", menu="Runs")
    for registered in actions.all:
        window.addAction(registered.action)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return sheet


def texts(sheet: ShortcutSheet) -> list[str]:
    cards = [card for card in sheet.findChildren(QFrame) if card.property("role") == "card"]
    return [label.text() for card in cards for label in card.findChildren(QLabel)]


def keys(sheet: ShortcutSheet) -> list[str]:
    return [caps.keys for caps in sheet.findChildren(KeyCaps)]


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_two_shortcuts_open_it(
    window: QMainWindow,
    sheet: ShortcutSheet,
    qtbot: QtBot,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
) -> None:
    QTest.keyClick(window, key, modifier)
    assert sheet.isVisible()
    assert texts(sheet) == [
        "File", "Open...", "View", "Dark theme", "Help", "Keyboard shortcuts", "Plots",
        "Zoom at the pointer",
    ]  # fmt: skip
    assert keys(sheet) == ["Ctrl+O", "Ctrl+D", "Ctrl+/", "Wheel"]


def test_what_was_added_since_is_there(sheet: ShortcutSheet, window: QMainWindow) -> None:
    sheet.open_sheet()
    sheet.close()
    registry = window.findChild(ActionRegistry)
    assert registry is not None
    registry.add("train.step", "Step", menu="Train", shortcut="F10")
    sheet.open_sheet()
    assert "Step" in texts(sheet)


@pytest.mark.parametrize(("asked", "found"), [("dark", ["Ctrl+D"]), ("ctrl o", ["Ctrl+O"])])
def test_search_finds_by_meaning_and_by_keys(
    sheet: ShortcutSheet, qtbot: QtBot, asked: str, found: list[str]
) -> None:
    sheet.open_sheet()
    search = sheet.findChild(QLineEdit)
    assert search is not None
    QTest.keyClicks(search, asked)
    qtbot.waitUntil(lambda: found[0] in keys(sheet) and "Wheel" not in keys(sheet))


def test_nothing_found_is_said(sheet: ShortcutSheet, qtbot: QtBot) -> None:
    sheet.open_sheet()
    search = sheet.findChild(QLineEdit)
    assert search is not None
    QTest.keyClicks(search, "zebra")
    assert texts(sheet) == []
    said = [label.text() for label in sheet.findChildren(QLabel) if label.isVisible()]
    assert any("zebra" in text for text in said)


@pytest.mark.parametrize("width", [250, 500, 1200])
def test_no_card_is_wider_than_the_sheet(sheet: ShortcutSheet, qtbot: QtBot, width: int) -> None:
    sheet.open_sheet()
    sheet.resize(width, 400)

    def fits() -> bool:
        cards = [card for card in sheet.findChildren(QFrame) if card.property("role") == "card"]
        return all(
            card.mapTo(sheet, card.rect().bottomRight()).x() <= sheet.width() for card in cards
        )

    qtbot.waitUntil(fits)


def test_searching_leaves_no_object_of_an_item_that_is_gone(sheet: ShortcutSheet) -> None:
    """PySide keeps one for each item of a layout that is filled before it is added to another."""
    sheet.open_sheet()
    columns = sheet.findChildren(QVBoxLayout)
    owned = [each for each in Shiboken.getAllValidWrappers() if type(each) is QWidgetItem]
    search = sheet.findChild(QLineEdit)
    assert search is not None and columns
    for text in ("dark", "open", ""):
        search.setText(text)
    later = [each for each in Shiboken.getAllValidWrappers() if type(each) is QWidgetItem]
    assert {id(each) for each in later} <= {id(each) for each in owned}
