"""The legend of colours and shapes, beside the plot and in figures."""

from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from leo_studio.ui.latents.point_styles import ColorBar, Entry, PointStyles
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LINE = 1.35  # heights of the text
_WIDEST_LETTERS = 24


class LegendPainter:
    """Lays a legend out and paints it.

    Parameters
    ----------
    styles
        What is in it.
    theme, font
        How it looks.
    """

    def __init__(self, styles: PointStyles, theme: Theme, font: QFont) -> None:
        self._styles = styles
        self._theme = theme
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._unit = self._metrics.height()

    @property
    def size(self) -> QSizeF:
        """How large all of it is."""
        return QSizeF(self._width, self._bar_height + self._unit * _LINE * self._lines)

    @property
    def _width(self) -> float:
        texts = [self._short(entry.text) for entry in self._styles.entries]
        if self._styles.more:
            texts.append(self._more)
        widest = max(map(self._metrics.horizontalAdvance, texts), default=0.0)
        least = 9 * self._unit if self._styles.bar else 0.0
        return max(widest + 1.8 * self._unit, least)

    @property
    def _lines(self) -> int:
        return len(self._styles.entries) + bool(self._styles.more)

    @property
    def _more(self) -> str:
        return f"and {self._styles.more:,} more"

    @property
    def _bar_height(self) -> float:
        return 0.0 if self._styles.bar is None else self._title_height + 2.8 * self._unit

    @property
    def _title_height(self) -> float:
        assert self._styles.bar is not None
        box = QRectF(0, 0, 9 * self._unit, 1000)
        flags = int(Qt.TextFlag.TextWordWrap)
        return self._metrics.boundingRect(box, flags, self._styles.bar.title).height()

    def paint(self, painter: QPainter, corner: QPointF, height: float) -> None:
        """Paint as much as there is room for."""
        painter.save()
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = corner.y()
        if self._styles.bar is not None:
            self._paint_bar(painter, QPointF(corner.x(), y), self._styles.bar)
            y += self._bar_height
        line = self._unit * _LINE
        room = int((corner.y() + height - y) // line)
        entries, more = self._styles.entries, self._styles.more
        if self._lines > room:
            kept = max(0, room - 1)
            more += len(entries) - kept
            entries = entries[:kept]
        for entry in entries:
            self._paint_entry(painter, QRectF(corner.x(), y, self._width, line), entry)
            y += line
        if more:
            painter.setPen(QColor(self._theme.muted))
            text = f"and {more:,} more"
            painter.drawText(QPointF(corner.x() + 1.5 * self._unit, self._baseline(y, line)), text)
        painter.restore()

    def _paint_entry(self, painter: QPainter, box: QRectF, entry: Entry) -> None:
        size = 0.6 * self._unit
        painter.save()
        painter.translate(box.left() + 0.6 * self._unit, box.center().y())
        brush = QBrush(entry.color) if entry.is_filled else QBrush(Qt.BrushStyle.NoBrush)
        drawSymbol(painter, entry.symbol, size, QPen(entry.color, 1.3 / size), brush)
        painter.restore()
        painter.setPen(QColor(self._theme.text))
        baseline = self._baseline(box.top(), box.height())
        painter.drawText(QPointF(box.left() + 1.5 * self._unit, baseline), self._short(entry.text))

    def _paint_bar(self, painter: QPainter, corner: QPointF, bar: ColorBar) -> None:
        painter.setPen(QColor(self._theme.text))
        width = 9 * self._unit
        title = QRectF(corner.x(), corner.y(), width, self._title_height)
        painter.drawText(title, int(Qt.TextFlag.TextWordWrap), bar.title)
        place = QRectF(corner.x(), title.bottom() + 0.2 * self._unit, width, 0.8 * self._unit)
        gradient = QLinearGradient(place.topLeft(), place.topRight())
        for index, color in enumerate(bar.colors):
            gradient.setColorAt(index / (len(bar.colors) - 1), color)
        painter.fillRect(place, gradient)
        baseline = place.bottom() + self._metrics.ascent() + 1
        painter.drawText(QPointF(place.left(), baseline), bar.low)
        right = place.right() - self._metrics.horizontalAdvance(bar.high)
        painter.drawText(QPointF(right, baseline), bar.high)

    def _baseline(self, top: float, height: float) -> float:
        return top + height / 2 + (self._metrics.ascent() - self._metrics.descent()) / 2

    def _short(self, text: str) -> str:
        room = _WIDEST_LETTERS * self._metrics.averageCharWidth()
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)


class Legend(QWidget):
    """Shows the legend beside the plot.

    Parameters
    ----------
    themes
        Colours.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("latent-legend")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._themes = themes
        self._styles: PointStyles | None = None
        themes.changed.connect(self.update)

    def show_styles(self, styles: PointStyles | None) -> None:
        """Explain other colours and shapes."""
        self._styles = styles
        texts = [] if styles is None else [entry.text for entry in styles.entries]
        bar = styles.bar if styles is not None else None
        if bar is not None:
            texts.insert(0, f"{bar.title}: {bar.low} to {bar.high}")
        self.setAccessibleName("Legend: " + ", ".join(texts))
        self.setToolTip(as_tip("\n".join(texts)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Be as wide as what it says."""
        painter = self._painter()
        if painter is None:
            return QSize(0, 0)
        margin = self.fontMetrics().height() // 2
        return QSize(round(painter.size.width()) + 2 * margin, 0)

    def minimumSizeHint(self) -> QSize:
        """Return the same: it does not shrink."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        made = self._painter()
        if made is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._themes.current.base))
        margin = self.fontMetrics().height() / 2
        made.paint(painter, QPointF(margin, margin), self.height() - 2 * margin)

    def _painter(self) -> LegendPainter | None:
        if self._styles is None:
            return None
        return LegendPainter(self._styles, self._themes.current, self.font())
