"""The editors of a run's tags and note; what is written there is saved when one leaves them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from leo_studio.analysis.runs.naming import split_tags
from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.labels import Label

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_LINES = 4


class NoteEdit(QPlainTextEdit):
    """Plain text that asks to be saved when it loses the focus, and on Ctrl+S."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Ask to be saved."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+S for the note while one writes it, whatever the window has it for."""
        is_offered = event.type() == QEvent.Type.ShortcutOverride
        if is_offered and isinstance(event, QKeyEvent) and _is_save(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask to be saved on Ctrl+S."""
        if _is_save(event):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class AnnotationEditors(QWidget):
    """A line for tags and some lines for a note, of one run.

    They are saved to the run that they were written for, also when another one is shown or the
    window closes meanwhile.
    """

    def __init__(self, controller: "Controller", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._run: RunEntry | None = None
        self.tags = QLineEdit()
        self.tags.setObjectName("run-tags")
        self.tags.setPlaceholderText("paper, baseline")
        self.tags.setToolTip("Commas part the tags; find them again with tag:paper")
        self.note = NoteEdit()
        self.note.setObjectName("run-note")
        self.note.setPlaceholderText("What this run is for, and what came of it")
        self.note.setTabChangesFocus(True)
        self._size_note()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        editors: tuple[tuple[str, QWidget], ...] = (("Ta&gs", self.tags), ("N&ote", self.note))
        for text, editor in editors:
            label = Label(text)
            label.setBuddy(editor)
            label.setProperty("role", "muted")
            layout.addWidget(label)
            layout.addWidget(editor)
        self.tags.editingFinished.connect(self.save)
        self.note.left.connect(self.save)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size_note()

    def _size_note(self) -> None:
        lines = _LINES * self.fontMetrics().lineSpacing()
        self.note.setFixedHeight(lines + 4 * self.note.frameWidth() + 12)

    def show_run(self, run: RunEntry | None) -> None:
        """Show another run, or what is known by now of the same one."""
        if not self._is_same(run):
            self.save()
        elif self._is_changed():
            self._run = run  # what is being written stays
            return
        self._run = run
        if run is None:
            return
        if self.tags.text() != (tags := ", ".join(run.tags)):
            self.tags.setText(tags)
        if self.note.toPlainText() != run.note:
            self.note.setPlainText(run.note)

    def save(self) -> None:
        """Write what was changed beside the run."""
        run = self._run
        # One that was thrown away is not made anew by a note.
        if run is None or not self._is_changed() or not run.path.is_dir():
            return
        note, tags = self.note.toPlainText(), split_tags(self.tags.text())
        try:
            self._controller.annotate(run, note, tags)
        except Exception as error:  # such as a folder that is gone; the text stays where it is
            self._controller.notify_failure(error, "The note was not saved")

    def hideEvent(self, event: QHideEvent) -> None:
        """Save: nothing is lost when the window closes."""
        self.save()
        super().hideEvent(event)

    def _is_same(self, run: RunEntry | None) -> bool:
        """Whether this is the run that is shown, perhaps under another name by now."""
        shown = self._run
        if run is None or shown is None:
            return False
        is_renamed = run.id == shown.id and not shown.path.is_dir()
        return run.path == shown.path or is_renamed

    def _is_changed(self) -> bool:
        run = self._run
        return run is not None and (
            self.note.toPlainText() != run.note
            or set(split_tags(self.tags.text())) != set(run.tags)
        )


def _is_save(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Save)
