"""Paints the table of queries: pictures, classes with marks, bars of probabilities and doubt."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from leo_studio.ui.inspection.class_styles import class_color, paint_marker
from leo_studio.ui.inspection.queries import (
    BARS,
    DOUBT,
    PICTURE,
    PREDICTED,
    TRUE,
    Index,
    QueryModel,
    QueryRow,
    Role,
)
from leo_studio.ui.widgets.theme import ThemeManager

LINES_PER_ROW = 2.0
_RIGHT, _WRONG = "✓", "✗"
_ELLIPSIS = "…"


class QueryDelegate(QStyledItemDelegate):
    """Paints queries."""

    def __init__(self, model: QueryModel, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        query: QueryRow = index.data(Role.QUERY)
        self.initStyleOption(option, index)
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        option.widget.style().drawPrimitive(panel, option, painter, option.widget)
        cell = QRectF(option.rect).adjusted(4, 2, -4, -2)
        theme = self._themes.current
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setPen(QColor(theme.on_accent if is_selected else theme.text))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        column = index.column()
        if column == PICTURE:
            self._paint_picture(painter, cell, query, index)
        elif column in (TRUE, PREDICTED):
            self._paint_class(painter, cell, query, index, is_selected)
        elif column == BARS:
            self._paint_bars(painter, cell, query)
        elif column == DOUBT:
            self._paint_doubt(painter, cell, query)
        else:
            alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(cell, alignment, index.data())
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(0, round(LINES_PER_ROW * option.fontMetrics.height()))

    def _paint_picture(
        self, painter: QPainter, cell: QRectF, query: QueryRow, index: Index
    ) -> None:
        side = int(cell.height())
        ratio = painter.device().devicePixelRatioF()
        picture = self._model.thumbnails.picture(query.row, side, ratio)
        if picture is not None:
            painter.drawPixmap(cell.topLeft(), picture)
            cell = cell.adjusted(side + 6, 0, 0, 0)
        text = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideLeft, int(cell.width())
        )
        if picture is None or text != _ELLIPSIS:  # which says nothing beside a picture
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_class(
        self, painter: QPainter, cell: QRectF, query: QueryRow, index: Index, is_selected: bool
    ) -> None:
        theme, height = self._themes.current, painter.fontMetrics().height()
        place = query.true if index.column() == TRUE else query.predicted
        centre = QPointF(cell.left() + height / 2, cell.center().y())
        if is_selected:  # else a marker may have the colour that it stands on
            painter.setBrush(QColor(theme.base))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(centre, height / 2, height / 2)
            painter.setPen(QColor(theme.on_accent))
        paint_marker(painter, theme, place, centre, 0.7 * height)
        cell = cell.adjusted(1.2 * height, 0, 0, 0)
        if index.column() == PREDICTED:
            if not is_selected:
                painter.setPen(QColor(theme.success if query.is_right else theme.danger))
            mark = _RIGHT if query.is_right else _WRONG
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, mark)
            cell = cell.adjusted(painter.fontMetrics().horizontalAdvance(f"{mark} "), 0, 0, 0)
            text = shortened(painter.fontMetrics(), *self._model.predicted(query), cell.width())
        else:
            text = shortened(painter.fontMetrics(), index.data(), "", cell.width())
        painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bars(self, painter: QPainter, cell: QRectF, query: QueryRow) -> None:
        theme, count = self._themes.current, len(query.probabilities)
        width = cell.width() / count
        for place, probability in enumerate(query.probabilities.tolist()):
            left = cell.left() + place * width
            room = QRectF(left + 1, cell.top(), max(1.0, width - 2), cell.height())
            painter.fillRect(room, QColor(theme.window))
            height = room.height() * probability
            bar = QRectF(room.left(), room.bottom() - height, room.width(), height)
            painter.fillRect(bar, class_color(theme, place))
            if place == query.true:
                painter.setPen(QPen(QColor(theme.text), 1))
                painter.drawRect(room)
            if query.low is not None and query.high is not None:
                low, high = float(query.low[place]), float(query.high[place])
                if room.height() * (high - low) >= 1:
                    middle = room.center().x()
                    painter.setPen(QPen(QColor(theme.text), 1.5))
                    painter.drawLine(
                        QPointF(middle, room.bottom() - room.height() * low),
                        QPointF(middle, room.bottom() - room.height() * high),
                    )

    def _paint_doubt(self, painter: QPainter, cell: QRectF, query: QueryRow) -> None:
        theme, most = self._themes.current, self._model.most_entropy
        bar = cell.adjusted(0, cell.height() / 4, 0, -cell.height() / 4)
        painter.fillRect(bar, QColor(theme.window))
        if math.isnan(query.expected):
            return
        expected = bar.width() * min(1.0, query.expected / most)
        information = bar.width() * min(1.0, query.information / most)
        light = QColor(theme.accent)
        light.setAlpha(110)
        painter.fillRect(QRectF(bar.left(), bar.top(), expected, bar.height()), light)
        part = QRectF(bar.left() + expected, bar.top(), information, bar.height())
        painter.fillRect(part, QColor(theme.series_color(1)))


def shortened(metrics: QFontMetrics, name: str, share: str, room: float) -> str:
    """Return a class and its share; the name alone is shortened, in the middle."""
    end = f" {share}" if share else ""
    left = int(room) - metrics.horizontalAdvance(end)
    return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, max(0, left)) + end
