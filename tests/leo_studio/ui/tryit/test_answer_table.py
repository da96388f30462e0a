"""The table of answers in little room."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidgetItem
from pytestqt.qtbot import QtBot

from leo_studio.services.try_records import Example
from leo_studio.ui.tryit.answer_table import ANSWER, DOUBT, PICTURE, PROBABILITY, AnswerTable
from leo_studio.ui.widgets.theme import ThemeManager

DRAWING = Example("a drawing")


@pytest.fixture
def table(themes: ThemeManager, qtbot: QtBot) -> AnswerTable:
    made = AnswerTable(themes)
    qtbot.addWidget(made)
    made.setRowCount(1)
    made.show()
    return made


@pytest.mark.parametrize("name", ["hawk", "a class with a longer name"])
def test_the_answer_is_whole_in_a_narrow_dock_and_the_bar_has_the_room_of_a_wide_one(
    table: AnswerTable, name: str, qtbot: QtBot
) -> None:
    table.setItem(0, ANSWER, QTableWidgetItem(name))
    needed = table.fontMetrics().horizontalAdvance(name) + 1.3 * table.fontMetrics().height()

    def is_whole() -> bool:
        right = table.columnViewportPosition(PROBABILITY) + table.columnWidth(PROBABILITY)
        return table.columnWidth(ANSWER) >= needed and right <= table.viewport().width()

    table.resize(460, 300)
    qtbot.waitUntil(is_whole, timeout=3000)
    narrow = table.columnWidth(PROBABILITY)
    assert narrow >= table.fontMetrics().horizontalAdvance("100.0 %")
    table.resize(1200, 300)
    qtbot.waitUntil(lambda: table.columnWidth(PROBABILITY) > 3 * narrow, timeout=3000)
    assert is_whole() and table.columnWidth(PICTURE) > table.columnWidth(DOUBT)


def test_the_name_of_a_query_has_the_room_that_is_free_and_else_keeps_its_end(
    table: AnswerTable, qtbot: QtBot
) -> None:
    name = "Cucumber in the garden 12.png"
    table.show_queries([Example(name)])
    item = table.item(0, PICTURE)
    assert item is not None and item.toolTip().startswith(name)
    assert table.textElideMode() == Qt.TextElideMode.ElideMiddle
    table.setItem(0, ANSWER, QTableWidgetItem("hawk"))
    table.resize(760, 300)
    needed = table.sizeHintForIndex(table.model().index(0, PICTURE)).width()
    qtbot.waitUntil(lambda: table.columnWidth(PICTURE) >= needed, timeout=3000)
    title = table.horizontalHeader().sectionSizeHint(PROBABILITY)
    assert table.columnWidth(PROBABILITY) >= title


def test_the_title_of_the_bar_is_whole_also_in_a_narrow_dock(
    table: AnswerTable, qtbot: QtBot
) -> None:
    table.resize(370, 300)
    title = table.horizontalHeader().sectionSizeHint(PROBABILITY)
    qtbot.waitUntil(lambda: table.columnWidth(PROBABILITY) >= title, timeout=3000)


def test_an_empty_table_says_what_will_stand_there(table: AnswerTable) -> None:
    table.setRowCount(0)
    table.resize(460, 300)
    empty = table.viewport().grab().toImage()
    table.queries = [DRAWING]
    table.viewport().update()
    assert table.viewport().grab().toImage() != empty


def test_the_doubt_is_explained_by_its_header(table: AnswerTable) -> None:
    header = table.horizontalHeaderItem(DOUBT)
    assert header is not None and "drawn from the classes" in header.toolTip()


def test_rows_and_pictures_follow_the_text(
    table: AnswerTable, themes: ThemeManager, qtbot: QtBot
) -> None:
    first, picture = table.verticalHeader().defaultSectionSize(), table.iconSize()
    themes.choose("light", 2.0)
    qtbot.waitUntil(lambda: themes.is_settled)
    assert table.verticalHeader().defaultSectionSize() > 1.5 * first
    assert table.iconSize().height() > 1.5 * picture.height()
    themes.choose("light", 1.0)
    qtbot.waitUntil(lambda: themes.is_settled)
    assert table.verticalHeader().defaultSectionSize() == first
    assert table.iconSize() == picture
