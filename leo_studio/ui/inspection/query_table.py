"""The table of queries, with pictures, bars and marks painted by a delegate."""

import math

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.records import Inspection, position_name
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.ui.inspection.class_styles import class_color, paint_marker
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
    Index,
    QueryModel,
    QueryRow,
    Role,
)
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import without_keys
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LINES_PER_ROW = 2.0
_WIDTHS = {PICTURE: 20, TRUE: 20, PREDICTED: 26, BARS: 24, DOUBT: 15, DELTA: 8}  # letters
_SPACING = 10
_RIGHT, _WRONG = "✓", "✗"


class QueryDelegate(QStyledItemDelegate):
    """Paints queries."""

    def __init__(self, model: QueryModel, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        query: QueryRow = index.data(Role.QUERY)
        self.initStyleOption(option, index)
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        option.widget.style().drawPrimitive(panel, option, painter, option.widget)
        cell = QRectF(option.rect).adjusted(4, 2, -4, -2)
        theme = self._themes.current
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setPen(QColor(theme.on_accent if is_selected else theme.text))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        column = index.column()
        if column == PICTURE:
            self._paint_picture(painter, cell, query, index)
        elif column in (TRUE, PREDICTED):
            self._paint_class(painter, cell, query, index, is_selected)
        elif column == BARS:
            self._paint_bars(painter, cell, query)
        elif column == DOUBT:
            self._paint_doubt(painter, cell, query)
        else:
            alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(cell, alignment, index.data())
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(0, round(_LINES_PER_ROW * option.fontMetrics.height()))

    def _paint_picture(
        self, painter: QPainter, cell: QRectF, query: QueryRow, index: Index
    ) -> None:
        side = int(cell.height())
        ratio = painter.device().devicePixelRatioF()
        picture = self._model.thumbnails.picture(query.row, side, ratio)
        if picture is not None:
            painter.drawPixmap(cell.topLeft(), picture)
            cell = cell.adjusted(side + 6, 0, 0, 0)
        text = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideLeft, int(cell.width())
        )
        painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_class(
        self, painter: QPainter, cell: QRectF, query: QueryRow, index: Index, is_selected: bool
    ) -> None:
        theme, height = self._themes.current, painter.fontMetrics().height()
        place = query.true if index.column() == TRUE else query.predicted
        centre = QPointF(cell.left() + height / 2, cell.center().y())
        if is_selected:  # else a marker may have the colour that it stands on
            painter.setBrush(QColor(theme.base))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(centre, height / 2, height / 2)
            painter.setPen(QColor(theme.on_accent))
        paint_marker(painter, theme, place, centre, 0.7 * height)
        cell = cell.adjusted(1.2 * height, 0, 0, 0)
        if index.column() == PREDICTED:
            if not is_selected:
                painter.setPen(QColor(theme.success if query.is_right else theme.danger))
            mark = _RIGHT if query.is_right else _WRONG
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, mark)
            cell = cell.adjusted(painter.fontMetrics().horizontalAdvance(f"{mark} "), 0, 0, 0)
        text = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideMiddle, int(cell.width())
        )
        painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bars(self, painter: QPainter, cell: QRectF, query: QueryRow) -> None:
        theme, count = self._themes.current, len(query.probabilities)
        width = cell.width() / count
        for place, probability in enumerate(query.probabilities.tolist()):
            left = cell.left() + place * width
            room = QRectF(left + 1, cell.top(), max(1.0, width - 2), cell.height())
            painter.fillRect(room, QColor(theme.window))
            height = room.height() * probability
            bar = QRectF(room.left(), room.bottom() - height, room.width(), height)
            painter.fillRect(bar, class_color(theme, place))
            if place == query.true:
                painter.setPen(QPen(QColor(theme.text), 1))
                painter.drawRect(room)
            if query.low is not None and query.high is not None:
                low, high = float(query.low[place]), float(query.high[place])
                if room.height() * (high - low) >= 1:
                    middle = room.center().x()
                    painter.setPen(QPen(QColor(theme.text), 1.5))
                    painter.drawLine(
                        QPointF(middle, room.bottom() - room.height() * low),
                        QPointF(middle, room.bottom() - room.height() * high),
                    )

    def _paint_doubt(self, painter: QPainter, cell: QRectF, query: QueryRow) -> None:
        theme, most = self._themes.current, self._model.most_entropy
        bar = cell.adjusted(0, cell.height() / 4, 0, -cell.height() / 4)
        painter.fillRect(bar, QColor(theme.window))
        if math.isnan(query.expected):
            return
        expected = bar.width() * min(1.0, query.expected / most)
        information = bar.width() * min(1.0, query.information / most)
        light = QColor(theme.accent)
        light.setAlpha(110)
        painter.fillRect(QRectF(bar.left(), bar.top(), expected, bar.height()), light)
        part = QRectF(bar.left() + expected, bar.top(), information, bar.height())
        painter.fillRect(part, QColor(theme.series_color(1)))


class QueryTable(QWidget):
    """All queries of an episode; `selected` is emitted with class and query, or None.

    The query that a person chose stays chosen while the episode, its filter and order change.
    """

    selected = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.queries = QueryModel(self)
        self._chosen: int | None = None  # a row of the split
        self.view = QTableView()
        self.view.setObjectName("query-table")
        self.view.setAccessibleName("Queries")
        self.view.setModel(self.queries)
        self.view.setItemDelegate(QueryDelegate(self.queries, themes, self.view))
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.view.horizontalHeader().setSectionResizeMode(BARS, QHeaderView.ResizeMode.Stretch)
        self.view.setColumnHidden(DELTA, True)
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
        self._count()
        self._choose_again()

    def show_cell(self, true: int, taken: int) -> None:
        """Show what is in a cell of the confusion matrix at this position, and nothing else."""
        seen = self.queries.inspection
        assert seen is not None
        position = min(self.queries.position, seen.codes.shape[1] - 1)
        self._show_cell(Cell(true, taken, position))

    def set_reference(self, reference: Inspection | None) -> None:
        """Compare with the other side."""
        self.queries.set_reference(reference)
        self.view.setColumnHidden(DELTA, reference is None)

    def _combo(self, name: str, texts: tuple[str, ...]) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(name)
        combo.addItems(list(texts))
        return combo

    def _lay_out(self) -> None:
        flow = FlowLayout()
        flow.setContentsMargins(0, 0, 0, 0)
        flow.set_spacings(_SPACING)
        for text, combo in (("Show", self.filter), ("Order", self.order)):
            holder, label = QWidget(), Label(text)
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            label.setBuddy(combo)
            row.addWidget(label)
            row.addWidget(combo)
            flow.addWidget(holder)
        flow.addWidget(self.cell)
        flow.addWidget(self.count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(flow)
        layout.addWidget(self.view, 1)

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        self.view.verticalHeader().setDefaultSectionSize(round(_LINES_PER_ROW * metrics.height()))
        self.count.setMinimumHeight(self.filter.sizeHint().height())  # in line with them
        header = self.view.horizontalHeader()
        for column, letters in _WIDTHS.items():
            width = max(letters * metrics.averageCharWidth(), header.sectionSizeHint(column))
            self.view.setColumnWidth(column, width)

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
        cell = self.queries.cell
        self.cell.setVisible(cell is not None)
        if cell is not None and seen is not None:
            one, other = (class_names(seen)[label] for label in (cell.true, cell.taken))
            taken = "that are right" if one == other else f'taken for "{other}"'
            where = position_name(seen, cell.position)
            self.cell.setText(without_keys(f'"{one}" {taken}, {where}'))

    def _tell(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._chosen = self.queries.query(current.row()).row
            self.selected.emit(self.queries.place_in_episode(current.row()))
