"""The values beside the mouse, which lie in a plot or beside a small one."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDockWidget, QWidget

from leo_studio.ui.widgets.labels import MarkupLabel


class Readout(MarkupLabel):
    """Lies in a plot, or in what is around it while there is no room; hidden, it is the plot's."""

    def lie_in(self, parent: QWidget, corner: QPoint) -> None:
        """Be seen at a place of a widget, above all that is in it."""
        self._belong_to(parent)
        self.move(corner)
        self.show()
        self.raise_()

    def go_to(self, home: QWidget) -> None:
        """Be seen no more, and go with the plot, whose view is `home`, when that is removed."""
        self._belong_to(home)
        self.hide()

    def _belong_to(self, parent: QWidget) -> None:
        if self.parentWidget() is not parent:
            self.setParent(parent)


def surroundings(widget: QWidget) -> QWidget:
    """Return the dock, or else the window, that goes out of sight together with a widget."""
    around = widget
    while not isinstance(around, QDockWidget) and (parent := around.parentWidget()) is not None:
        around = parent
    return around
