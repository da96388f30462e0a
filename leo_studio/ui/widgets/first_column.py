"""A column of a table that stays at the left while the table is scrolled sideways."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from leo_studio.ui.widgets.row_height import set_row_height
from leo_studio.ui.widgets.sort_header import SortHeader


class FirstColumn(QTableView):
    """Lies over a table while the table's own column, by which rows are known, is out of sight.

    It has the model, the selection and the order of the table's rows. The table calls `place` when
    its size or the widths of its columns have changed.

    Parameters
    ----------
    table
        Has a model, a `SortHeader` and no header beside its rows.
    column
        Which of its columns stays.
    """

    def __init__(self, table: QTableView, column: int = 0) -> None:
        super().__init__(table)
        self._table, self._column = table, column
        self._is_following = False
        self.setObjectName("first-column")
        self.setHorizontalHeader(SortHeader(self))
        self.setModel(table.model())
        self.setSelectionModel(table.selectionModel())
        delegate = table.itemDelegateForColumn(column)
        self.setItemDelegate(delegate if delegate is not None else table.itemDelegate())
        self.setSelectionBehavior(table.selectionBehavior())
        self.setSelectionMode(table.selectionMode())
        self.setAlternatingRowColors(table.alternatingRowColors())
        self.setShowGrid(table.showGrid())
        self.setWordWrap(table.wordWrap())
        self.setTextElideMode(table.textElideMode())
        self.setVerticalScrollMode(table.verticalScrollMode())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusProxy(table)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for other in range(table.model().columnCount()):
            self.setColumnHidden(other, other != column)
        self._connect()
        self.hide()

    def place(self) -> None:
        """Lie over the table's left edge, or hide where its own first column is in sight."""
        table = self._table
        header = table.horizontalHeader()
        column = self._column
        if table.columnViewportPosition(column) >= 0 or table.isColumnHidden(column):
            self.hide()
            return
        set_row_height(self, table.verticalHeader().defaultSectionSize())
        own = self.horizontalHeader()
        own.setFixedHeight(header.height())
        own.setDefaultAlignment(header.defaultAlignment())
        own.setSortIndicatorShown(header.isSortIndicatorShown())
        own.setSortIndicator(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self.setColumnWidth(column, table.columnWidth(column))
        frame = self.frameWidth()
        bottom = table.viewport().geometry().bottom() + frame + 1
        self.setGeometry(0, 0, table.columnWidth(column) + 2 * frame, bottom)
        self.show()
        self.raise_()
        self._follow()

    def _connect(self) -> None:
        table = self._table
        header, bar = table.horizontalHeader(), table.verticalScrollBar()
        table.horizontalScrollBar().valueChanged.connect(self.place)
        for changed in (header.sortIndicatorChanged, header.sectionMoved, header.geometriesChanged):
            changed.connect(self.place)
        bar.valueChanged.connect(self._follow)
        self.verticalScrollBar().rangeChanged.connect(self._follow)
        self.verticalScrollBar().valueChanged.connect(self._lead)
        self.horizontalHeader().sectionClicked.connect(header.sectionClicked)
        self.doubleClicked.connect(table.doubleClicked)

    def _follow(self, *_: object) -> None:
        """Scroll to the table's place, as far as there are rows."""
        self._is_following = True
        self.verticalScrollBar().setValue(self._table.verticalScrollBar().value())
        self._is_following = False

    def _lead(self, value: int) -> None:
        """Scroll the table, as the wheel does over this column.

        While it is hidden it has another height, and so another end, than the table has.
        """
        if self.isVisible() and not self._is_following:
            self._table.verticalScrollBar().setValue(value)
