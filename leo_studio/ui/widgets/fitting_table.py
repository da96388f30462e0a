"""A table that is read from top to bottom, in whatever width there is."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QStyle, QTableWidget, QTableWidgetItem

from leo_studio.ui.widgets.read_only_table import make_read_only
from leo_studio.ui.widgets.row_height import set_row_height

_ROW_LINES = 1.6  # height of a row of one line
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FittingTable(QTableWidget):
    """Shows all columns and rows: what is too wide for its column takes a second line.

    Columns of numbers share what room there is evenly, so that none of them changes its width with
    what is in it. It scrolls sideways only where not even single words have room beside one
    another.

    `resized` is emitted with its width.

    Parameters
    ----------
    name, spoken
        The widget's name, and what people are told who cannot see it.
    words
        How many columns there are before those of numbers.
    """

    resized = Signal(int)

    def __init__(self, name: str, spoken: str, words: int = 1) -> None:
        super().__init__()
        make_read_only(self, name, spoken)
        self._words = words
        self.horizontalHeader().setStretchLastSection(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setDefaultAlignment(_LEFT)

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
        least = [min(self._word(place), widths[place]) for place in range(count)]
        # Each has its longest word, where all have, and an even share of what is left.
        room = self.viewport().width() - sum(least)
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if room < 0 else policy.ScrollBarAlwaysOff
        )
        wanted = [width - word for width, word in zip(widths, least, strict=True)]
        given = widths_within(wanted, max(0, room))
        widths = [word + width for word, width in zip(least, given, strict=True)]
        for place, width in enumerate(widths_filling(widths, self.viewport().width(), self._words)):
            self.setColumnWidth(place, width)
        height = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        if room < 0:
            height += self.horizontalScrollBar().sizeHint().height()
        shown = [place for place in range(count) if not self.isColumnHidden(place)]
        for row in range(self.rowCount()):
            lines = max(self._lines(row, place, line) for place in shown)
            self.setRowHeight(row, round((lines - 1 + _ROW_LINES) * line))
            height += self.rowHeight(row)
        self.setFixedHeight(height)

    def _word(self, column: int) -> int:
        """Return the room of the longest word in a column's cells and of a line in its header."""
        items = [self.item(row, column) for row in range(self.rowCount())]
        longest = max(
            (
                self._metrics(item).horizontalAdvance(word)
                for item in items
                if item is not None
                for word in item.text().split()
            ),
            default=0,
        )
        return max(longest + 2 * self._margin(), self.horizontalHeader().sectionSizeHint(column))

    def _metrics(self, item: QTableWidgetItem) -> QFontMetrics:
        return QFontMetrics(item.font().resolve(self.font()))  # some are bold

    def _margin(self) -> int:
        return self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self) + 1

    def _lines(self, row: int, column: int, line: int) -> int:
        """Return in how many lines a cell's text fits into its column."""
        item = self.item(row, column)
        if item is None:
            return 1
        room = self.columnWidth(column) - 2 * self._margin()
        wraps = Qt.TextFlag.TextWordWrap
        bounds = self._metrics(item).boundingRect(0, 0, room, 0, wraps, item.text())
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


def widths_filling(widths: Sequence[int], room: int, words: int) -> list[int]:
    """Give room that is left to the columns of numbers: as much as makes them equally wide.

    Parameters
    ----------
    widths
        Of all columns, in pixels.
    room
        Their sum, if it is larger than that of `widths`.
    words
        How many columns there are before those of numbers; they keep their width.
    """
    filled, left = list(widths), room - sum(widths[:words])
    # The widest first: one that is wider than its share keeps its width, and others share the rest.
    order = sorted(range(words, len(widths)), key=lambda place: -widths[place])
    for done, place in enumerate(order):
        filled[place] = max(widths[place], left // (len(order) - done))
        left -= filled[place]
    return filled
