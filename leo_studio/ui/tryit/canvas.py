"""The canvas: strokes of the mouse or of a pen, on a square."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from leo_studio.services.try_records import Stroke
from leo_studio.ui.tryit.images import PEN, ink_pen, paint_strokes
from leo_studio.ui.widgets.theme import ThemeManager

_LEAST_LINES, _BEST_LINES = 8, 16  # its height, in lines of text
_LEAST_MOVE = 0.004  # of the square's side: a hand that rests makes no points


class DrawingCanvas(QWidget):
    """Takes strokes down; `changed` when there are others than before.

    Points are shares of the square, so that a drawing stays when the panel gets another size.
    """

    changed = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("drawing-canvas")
        self.setAccessibleName("Drawing")
        self.setAccessibleDescription("Draw with the mouse or a pen; Backspace takes a stroke back")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setSizePolicy(policy)
        self._themes = themes
        self._is_bright_on_black = True
        self._strokes: list[list[tuple[float, float]]] = []
        self._is_drawing = False
        themes.changed.connect(self.update)

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """The strokes, each (P, 2)."""
        return tuple(np.array(stroke, np.float64) for stroke in self._strokes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self._strokes

    def set_bright_on_black(self, is_bright: bool) -> None:
        """Look like the store's pictures: ink that shines on black, or is black on white."""
        self._is_bright_on_black = is_bright
        self.update()

    def set_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Show what was drawn before."""
        self._is_drawing = False
        self._strokes = [[(x, y) for x, y in stroke.tolist()] for stroke in strokes]
        self._tell()

    def clear(self) -> None:
        """Take everything back."""
        self._is_drawing = False
        if self._strokes:
            self._strokes.clear()
            self._tell()

    def undo_stroke(self) -> None:
        """Take the last stroke back."""
        self._is_drawing = False
        if self._strokes:
            self._strokes.pop()
            self._tell()

    def square(self) -> QRectF:
        """Return where it can be drawn: the largest square in the middle."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def sizeHint(self) -> QSize:
        """Return the size in which drawing is easy."""
        side = _BEST_LINES * self.fontMetrics().height()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in which one can draw."""
        side = _LEAST_LINES * self.fontMetrics().height()
        return QSize(side, side)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._is_drawing = True
        self._strokes.append([self._share(event.position())])
        self._tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a stroke."""
        if not self._is_drawing:
            return
        x, y = self._share(event.position())
        last_x, last_y = self._strokes[-1][-1]
        if max(abs(x - last_x), abs(y - last_y)) >= _LEAST_MOVE:
            self._strokes[-1].append((x, y))
            self._tell()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a stroke."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.mouseMoveEvent(event)
            self._is_drawing = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a stroke back at Backspace, and everything at Delete."""
        if event.key() == Qt.Key.Key_Backspace:
            self.undo_stroke()
        elif event.key() == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the square, and what is drawn."""
        theme, square = self._themes.current, self.square()
        side = square.width()
        is_bright = self._is_bright_on_black
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor("black" if is_bright else "white"))
        width = 2.0 if self.hasFocus() else 1.0
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border), width))
        painter.drawRoundedRect(square.adjusted(1, 1, -1, -1), 6, 6)
        if self.is_empty:
            painter.setPen(QColor("#9aa5b3" if is_bright else "#5b6470"))
            painter.drawText(square, Qt.AlignmentFlag.AlignCenter, "Draw here")
        lines = [
            QPolygonF([square.topLeft() + QPointF(x * side, y * side) for x, y in stroke])
            for stroke in self._strokes
        ]
        paint_strokes(painter, lines, ink_pen(is_bright, PEN * side))

    def _share(self, position: QPointF) -> tuple[float, float]:
        square = self.square()
        x = (position.x() - square.left()) / max(square.width(), 1)
        y = (position.y() - square.top()) / max(square.height(), 1)
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _tell(self) -> None:
        self.update()
        self.changed.emit()
