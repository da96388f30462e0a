"""The list of what was kept: names stand out, words have their room, headings are not chosen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.kept_dialog import KeptDialog, KeptItem
from leo_studio.ui.widgets.theme import ThemeManager

LONG = "Task 5 of a run that has a long title, since much of it is not as its preset says, today"


def item(name: str, group: str = "", words: str = LONG) -> KeptItem:
    return KeptItem(Path(f"{name}.h5"), name, f"{name}\n{words}", name, group)


@pytest.fixture
def dialog(themes: ThemeManager, qtbot: QtBot) -> Iterator[KeptDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = KeptDialog("Kept", "kept", parent)
    made.show()
    yield made  # its parent is kept until then


def height(dialog: KeptDialog, row: int) -> int:
    return dialog.list.visualItemRect(dialog.list.item(row)).height()


def chosen(dialog: KeptDialog) -> str:
    return "" if dialog.current is None else dialog.current.name


def test_a_row_is_as_high_as_its_words_in_the_width_of_the_list(dialog: KeptDialog) -> None:
    dialog.show_kept([item("one"), item("two", words="today")], "")
    dialog.resize(1000, 300)
    QTest.qWait(20)
    assert height(dialog, 0) == height(dialog, 1)
    dialog.resize(300, 300)
    QTest.qWait(20)
    line = dialog.fontMetrics().height()
    assert height(dialog, 0) > height(dialog, 1) + 0.9 * line


def test_keys_pass_over_headings(dialog: KeptDialog) -> None:
    dialog.show_kept([item("one", "first run"), item("two", "second run")], "")
    assert chosen(dialog) == "one"
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert chosen(dialog) == "two"
    dialog.show_kept([item("two", "second run")], "")
    assert chosen(dialog) == "two"
    dialog.show_kept([], "Nothing.")
    assert chosen(dialog) == "" and not dialog.delete.isEnabled()
    assert dialog.hint.text() == "Nothing."
