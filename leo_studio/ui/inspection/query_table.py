"""The table of queries, and the choices above it."""

from collections.abc import Mapping

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.records import Inspection, position_name
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.ui.inspection.queries import (
    BARS,
    DELTA,
    DOUBT,
    FILTERS,
    ORDERS,
    PICTURE,
    PREDICTED,
    TRUE,
    Cell,
    QueryModel,
)
from leo_studio.ui.inspection.query_delegate import LINES_PER_ROW, QueryDelegate
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import without_keys
from leo_studio.ui.widgets.row_height import set_row_height
from leo_studio.ui.widgets.theme import Theme, ThemeManager
from leo_studio.ui.widgets.wheel import ComboBox

_WIDTHS = {PICTURE: 20, TRUE: 20, PREDICTED: 26, BARS: 24, DOUBT: 15, DELTA: 8}  # letters
_NARROW = {PICTURE: 6, TRUE: 13, PREDICTED: 21, BARS: 14, DOUBT: 10, DELTA: 8}
_MOST_LETTERS = 40  # of a name that is shown as a whole
_SPARE = (DOUBT, BARS, PICTURE)  # columns that go, in this order, where there is no room
_SPACING = 10


class _WholeTable(QTableView):
    """A table as high as all its rows: the page around it scrolls, and nothing else."""

    def sizeHint(self) -> QSize:
        """Return room for the header and every row."""
        rows = max(1, self.model().rowCount())
        height = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        return QSize(0, height + rows * self.verticalHeader().defaultSectionSize())

    def minimumSizeHint(self) -> QSize:
        """Return the same: it never scrolls by itself."""
        return self.sizeHint()


class QueryTable(QWidget):
    """All queries of an episode; `selected` is emitted with class and query, or None.

    The query that a person chose stays chosen while the episode, its filter and order change.
    """

    selected = Signal(object)
    arranged = Signal()  # other rows, or in another order
    row_chosen = Signal(int)  # of the split, by a person

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.queries = QueryModel(self)
        self._chosen: int | None = None  # a row of the split
        self._has_delta = False
        self._choices: list[QWidget] = []
        self.controls = QWidget()
        self.view = _WholeTable()
        self.view.setObjectName("query-table")
        self.view.setAccessibleName("Queries")
        self.view.setModel(self.queries)
        self.view.setItemDelegate(QueryDelegate(self.queries, themes, self.view))
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        never = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.view.setVerticalScrollBarPolicy(never)
        self.view.setHorizontalScrollBarPolicy(never)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.widths = ColumnWidths(self.view)
        self.filter, self.order = (
            self._combo("query-filter", FILTERS),
            self._combo("query-order", ORDERS),
        )
        self.cell = QPushButton()
        self.cell.setObjectName("query-cell")
        self.cell.setToolTip("Show the other queries again")
        self.count = Label()
        self.count.setObjectName("query-count")
        self.count.setProperty("role", "muted")
        self._lay_out()
        self.filter.activated.connect(self._arrange)
        self.order.activated.connect(self._arrange)
        self.cell.clicked.connect(lambda: self._show_cell(None))
        themes.changed.connect(self._recolor)
        self.view.selectionModel().currentRowChanged.connect(self._tell)
        self._themes = themes
        self._recolor(themes.current)
        self._count()
        self._fit()

    def show_queries(
        self, inspection: Inspection | None, thumbnails: Thumbnails, position: int
    ) -> None:
        """Show an episode's queries at a position."""
        self.queries.show(inspection, thumbnails, position)
        self._fit_columns()
        self._count()
        self._choose_again()

    def choose(self, row: int) -> None:
        """Choose the query that is a row of the split, where it is shown."""
        if row != self._chosen and (place := self.queries.place_of(row)) is not None:
            self.view.selectRow(place)

    def show_cell(self, true: int, taken: int) -> None:
        """Show what is in a cell of the confusion matrix at this position, and nothing else."""
        seen = self.queries.inspection
        assert seen is not None
        position = min(self.queries.position, seen.codes.shape[1] - 1)
        self._show_cell(Cell(true, taken, position))

    def set_reference(self, reference: Inspection | None) -> None:
        """Compare with the other side."""
        self.queries.set_reference(reference)
        self._has_delta = reference is not None
        self._fit_columns()

    def stand_beside(self, other: "QueryTable | None", *, follows: bool) -> None:
        """Show the same queries at the same height as another table; alone without one."""
        self.queries.stand_beside(None if other is None else other.queries, follows=follows)
        if other is not None and self._chosen is None:
            self._chosen = other._chosen
        for choice in self._choices:
            choice.setVisible(not follows)
        self._count()
        self._choose_again()

    def _combo(self, name: str, texts: tuple[str, ...]) -> QComboBox:
        combo = ComboBox()
        combo.setObjectName(name)
        combo.addItems(list(texts))
        return combo

    def _lay_out(self) -> None:
        flow = FlowLayout(self.controls)
        flow.setContentsMargins(0, 0, 0, 0)
        flow.set_spacings(_SPACING)
        for text, combo in (("Show", self.filter), ("Order", self.order)):
            choice, label = QWidget(), Label(text)
            label.setBuddy(combo)
            row = QHBoxLayout(choice)
            row.setContentsMargins(0, 0, 0, 0)
            for widget in (label, combo):
                row.addWidget(widget)
            self._choices.append(choice)
            flow.addWidget(choice)
        flow.addWidget(self.cell)
        flow.addWidget(self.count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.controls)
        layout.addWidget(self.view)
        layout.addStretch(1)

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        set_row_height(self.view, round(LINES_PER_ROW * metrics.height()))
        self.count.setMinimumHeight(self.filter.sizeHint().height())  # in line with them
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Give each column its room; where there is too little, some go."""
        header, room = self.view.horizontalHeader(), self.view.viewport().width()
        shown = [each for each in _WIDTHS if each != DELTA or self._has_delta]
        widths = self._widths(_WIDTHS)
        if sum(widths[each] for each in shown) > room:
            widths = self._widths(_NARROW)
        for spare in _SPARE:
            if sum(widths[each] for each in shown) > room:
                shown.remove(spare)
        left = room - sum(widths[each] for each in shown)
        # Names are whole before bars become wide; where there are none, predictions take the rest.
        for column in (PREDICTED, TRUE, PICTURE) if BARS in shown else (PREDICTED, TRUE):
            more = max(0, min(left, self._whole(column) - widths[column]))
            widths[column] += more
            left -= more
        last, mode = BARS if BARS in shown else PREDICTED, QHeaderView.ResizeMode
        for column, width in widths.items():
            self.view.setColumnHidden(column, column not in shown)
            header.setSectionResizeMode(column, mode.Stretch if column == last else mode.Fixed)
            self.view.setColumnWidth(column, width)
        self.widths.apply()

    def _whole(self, column: int) -> int:
        """Return how wide a column of names is in which no name is shortened."""
        metrics = self.fontMetrics()
        names = self.queries.names_in(column)
        most = _MOST_LETTERS * metrics.averageCharWidth()
        name = max((min(most, metrics.horizontalAdvance(name)) for name in names), default=0)
        # Beside it are a picture or a marker, and edges.
        beside = LINES_PER_ROW * metrics.height() + 6 if column == PICTURE else metrics.height()
        share = metrics.horizontalAdvance("✗  100 %") if column == PREDICTED else 0
        return name + share + round(beside) + metrics.height()

    def _widths(self, letters: Mapping[int, int]) -> dict[int, int]:
        """Return widths of columns in which their headers are whole."""
        letter, header = self.fontMetrics().averageCharWidth(), self.view.horizontalHeader()
        return {
            column: max(count * letter, header.sectionSizeHint(column))
            for column, count in letters.items()
        }

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room for columns."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)

    def _recolor(self, _theme: Theme) -> None:
        self.cell.setIcon(self._themes.icon(MDI7.close))

    def _arrange(self) -> None:
        self.queries.shown, self.queries.order = self.filter.currentText(), self.order.currentText()
        self.queries.arrange()
        self._count()
        self._choose_again()
        self.arranged.emit()

    def _show_cell(self, cell: Cell | None) -> None:
        self.queries.cell = cell
        self._arrange()
        # Of a cell that was asked for, the first query.
        if cell is not None and not self.view.currentIndex().isValid():
            self.view.selectRow(0)

    def _choose_again(self) -> None:
        """Choose the same query as before; the model has forgotten which it was."""
        place = None if self._chosen is None else self.queries.place_of(self._chosen)
        if place is None:
            self.selected.emit(None)
        else:
            self.view.selectRow(place)

    def _count(self) -> None:
        seen = self.queries.inspection
        asked = 0 if seen is None else int((seen.query[0] >= 0).sum())
        self.count.setText(f"{self.queries.rowCount():,} of {asked:,} queries")
        self.view.updateGeometry()
        cell = self.queries.cell
        self.cell.setVisible(cell is not None)
        if cell is not None and seen is not None:
            one, other = (class_names(seen)[label] for label in (cell.true, cell.taken))
            taken = "that are right" if one == other else f'taken for "{other}"'
            where = position_name(seen, cell.position)
            self.cell.setText(without_keys(f'"{one}" {taken}, {where}'))

    def _tell(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            row = self.queries.query(current.row()).row
            is_other, self._chosen = row != self._chosen, row
            self.selected.emit(self.queries.place_in_episode(current.row()))
            if is_other:
                self.row_chosen.emit(row)


def kept_choices(table: QueryTable) -> dict[str, object]:
    """Return which queries a table shows, and their order, as plain values."""
    return {"query_filter": table.filter.currentText(), "query_order": table.order.currentText()}


def take_choices(table: QueryTable, kept: Mapping[str, object]) -> None:
    """Show queries as they were kept; what makes no sense is ignored."""
    for combo, name in ((table.filter, "query_filter"), (table.order, "query_order")):
        place = combo.findText(str(kept.get(name, "")))
        if place >= 0 and place != combo.currentIndex():
            combo.setCurrentIndex(place)
            combo.activated.emit(place)
