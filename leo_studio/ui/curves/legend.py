"""Entries of the legend: what a curve looks like, its name and its value; press to hide it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from leo_studio.ui.widgets.pens import styled_pen
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme

_WIDEST_VALUE = "0.0000e-00"


class Chip(QAbstractButton):
    """A quantity in a plot's legend, checked while it is drawn.

    Parameters
    ----------
    label
        What it is called.
    tip
        A sentence on it.
    """

    def __init__(self, label: str, tip: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(label)  # painted as it is, below
        self.setAccessibleName(label)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.tip = tip
        self.setToolTip(as_tip(tip))
        self.color = theme.text
        self.style_of_line = Qt.PenStyle.SolidLine
        self._theme = theme
        self._value = ""
        self.toggled.connect(lambda _is_on: self.updateGeometry())

    @property
    def value(self) -> str:
        """The number beside the name."""
        return self._value

    def set_look(self, color: str, style: Qt.PenStyle, theme: Theme) -> None:
        """Take the look of the curve."""
        self.color, self.style_of_line, self._theme = color, style, theme
        self.update()

    def set_value(self, value: str, details: str = "") -> None:
        """Show a number, and say more on it in the tooltip."""
        if value != self._value:
            self._value = value
            self.update()
        tip = f"{self.tip}\n{details}" if details else self.tip
        if tip != self.toolTip():
            self.setToolTip(as_tip(tip))

    def sizeHint(self) -> QSize:
        """Leave room for the longest number, so that nothing moves while numbers change."""
        metrics = self.fontMetrics()
        text = f"  {self.text()}  {_WIDEST_VALUE if self.isChecked() else ''}"
        width = self._sample_width() + metrics.horizontalAdvance(text)
        return QSize(width + metrics.height() // 2, round(metrics.height() * 1.5))

    def minimumSizeHint(self) -> QSize:
        """Return the same: it does not shrink."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Toggle by Return, too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line's sample, the name and the number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, metrics = self._theme, self.fontMetrics()
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border)))
            painter.drawRoundedRect(box, 4, 4)
        edge = metrics.height() / 4
        draw_sample(
            painter,
            QRectF(edge, 0, self._sample_width(), self.height()),
            self.color if self.isChecked() else theme.muted,
            self.style_of_line if self.isChecked() else None,
        )
        painter.setPen(QColor(theme.text if self.isChecked() else theme.muted))
        left = edge + self._sample_width() + metrics.horizontalAdvance(" ")
        rest = QRectF(left, 0, self.width() - left - edge, self.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rest, middle | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.isChecked() and self._value:
            rest.setLeft(left + metrics.horizontalAdvance(f"{self.text()}  "))
            font = painter.font()
            font.setBold(True)
            painter.setFont(font)
            painter.drawText(rest, middle | Qt.AlignmentFlag.AlignLeft, self._value)

    def _sample_width(self) -> int:
        return self.fontMetrics().horizontalAdvance("0000")


def draw_sample(
    painter: QPainter, box: QRectF, color: str, style: Qt.PenStyle | None, width: float = 2.0
) -> None:
    """Draw a piece of a curve, or an empty ring for one that is hidden."""
    middle = box.center()
    if style is None:
        painter.setPen(QColor(color))
        radius = box.width() / 7
        painter.drawEllipse(middle, radius, radius)
        return
    painter.setPen(styled_pen(color, style, width))
    painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
