"""The dialog of episodes kept with a run, which open even where the store is gone."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.episode.kept import kept_name, listed_words, rest_of_note
from leo_studio.analysis.formats import format_moment
from leo_studio.services.records import KeptInspection
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

_KEPT = Qt.ItemDataRole.UserRole
NOTHING = "Nothing was kept with this run yet: Keep puts the episode that is looked at here."
HINT = "They open as they were, also without their store."


class KeptDialog(QDialog):
    """Lists what was kept; `chosen` is emitted with a path.

    `rename_wanted` and `delete_wanted` are emitted with the `KeptInspection` that is meant, and
    `undo_wanted` when the last one that was deleted is to come back.
    """

    chosen = Signal(object)
    rename_wanted = Signal(object)
    delete_wanted = Signal(object)
    undo_wanted = Signal()

    def __init__(self, kept: tuple[KeptInspection, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("kept-inspections")
        self.setWindowTitle("Kept episodes")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self._hint = Label()
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._open = buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self._open.setDefault(True)
        self.rename = self._button("&Rename...", "Give it another name or note (F2)", "F2")
        self.delete = self._button("&Delete", "Move it to the library's trash (Del)", "Del")
        for button in (self.rename, self.delete):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.deleted = Label()
        self.deleted.setObjectName("deleted")
        self.deleted.setWordWrap(True)
        self.undo = self._button("&Undo", "Take it back out of the trash", "Ctrl+Z")
        line = QHBoxLayout()
        line.addWidget(self.deleted, 1)
        line.addWidget(self.undo)
        layout = QVBoxLayout(self)
        for widget in (self._hint, self.list):
            layout.addWidget(widget)
        layout.addLayout(line)
        layout.addWidget(buttons)
        metrics = self.fontMetrics()
        self.resize(90 * metrics.averageCharWidth(), 20 * metrics.height())
        self.list.currentItemChanged.connect(self._enable)
        self.list.itemActivated.connect(self._choose)
        buttons.accepted.connect(self._choose)
        buttons.rejected.connect(self.reject)
        self.rename.clicked.connect(self._ask_to_rename)
        self.delete.clicked.connect(self._ask_to_delete)
        self.undo.clicked.connect(self.undo_wanted)
        self.show_kept(kept)
        self.say_deleted("")

    def show_kept(self, kept: tuple[KeptInspection, ...]) -> None:
        """List them, and stay at the one that was chosen, or at its place."""
        old, place = self._current(), self.list.currentRow()
        self.list.clear()
        for each in kept:
            item = QListWidgetItem(_words(each))
            item.setData(_KEPT, each)
            item.setToolTip(as_tip(each.problem or str(each.path)))
            self.list.addItem(item)
            if old is not None and each.path == old.path:
                place = self.list.count() - 1
        self._hint.setText(HINT if kept else NOTHING)
        self.list.setCurrentRow(min(max(place, 0), len(kept) - 1))
        self._enable()

    def say_deleted(self, sentence: str) -> None:
        """Say what was deleted, and offer to take it back; "" for nothing."""
        self.deleted.setText(sentence)
        self.deleted.setVisible(bool(sentence))
        self.undo.setVisible(bool(sentence))

    def _button(self, text: str, tip: str, keys: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(as_tip(tip))
        button.setShortcut(keys)
        button.setAutoDefault(False)
        return button

    def _current(self) -> KeptInspection | None:
        item = self.list.currentItem()
        kept: KeptInspection | None = None if item is None else item.data(_KEPT)
        return kept

    def _enable(self, *_: object) -> None:
        kept = self._current()
        can_be_read = kept is not None and not kept.problem
        self._open.setEnabled(can_be_read)
        self.rename.setEnabled(can_be_read)
        self.delete.setEnabled(kept is not None)

    def _choose(self, *_: object) -> None:
        kept = self._current()
        if kept is not None and not kept.problem:
            self.chosen.emit(Path(kept.path))
            self.accept()

    def _ask_to_rename(self) -> None:
        self._emit(self.rename_wanted.emit)

    def _ask_to_delete(self) -> None:
        self._emit(self.delete_wanted.emit)

    def _emit(self, tell: Callable[[KeptInspection], object]) -> None:
        if (kept := self._current()) is not None:
            tell(kept)


def name_of(kept: KeptInspection) -> str:
    """Return what people call it: its own name, or its episode, or its file."""
    return kept_name(kept.note, kept.path.name if kept.problem else f"{kept.split} {kept.episode}")


def _words(kept: KeptInspection) -> str:
    if kept.problem:
        return f"{kept.path.name}: {kept.problem}"
    about = f"{kept.split} {kept.episode}, step {kept.step:,}, {format_moment(kept.kept)}"
    lines = (kept_name(kept.note, ""), about, listed_words(kept), rest_of_note(kept.note))
    return "\n".join(filter(None, lines))
