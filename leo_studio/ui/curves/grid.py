"""Lays plots out in as many columns as there is room for, or one of them alone."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

_NARROWEST = 44  # digits, of a plot: its title, and one name at least in its legend


class PlotGrid(QScrollArea):
    """Shows widgets in a grid that scrolls where they are too many.

    `rearranged` is emitted when what can be seen of them has changed.
    """

    rearranged = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("plot_grid")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.page = QWidget()
        self.setWidget(self.page)
        self._grid = QGridLayout(self.page)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._widgets: tuple[QWidget, ...] = ()
        self._columns = 0
        self.verticalScrollBar().valueChanged.connect(lambda _place: self.rearranged.emit())

    def show_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Show some widgets, in this order."""
        if tuple(widgets) == self._widgets:
            return
        for widget in self._widgets:
            widget.setVisible(widget in widgets)
        self._widgets = tuple(widgets)
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = self.viewport().width() // (self.fontMetrics().horizontalAdvance("0") * _NARROWEST)
        columns = max(1, min(room, len(self._widgets)))
        # Four plots are two rows of two, not three and one.
        rows = max(1, -(-len(self._widgets) // columns))
        columns = max(1, -(-len(self._widgets) // rows))
        if columns != self._columns:
            for line in range(self._grid.rowCount()):
                self._grid.setRowStretch(line, 0)
            for line in range(self._grid.columnCount()):
                self._grid.setColumnStretch(line, 0)
            while self._grid.count():
                self._grid.takeAt(0)
            self._columns = columns
            for place, widget in enumerate(self._widgets):
                row, column = divmod(place, columns)
                is_last = place == len(self._widgets) - 1
                # The last one takes the room that is left in its row.
                self._grid.addWidget(widget, row, column, 1, columns - column if is_last else 1)
                self._grid.setRowStretch(row, 1)
                self._grid.setColumnStretch(column, 1)
                widget.show()
        self.rearranged.emit()
