"""The list of all studies: what each is about, how many runs are done, and its state."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from leo_studio.analysis.study_words import STATE_WORDS, runs_text
from leo_studio.services.study_records import StudyEntry
from leo_studio.ui.widgets.people import as_tip

_COLUMNS = ("Study", "About", "Runs done", "State")
_ROW = 1.7  # of the height of a line
_NAME, _ABOUT, _RUNS, _STATE = range(len(_COLUMNS))


class _RoomyRows(QStyledItemDelegate):
    """Gives rows room above and below their text."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of a cell."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), max(size.height(), round(_ROW * option.fontMetrics.height())))


class StudyList(QTreeWidget):
    """Lists studies; which one is selected outlasts a change of the others."""

    open_wanted = Signal(str)  # the name
    selected = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[StudyEntry, ...] = ()
        self.setObjectName("study-list")
        self.setAccessibleName("Studies")
        self.setHeaderLabels(list(_COLUMNS))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setItemDelegate(_RoomyRows(self))
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_ABOUT, QHeaderView.ResizeMode.Stretch)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.headerItem().setTextAlignment(_RUNS, right)
        self.itemDoubleClicked.connect(lambda *_: self._open())
        self.currentItemChanged.connect(lambda *_: self.selected.emit())

    @property
    def name(self) -> str:
        """The study that is selected; "" for none."""
        item = self.currentItem()
        return "" if item is None else item.text(_NAME)

    def show_entries(self, entries: Sequence[StudyEntry]) -> None:
        """List studies; nothing moves where all is as before."""
        if self.entries == tuple(entries):
            return
        before = self.name
        with QSignalBlocker(self):
            if [each.name for each in self.entries] != [each.name for each in entries]:
                self.clear()
                self.addTopLevelItems([QTreeWidgetItem() for _ in entries])
            self.entries = tuple(entries)
            for place, entry in enumerate(entries):
                _fill(self._item(place), entry)
                if entry.name == before or (not before and place == 0):
                    self.setCurrentItem(self._item(place))
        self.selected.emit()

    def select(self, name: str) -> None:
        """Select a study."""
        for place, entry in enumerate(self.entries):
            if entry.name == name:
                self.setCurrentItem(self._item(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the study that is selected on Enter."""
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def _item(self, place: int) -> QTreeWidgetItem:
        item = self.topLevelItem(place)
        assert item is not None
        return item

    def _open(self) -> None:
        if self.name:
            self.open_wanted.emit(self.name)


def _fill(item: QTreeWidgetItem, entry: StudyEntry) -> None:
    texts = (entry.name, entry.problem or entry.about, runs_text(entry), STATE_WORDS[entry.state])
    for column, text in enumerate(texts):
        item.setText(column, text)
        item.setToolTip(column, as_tip(text))
    item.setTextAlignment(_RUNS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
