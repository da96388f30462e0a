"""The layout of the panel Functions: tasks at the left, the plot and what belongs to it right."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.function_records import FunctionRecord, FunctionTable
from leo_studio.analysis.functions.orders import ORDERS
from leo_studio.analysis.functions.sentences import points_words, shares_tip, source_words, summary
from leo_studio.analysis.functions.sources import why_no_functions
from leo_studio.services.current_run import FollowedRun
from leo_studio.ui.functions.codes import CodesPlot
from leo_studio.ui.functions.controls import Controls
from leo_studio.ui.functions.plot import FunctionsPlot
from leo_studio.ui.functions.plot_pair import PlotPair
from leo_studio.ui.functions.readout_line import ReadoutLine
from leo_studio.ui.functions.table import TaskTable
from leo_studio.ui.inspection.step_bar import StepBar
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.checkpoint_box import CheckpointBox
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.line_legend import LineLegend
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.overflow_row import ICON_ALONE, OverflowRow
from leo_studio.ui.widgets.panel_keys import PanelWithKeys
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import NOT_COVERED
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

LARGEST_NUMBER = 999_999
_TABLE_LETTERS = 44  # of the table at first
_LEAST_SHARE = 3  # of the width that the plot has at least, to one of the table
_LEAST_PAGE_LINES = 8  # of text: the page scrolls
_GAP = 3  # pixels between what is beside the tasks: the plots have the room
_ORDERS_TIP = "Put those tasks first that are worth a look"
_SHORT_TEXTS = {
    "undo": "",  # which need no words beside their icons
    "redo": "",
    "back": "Own points",
    "add": "Add",
    "remove": "Remove",
    "keep": "Keep",
    "kept": "Kept points",
    "codes": "Code",
    "posterior": "Limit's functions",
}


class FunctionsLayout(PanelWithKeys):
    """What the panel is made of, and where it stands."""

    def __init__(
        self, controller: "Controller", themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("functions-panel")
        self.followed = FollowedRun(controller.current, self)
        self.banner = RunBanner(controller, self.followed, themes, why_no_functions)
        self.checkpoint = CheckpointBox("functions-step")
        self.table = TaskTable(themes)
        self.number = WholeBox()
        self.words = Label()
        self.table_words = Label()
        self.note = Label()
        self.newer = QPushButton()
        self.source_words = Label()
        self.plot = FunctionsPlot(themes)
        self.codes = CodesPlot(themes)
        self.legend = LineLegend("functions-legend")
        self.steps = StepBar(themes, "Inner loop")
        self.readout = ReadoutLine()
        self._nothing = Label()
        self._places = QStackedWidget()
        self._sides = QSplitter(Qt.Orientation.Horizontal)
        self.plots = PlotPair(self.plot, self.codes)
        self._said_in = 0  # the width of the words when they were set last
        self._is_shared = False  # the width among table and plot

    def undo_words(self) -> tuple[str, str]:
        """Return which changes of points undo takes back and redo makes again."""
        return self.plot.points.undo_words, self.plot.points.redo_words

    def minimumSizeHint(self) -> QSize:
        """Return room for the plot alone: the table can be made narrow."""
        metrics = self.fontMetrics()
        return QSize(40 * metrics.averageCharWidth(), 16 * metrics.height())

    def show_nothing(self, sentence: str) -> None:
        """Say what the panel is for, or why it shows nothing."""
        self._nothing.setText(sentence)
        self._places.setCurrentIndex(0)

    def offer_checkpoint(self, step: int | None) -> None:
        """Offer a checkpoint that the note is about; None for none."""
        self.newer.setVisible(step is not None)
        if step is not None:
            self.newer.setText(f"Show step {step:,}")

    def say_source(self, table: FunctionTable | None) -> None:
        """Say what the tasks of a table are of, where that is a file's functions."""
        words = "" if table is None else source_words(table)
        self.source_words.setText(words)
        self.source_words.setVisible(bool(words))

    def show_parts(self) -> None:
        """Show tasks and plots."""
        self._places.setCurrentIndex(1)
        if not self._is_shared:
            self._is_shared = True
            wanted = _TABLE_LETTERS * self.fontMetrics().averageCharWidth()
            left = min(wanted, self.width() // (1 + _LEAST_SHARE))
            self._sides.setSizes([left, self.width() - left])

    def say(self, record: FunctionRecord, step: int, learner: str, *, is_draft: bool) -> None:
        """Say above the plot what is made of points; it never gets lower, as they are dragged.

        A draft is of the first few samples alone.
        """
        words = summary(record, step, learner)
        self.plot.view.setAccessibleDescription(words)
        about = points_words(
            self.plot.points.kept_as,
            is_changed=record.is_changed,
            samples=record.samples if is_draft else None,
        )
        self.words.setText(about + words)
        self.words.setToolTip(as_tip(shares_tip(record, learner)))
        if self.words.width() != self._said_in:
            self._said_in = self.words.width()
            self.words.setMinimumHeight(0)
        height = self.words.heightForWidth(self._said_in)
        if height > self.words.minimumHeight():
            self.words.setMinimumHeight(height)

    @property
    def has_parts(self) -> bool:
        """Whether tasks and plots are shown."""
        return self._places.currentIndex() == 1

    def lay_out(self, actions: ActionRegistry) -> None:
        """Put everything in its place; buttons are those of commands."""
        self._nothing.setObjectName("functions-nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "muted")
        self._nothing.setMargin(2 * self.fontMetrics().height())
        self._sides.addWidget(self._left(actions))
        self._sides.addWidget(self._right(actions))
        self._sides.setStretchFactor(0, 0)
        self._sides.setStretchFactor(1, 1)
        self._places.addWidget(self._nothing)
        self._places.addWidget(self._sides)
        column = QVBoxLayout(self)
        column.addLayout(self._head())
        column.addWidget(self._places, 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.addWidget(self.banner, 3)
        label = Label("Chec&kpoint")
        label.setBuddy(self.checkpoint)
        head.addWidget(label)
        head.addWidget(self.checkpoint, 1)
        return head

    def _left(self, actions: ActionRegistry) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        orders = _named(actions, {order.name: order.title for order in ORDERS})
        column.addWidget(OverflowRow(self._themes, orders, _ORDERS_TIP, "Sort tasks"))
        self.number.setObjectName("task-number")
        self.number.setRange(0, LARGEST_NUMBER)
        self.number.setToolTip(as_tip("The number of the task in the test split"))
        label = Label("&Task")
        label.setContentsMargins(0, 0, 2, 0)  # its last letter is wider than Qt says
        label.setBuddy(self.number)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.number, 1)
        for name in ("previous", "next"):
            button = QToolButton()
            button.setDefaultAction(actions[f"functions.{name}"])
            row.addWidget(button)
        column.addLayout(row)
        self.table_words.setObjectName("functions-table-words")
        self.table_words.setWordWrap(True)
        self.table_words.setProperty("role", "muted")
        self.source_words.setObjectName("functions-source-words")
        self.source_words.setWordWrap(True)
        self.source_words.setProperty("role", "muted")
        self.source_words.hide()
        column.addWidget(self.source_words)
        column.addWidget(self.table_words)
        column.addWidget(self.table, 1)
        self.note.setObjectName("functions-note")
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        column.addWidget(self.note)
        self.newer.setObjectName("functions-newer")
        self.newer.setToolTip(as_tip("Look at the checkpoint that the run chooses now"))
        self.newer.hide()
        column.addWidget(self.newer)
        self.newer.clicked.connect(self._choose_own_step)
        self.checkpoint.activated.connect(self._choose_checkpoint)
        return left

    def _choose_own_step(self) -> None:
        if (entry := self.followed.entry) is not None:
            self.followed.choose(entry.path, entry.own_step)

    def _choose_checkpoint(self, _place: int) -> None:
        if (entry := self.followed.entry) is not None:
            self.followed.choose(entry.path, self.checkpoint.currentData())

    def _right(self, actions: ActionRegistry) -> QWidget:
        right, plots = QWidget(), QWidget()
        column, page = QVBoxLayout(right), QVBoxLayout(plots)
        for each in (column, page):
            each.setContentsMargins(0, 0, 0, 0)
            each.setSpacing(_GAP)
        self.words.setObjectName("functions-words")
        self.words.setWordWrap(True)
        page.addWidget(self.plots, 1)
        page.addWidget(self.legend)
        self.controls = Controls(self._themes, self.steps, _named(actions, _SHORT_TEXTS))
        for widget in (self.legend, self.controls):
            widget.setProperty(NOT_COVERED, True)
        column.addWidget(self.words)
        column.addWidget(self.readout)
        column.addWidget(_Page(plots), 1)
        column.addWidget(self.controls)
        return right


def _named(actions: ActionRegistry, texts: Mapping[str, str]) -> list[QAction]:
    """Return commands of the panel, which have shorter texts on buttons than in menus."""
    found = []
    for name, text in texts.items():
        action = actions[f"functions.{name}"]
        if text:
            action.setIconText(text)  # a text of a button itself would not last
        action.setProperty(ICON_ALONE, not text)
        found.append(action)
    return found


class _Page(QScrollArea):
    """Scrolls up and down, and is never narrower than what is in it."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave arrows and pages to the panel, for which they have other meanings."""
        event.ignore()

    def minimumSizeHint(self) -> QSize:
        """Return the width of what is in it, with a scroll bar beside it."""
        bar = self.verticalScrollBar().sizeHint().width()
        height = _LEAST_PAGE_LINES * self.fontMetrics().height()
        return QSize(self._inside.minimumSizeHint().width() + bar, height)
