"""The row below the plots: the inner loop's steps, and what can be done with points."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from leo_studio.ui.inspection.step_bar import Density, StepBar
from leo_studio.ui.widgets.overflow_row import OverflowRow
from leo_studio.ui.widgets.theme import ThemeManager

_SPACING = 8  # pixels between the two parts


class Controls(QWidget):
    """One row, always: where there is little room, steps lose the buttons that keys can replace.

    Where that is not enough, commands lose their words, and at last go into a menu.

    Parameters
    ----------
    themes
        Icons.
    steps
        The bar of steps.
    actions
        What can be done with points.
    """

    def __init__(self, themes: ThemeManager, steps: StepBar, actions: Sequence[QAction]) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.steps = steps
        self.commands = OverflowRow(themes, actions, "More to do with points")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        row.addWidget(steps, 1)
        row.addWidget(self.commands)
        themes.settled.connect(self.use_room)  # both parts have their size last, while hidden

    def minimumSizeHint(self) -> QSize:
        """Return room for the tightest steps, and for the menu of commands."""
        least = self.commands.minimumSizeHint()
        width = self.steps.least_width("tight") + _SPACING + least.width()
        return QSize(width, max(least.height(), self.steps.minimumSizeHint().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self.use_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.use_room()

    def use_room(self) -> None:
        """Look what there is room for, as when steps have longer names."""
        steps, commands = self.steps, self.commands
        room = self.width() - _SPACING
        words, icons = commands.width_with_words(), commands.width_with_icons()
        ways: tuple[tuple[Density, int], ...] = (
            ("full", words),
            ("compact", words),
            ("tight", words),
            ("compact", icons),
        )
        for density, wanted in ways:
            if steps.least_width(density) + wanted <= room:
                break
        else:
            density = "tight"
            wanted = max(commands.minimumSizeHint().width(), room - steps.least_width(density))
        steps.set_density(density)
        commands.setFixedWidth(wanted)
