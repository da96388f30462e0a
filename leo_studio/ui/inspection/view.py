"""One inspection in full: its support set, queries, curves, codes and weights, in step."""

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from engine.inspection.records import Inspection, position_name
from engine.projection.linear import LinearBasis
from leo_studio.analysis.formats import format_value
from leo_studio.analysis.inspection.findings import difference, headline, reasons
from leo_studio.services.records import Examples
from leo_studio.ui.inspection.curves import MetricPlot, QueryPlot
from leo_studio.ui.inspection.matrices import ConfusionView, WeightsView
from leo_studio.ui.inspection.paths import PathsPlot
from leo_studio.ui.inspection.query_table import QueryTable
from leo_studio.ui.inspection.step_bar import StepBar
from leo_studio.ui.inspection.support import SupportView
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager

_COLUMN_LETTERS = 62  # there are as many columns as have room for so many letters
_MOST_COLUMNS = 3
_LINES = {"plot": 15, "table": 20, "edges": 8}
_MOST_CLASSES = 30


class _Parts(QWidget):
    """Is as high as its parts need to be: words that wrap would make it as high as they like."""

    def heightForWidth(self, width: int) -> int:
        """Return the least height."""
        parts = self.layout()
        assert parts is not None
        return parts.totalMinimumHeightForWidth(width)


class InspectionView(QWidget):
    """Shows one episode; all its parts stand at the same position of the adaptation.

    Parameters
    ----------
    themes
        Colours.
    """

    position_changed = Signal(int)
    swap_wanted = Signal(int)
    drop_wanted = Signal(int, int)
    add_wanted = Signal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.inspection: Inspection | None = None
        self._reference: Inspection | None = None
        self._thumbnails = Thumbnails()
        self._query: tuple[int, int] | None = None
        self.title = Label()
        self.summary = Label()
        self.steps = StepBar(themes, "Position of the adaptation")
        self.movement = Label()
        self.support = SupportView(themes)
        self.accuracy = MetricPlot(themes, "accuracy")
        self.loss = MetricPlot(themes, "loss")
        self.paths = PathsPlot(themes)
        self.confusion = ConfusionView(themes)
        self.weights = WeightsView(themes)
        self.queries = QueryTable(themes)
        self.query = QueryPlot(themes)
        self._grid = QGridLayout()
        self._scroll = QScrollArea()
        self._columns = 0
        self._lay_out()
        self._connect()

    # What is shown

    def set_inspection(
        self, inspection: Inspection | None, examples: Examples | None = None
    ) -> None:
        """Show an episode, at the position where the last one was; at the end if that was."""
        before = self.inspection
        self.inspection = inspection
        self._thumbnails = Thumbnails(examples)
        last = 0 if inspection is None else inspection.codes.shape[1] - 1
        was_at_end = before is None or self.position == before.codes.shape[1] - 1
        position = last if was_at_end else min(self.position, last)
        names = (
            []
            if inspection is None
            else [position_name(inspection, each) for each in range(last + 1)]
        )
        self.steps.set_positions(names, position)
        self._say()
        self.support.show_support(inspection, self._thumbnails)
        self._show_curves()
        self.paths.show_inspection(inspection)
        # Tells which query is chosen, and so what is drawn of it.
        self.queries.show_queries(inspection, self._thumbnails, position)
        self._show_position(position)
        self._make_room()

    def set_examples(self, examples: Examples | None) -> None:
        """Take pictures and names that came later."""
        self._thumbnails = Thumbnails(examples)
        self.support.show_support(self.inspection, self._thumbnails)
        self.queries.queries.thumbnails = self._thumbnails
        self.queries.view.viewport().update()
        self._show_query(self._query)

    def set_reference(self, reference: Inspection | None) -> None:
        """Say what differs from the other side."""
        if reference is self._reference:
            return  # what is shown was drawn beside it already
        self._reference = reference
        self.queries.set_reference(reference)
        self._show_curves()
        self._say()

    def set_basis(self, basis: LinearBasis | None) -> None:
        """Draw the codes' paths on other axes."""
        self.paths.set_basis(basis)

    def set_editable(self, is_editable: bool) -> None:
        """Offer changes of the support set, or not."""
        self.support.set_editable(is_editable)

    def set_title(self, title: str) -> None:
        """Say which side this is; "" where there is only one."""
        self.title.setText(title)
        self.title.setVisible(bool(title))

    @property
    def position(self) -> int:
        """Where the adaptation stands."""
        return self.steps.position

    def set_position(self, position: int) -> None:
        """Stand elsewhere, without telling of it."""
        if self.inspection is not None:
            position = min(position, self.inspection.codes.shape[1] - 1)
        self.steps.set_position(position)
        self._show_position(position)

    # Its parts

    def _lay_out(self) -> None:
        self.title.setProperty("role", "title")
        self.title.hide()
        self.summary.setObjectName("inspection-summary")
        self.summary.setWordWrap(True)
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.movement.setProperty("role", "muted")
        self.movement.setWordWrap(True)
        # Two lines at any width: the parts below it stay where they are from step to step.
        self.movement.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.movement.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        inside = _Parts()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.summary)
        column.addWidget(self.movement)
        column.addLayout(self._grid, 1)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addWidget(self.steps)
        layout.addWidget(self._scroll, 1)
        height = self.fontMetrics().height()
        for plot in (
            self.accuracy,
            self.loss,
            self.paths,
            self.confusion,
            self.weights,
            self.query,
        ):
            plot.setMinimumHeight(_LINES["plot"] * height)
        self.queries.setMinimumHeight(_LINES["table"] * height)
        self._arrange(1)

    def _arrange(self, columns: int) -> None:
        """Put the parts into so many columns; the queries have a row of their own."""
        if columns == self._columns:
            return
        self._columns = columns
        parts = (
            self.support,
            self.accuracy,
            self.paths,
            self.confusion,
            self.loss,
            self.weights,
        )
        for place, part in enumerate(parts):
            top = Qt.AlignmentFlag.AlignTop if part is self.support else Qt.AlignmentFlag(0)
            self._grid.addWidget(part, place // columns, place % columns, top)
        below = -(-len(parts) // columns)
        if columns < _MOST_COLUMNS:
            self._grid.addWidget(self.queries, below, 0, 1, columns)
            self._grid.addWidget(self.query, below + 1, 0, 1, columns)
        else:
            self._grid.addWidget(self.queries, below, 0, 1, columns - 1)
            self._grid.addWidget(self.query, below, columns - 1)
        for column in range(_MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _connect(self) -> None:
        self.steps.moved.connect(self._moved)
        for plot in (self.accuracy, self.loss, self.query):
            plot.moved.connect(self.steps.move_to)
        for matrix in (self.confusion, self.weights):
            matrix.pointed.connect(self.movement.setText)
        self.queries.selected.connect(self._show_query)
        self.confusion.chosen.connect(self._show_cell)
        self.support.swap_wanted.connect(self.swap_wanted)
        self.support.drop_wanted.connect(self.drop_wanted)
        self.support.add_wanted.connect(self.add_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room for columns."""
        super().resizeEvent(event)
        room = _COLUMN_LETTERS * self.fontMetrics().averageCharWidth()
        self._arrange(min(_MOST_COLUMNS, max(1, self.width() // room)))

    def minimumSizeHint(self) -> QSize:
        """Return the room that one column needs."""
        metrics = self.fontMetrics()
        return QSize(_COLUMN_LETTERS * metrics.averageCharWidth() * 2 // 3, 12 * metrics.height())

    def _make_room(self) -> None:
        """Give each class a line of the matrices, within reason."""
        n_way = 0 if self.inspection is None else self.inspection.classes.shape[1]
        lines = max(_LINES["plot"], min(n_way, _MOST_CLASSES) + _LINES["edges"])
        for matrix in (self.confusion, self.weights):
            matrix.setMinimumHeight(lines * self.fontMetrics().height())

    def _show_cell(self, row: int, column: int) -> None:
        """Show the queries behind a cell of the confusion matrix."""
        self.queries.show_cell(row, column)
        self._scroll.ensureWidgetVisible(self.queries)

    def _say(self) -> None:
        seen, reference = self.inspection, self._reference
        lines = []
        if seen is not None and reference is not None:
            lines.append(difference(seen, reference))
        if seen is not None:
            lines += [headline(seen), " ".join(reasons(seen))]
        self.summary.setText("\n".join(lines))

    def _show_curves(self) -> None:
        for plot in (self.accuracy, self.loss):
            plot.show_inspection(self.inspection, self._reference)

    def _moved(self, position: int) -> None:
        self._show_position(position)
        self.position_changed.emit(position)

    def _show_position(self, position: int) -> None:
        self.queries.queries.set_position(position)
        for plot in (self.accuracy, self.loss, self.paths, self.query):
            plot.set_position(position)
        self.confusion.show_inspection(self.inspection, position)
        self.weights.show_inspection(self.inspection, position)
        text = "" if self.inspection is None else _movement(self.inspection, position)
        self.movement.setText(text)

    def _show_query(self, query: tuple[int, int] | None) -> None:
        self._query = query
        name = ""
        if query is not None and self.inspection is not None:
            name = self._thumbnails.name(int(self.inspection.query[0][query]))
        self.query.show_query(self.inspection, query, name)
        self.query.set_position(self.position)


def _movement(inspection: Inspection, position: int) -> str:
    """Describe the step to a position."""
    if position == 0:
        return "The codes are the means of their distributions; nothing was adapted yet."
    steps = np.diff(inspection.codes[0, position - 1 : position + 1], axis=0)[0]
    length = float(np.linalg.norm(steps, axis=-1).mean())
    losses = inspection.support_loss[0, position - 1 : position + 1]
    before, after = (format_value(float(loss), 3) for loss in losses)
    what = "codes" if position <= inspection.inner_steps else "nearest codes"
    return (
        f"This step moved the {what} by {format_value(length, 3)} on average; the support loss "
        f"went from {before} to {after} nats."
    )
