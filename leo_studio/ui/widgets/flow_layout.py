"""A layout that sets widgets like words: side by side, and on the next line where there is no room.

Written after Qt's own example of a flow layout. superqt has one too, but importing superqt makes
the window start later.
"""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QStyle, QWidget


class FlowLayout(QLayout):
    """Lays widgets out in lines; its height follows its width.

    The widgets of a line have their middles at the same height. Spacings are the style's until
    they are set. With `setAlignment(AlignVCenter)` the lines stand in the middle of more height.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._horizontal_spacing: int | None = None
        self._vertical_spacing: int | None = None

    def set_spacings(self, horizontal: int, vertical: int | None = None) -> None:
        """Set the room between widgets of a line and, where it is given, between lines."""
        self._horizontal_spacing = horizontal
        self._vertical_spacing = vertical
        self.invalidate()

    # What Qt asks

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item in, after all others."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None where there is none; Qt asks until there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove an item and return it, or None where there is none."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Say that it makes use of more width than it needs."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Say that its height follows its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines that a width asks for."""
        return self._lay_out(QRect(0, 0, width, 0), moves=False)

    def minimumSize(self) -> QSize:
        """Return the size of the largest item, with the margins."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins())

    def sizeHint(self) -> QSize:
        """Return the least size: how wide it had better be depends on what is beside it."""
        return self.minimumSize()

    def setGeometry(self, rect: QRect) -> None:
        """Move the items to their places."""
        super().setGeometry(rect)
        if self.alignment() & Qt.AlignmentFlag.AlignVCenter:
            spare = rect.height() - self.heightForWidth(rect.width())
            rect = rect.adjusted(0, max(0, spare) // 2, 0, 0)
        self._lay_out(rect, moves=True)

    def _lay_out(self, rect: QRect, *, moves: bool) -> int:
        """Go through the lines, move the items if asked to, and return the height of it all."""
        margins = self.contentsMargins()
        inner = rect.marginsRemoved(margins)
        x, y, line_height = inner.x(), inner.y(), 0
        line: list[tuple[QLayoutItem, QRect]] = []
        for item in self._items:
            widget = item.widget()
            if widget is None:
                continue
            size = item.sizeHint()
            if line_height > 0 and x + size.width() > inner.right():
                _place(line if moves else [], line_height)
                x, y = inner.x(), y + line_height + self._gap(Qt.Orientation.Vertical, widget)
                line, line_height = [], 0
            line.append((item, QRect(QPoint(x, y), size)))
            x += size.width() + self._gap(Qt.Orientation.Horizontal, widget)
            line_height = max(line_height, size.height())
        _place(line if moves else [], line_height)
        return y + line_height - rect.y() + margins.bottom()

    def _gap(self, orientation: Qt.Orientation, widget: QWidget) -> int:
        """Return the room beside or below a widget: ours, else the style's."""
        is_horizontal = orientation == Qt.Orientation.Horizontal
        chosen = self._horizontal_spacing if is_horizontal else self._vertical_spacing
        if chosen is not None:
            return chosen
        parent = self.parent()
        if isinstance(parent, QWidget):
            metric = QStyle.PixelMetric
            spacing = parent.style().pixelMetric(
                metric.PM_LayoutHorizontalSpacing
                if is_horizontal
                else metric.PM_LayoutVerticalSpacing,
                None,
                parent,
            )
            if spacing >= 0:
                return spacing
        button = QSizePolicy.ControlType.PushButton
        return widget.style().layoutSpacing(button, button, orientation)


def _place(line: list[tuple[QLayoutItem, QRect]], height: int) -> None:
    """Move the items of a line, which is so high, to their places."""
    for item, rect in line:
        item.setGeometry(rect.translated(0, (height - rect.height()) // 2))
