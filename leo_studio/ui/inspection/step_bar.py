"""A bar to move along an adaptation: single steps, a slider, and play."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_MILLISECONDS = 600  # between two positions when it plays
_SLIDER_LETTERS = 12  # of the least of a slider, which is else its bare knob


class StepBar(QWidget):
    """Chooses one of some positions.

    `moved` is emitted when a person, or play, moves it.

    Parameters
    ----------
    themes
        Icons.
    name
        What is walked along, for people who cannot see it.
    milliseconds
        Between two positions when it plays.
    """

    moved = Signal(int)

    def __init__(self, themes: ThemeManager, name: str, milliseconds: int = _MILLISECONDS) -> None:
        super().__init__()
        self._themes = themes
        self._names: list[str] = []
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(name)
        self.slider.setPageStep(1)
        self.label = Label()
        self.label.setProperty("role", "title")
        self._buttons = {
            key: self._button(tip, action)
            for key, tip, action in (
                ("first", "First", lambda: self.move_to(0)),
                ("previous", "Previous", lambda: self.move_to(self.slider.value() - 1)),
                ("play", "Play", self.toggle),
                ("next", "Next", lambda: self.move_to(self.slider.value() + 1)),
                ("last", "Last", lambda: self.move_to(self.slider.maximum())),
            )
        }
        self._timer = QTimer(self, interval=milliseconds)
        self._timer.timeout.connect(self._play_on)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in self._buttons.values():
            row.addWidget(button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.label)
        self.slider.valueChanged.connect(self._changed)
        themes.changed.connect(self._recolor)
        self.set_positions([], 0)
        self._recolor(themes.current)

    def set_positions(self, names: list[str], position: int) -> None:
        """Walk along other positions, without telling of it."""
        self._names = names
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(names) - 1))
        self.slider.setValue(position)
        self.slider.blockSignals(False)
        self._make_room()
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._make_room()

    def _make_room(self) -> None:
        """Give the names the room of the longest, so that nothing moves, and the slider its own."""
        metrics = self.label.fontMetrics()
        self.slider.setMinimumWidth(_SLIDER_LETTERS * metrics.averageCharWidth())
        widths = [metrics.horizontalAdvance(f" {name} ") for name in self._names]
        self.label.setMinimumWidth(max(widths, default=0))

    @property
    def position(self) -> int:
        """Where it stands."""
        return self.slider.value()

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self._timer.isActive()

    def set_position(self, position: int) -> None:
        """Stand elsewhere, without telling of it."""
        self.slider.blockSignals(True)
        self.slider.setValue(position)
        self.slider.blockSignals(False)
        self._show()

    def set_speed(self, milliseconds: int) -> None:
        """Play faster or slower."""
        self._timer.setInterval(milliseconds)

    def move_to(self, position: int) -> None:
        """Move to a position, and emit the signal."""
        self.slider.setValue(position)

    def toggle(self) -> None:
        """Play, or stop playing; from the end it plays from the start."""
        if self._timer.isActive():
            self.stop()
            return
        if self.slider.value() == self.slider.maximum():
            self.move_to(0)
        self._timer.start()
        self._recolor(self._themes.current)

    def stop(self) -> None:
        """Stop playing."""
        self._timer.stop()
        self._recolor(self._themes.current)

    def _play_on(self) -> None:
        if self.slider.value() >= self.slider.maximum():
            self.stop()
        else:
            self.move_to(self.slider.value() + 1)

    def _changed(self, position: int) -> None:
        self._show()
        self.moved.emit(position)

    def _show(self) -> None:
        place, count = self.slider.value(), len(self._names)
        self.label.setText(self._names[place] if place < count else "")
        self.setEnabled(count > 1)
        self._buttons["first"].setEnabled(place > 0)
        self._buttons["previous"].setEnabled(place > 0)
        self._buttons["next"].setEnabled(place < count - 1)
        self._buttons["last"].setEnabled(place < count - 1)

    def _button(self, tip: str, action: object) -> QToolButton:
        button = QToolButton()
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(tip)
        button.clicked.connect(action)
        return button

    def _recolor(self, _theme: Theme) -> None:
        glyphs = {
            "first": MDI7.skip_backward,
            "previous": MDI7.skip_previous,
            "play": MDI7.pause if self._timer.isActive() else MDI7.play,
            "next": MDI7.skip_next,
            "last": MDI7.skip_forward,
        }
        for key, glyph in glyphs.items():
            self._buttons[key].setIcon(self._themes.icon(glyph))
        play = "Pause" if self._timer.isActive() else "Play"
        self._buttons["play"].setToolTip(as_tip(play))
        self._buttons["play"].setAccessibleName(play)
