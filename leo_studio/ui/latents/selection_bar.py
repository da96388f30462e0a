"""The card over the plot that says what is selected, and what can be done with it."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton

from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.free_spot import free_spot, room_of, selected_places
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

_OPEN_TIP = "Look at the episode in full"
_FIRST_TIP = "Look at the first of them in full: the one with the lowest number"


class SelectionBar(QFrame):
    """Lies over the plot while something is selected, so that nothing moves when it comes.

    It lies at the edge, at the top or the bottom, where it does not cover the selected codes.

    Parameters
    ----------
    over
        What it lies over.
    """

    show_wanted = Signal()
    open_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self, over: LatentPlot) -> None:
        super().__init__(over)
        self.setObjectName("latent-selection")
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self._over = over
        self._above = 0  # pixels at the top that are not for it
        self.text = Label()
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        gap = self.fontMetrics().height() // 3
        self._line.setContentsMargins(2 * gap, gap, gap, gap)
        self._line.addWidget(self.text)
        row = QHBoxLayout()
        self._line.addLayout(row)
        self.buttons = {
            name: self._button(name, tip, signal)
            for name, tip, signal in (
                ("Show in list", "Show them alone in the table of episodes", self.show_wanted),
                ("Open", _OPEN_TIP, self.open_wanted),
                ("Clear", "Select nothing (Esc)", self.clear_wanted),
            )
        }
        for button in self.buttons.values():
            row.addWidget(button)
        self.hide()
        for changed in (over.box.sigRangeChanged, over.box.sigResized, over.styles_changed):
            changed.connect(self._place)

    def say(self, text: str, episodes: int = 1) -> None:
        """Say what is selected, of so many episodes; "" hides the card."""
        self.text.setText(text)
        first = self.buttons["Open"]
        first.setText("Open" if episodes <= 1 else "Open the first")
        first.setToolTip(as_tip(_OPEN_TIP if episodes <= 1 else _FIRST_TIP))
        was_hidden = self.isHidden()
        self.setVisible(bool(text))
        self._place(is_new=was_hidden)

    def leave_above(self, pixels: int) -> None:
        """Leave so many pixels at the top of the plot to what else lies there."""
        if pixels != self._above:
            self._above = pixels
            self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._place()

    def _place(self, *_: object, is_new: bool = False) -> None:
        """Lie where no selected code is, or the fewest are; stay where that is as good."""
        if self.isHidden():
            return
        gap = self.fontMetrics().height() // 3
        room = room_of(self._over).adjusted(0, self._above + gap, 0, -gap)
        self._use_width(room.width())
        if self.width() > room.width():  # the ticks are less than the buttons
            room.setLeft(0)
            room.setRight(self._over.width() - 1)
        now = None if is_new else self.pos()
        self.move(free_spot(room, self.size(), selected_places(self._over), now))

    def _use_width(self, width: int) -> None:
        """Be in one line, or in a narrow plot in several: words above the buttons."""
        directions = QBoxLayout.Direction
        self.text.setWordWrap(False)
        self._line.setDirection(directions.LeftToRight)
        size = self.sizeHint()
        if size.width() > width:
            self.text.setWordWrap(True)
            self._line.setDirection(directions.TopToBottom)
            wide = max(width, self.minimumSizeHint().width())
            size = QSize(wide, self.heightForWidth(wide))
        self.resize(size)

    def _button(self, name: str, tip: str, signal: object) -> QPushButton:
        button = QPushButton(name)
        button.setObjectName(f"latent-selection-{name.split()[0].lower()}")
        button.setToolTip(as_tip(tip))
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(signal)
        return button
