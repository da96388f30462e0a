"""Columns keep the widths that a person gave them."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHeaderView, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.column_widths import (
    ColumnWidths,
    column_widths,
    restore_column_widths,
)


class Table(QTableWidget):
    """Three columns of a width in letters, as a panel's table has them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(1, 3, parent)
        self.setHorizontalHeaderLabels(["Name", "Steps", "Best"])
        self.setObjectName("table")
        self.widths = ColumnWidths(self)
        self.fit()

    def fit(self) -> None:
        for column in range(3):
            self.setColumnWidth(column, 10 * self.fontMetrics().averageCharWidth())
        self.widths.apply()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(900, 300)
    qtbot.addWidget(made)
    Table(made).resize(900, 300)
    made.show()
    return made


def table_in(window: QWidget) -> Table:
    (found,) = window.findChildren(Table)
    return found


def drag(header: QHeaderView, column: int, by: int) -> None:
    """Drag a column's right edge."""
    edge = header.sectionViewportPosition(column) + header.sectionSize(column) - 2
    viewport, middle = header.viewport(), header.height() // 2
    QTest.mouseMove(viewport, QPoint(edge, middle))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(edge, middle))
    for part in (1, 2):
        QTest.mouseMove(viewport, QPoint(edge + by * part // 2, middle))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(edge + by, middle))


def test_a_dragged_column_stays_when_the_table_sizes_its_columns(window: QWidget) -> None:
    table = table_in(window)
    before = table.columnWidth(0)
    drag(table.horizontalHeader(), 1, 60)
    assert table.columnWidth(1) == before + 60
    table.fit()
    assert [table.columnWidth(column) for column in range(3)] == [before, before + 60, before]
    table.widths.forget()
    table.fit()
    assert table.columnWidth(1) == before


def test_it_keeps_as_many_letters_when_the_text_grows(window: QWidget) -> None:
    table = table_in(window)
    drag(table.horizontalHeader(), 1, 60)
    letters = table.columnWidth(1) / table.fontMetrics().averageCharWidth()
    font = QFont(table.font())
    font.setPointSizeF(2 * font.pointSizeF())
    table.setFont(font)
    assert table.columnWidth(1) / table.fontMetrics().averageCharWidth() == pytest.approx(
        letters, abs=0.1
    )


def test_only_what_a_person_set_is_kept_and_comes_back(window: QWidget, qtbot: QtBot) -> None:
    drag(table_in(window).horizontalHeader(), 1, 60)
    kept = column_widths(window)
    assert list(kept["table"]) == ["Steps"]
    after = QWidget()
    qtbot.addWidget(after)
    Table(after)
    restore_column_widths(after, kept)
    assert table_in(after).columnWidth(1) == table_in(window).columnWidth(1)
    assert table_in(after).columnWidth(0) == table_in(window).columnWidth(0)


def test_widths_go_with_a_columns_name_and_not_with_its_place(window: QWidget) -> None:
    table = table_in(window)
    before = table.columnWidth(0)
    table.setHorizontalHeaderLabels(["Steps", "Best", "Name"])
    restore_column_widths(window, {"table": {"Best": 20.0, "0": 30.0}})  # numbers are of old
    letter = table.fontMetrics().averageCharWidth()
    assert [table.columnWidth(column) for column in range(3)] == [before, 20 * letter, before]


def test_a_damaged_record_does_no_harm(window: QWidget) -> None:
    table = table_in(window)
    before = table.columnWidth(0)
    restore_column_widths(window, {"table": {"Name": "wide", "x": 3, "7": 5.0, "Steps": 1e30}})
    assert table.columnWidth(0) == before
    assert table.columnWidth(1) <= 400 * table.fontMetrics().averageCharWidth()
