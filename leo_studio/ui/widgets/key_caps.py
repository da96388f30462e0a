"""Keys as they look on a keyboard, and how actions read outside of menus."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget


def plain_text(action: QAction) -> str:
    """Return an action's text without the mark of its mnemonic: "&Stop" is "Stop"."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")


def shortcut_text(action: QAction) -> str:
    """Return an action's shortcut as this system writes it; "" for none."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def split_keys(keys: str) -> tuple[str, ...]:
    """Return the keys that are pressed together: "Ctrl++" is Ctrl and +."""
    if not keys:
        return ()
    *before, last = keys.split("+") if not keys.endswith("+") else [*keys[:-2].split("+"), "+"]
    return (*(key for key in before if key), last)


class KeyCapsPainter:
    """Paints keys, each on a cap, from the right edge of a rectangle.

    Parameters
    ----------
    metrics
        Of the font that the painter has.
    """

    def __init__(self, metrics: QFontMetrics) -> None:
        self._metrics = metrics
        self._padding = max(4, metrics.horizontalAdvance("x") * 3 // 4)
        self._gap = max(2, self._padding // 2)

    def size(self, keys: str) -> QSize:
        """Return the room that the keys take."""
        caps = [self._width(key) for key in split_keys(keys)]
        width = sum(caps) + self._gap * max(0, len(caps) - 1)
        return QSize(width, self._metrics.height() + self._gap)

    def paint(self, painter: QPainter, area: QRectF, keys: str, color: QColor) -> None:
        """Paint keys at the right of an area, in its middle."""
        size = self.size(keys)
        left = area.right() - size.width()
        top = area.center().y() - size.height() / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border, ground = QColor(color), QColor(color)
        border.setAlphaF(0.45)
        ground.setAlphaF(0.07)
        for key in split_keys(keys):
            cap = QRectF(left, top, self._width(key), size.height()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(border, 1))
            painter.setBrush(ground)
            painter.drawRoundedRect(cap, self._gap, self._gap)
            painter.setPen(color)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            left += cap.width() + 1 + self._gap
        painter.restore()

    def _width(self, key: str) -> int:
        width = self._metrics.horizontalAdvance(key) + 2 * self._padding
        return max(width, self._metrics.height() + self._gap)


class KeyCaps(QWidget):
    """Some keys that are pressed together, or a gesture of the mouse in the same look."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keys = keys
        self.setAccessibleName(keys)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room that the keys take."""
        return KeyCapsPainter(self.fontMetrics()).size(self.keys)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the keys."""
        painter = QPainter(self)
        color = self.palette().color(QPalette.ColorRole.WindowText)
        KeyCapsPainter(self.fontMetrics()).paint(painter, QRectF(self.rect()), self.keys, color)
