"""The list of all studies, or of all sweeps: what each is, how far it is, and its state."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from leo_studio.ui.widgets.people import as_tip

_ROW = 1.7  # of the height of a line
_IS_MUTED = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class WorkRow(NamedTuple):
    """A row of the list: a name, and what stands in the other columns.

    One that is muted cannot be carried out as it is.
    """

    name: str
    texts: Sequence[str]
    is_muted: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in all columns."""
        return (self.name, *self.texts)


class _Rows(QStyledItemDelegate):
    """Gives rows room above and below their text, and muted ones the colour of such."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of a cell."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), max(size.height(), round(_ROW * option.fontMetrics.height())))

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Take the colour from the palette, which follows the theme."""
        super().initStyleOption(option, index)
        if index.data(_IS_MUTED):
            muted = option.palette.brush(QPalette.ColorRole.PlaceholderText)
            option.palette.setBrush(QPalette.ColorRole.Text, QBrush(muted))


class WorkList(QTreeWidget):
    """Lists studies or sweeps; which one is selected outlasts a change of the others.

    Parameters
    ----------
    name, spoken
        The widget's name, and what people are told who cannot see it.
    columns
        What stands above them, that of the names first.
    stretched
        The column that takes the room that is left.
    right
        Columns of numbers.
    """

    open_wanted = Signal(str)  # the name
    selected = Signal()

    def __init__(
        self,
        name: str,
        spoken: str,
        columns: Sequence[str],
        *,
        stretched: int,
        right: Sequence[int],
    ) -> None:
        super().__init__()
        self.rows: tuple[WorkRow, ...] = ()
        self._right = right
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setHeaderLabels(list(columns))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setItemDelegate(_Rows(self))
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        for column in right:
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.itemDoubleClicked.connect(lambda *_: self._open())
        self.currentItemChanged.connect(lambda *_: self.selected.emit())

    @property
    def name(self) -> str:
        """What is selected; "" for nothing."""
        item = self.currentItem()
        return "" if item is None else item.text(0)

    def show_rows(self, rows: Sequence[WorkRow]) -> None:
        """List rows; nothing moves where all is as before."""
        if self.rows == tuple(rows):
            return
        before = self.name
        with QSignalBlocker(self):
            if [each.name for each in self.rows] != [each.name for each in rows]:
                self.clear()
                self.addTopLevelItems([QTreeWidgetItem() for _ in rows])
            self.rows = tuple(rows)
            for place, row in enumerate(rows):
                self._fill(self._item(place), row)
                if row.name == before or (not before and place == 0):
                    self.setCurrentItem(self._item(place))
        self.selected.emit()

    def select(self, name: str) -> None:
        """Select one of them."""
        for place, row in enumerate(self.rows):
            if row.name == name:
                self.setCurrentItem(self._item(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open what is selected on Enter."""
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def _fill(self, item: QTreeWidgetItem, row: WorkRow) -> None:
        for column, text in enumerate(row.cells):
            item.setText(column, text)
            item.setToolTip(column, as_tip(text))
            item.setData(column, _IS_MUTED, row.is_muted)
        for column in self._right:
            item.setTextAlignment(column, _RIGHT)

    def _item(self, place: int) -> QTreeWidgetItem:
        item = self.topLevelItem(place)
        assert item is not None
        return item

    def _open(self) -> None:
        if self.name:
            self.open_wanted.emit(self.name)
