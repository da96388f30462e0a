"""Small tables of facts that are read and copied, never changed; as high as what they hold."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from leo_studio.ui.widgets.people import as_tip


class FactsTable(QTableWidget):
    """Rows of text under titles; what is selected can be copied.

    Parameters
    ----------
    titles
        One per column.
    name
        What a screen reader calls it.
    """

    def __init__(self, titles: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(0, len(titles), parent)
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(titles))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSizeAdjustPolicy(QAbstractScrollArea.SizeAdjustPolicy.AdjustToContents)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these rows."""
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tip(text))
                self.setItem(place, column, item)
        self.resizeRowsToContents()
        self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected, cells parted by tabs."""
        if event.matches(QKeySequence.StandardKey.Copy):
            rows: dict[int, list[str]] = {}
            for index in sorted(self.selectedIndexes()):
                rows.setdefault(index.row(), []).append(str(index.data()))
            QApplication.clipboard().setText("\n".join("\t".join(row) for row in rows.values()))
            return
        super().keyPressEvent(event)
