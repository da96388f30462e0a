"""The dialog of what a person has kept: a list to open, rename and delete from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.ui.widgets.kept_rows import IS_NAMED, KeptRows
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

_KEPT = Qt.ItemDataRole.UserRole
_LETTERS, _LINES = 100, 24  # of the dialog's text


@dataclass(frozen=True, slots=True)
class KeptItem:
    """One thing that was kept.

    Attributes
    ----------
    path
        Its file.
    name
        What people call it, in sentences.
    words
        What the list says of it, in lines.
    note
        A person's words, whose first line is its own name.
    group
        Over which heading it stands; "" for none.
    problem
        Why it cannot be opened; "" where it can.
    """

    path: Path
    name: str
    words: str
    note: str = ""
    group: str = ""
    problem: str = ""


class KeptDialog(QDialog):
    """Lists what was kept; `chosen` is emitted with the path of what is to be opened.

    `rename_wanted` and `delete_wanted` are emitted with the `KeptItem` that is meant, and
    `undo_wanted` when the last one that was deleted is to come back. `switched` says that
    the switch above the list is on or off, which `offer_more` shows.
    """

    chosen = Signal(object)
    rename_wanted = Signal(object)
    delete_wanted = Signal(object)
    undo_wanted = Signal()
    switched = Signal(bool)

    def __init__(self, title: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setItemDelegate(KeptRows(self.list))
        self.hint = Label()
        self.hint.setObjectName("kept-hint")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.switch = QCheckBox()
        self.switch.setObjectName("kept-switch")
        self.switch.hide()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.open_button = self._buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self.open_button.setDefault(True)
        self._for_chosen = [self.open_button]
        self.rename = self._button("&Rename...", "Give it another name or note (F2)", "F2")
        self._for_chosen.append(self.rename)
        self.delete = self._button("&Delete", "Move it to the library's trash (Del)", "Del")
        for button in (self.rename, self.delete):
            self._buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.deleted = Label()
        self.deleted.setObjectName("deleted")
        self.deleted.setWordWrap(True)
        self.undo = self._button("&Undo", "Take it back out of the trash", "Ctrl+Z")
        line = QHBoxLayout()
        line.addWidget(self.deleted, 1)
        line.addWidget(self.undo)
        layout = QVBoxLayout(self)
        layout.addWidget(self.hint)
        layout.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.list)
        layout.addLayout(line)
        layout.addWidget(self._buttons)
        metrics = self.fontMetrics()
        self.resize(_LETTERS * metrics.averageCharWidth(), _LINES * metrics.height())
        self.list.currentItemChanged.connect(self._enable)
        self.list.itemActivated.connect(self._choose)
        self._buttons.accepted.connect(self._choose)
        self._buttons.rejected.connect(self.reject)
        self.rename.clicked.connect(self._ask_to_rename)
        self.delete.clicked.connect(self._ask_to_delete)
        self.undo.clicked.connect(self.undo_wanted)
        self.switch.toggled.connect(self.switched)
        self.say_deleted("")
        self._enable()
        self.list.setFocus()

    @property
    def current(self) -> KeptItem | None:
        """The one that is chosen; None for none."""
        item = self.list.currentItem()
        kept: KeptItem | None = None if item is None else item.data(_KEPT)
        return kept

    def add_button(
        self, text: str, tip: str, keys: str = "", *, is_for_chosen: bool = False
    ) -> QPushButton:
        """Add a button below the list; `is_for_chosen` where it needs one that can be read."""
        button = self._button(text, tip, keys)
        self._buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        if is_for_chosen:
            self._for_chosen.append(button)
            self._enable()
        return button

    def show_kept(self, kept: Sequence[KeptItem], hint: str) -> None:
        """List them, and stay at the one that was chosen, or at its place.

        Those of one group, which stand one after the other, have its heading over them.
        """
        old, place = self.current, max(self.list.currentRow(), 0)
        self.list.clear()
        group, own = "", None
        for each in kept:
            if each.group != group:
                self._add_heading(each.group)
                group = each.group
            item = QListWidgetItem(each.words)
            item.setData(_KEPT, each)
            item.setData(IS_NAMED, bool(each.note.strip()))
            item.setToolTip(as_tip(each.problem or str(each.path)))
            self.list.addItem(item)
            if old is not None and each.path == old.path:
                own = item
        self.hint.setText(hint)
        if (chosen := own or self._near(place)) is not None:
            self.list.setCurrentItem(chosen)
        self._enable()

    def offer_more(self, text: str, *, is_on: bool) -> None:
        """Say above the list what else can be shown; "" for nothing."""
        self.switch.setText(text)
        self.switch.setVisible(bool(text))
        before = self.switch.blockSignals(True)
        self.switch.setChecked(is_on)
        self.switch.blockSignals(before)

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

    def _add_heading(self, text: str) -> None:
        heading = QListWidgetItem(text)
        font = self.list.font()
        font.setBold(True)
        heading.setFont(font)
        heading.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(heading)

    def _near(self, place: int) -> QListWidgetItem | None:
        """Return what was kept that is nearest to a place; None where nothing was."""
        items = [self.list.item(row) for row in range(self.list.count())]
        rows = [row for row, item in enumerate(items) if item.data(_KEPT) is not None]
        return items[min(rows, key=lambda row: abs(row - place))] if rows else None

    def _enable(self, *_: object) -> None:
        kept = self.current
        can_be_read = kept is not None and not kept.problem
        for button in self._for_chosen:
            button.setEnabled(can_be_read)
        self.delete.setEnabled(kept is not None)

    def _choose(self, *_: object) -> None:
        kept = self.current
        if kept is not None and not kept.problem:
            self.chosen.emit(Path(kept.path))
            self.accept()

    def _ask_to_rename(self) -> None:
        self._emit(self.rename_wanted.emit)

    def _ask_to_delete(self) -> None:
        self._emit(self.delete_wanted.emit)

    def _emit(self, tell: Callable[[KeptItem], object]) -> None:
        if (kept := self.current) is not None:
            tell(kept)
