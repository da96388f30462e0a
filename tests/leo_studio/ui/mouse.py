"""A turn of the mouse's wheel, which QTest lacks."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

NOTCH = 120  # eighths of a degree


def turn_wheel(
    widget: QWidget,
    notches: int = -1,
    at: QPoint | None = None,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> QWheelEvent:
    """Turn the wheel over a place of a widget, by default its centre; up is positive.

    Returns the event: who did not accept it leaves it to what is around.
    """
    place = QPointF(widget.rect().center()) if at is None else QPointF(at)
    turn = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        QPoint(0, NOTCH * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, turn)
    return turn
