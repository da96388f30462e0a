"""Tests of the height of a table's rows."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.row_height import set_row_height


def test_rows_may_be_lower_than_the_text_of_a_hidden_header(qtbot: QtBot) -> None:
    table = QTableWidget(2, 1)
    qtbot.addWidget(table)
    header = table.verticalHeader()
    header.hide()
    header.setFont(QFont(table.font().family(), 40))  # a size that the table's text had before
    set_row_height(table, 19)
    assert [table.rowHeight(row) for row in range(2)] == [19, 19]
    set_row_height(table, 60)
    set_row_height(table, 21)
    assert [table.rowHeight(row) for row in range(2)] == [21, 21]
