"""The parts of Try it beside each other: classes, canvas and answers."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from leo_studio.ui.tryit.class_list import ClassList


class Parts(QSplitter):
    """Lets a person share the width, and shows whole rows of classes where the others can spare it.

    Parameters
    ----------
    classes, drawing, answers
        From left to right.
    """

    def __init__(self, classes: ClassList, drawing: QWidget, answers: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setChildrenCollapsible(False)
        self._classes, self._others = classes, (drawing, answers)
        for place, (widget, stretch) in enumerate(((classes, 2), (drawing, 2), (answers, 3))):
            self.addWidget(widget)
            self.setStretchFactor(place, stretch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width that there is."""
        super().resizeEvent(event)
        self._make_room_for_rows()

    def event(self, event: QEvent) -> bool:
        """Follow the text's size."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._make_room_for_rows()
        return done

    def _make_room_for_rows(self) -> None:
        classes, *others = self.sizes()
        least = [each.minimumSizeHint().width() for each in self._others]
        spare = [max(0, has - needs) for has, needs in zip(others, least, strict=True)]
        missing = min(self._classes.row_width() - classes, sum(spare))
        if missing > 0:
            left = [
                has - missing * own / sum(spare) for has, own in zip(others, spare, strict=True)
            ]
            self.setSizes([classes + missing, *map(round, left)])
