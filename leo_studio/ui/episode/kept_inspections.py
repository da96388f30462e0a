"""The dialog of inspections kept with a run, which open even where the store is gone."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.formats import format_moment
from leo_studio.services.records import KeptInspection
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

_PATH = Qt.ItemDataRole.UserRole
NOTHING = "Nothing was kept with this run yet: Keep puts the episode that is looked at here."


class KeptDialog(QDialog):
    """Lists what was kept; `chosen` is emitted with a path."""

    chosen = Signal(object)

    def __init__(self, kept: tuple[KeptInspection, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("kept-inspections")
        self.setWindowTitle("Kept inspections")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        for each in kept:
            item = QListWidgetItem(_words(each))
            item.setData(_PATH, str(each.path))
            item.setToolTip(as_tip(each.problem or str(each.path)))
            if each.problem:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        hint = Label(NOTHING if not kept else "They open as they were, also without their store.")
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._open = buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self._open.setEnabled(False)
        layout = QVBoxLayout(self)
        for widget in (hint, self.list, buttons):
            layout.addWidget(widget)
        metrics = self.fontMetrics()
        self.resize(90 * metrics.averageCharWidth(), 20 * metrics.height())
        self.list.currentItemChanged.connect(lambda *_: self._open.setEnabled(True))
        self.list.itemActivated.connect(self._choose)
        buttons.accepted.connect(self._choose)
        buttons.rejected.connect(self.reject)

    def _choose(self, *_: object) -> None:
        item = self.list.currentItem()
        if item is not None and item.flags():
            self.chosen.emit(Path(item.data(_PATH)))
            self.accept()


def _words(kept: KeptInspection) -> str:
    if kept.problem:
        return f"{kept.path.name}: {kept.problem}"
    text = f"{kept.split} {kept.episode}, step {kept.step:,}, {format_moment(kept.kept)}"
    if kept.what_if:
        text += f"\n{kept.what_if}"
    return f"{text}\n{kept.note}" if kept.note else text
