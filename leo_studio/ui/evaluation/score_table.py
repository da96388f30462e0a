"""The table of scores of an evaluation on functions: it scrolls in no direction."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QStyle,
    QTableWidget,
    QTableWidgetItem,
)

from leo_studio.analysis.evaluation.function_scores import ScoreRow
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.read_only_table import make_read_only
from leo_studio.ui.widgets.row_height import set_row_height

_ROW_LINES = 1.6  # height of a row of one line
_TIPS = {
    "Prediction": "Of the one function that the learner makes of a task's points",
    "Weighted\nsamples": "Each sampled function counts by how well it fits the given points",
    "Limit": "Of the best possible prediction, the Bayes-optimal one, on the same tasks",
    "Plain\nsamples": "Each sampled function counts alike, however well it fits the given points",
}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ScoreTable(QTableWidget):
    """Shows all columns and rows: what is too wide for its column takes a second line.

    `resized` is emitted with its width.
    """

    resized = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        make_read_only(self, "functions-scores", "Scores")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setDefaultAlignment(_LEFT)

    def show_rows(self, rows: Sequence[ScoreRow], *, is_of_one: bool) -> None:
        """Show scores; of one function there are no plain samples beside the weighted ones."""
        # The limit, where it is known, beside what is compared with it first.
        limit = ["Limit"] if any(row.limit for row in rows) else []
        columns = ["Score", "Weighted\nsamples", *limit, "Plain\nsamples"]
        if is_of_one:
            columns = ["Score", "Prediction", *limit]
        self.setColumnCount(len(columns))
        for place, name in enumerate(columns):
            head = QTableWidgetItem(name)
            head.setToolTip(as_tip(_TIPS.get(name, "")))
            self.setHorizontalHeaderItem(place, head)
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            texts = (row.label, row.weighted, *([row.limit] if limit else []), row.plain)
            for column, text in enumerate(texts[: len(columns)]):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tip(row.tip))
                self.setItem(place, column, item)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
            self.resized.emit(self.width())

    def fit(self) -> None:
        """Give columns their widths, and rows and the table their heights."""
        line, count = self.fontMetrics().height(), self.columnCount()
        set_row_height(self, round(_ROW_LINES * line))
        self.resizeColumnsToContents()
        widths = [self.columnWidth(place) for place in range(count)]
        for place, width in enumerate(widths_within(widths, self.viewport().width())):
            self.setColumnWidth(place, width)
        height = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        for row in range(self.rowCount()):
            lines = max(self._lines(row, place, line) for place in range(count))
            self.setRowHeight(row, round((lines - 1 + _ROW_LINES) * line))
            height += self.rowHeight(row)
        self.setFixedHeight(height)

    def _lines(self, row: int, column: int, line: int) -> int:
        """Return in how many lines a cell's text fits into its column."""
        item = self.item(row, column)
        if item is None:
            return 1
        margin = self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self) + 1
        room = self.columnWidth(column) - 2 * margin
        wraps = Qt.TextFlag.TextWordWrap
        bounds = self.fontMetrics().boundingRect(0, 0, room, 0, wraps, item.text())
        return max(1, round(bounds.height() / line))


def widths_within(widths: Sequence[int], room: int) -> list[int]:
    """Cut the widest columns down to one width, so that all of them have room.

    Parameters
    ----------
    widths
        What each column would like, in pixels.
    room
        The sum that there is.
    """
    left, count = room, len(widths)
    for narrow in sorted(widths):
        share = left // count
        if narrow > share:
            return [min(width, share) for width in widths]
        left, count = left - narrow, count - 1
    return list(widths)
