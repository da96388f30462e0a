"""A list of classes, or of pairs of them, with their numbers."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from leo_studio.ui.widgets.people import as_tip

CELL_ROLE = Qt.ItemDataRole.UserRole  # row and column of the matrix, behind every item
_FEWEST_LETTERS, _ENOUGH_LETTERS = 8, 14  # of a name
Cell = tuple[int, int]
Row = tuple[Cell, tuple[str, ...]]  # a cell of the matrix, and texts


class ClassList(QTableWidget):
    """Names at the left, and numbers. Names are shortened so that the first number is seen.

    `cell_selected` is emitted when a person comes to a row, `cell_opened` for a double click or
    Enter on it, both with its cell of the matrix.

    Parameters
    ----------
    name
        Of the widget.
    titles
        Of the columns.
    names
        How many of the columns, from the first one, are names.
    """

    cell_selected = Signal(int, int)
    cell_opened = Signal(int, int)

    def __init__(self, name: str, titles: tuple[str, ...], names: int) -> None:
        super().__init__(0, len(titles))
        self._names = names
        self.setObjectName(name)
        self.setHorizontalHeaderLabels(list(titles))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.itemSelectionChanged.connect(self._tell_selected)
        self.itemClicked.connect(self._tell_selected)  # also one that is selected already
        self.itemActivated.connect(self._tell_opened)

    @property
    def first_cell(self) -> Cell | None:
        """The cell of the first row; None without any."""
        return self._cell_of(self.item(0, 0))

    @property
    def selected_cell(self) -> Cell | None:
        """The cell of the row that is selected; None without one."""
        return next(map(self._cell_of, self.selectedItems()), None)

    def mark(self, cell: Cell) -> None:
        """Select the row of a cell, or none where there is none, without telling of it."""
        if self.selected_cell == cell:
            return
        rows = (row for row in range(self.rowCount()) if self._cell_of(self.item(row, 0)) == cell)
        with QSignalBlocker(self):
            if (row := next(rows, None)) is None:
                self.clearSelection()
                self.setCurrentCell(-1, -1)
            else:
                self.setCurrentCell(row, 0)
        self.viewport().update()

    def _cell_of(self, item: QTableWidgetItem | None) -> Cell | None:
        return None if item is None else item.data(CELL_ROLE)

    def _tell_selected(self, *_: object) -> None:
        if (cell := self.selected_cell) is not None:
            self.cell_selected.emit(*cell)

    def _tell_opened(self, item: QTableWidgetItem) -> None:
        self.cell_opened.emit(*item.data(CELL_ROLE))

    def fill(self, rows: Sequence[Row], tip: Callable[[int, int], str]) -> None:
        """Show rows; `tip` says what a cell of the matrix means."""
        with QSignalBlocker(self):  # nobody selects anything
            self.setRowCount(len(rows))
            for place, (cell, texts) in enumerate(rows):
                for column, text in enumerate(texts):
                    item = QTableWidgetItem(text)
                    item.setData(CELL_ROLE, cell)
                    item.setToolTip(as_tip(tip(*cell)))
                    self.setItem(place, column, item)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        header, room = self.horizontalHeader(), self.viewport().width()
        widths = [
            max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            for column in range(self.columnCount())
        ]
        letter, names = self.fontMetrics().averageCharWidth(), self._names
        # All columns where names are long enough then, else up to the first number.
        most = (room - sum(widths[names:])) // names
        if most < _ENOUGH_LETTERS * letter:
            most = max(_FEWEST_LETTERS * letter, (room - widths[names]) // names)
        widths[:names] = [min(width, most) for width in widths[:names]]
        # What is left goes to the last one.
        widths[-1] = max(widths[-1], room - sum(widths[:-1]))
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
