"""Asks for a class or an example, with pictures and a search line."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from leo_studio.services.records import Examples
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip, as_title

_VALUE = Qt.ItemDataRole.UserRole
_NAME = Qt.ItemDataRole.UserRole + 1  # the whole name, of which the end is shown
_LINES_PER_PICTURE = 4
_SIZE = (56, 26)  # letters and lines


class Chooser(QDialog):
    """A list to search; `chosen` is emitted with what stands behind the line."""

    chosen = Signal(int)

    def __init__(self, title: str, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chooser")
        self.setWindowTitle(as_title(title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        label = Label(hint)
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._take = buttons.addButton("Take it", QDialogButtonBox.ButtonRole.AcceptRole)
        layout = QVBoxLayout(self)
        for widget in (label, self.search, self.list, buttons):
            layout.addWidget(widget)
        metrics = self.fontMetrics()
        letters, lines = _SIZE
        self.resize(letters * metrics.averageCharWidth() * 2, lines * metrics.height())
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._accept)
        self.list.itemActivated.connect(self._accept)
        self.list.currentItemChanged.connect(self._enable)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self._enable()

    def show_classes(self, names: Sequence[str], taken: Sequence[int]) -> None:
        """Offer the classes of a split, but for those that are in the episode."""
        for label in sorted(range(len(names)), key=lambda each: names[each].casefold()):
            if label not in taken:
                item = QListWidgetItem(names[label])
                item.setData(_VALUE, label)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def show_examples(self, examples: Examples, used: Sequence[int]) -> None:
        """Offer the examples of a class; those in use are marked and cannot be chosen."""
        thumbnails = Thumbnails(examples)
        side = _LINES_PER_PICTURE * self.fontMetrics().height()
        if thumbnails.has_images:
            self.list.setViewMode(QListView.ViewMode.IconMode)
            self.list.setResizeMode(QListView.ResizeMode.Adjust)
            self.list.setMovement(QListView.Movement.Static)
            self.list.setIconSize(QSize(side, side))
            room = 14 * self.fontMetrics().averageCharWidth()
            self.list.setGridSize(
                QSize(max(side + 8, room), side + 2 * self.fontMetrics().height())
            )
        for row, name in zip(examples.rows.tolist(), examples.names, strict=True):
            picture = thumbnails.picture(row, side, self.devicePixelRatioF())
            short = name.rsplit("/", 1)[-1]
            item = QListWidgetItem(QIcon() if picture is None else QIcon(picture), short)
            item.setData(_VALUE, row)
            item.setData(_NAME, name)
            item.setToolTip(as_tip(name))
            if row in used:
                item.setText(f"{short} (in use)")
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        first = next((i for i in range(self.list.count()) if self.list.item(i).flags()), 0)
        self.list.setCurrentRow(first)

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        first = None
        for place in range(self.list.count()):
            item = self.list.item(place)
            is_shown = wanted in f"{item.text()} {item.data(_NAME) or ''}".casefold()
            item.setHidden(not is_shown)
            if is_shown and first is None and item.flags():
                first = item
        if first is not None:
            self.list.setCurrentItem(first)
        self._enable()

    def _enable(self, *_: object) -> None:
        item = self.list.currentItem()
        self._take.setEnabled(item is not None and not item.isHidden() and bool(item.flags()))

    def _accept(self, *_: object) -> None:
        item = self.list.currentItem()
        if item is not None and not item.isHidden() and item.flags():
            self.chosen.emit(int(item.data(_VALUE)))
            self.accept()
