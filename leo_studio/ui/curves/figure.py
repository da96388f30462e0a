"""A figure of the plots as they are on the screen, painted anew: text stays text, lines lines."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from leo_studio.ui.curves.legend import draw_sample
from leo_studio.ui.curves.plot import CurvePlot
from leo_studio.ui.curves.scene import Scene
from leo_studio.ui.figures import paint_scene
from leo_studio.ui.theme import Theme

_MARGIN = 12.0
Entry = tuple[str, str, Qt.PenStyle | None]  # text, colour, and line style or None for no sample


class Figure:
    """Paints plots in their places, with a legend of runs above.

    Parameters
    ----------
    page
        What the plots' places are counted in.
    plots
        Those that are visible.
    scene
        What they draw.
    theme
        The figure's colours, which the plots already have.
    """

    def __init__(
        self, page: QWidget, plots: Sequence[CurvePlot], scene: Scene, theme: Theme
    ) -> None:
        self._plots = plots
        self._scene = scene
        self._theme = theme
        self._font = QFont(page.font())
        # In pixels, so that it is as large as the plots on any device.
        self._font.setPixelSize(QFontInfo(page.font()).pixelSize())
        self._metrics = QFontMetricsF(self._font)
        self._places = {plot: QRectF(plot.geometry()) for plot in plots}
        self._width = max((place.right() for place in self._places.values()), default=100.0)
        self._top = self._flow(None, QPointF(), self._runs, self._width) + _MARGIN

    @property
    def size(self) -> QSize:
        """In logical pixels."""
        bottom = max((place.bottom() for place in self._places.values()), default=100.0)
        return QSize(round(self._width + 2 * _MARGIN), round(bottom + self._top + 2 * _MARGIN))

    def paint(self, painter: QPainter, target: QRectF) -> None:
        """Paint it; the target has its size."""
        painter.save()
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(target, QColor(self._theme.raised))
        painter.translate(target.topLeft() + QPointF(_MARGIN, _MARGIN))
        self._flow(painter, QPointF(), self._runs, self._width)
        for plot, place in self._places.items():
            self._paint_plot(painter, plot, place.translated(0, self._top))
        painter.restore()

    @property
    def _runs(self) -> list[Entry]:
        if not self._scene.has_many:
            return [(shown.name, self._theme.text, None) for shown in self._scene.shown]
        solid = Qt.PenStyle.SolidLine
        return [
            (f"{shown.number} {shown.name}", self._theme.series_color(shown.color), solid)
            for shown in self._scene.shown
        ]

    def _paint_plot(self, painter: QPainter, plot: CurvePlot, place: QRectF) -> None:
        canvas = QRectF(plot.canvas.view.geometry()).translated(place.topLeft())
        bold = QFont(self._font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(self._theme.text))
        corner = place.topLeft() + QPointF(plot.title.pos())
        painter.drawText(corner + QPointF(0, self._metrics.ascent()), plot.kind.title)
        painter.setFont(self._font)
        if plot.note.text():
            painter.setPen(QColor(self._theme.muted))
            left = place.right() - self._metrics.horizontalAdvance(plot.note.text()) - _MARGIN
            painter.drawText(QPointF(left, corner.y() + self._metrics.ascent()), plot.note.text())
        first = plot.chips[plot.kind.quantities[0].key]
        legend = place.topLeft() + QPointF(first.mapTo(plot, QPoint()))
        entries: list[Entry] = [
            (each.label, plot.chips[each.key].color, plot.line_style(each))
            for each in plot.quantities
        ]
        self._flow(painter, legend, entries, place.width() - _MARGIN)
        paint_scene(painter, canvas, plot.canvas.view)

    def _flow(
        self, painter: QPainter | None, corner: QPointF, entries: Sequence[Entry], width: float
    ) -> float:
        """Paint entries of a legend in lines, if there is a painter, and return their height."""
        gap, line = self._metrics.averageCharWidth(), self._metrics.height() * 1.35
        sample = self._metrics.height() * 1.6
        x = y = 0.0
        for text, color, style in entries:
            length = self._metrics.horizontalAdvance(text) + gap
            length += 0 if style is None else sample
            if x > 0 and x + length > width:
                x, y = 0.0, y + line
            if painter is not None:
                box = QRectF(corner.x() + x, corner.y() + y, sample, line)
                if style is not None:
                    draw_sample(painter, box, color, style)
                painter.setPen(QColor(self._theme.text))
                left = box.left() if style is None else box.right() + gap
                baseline = box.center().y() + (self._metrics.ascent() - self._metrics.descent()) / 2
                painter.drawText(QPointF(left, baseline), text)
            x += length + 3 * gap
        return y + line if entries else 0.0
