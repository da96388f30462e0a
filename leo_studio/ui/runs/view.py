"""The table of runs as a widget: columns that are sorted, moved, hidden and sized by hand."""

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from leo_studio.services.records import RunEntry
from leo_studio.ui.runs.delegates import (
    EyeDelegate,
    SparklineDelegate,
    StateDelegate,
    StepsDelegate,
    TitleDelegate,
)
from leo_studio.ui.runs.table import (
    BEST,
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
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.first_column import FirstColumn
from leo_studio.ui.widgets.row_height import set_row_height
from leo_studio.ui.widgets.sort_header import SortHeader
from leo_studio.ui.widgets.theme import ThemeManager

_NARROWEST = 20  # characters; of the titles of runs at first
_READABLE = 34  # characters of them, which steps and scores may not take
_WIDEST = 56  # characters; of a column at first
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
        self.setHorizontalHeader(SortHeader(self))
        self.setModel(self.order)
        self._is_fitted = False
        self._title_width = 0.0  # that the titles would like to have
        self._exact_widths: dict[int, float] = {}  # of columns, before they were rounded
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # titles differ at both ends
        self.setTabKeyNavigation(False)
        self._set_up_headers()
        self.widths = ColumnWidths(self)
        self.setItemDelegateForColumn(NAME, TitleDelegate(themes, self))
        self.setItemDelegateForColumn(EYE, EyeDelegate(themes, self))
        self.setItemDelegateForColumn(STATE, StateDelegate(themes, self))
        self.setItemDelegateForColumn(STEPS, StepsDelegate(themes, self))
        self.setItemDelegateForColumn(TREND, SparklineDelegate(themes, self))
        self.setSortingEnabled(True)
        self.sortByColumn(DATE, Qt.SortOrder.DescendingOrder)
        self.name_column = FirstColumn(self, NAME)
        self.name_column.activated.connect(self._open)
        self.horizontalHeader().sectionResized.connect(self.name_column.place)
        self.activated.connect(self._open)
        themes.changed.connect(self._follow_text)
        themes.settled.connect(self._follow_text)
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
            across = self.horizontalScrollBar().value()
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
            self.scrollTo(index)
            self.horizontalScrollBar().setValue(across)
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
        self._title_width = self.columnWidth(NAME)
        self._fit_titles()
        self.widths.apply()

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """Leave the selection as it is where an eye is clicked: that turns the eye alone."""
        is_eye = index.column() == EYE and index.flags() & Qt.ItemFlag.ItemIsUserCheckable
        if is_eye and isinstance(event, QMouseEvent):
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return super().selectionCommand(index, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the column of titles be seen as a whole, unless a person gave it a width."""
        super().resizeEvent(event)
        if self._is_fitted and not self.widths.has(NAME):
            self._fit_titles()
        self.name_column.place()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the text's size, which a table behind another panel is given later."""
        super().showEvent(event)
        self._follow_text()

    def _fit_titles(self) -> None:
        """Make the column of titles as narrow as the room is; they are shortened in the middle.

        They leave room for steps and scores, too, as long as they can be read.
        """
        letter = self.fontMetrics().averageCharWidth()
        room = self.viewport().width() - self.columnWidth(EYE) - self.columnWidth(STATE)
        beside = self.columnWidth(STEPS) + self.columnWidth(BEST)
        room = min(room, max(room - beside, _READABLE * letter))
        fewest = _NARROWEST * letter
        self.setColumnWidth(NAME, min(round(self._title_width), max(room, fewest)))

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
            grown = self._character / before
            self._title_width *= grown
            for place in range(len(COLUMNS)):
                if place not in (NAME, EYE) and not self.isColumnHidden(place):
                    self._scale_column(place, grown)
            self.setColumnWidth(EYE, self.verticalHeader().defaultSectionSize())
            self._fit_titles()
            self.widths.apply()

    def _scale_column(self, place: int, grown: float) -> None:
        """Give a column so many times its width, without the pixels that rounding added before."""
        shown, exact = self.columnWidth(place), self._exact_widths.get(place, 0.0)
        width = (exact if round(exact) == shown else shown) * grown
        self._exact_widths[place] = width
        self.setColumnWidth(place, round(width))

    def _size_rows(self) -> None:
        set_row_height(self, round(1.8 * self.fontMetrics().height()))

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
        self.widths.forget()
        self.fit_columns_once()

    def _open(self, index: QModelIndex) -> None:
        if index.column() != EYE and not (run := self._entry(index)).problem:
            self.opened.emit(run)

    def _entry(self, index: QModelIndex) -> RunEntry:
        entry: RunEntry = index.data(Role.ENTRY)
        return entry
