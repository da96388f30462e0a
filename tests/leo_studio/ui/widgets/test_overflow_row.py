"""Tests of rows of buttons whose rest goes into a menu."""

import pytest
from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.overflow_row import ICON_ALONE, OverflowRow
from leo_studio.ui.widgets.theme import ThemeManager

TEXTS = ("Reset", "Add", "Remove", "Limit's functions")


@pytest.fixture
def made(themes: ThemeManager) -> list[QAction]:
    actions = [QAction(themes.icon(MDI7.plus), text) for text in TEXTS]
    return actions


def shown(row: OverflowRow) -> list[str]:
    return [each.text() for each in row.buttons if not each.isHidden()]


def test_words_then_icons_then_a_menu(
    themes: ThemeManager, made: list[QAction], qtbot: QtBot
) -> None:
    row = OverflowRow(themes, made, "More")
    qtbot.addWidget(row)
    row.resize(row.width_with_words(), 40)
    row.show()
    QTest.qWait(20)
    assert shown(row) == list(TEXTS) and row.more.isHidden()
    words = row.buttons[0].width()
    row.resize(row.width_with_words() - 1, 40)
    QTest.qWait(20)
    assert shown(row) == list(TEXTS) and row.buttons[0].width() < words
    row.resize(row.width_with_icons() - 1, 40)
    QTest.qWait(20)
    assert shown(row) == list(TEXTS[:2]) and row.more.isVisible()
    assert row.overflow == made[2:]
    row.resize(row.minimumSizeHint().width(), 40)
    QTest.qWait(20)
    assert shown(row) == [] and row.overflow == made
    for button in (*row.buttons, row.more):
        assert button.isHidden() or row.rect().contains(button.geometry())


def test_a_row_of_words_has_all_of_them_or_a_menu(
    themes: ThemeManager, made: list[QAction], qtbot: QtBot
) -> None:
    row = OverflowRow(themes, made, "Sort", "Sort tasks")
    qtbot.addWidget(row)
    row.resize(row.width_with_words(), 40)
    row.show()
    QTest.qWait(20)
    assert shown(row) == list(TEXTS) and row.overflow == []
    row.resize(row.width_with_words() - 1, 40)
    QTest.qWait(20)
    assert shown(row) == [] and row.overflow == made
    chosen: list[str] = []
    made[1].triggered.connect(lambda: chosen.append("add"))
    row.menu.actions()[1].trigger()
    assert chosen == ["add"]


def test_a_grey_entry_of_the_menu_says_why(
    themes: ThemeManager, made: list[QAction], qtbot: QtBot
) -> None:
    row = OverflowRow(themes, made, "Sort", "Sort tasks")
    qtbot.addWidget(row)
    row.resize(row.minimumSizeHint().width(), 40)
    row.show()
    QTest.qWait(20)
    made[2].setEnabled(False)
    made[2].setToolTip("There is nothing to remove.")
    row.menu.resize(row.menu.sizeHint())
    place = row.menu.actionGeometry(made[2]).center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, row.menu.mapToGlobal(place))
    QApplication.sendEvent(row.menu, event)
    assert QToolTip.text() == "There is nothing to remove."


def test_longer_words_need_more_room(
    themes: ThemeManager, made: list[QAction], qtbot: QtBot
) -> None:
    row = OverflowRow(themes, made, "More")
    qtbot.addWidget(row)
    before = row.width_with_words()
    made[0].setText("Back to the task")
    assert row.width_with_words() > before


def test_what_everybody_knows_by_its_icon_has_no_words(
    themes: ThemeManager, made: list[QAction], qtbot: QtBot
) -> None:
    words = OverflowRow(themes, made, "More").width_with_words()
    made[2].setProperty(ICON_ALONE, True)
    row = OverflowRow(themes, made, "More")
    qtbot.addWidget(row)
    assert row.width_with_words() < words
    row.resize(row.width_with_words(), 40)
    row.show()
    QTest.qWait(20)
    styles = [each.toolButtonStyle() for each in row.buttons]
    beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    assert styles == [beside, beside, Qt.ToolButtonStyle.ToolButtonIconOnly, beside]
