"""A bar to move along an adaptation: single steps, a slider, and play."""

from typing import Literal

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from leo_studio.ui.inspection.stage_slider import StageSlider
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_MILLISECONDS = 600  # between two positions when it plays
# Of the least of a slider, which is else its bare knob; the second where it is tight.
_SLIDER_LETTERS, _TIGHT_LETTERS = 12, 8
Density = Literal["full", "compact", "tight"]
_DISPENSABLE = ("first", "previous", "next", "last")  # arrow keys, Home and End do the same


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
        self._name = name
        self._density: Density = "full"
        self._names: list[str] = []
        self.stages = StageSlider(themes)
        self.slider = self.stages.slider
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
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        for button in self._buttons.values():
            self._row.addWidget(button)
        self._row.addWidget(self.stages, 1)
        self._row.addSpacing(4)
        self._row.addWidget(self.label)
        self.slider.valueChanged.connect(self._changed)
        themes.changed.connect(self._recolor)
        themes.settled.connect(self._make_room)  # the names have their size last, while hidden
        self.set_positions([], 0)
        self._recolor(themes.current)

    def set_positions(
        self, names: list[str], position: int, inner_steps: int | None = None
    ) -> None:
        """Walk along other positions, without telling of it.

        Parameters
        ----------
        names, position
            What they are called, and which one is chosen.
        inner_steps
            After so many of them comes fine-tuning, which is shaded; None for no such stages.
        """
        self._names = names
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(names) - 1))
        self.slider.setValue(position)
        self.slider.blockSignals(False)
        self.stages.set_stages(inner_steps)
        self._make_room()
        self._show()

    def least_width(self, density: Density) -> int:
        """Return the width in which the slider can be slid, with the buttons of a density."""
        buttons = [
            button.sizeHint().width()
            for key, button in self._buttons.items()
            if density == "full" or key not in _DISPENSABLE
        ]
        label = max(self.label.minimumWidth(), self.label.minimumSizeHint().width())
        gaps = (len(buttons) + 3) * self._row.spacing()
        return sum(buttons) + self._slider_width(density) + label + gaps

    def set_density(self, density: Density) -> None:
        """Leave out the buttons that the slider's keys can do without, where there is no room."""
        self._density = density
        for key in _DISPENSABLE:
            self._buttons[key].setVisible(density == "full")
        self._make_room()

    def _slider_width(self, density: Density) -> int:
        letters = _TIGHT_LETTERS if density == "tight" else _SLIDER_LETTERS
        return letters * self.label.fontMetrics().averageCharWidth()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._make_room()

    def _make_room(self) -> None:
        """Give the names the room of the longest, so that nothing moves, and the slider its own."""
        metrics = self.label.fontMetrics()
        self.slider.setMinimumWidth(self._slider_width(self._density))
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
        button.setToolTip(as_tip(f"{self._name}: {tip.lower()}"))
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
        self._buttons["play"].setToolTip(as_tip(f"{self._name}: {play.lower()}"))
        self._buttons["play"].setAccessibleName(play)
