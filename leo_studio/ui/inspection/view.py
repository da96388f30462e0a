"""One inspection in full: its support set, queries, curves, codes and weights, in step.

It is as high as all its parts; who shows it scrolls, so that two of them scroll as one.
"""

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.inspection.records import Inspection, position_name
from engine.projection.linear import LinearBasis
from leo_studio.analysis.formats import format_value
from leo_studio.analysis.inspection.findings import headline, reasons
from leo_studio.services.records import Examples
from leo_studio.ui.inspection.curves import MetricPlot, QueryPlot
from leo_studio.ui.inspection.matrices import ConfusionView, WeightsView
from leo_studio.ui.inspection.part import Part
from leo_studio.ui.inspection.paths import PathsPlot
from leo_studio.ui.inspection.query_table import QueryTable
from leo_studio.ui.inspection.step_bar import StepBar
from leo_studio.ui.inspection.support import SupportView
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

_COLUMN_LETTERS = 62  # there are as many columns as have room for so many letters
_MOST_COLUMNS = 3
# Lines of text: as high as a plot is, and as a matrix is at least, with its edges.
_PLOT_LINES, _MATRIX_LINES, _EDGE_LINES = 16, 15, 8
_BELOW_ALL = 20  # a row of the grid
_MOST_CLASSES = 30
_SUPPORT = "What the classes are learned from: a class in each line, with its examples."
_CONFUSION = "A line for each true class: how many of its queries are taken for which class."
_WEIGHTS = "How alike the classes' weights are: a cosine of 1 is the same direction."
_QUERIES = "Every example that is asked for, and what it is taken for at this step."


class InspectionView(QWidget):
    """Shows one episode; all its parts stand at the same position of the adaptation.

    Parameters
    ----------
    themes
        Colours.
    """

    position_changed = Signal(int)
    queries_wanted = Signal()  # they are what is meant to be seen
    swap_wanted = Signal(int)
    replace_wanted = Signal(int, int)
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
        self._columns = 0
        self._is_beside = False
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
        inner_steps = None if inspection is None else inspection.inner_steps
        self.steps.set_positions(names, position, inner_steps)
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
        self.support.set_reference(reference)
        self.queries.set_reference(reference)
        self._show_curves()

    def set_beside(self, is_beside: bool) -> None:
        """Take less room for words, where there are two sides; tips have the others."""
        self._is_beside = is_beside
        self._say()

    @property
    def uneven(self) -> tuple[QWidget, ...]:
        """The parts whose height follows from what is in them, from the top to the bottom."""
        queries = self.queries
        captions = [
            part.caption for part in (*self._parts, self._queries_part) if isinstance(part, Part)
        ]
        texts = (self.summary, self.movement, *captions)
        return *texts, self.support, queries.controls, queries.view

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
        self.summary.setAlignment(Qt.AlignmentFlag.AlignTop)  # beside one that has more lines
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.movement.setProperty("role", "muted")
        self.movement.setWordWrap(True)
        # Two lines at any width: the parts below it stay where they are from step to step.
        self.movement.setProperty("least_height", 2 * self.fontMetrics().lineSpacing())
        self.movement.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.movement.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addWidget(self.steps)
        layout.addWidget(self.summary)
        layout.addWidget(self.movement)
        layout.addLayout(self._grid, 1)
        # Room that is left over goes below everything: two sides would share it out differently.
        self._grid.setRowStretch(_BELOW_ALL, 1)
        self._make_room()
        self._parts = (
            Part("Support set", _SUPPORT, self.support, stretches=False),
            self.accuracy,
            self.paths,
            Part("Confusion matrix", _CONFUSION, self.confusion, stretches=True),
            self.loss,
            Part("Classifier weights", _WEIGHTS, self.weights, stretches=True),
        )
        self._queries_part = Part("Queries", _QUERIES, self.queries, stretches=False)
        self._arrange(1)

    def _arrange(self, columns: int) -> None:
        """Put the parts into so many columns; the queries have a row of their own."""
        if columns == self._columns:
            return
        self._columns = columns
        top = Qt.AlignmentFlag.AlignTop  # plots have one height, also beside larger matrices
        for place, part in enumerate(self._parts):
            where = Qt.AlignmentFlag(0) if isinstance(part, Part) else top
            self._grid.addWidget(part, place // columns, place % columns, where)
        below = -(-len(self._parts) // columns)
        if columns < _MOST_COLUMNS:
            self._grid.addWidget(self.query, below, 0, 1, columns)
            self._grid.addWidget(self._queries_part, below + 1, 0, 1, columns)
        else:
            self._grid.addWidget(self._queries_part, below, 0, 1, columns - 1)
            self._grid.addWidget(self.query, below, columns - 1, top)
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
        self.support.replace_wanted.connect(self.replace_wanted)
        self.support.drop_wanted.connect(self.drop_wanted)
        self.support.add_wanted.connect(self.add_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room for columns."""
        super().resizeEvent(event)
        room = _COLUMN_LETTERS * self.fontMetrics().averageCharWidth()
        self._arrange(min(_MOST_COLUMNS, max(1, self.width() // room)))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._columns:
            self._make_room()

    def minimumSizeHint(self) -> QSize:
        """Return the least width: every part shortens what has no room."""
        return QSize(super().minimumSizeHint().width(), 12 * self.fontMetrics().height())

    def heightForWidth(self, width: int) -> int:
        """Return the least height: words that wrap would make it as high as they like."""
        parts = self.layout()
        assert parts is not None
        return parts.totalMinimumHeightForWidth(width)

    def _make_room(self) -> None:
        """Give plots their height, and each class a line of the matrices, within reason."""
        height = self.fontMetrics().height()
        for plot in (self.accuracy, self.loss, self.paths, self.query):
            # Between two heights, each of two sides would take another one.
            plot.setFixedHeight(_PLOT_LINES * height)
        n_way = 0 if self.inspection is None else self.inspection.classes.shape[1]
        lines = max(_MATRIX_LINES, min(n_way, _MOST_CLASSES) + _EDGE_LINES)
        for matrix in (self.confusion, self.weights):
            matrix.setMinimumHeight(lines * height)

    def _show_cell(self, row: int, column: int) -> None:
        """Show the queries behind a cell of the confusion matrix."""
        self.queries.show_cell(row, column)
        self.queries_wanted.emit()

    def _say(self) -> None:
        seen = self.inspection
        lines = [] if seen is None else [headline(seen), " ".join(reasons(seen))]
        self.summary.setText("\n".join(lines[:1] if self._is_beside else lines))
        self.summary.setToolTip(as_tip("\n".join(lines) if self._is_beside else ""))

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
