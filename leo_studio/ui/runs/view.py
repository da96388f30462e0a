"""The table of runs as a widget: columns that are sorted, moved, hidden and sized by hand."""

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from leo_studio.services.records import RunEntry
from leo_studio.ui.runs.delegates import (
    EyeDelegate,
    SparklineDelegate,
    StateDelegate,
    StepsDelegate,
)
from leo_studio.ui.runs.table import (
    COLUMNS,
    DATE,
    EYE,
    NAME,
    STATE,
    STEPS,
    TREND,
    Role,
    RunModel,
    RunOrder,
)
from leo_studio.ui.widgets.theme import ThemeManager

_WIDEST = 40  # characters; of a column at first
_SPARKLINE = 16  # characters
_STATES = ("Unreadable", "Interrupted")  # the widest ones, which come later
_MANY_STEPS = "100,000 / 100,000 "


class RunTable(QTableView):
    """Runs as rows; several can be selected."""

    opened = Signal(object)  # `RunEntry`: by Enter or a double click

    def __init__(
        self, model: RunModel, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("runs-table")
        self.setAccessibleName("Runs")
        self.order = RunOrder(self)
        self.order.setSourceModel(model)
        self.setModel(self.order)
        self._is_fitted = False
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self._set_up_headers()
        self.setItemDelegateForColumn(EYE, EyeDelegate(themes, self))
        self.setItemDelegateForColumn(STATE, StateDelegate(themes, self))
        self.setItemDelegateForColumn(STEPS, StepsDelegate(themes, self))
        self.setItemDelegateForColumn(TREND, SparklineDelegate(themes, self))
        self.setSortingEnabled(True)
        self.sortByColumn(DATE, Qt.SortOrder.DescendingOrder)
        self.activated.connect(self._open)
        themes.changed.connect(lambda _: self._follow_text())
        self._character = self.fontMetrics().averageCharWidth()
        self._size_rows()

    def selected(self) -> tuple[RunEntry, ...]:
        """Return the runs that are selected, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows(NAME))
        return tuple(self._entry(self.order.index(row, NAME)) for row in rows)

    def shown(self) -> tuple[RunEntry, ...]:
        """Return the runs that filters leave, from top to bottom."""
        rows = range(self.order.rowCount())
        return tuple(self._entry(self.order.index(row, NAME)) for row in rows)

    def select_row(self, row: int) -> bool:
        """Select a row of the model alone; returns whether it is to be seen."""
        source = self.order.sourceModel().index(row, NAME)
        index = self.order.mapFromSource(source)
        if index.isValid():
            flag = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
            self.scrollTo(index)
        return index.isValid()

    def fit_columns_once(self) -> None:
        """Size the columns by what the first runs hold; later they are the person's."""
        if self._is_fitted or self.order.rowCount() == 0:
            return
        self._is_fitted = True
        character = self.fontMetrics().averageCharWidth()
        self.resizeColumnsToContents()
        for place in range(len(COLUMNS)):
            if place not in (EYE, TREND):
                width = self.columnWidth(place) + character
                self.setColumnWidth(place, min(width, _WIDEST * character))
        self.setColumnWidth(TREND, _SPARKLINE * character)
        # It counts while a run trains.
        states = max(map(self.fontMetrics().horizontalAdvance, _STATES))
        width = states + self.verticalHeader().defaultSectionSize() + 2 * character
        self.setColumnWidth(STATE, max(width, self.columnWidth(STATE)))
        many = self.fontMetrics().horizontalAdvance(_MANY_STEPS)
        self.setColumnWidth(STEPS, max(many, self.columnWidth(STEPS)))
        self.setColumnWidth(EYE, self.verticalHeader().defaultSectionSize())

    def _set_up_headers(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setResizeContentsPrecision(50)  # not all of a thousand runs
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda place: self.column_menu().popup(header.mapToGlobal(place))
        )

    def _follow_text(self) -> None:
        """Keep as many letters in sight when the text has another size."""
        before, self._character = self._character, self.fontMetrics().averageCharWidth()
        self._size_rows()
        if self._is_fitted and before != self._character:
            for place in range(len(COLUMNS)):
                if not self.isColumnHidden(place):
                    width = round(self.columnWidth(place) * self._character / before)
                    self.setColumnWidth(place, width)

    def _size_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(round(1.8 * self.fontMetrics().height()))

    def column_menu(self) -> QMenu:
        """Return a new menu that shows and hides columns."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for section, column in enumerate(COLUMNS):
            action = menu.addAction(column.title or "In curves")
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(section))
            action.setEnabled(section != NAME)
            action.toggled.connect(
                lambda is_on, section=section: self.setColumnHidden(section, not is_on)
            )
        menu.addSeparator()
        menu.addAction("Size columns to contents", self._fit_again)
        return menu

    def _fit_again(self) -> None:
        self._is_fitted = False
        self.fit_columns_once()

    def _open(self, index: QModelIndex) -> None:
        if index.column() != EYE and not (run := self._entry(index)).problem:
            self.opened.emit(run)

    def _entry(self, index: QModelIndex) -> RunEntry:
        entry: RunEntry = index.data(Role.ENTRY)
        return entry
