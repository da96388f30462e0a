"""A plot's legend: what each curve looks like, its name and its value; press one to hide it."""

from collections.abc import Collection

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QToolButton, QWidget

from leo_studio.analysis.curves.quantities import PlotKind
from leo_studio.analysis.guide.glossary import CURVES
from leo_studio.ui.widgets.glossary_links import HINT, explain
from leo_studio.ui.widgets.pens import mixed, styled_pen
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.theme import Theme

_WIDEST_VALUE = "0.0000e-00"
_FEWEST_LETTERS = 4  # of a name that has no room
_GAP = 4  # pixels between chips


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
        self.has_value = True  # there is room for it

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
        """Leave room for the longest number, on or off: nothing moves while either changes."""
        metrics = self.fontMetrics()
        text = f"  {self.text()}  {_WIDEST_VALUE if self.has_value else ''}"
        width = self._sample_width() + metrics.horizontalAdvance(text)
        return QSize(width + metrics.height() // 2, round(metrics.height() * 1.4))

    def minimumSizeHint(self) -> QSize:
        """Return room for the beginning of the name."""
        wanted, metrics = self.sizeHint(), self.fontMetrics()
        letters = metrics.horizontalAdvance(" ") + _FEWEST_LETTERS * metrics.averageCharWidth()
        least = self._sample_width() + letters + metrics.height() // 2
        return QSize(min(wanted.width(), least), wanted.height())

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
        is_pointed_at = self.underMouse() or self.hasFocus()
        fill = mixed(theme.border, theme.raised)
        if self.isChecked():
            painter.setBrush(QColor(fill))
        painter.setPen(QPen(QColor(theme.accent if is_pointed_at else fill)))
        painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
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
        font = painter.font()
        font.setStrikeOut(not self.isChecked())
        painter.setFont(font)
        name = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, round(rest.width()))
        painter.drawText(rest, middle | Qt.AlignmentFlag.AlignLeft, name)
        if self.isChecked() and self._value and self.has_value:
            rest.setLeft(left + metrics.horizontalAdvance(f"{self.text()}  "))
            font.setBold(True)
            painter.setFont(font)
            painter.drawText(rest, middle | Qt.AlignmentFlag.AlignLeft, self._value)

    def _sample_width(self) -> int:
        return self.fontMetrics().horizontalAdvance("000")


class Legend(QWidget):
    """One row of chips; those that have no room stand in a menu at its end.

    The last one that is shown may be without the end of its name. Which have room follows from the
    width alone, so that pressing one moves nothing. `toggled` is emitted when a curve is to be
    drawn, or no longer.

    Attributes
    ----------
    chips
        Those of every quantity, by its key.
    offered
        Those of the quantities that the runs shown have.
    """

    toggled = Signal()

    def __init__(self, kind: PlotKind, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"legend_{kind.name}")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.chips: dict[str, Chip] = {}
        for quantity in kind.quantities:
            chip = Chip(quantity.label, quantity.tip, theme, self)
            if entry := CURVES.get(quantity.column):
                explain(entry, chip)
                chip.tip = f"{quantity.tip}\n{HINT}"
                chip.setToolTip(as_tip(chip.tip))
            chip.setObjectName(f"chip_{kind.name}_{quantity.column}")
            chip.setChecked(quantity.is_on)
            chip.toggled.connect(lambda _is_on: self.toggled.emit())
            self.chips[quantity.key] = chip
        self.offered = tuple(self.chips.values())
        self.more = QToolButton(self)
        self.more.setObjectName(f"more_{kind.name}")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setAutoRaise(True)
        menu = QMenu(self.more)
        menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(menu)

    def offer(self, keys: Collection[str]) -> None:
        """Offer these quantities alone, by their keys."""
        self.offered = tuple(chip for key, chip in self.chips.items() if key in keys)
        self._arrange()

    def sizeHint(self) -> QSize:
        """Return the height of one row; whatever width there is will do."""
        height = next(iter(self.chips.values())).sizeHint().height()
        return QSize(self.more.sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many chips as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def follow_text(self) -> None:
        """Arrange the chips anew, when all of them have the text's new size."""
        self.updateGeometry()
        self._arrange()

    def shows_value(self, key: str) -> bool:
        """Whether a quantity's value has room beside its name."""
        chip = self.chips[key]
        return chip.has_value and not chip.isHidden()

    @property
    def _behind(self) -> tuple[Chip, ...]:
        """The chips that are offered in the menu."""
        return tuple(chip for chip in self.offered if chip.isHidden())

    def _arrange(self) -> None:
        gap, room = _GAP, self.width()
        for chip in self.chips.values():
            chip.has_value = False
        if sum(chip.sizeHint().width() + gap for chip in self.offered) > room:
            self.more.setText(f"+{len(self.offered)}")  # no text is wider
            room -= self.more.sizeHint().width() + gap
        self._give_values(room)
        left = 0
        for chip in self.chips.values():
            width = min(chip.sizeHint().width(), max(chip.minimumSizeHint().width(), room - left))
            is_shown = chip in self.offered and left + width <= room
            chip.setVisible(is_shown)
            if is_shown:
                chip.setGeometry(QRect(left, 0, width, self.height()))
                left += width + gap
            elif chip in self.offered:
                room = 0  # those behind one that has no room have none either
        behind = self._behind
        self.more.setVisible(bool(behind))
        self.more.setText(f"+{len(behind)}")
        self.more.setGeometry(QRect(left, 0, self.more.sizeHint().width(), self.height()))
        names = ", ".join(chip.text() for chip in behind)
        self.more.setToolTip(as_tip(f"More curves: {names}"))
        self.more.setAccessibleName(f"More curves: {names}")

    def _give_values(self, room: int) -> None:
        """Give the first chips their values, where the room for names leaves enough for them.

        A value never puts another chip into the menu.
        """
        fitting, left = list[Chip](), room
        for chip in self.offered:
            if chip.sizeHint().width() > left:
                break
            left -= chip.sizeHint().width() + _GAP
            fitting.append(chip)
        for chip in fitting:
            without = chip.sizeHint().width()
            chip.has_value = True
            left -= chip.sizeHint().width() - without
            if left < -_GAP:
                chip.has_value = False
                break

    def _fill_menu(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for chip in self._behind:
            action = menu.addAction(without_keys(chip.text()))
            action.setCheckable(True)
            action.setChecked(chip.isChecked())
            action.setToolTip(as_tip(chip.tip))
            action.toggled.connect(chip.setChecked)


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
