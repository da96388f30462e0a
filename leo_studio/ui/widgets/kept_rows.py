"""Rows of a list of what was kept: a bold name, and below it in paler letters what it is."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

IS_NAMED = Qt.ItemDataRole.UserRole + 1  # whether an item's first line is a name
_ROOM = 0.4  # around the words of a row, as a share of a line's height
_WRAP = Qt.TextFlag.TextWordWrap.value
_Index = QModelIndex | QPersistentModelIndex


class KeptRows(QStyledItemDelegate):
    """Draws the rows, which are as wide as the list."""

    def __init__(self, view: QListWidget) -> None:
        super().__init__(view)
        self._view = view
        view.setResizeMode(QListWidget.ResizeMode.Adjust)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the background as for any row, and the words."""
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        parts = self._parts(row, index)
        row.text = ""
        style = self._view.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, row, painter, self._view)
        is_selected = bool(row.state & QStyle.StateFlag.State_Selected)
        roles = QPalette.ColorRole
        palette = self._view.palette()
        place = self._inside(row.rect)
        painter.save()
        for text, font, is_pale in parts:
            role = roles.PlaceholderText if is_pale else roles.Text
            painter.setPen(palette.color(roles.HighlightedText if is_selected else role))
            painter.setFont(font)
            painter.drawText(place, _WRAP, text)
            place.setTop(place.top() + _height(text, font, place.width()))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the room for all words in the list's width."""
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        width = self._view.viewport().width()
        inside = self._inside(QRect(0, 0, width, 0))
        height = sum(
            _height(text, font, inside.width()) for text, font, _ in self._parts(row, index)
        )
        return QSize(width, height + 2 * inside.top())

    def _parts(self, row: QStyleOptionViewItem, index: _Index) -> list[tuple[str, QFont, bool]]:
        """Return texts with their fonts, and whether they are pale."""
        text, font = str(index.data()), QFont(row.font)
        if not index.data(IS_NAMED):
            return [(text, font, False)]
        name, _, rest = text.partition("\n")
        bold = QFont(font)
        bold.setBold(True)
        return [(name, bold, False), (rest, font, True)]

    def _inside(self, row: QRect) -> QRect:
        room = round(_ROOM * self._view.fontMetrics().height())
        return row.adjusted(2 * room, room, -2 * room, -room)


def _height(text: str, font: QFont, width: int) -> int:
    return QFontMetrics(font).boundingRect(0, 0, width, 1 << 20, _WRAP, text).height()
