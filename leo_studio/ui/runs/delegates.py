"""Delegates that paint the cells which are more than text: eye, state, progress, sparkline."""

from collections.abc import Sequence

import numpy as np
from fonticon_mdi7 import MDI7
from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.tasks.scores import ScoreSpec
from leo_studio.services.records import RunEntry
from leo_studio.ui.runs.states import StateLook
from leo_studio.ui.runs.table import Index, Role
from leo_studio.ui.widgets.short_titles import short_title
from leo_studio.ui.widgets.theme import ThemeManager

_STATE = QStyle.StateFlag
_PADDING = 4


class _Delegate(QStyledItemDelegate):
    """Knows the theme, and what the text's colour is."""

    def __init__(self, themes: ThemeManager, parent: QObject) -> None:
        super().__init__(parent)
        self._themes = themes

    def color(self, option: QStyleOptionViewItem, color: str) -> str:
        """Return a colour for a cell: on a selected one, the one that stands out there."""
        theme = self._themes.current
        return theme.on_accent if option.state & _STATE.State_Selected else color

    def paint_cell(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell as usual: background, focus, text."""
        super().paint(painter, option, index)


class StateDelegate(_Delegate):
    """The state's icon in its colour, beside the word."""

    def __init__(self, themes: ThemeManager, parent: QObject) -> None:
        super().__init__(themes, parent)
        self._icons: dict[tuple[str, str], QIcon] = {}

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Add the icon."""
        super().initStyleOption(option, index)
        look = index.data(Role.LOOK)
        if isinstance(look, StateLook):
            color = self.color(option, look.color_in(self._themes.current))
            key = (look.glyph, color)
            if key not in self._icons:
                self._icons[key] = self._themes.icon(look.glyph, color)
            option.icon = self._icons[key]
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration


class TitleDelegate(_Delegate):
    """The title, shortened so that runs differ to the eye."""

    _is_painting = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint as much of it as has room."""
        self._is_painting = True
        super().paint(painter, option, index)
        self._is_painting = False

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Shorten the text to the room that the style leaves it, unless it is being measured."""
        super().initStyleOption(option, index)
        if not self._is_painting:
            return
        style = QApplication.style() if option.widget is None else option.widget.style()
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option) + 1
        room = option.rect.width() - 2 * margin
        option.text = short_title(option.text, option.fontMetrics, room)


class EyeDelegate(_Delegate):
    """An eye that is open where a run's curves are shown; a click or Space turns it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the eye in the middle."""
        is_shown = _is_checked(index)
        self.initStyleOption(option, index)
        option.features = QStyleOptionViewItem.ViewItemFeature.None_
        QApplication.style().drawControl(
            QStyle.ControlElement.CE_ItemViewItem,
            option,
            painter,
            option.widget,
        )
        if index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            theme = self._themes.current
            color = self.color(option, theme.accent if is_shown else theme.muted)
            glyph = MDI7.eye if is_shown else MDI7.eye_off_outline
            size = option.fontMetrics.height()
            place = QRect(0, 0, size, size)
            place.moveCenter(option.rect.center())
            self._themes.icon(glyph, color).paint(painter, place)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Turn the eye."""
        if not index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        is_click = event.type() == QEvent.Type.MouseButtonRelease
        is_key = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if not (is_click or (is_key and event.type() == QEvent.Type.KeyPress)):
            return False
        wanted = Qt.CheckState.Unchecked if _is_checked(index) else Qt.CheckState.Checked
        return model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)


class StepsDelegate(_Delegate):
    """The number of steps with a thin bar under it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the text and the bar."""
        self.paint_cell(painter, option, index)
        entry = index.data(Role.ENTRY)
        if not isinstance(entry, RunEntry) or not entry.steps:
            return
        area = QRectF(option.rect).adjusted(_PADDING, 0, -_PADDING, 0)
        height = max(2.0, area.height() / 12)
        area.setTop(area.bottom() - height - 1)
        area.setHeight(height)
        theme = self._themes.current
        done = QRectF(area)
        done.setWidth(area.width() * min(1.0, entry.step / entry.steps))
        painter.fillRect(area, QColor(theme.border))
        painter.fillRect(done, QColor(self.color(option, theme.accent)))


class SparklineDelegate(_Delegate):
    """The score of each validation as a small line, the best one marked."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the line."""
        self.paint_cell(painter, option, index)
        entry = index.data(Role.ENTRY)
        if not isinstance(entry, RunEntry) or not entry.validation:
            return
        radius = max(2.0, option.rect.height() / 14)
        inset = _PADDING + radius
        area = QRectF(option.rect).adjusted(inset, inset, -inset, -inset)
        points = sparkline_points(entry.validation, area)
        theme = self._themes.current
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self.color(option, theme.series_color(0))), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.color(option, theme.series_color(1))))
        painter.drawEllipse(best_point(points, entry.score), radius, radius)
        painter.restore()


def sparkline_points(scores: Sequence[float], area: QRectF) -> list[QPointF]:
    """Return the points of a line that fills `area`, two for each pixel column at most.

    The highest and the lowest value are always among them.
    """
    values = np.asarray(scores, dtype=np.float64)
    places = np.linspace(area.left(), area.right(), len(values))
    columns = max(1, int(area.width()))
    if len(values) > 2 * columns:
        kept = np.concatenate(
            [
                block[[np.argmin(values[block]), np.argmax(values[block])]]
                for block in np.array_split(np.arange(len(values)), columns)
            ]
        )
        kept = np.unique(kept)
        values, places = values[kept], places[kept]
    low, high = values.min(), values.max()
    if high > low:
        heights = area.bottom() - (values - low) / (high - low) * area.height()
    else:
        heights = np.full(len(values), area.center().y())
    if len(values) == 1:
        places = np.array([area.right()])
    return [QPointF(x, y) for x, y in zip(places.tolist(), heights.tolist(), strict=True)]


def best_point(points: Sequence[QPointF], score: ScoreSpec | None) -> QPointF:
    """Return the point of the best validation, the first of equals."""
    is_high_best = score is None or score.higher_is_better
    highest = min if is_high_best else max  # y grows downwards
    return highest(points, key=lambda point: point.y())


def _is_checked(index: Index) -> bool:
    value = index.data(Qt.ItemDataRole.CheckStateRole)
    return value is not None and Qt.CheckState(value) == Qt.CheckState.Checked
