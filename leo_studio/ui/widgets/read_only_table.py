"""What tables have in common that are read from top to bottom, and are no list to choose from."""

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget


def make_read_only(table: QTableWidget, name: str, spoken: str) -> None:
    """Let a table's cells be read alone, in rows of one height.

    `name` is the widget's, and `spoken` what people are told who cannot see it.
    """
    table.setObjectName(name)
    table.setAccessibleName(spoken)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.horizontalHeader().setStretchLastSection(True)
