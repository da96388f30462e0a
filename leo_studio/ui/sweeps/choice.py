"""The trial that a person has chosen, and the one under the mouse: the same in all views."""

from PySide6.QtCore import QObject, Signal


class TrialChoice(QObject):
    """Knows both by their numbers; None for none."""

    changed = Signal()
    open_wanted = Signal()  # the run of the chosen one

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.number: int | None = None
        self.pointed: int | None = None

    def choose(self, number: int | None) -> None:
        """Choose another trial."""
        if number != self.number:
            self.number = number
            self.changed.emit()

    def point(self, number: int | None) -> None:
        """Say which trial is under the mouse."""
        if number != self.pointed:
            self.pointed = number
            self.changed.emit()

    def forget(self) -> None:
        """Choose none."""
        self.number = self.pointed = None
        self.changed.emit()
