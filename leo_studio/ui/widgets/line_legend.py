"""The legend beside a plot: a piece of each line, and what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

BAND_ALPHA = 70
_FAINT = 0.3
_GAP = 10  # pixels between two entries
_WIDTH = 1.8  # of a piece of line, in heights of the text


Kind = Literal[
    "line", "band", "dot", "ring", "square", "ellipse", "down", "cross", "box", "diamond"
]
_SHAPES: Mapping[str, Sequence[tuple[float, float]]] = {
    "down": ((-1, -0.8), (1, -0.8), (0, 1), (-1, -0.8)),
    "box": ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8), (-0.8, -0.8)),
    "diamond": ((0, -1.3), (1.1, 0), (0, 1.3), (-1.1, 0), (0, -1.3)),
}  # hollow, in halves of their height


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend."""

    name: str
    kind: Kind
    pen: QPen
    is_drawn: bool = True  # else it is named in grey, and keeps its room
    tip: str = ""


class LineLegend(QWidget):
    """Names what is drawn; in as many lines as there is no room for fewer.

    `name` is the widget's.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._flow = FlowLayout(self)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._flow.set_spacings(_GAP, 2)
        self._entries: list[_EntryView] = []

    @property
    def names(self) -> tuple[str, ...]:
        """What is drawn, by its names in their order."""
        return tuple(
            each.entry.name for each in self._entries if not each.isHidden() and each.entry.is_drawn
        )

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Name other things."""
        while len(self._entries) < len(entries):
            made = _EntryView(entries[len(self._entries)])
            self._entries.append(made)
            self._flow.addWidget(made)
        for place, view in enumerate(self._entries):
            view.setVisible(place < len(entries))
            if place < len(entries):
                view.show_entry(entries[place])


class _EntryView(QWidget):
    """A piece of a line, and its name."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        self._piece = _Piece(entry)
        self._name = Label(entry.name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._piece)
        row.addWidget(self._name)

    def show_entry(self, entry: Entry) -> None:
        self.entry = self._piece.entry = entry
        self._name.setText(entry.name)
        self.setToolTip(as_tip(entry.tip))
        self.setEnabled(entry.is_drawn)
        self._piece.update()


class _Piece(QWidget):
    """Paints a piece of a line or of a band, a point, or an ellipse."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def sizeHint(self) -> QSize:
        height = self.fontMetrics().height()
        return QSize(round(_WIDTH * height), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.entry.is_drawn else _FAINT)
        pen, middle = QPen(self.entry.pen), self.height() / 2
        pen.setCosmetic(False)  # as wide as in the plot on every screen
        if self.entry.kind == "band":
            shade = QColor(pen.color())
            shade.setAlpha(BAND_ALPHA)
            painter.fillRect(QRectF(0, 0.2 * self.height(), self.width(), 1.2 * middle), shade)
        elif self.entry.kind in ("dot", "ring", "square"):
            if self.entry.kind == "ring":
                pen.setWidthF(0.5 * pen.widthF())
            else:
                painter.setBrush(pen.color())
            painter.setPen(pen)
            center, size = QPointF(self.width() / 2, middle), 0.25 * middle
            if self.entry.kind == "square":
                painter.drawRect(QRectF(center.x() - size, center.y() - size, 2 * size, 2 * size))
            else:
                painter.drawEllipse(center, size, size)
        elif self.entry.kind in _SHAPES or self.entry.kind == "cross":
            painter.setPen(pen)
            center, size = QPointF(self.width() / 2, middle), 0.5 * middle
            for ends in _strokes(self.entry.kind):
                painter.drawPolyline([center + QPointF(x, y) * size for x, y in ends])
        elif self.entry.kind == "ellipse":
            pen.setStyle(Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawEllipse(QPointF(self.width() / 2, middle), 0.3 * self.width(), 0.6 * middle)
        else:
            painter.setPen(pen)
            painter.drawLine(QPointF(0, middle), QPointF(self.width(), middle))


def _strokes(kind: Kind) -> Sequence[Sequence[tuple[float, float]]]:
    """Return the strokes of a mark, in halves of its height."""
    if kind == "cross":
        return ((-0.9, -0.9), (0.9, 0.9)), ((-0.9, 0.9), (0.9, -0.9))
    return (_SHAPES[kind],)
