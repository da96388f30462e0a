"""The layout of the panel Functions: tasks at the left, the plot and what belongs to it right."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.functions.orders import ORDERS
from leo_studio.analysis.functions.sources import why_no_functions
from leo_studio.services.current_run import FollowedRun
from leo_studio.ui.functions.checkpoint_box import CheckpointBox
from leo_studio.ui.functions.codes import CodesPlot
from leo_studio.ui.functions.legend import Legend
from leo_studio.ui.functions.plot import FunctionsPlot
from leo_studio.ui.functions.plot_pair import PlotPair
from leo_studio.ui.functions.table import TaskTable
from leo_studio.ui.inspection.step_bar import StepBar
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.panel_keys import PanelWithKeys
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

LARGEST_NUMBER = 999_999
_TABLE_LETTERS = 44  # of the table at first
_LEAST_SHARE = 3  # of the width that the plot has at least, to one of the table
_LEAST_PAGE_LINES = 8  # of text: the page scrolls
_SHORT_LINES = 26  # with fewer, buttons have no words but in their tips


class FunctionsLayout(PanelWithKeys):
    """What the panel is made of, and where it stands."""

    def __init__(
        self, controller: "Controller", themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("functions-panel")
        self.followed = FollowedRun(controller.current, self)
        self.banner = RunBanner(controller, self.followed, themes, why_no_functions)
        self.checkpoint = CheckpointBox()
        self.table = TaskTable(themes)
        self.number = WholeBox()
        self.words = Label()
        self.note = Label()
        self.plot = FunctionsPlot(themes)
        self.codes = CodesPlot(themes)
        self.legend = Legend()
        self.steps = StepBar(themes, "Inner loop")
        self._nothing = Label()
        self._places = QStackedWidget()
        self._sides = QSplitter(Qt.Orientation.Horizontal)
        self.plots = PlotPair(self.plot, self.codes)
        self._said_in = 0  # the width of the words when they were set last
        self._is_shared = False  # the width among table and plot
        self._buttons: list[QToolButton] = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words of buttons out where there is little room."""
        super().resizeEvent(event)
        self._use_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_room()

    def minimumSizeHint(self) -> QSize:
        """Return room for the plot alone: the table can be made narrow."""
        metrics = self.fontMetrics()
        return QSize(40 * metrics.averageCharWidth(), 16 * metrics.height())

    def _use_room(self) -> None:
        line = self.fontMetrics().height()
        is_short = self.height() < _SHORT_LINES * line
        styles = Qt.ToolButtonStyle
        for button in self._buttons:
            button.setToolButtonStyle(
                styles.ToolButtonIconOnly if is_short else styles.ToolButtonTextBesideIcon
            )

    def show_nothing(self, sentence: str) -> None:
        """Say what the panel is for, or why it shows nothing."""
        self._nothing.setText(sentence)
        self._places.setCurrentIndex(0)

    def show_parts(self) -> None:
        """Show tasks and plots."""
        self._places.setCurrentIndex(1)
        if not self._is_shared:
            self._is_shared = True
            wanted = _TABLE_LETTERS * self.fontMetrics().averageCharWidth()
            left = min(wanted, self.width() // (1 + _LEAST_SHARE))
            self._sides.setSizes([left, self.width() - left])

    def say(self, words: str) -> None:
        """Say something above the plot; it never gets lower by that, as points are dragged."""
        self.words.setText(words)
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
        self._sides.addWidget(_Page(self._right(actions)))
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
        orders = FlowLayout()
        for order in ORDERS:
            orders.addWidget(self._command(actions, f"functions.{order.name}", order.title))
        column.addLayout(orders)
        self.number.setObjectName("task-number")
        self.number.setRange(0, LARGEST_NUMBER)
        self.number.setToolTip(as_tip("The number of the task in the test split"))
        label = Label("&Task")
        label.setContentsMargins(0, 0, 2, 0)  # its last letter is wider than Qt says
        label.setBuddy(self.number)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.number, 1)
        row.addWidget(_button(actions, "functions.previous", ""))
        row.addWidget(_button(actions, "functions.next", ""))
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self.note.setObjectName("functions-note")
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        column.addWidget(self.note)
        return left

    def _right(self, actions: ActionRegistry) -> QWidget:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        self.words.setObjectName("functions-words")
        self.words.setWordWrap(True)
        column.addWidget(self.words)
        column.addWidget(self.plots, 1)
        column.addWidget(self.legend)
        column.addWidget(self.steps)
        commands = FlowLayout()
        for name, text in (
            ("back", "Back to the task"),
            ("add", "Add point"),
            ("remove", "Remove point"),
            ("codes", "Code"),
            ("posterior", "Limit's functions"),
        ):
            commands.addWidget(self._command(actions, f"functions.{name}", text))
        column.addLayout(commands)
        return right

    def _command(self, actions: ActionRegistry, identifier: str, text: str) -> QToolButton:
        """Return a button that has its words where there is room for them."""
        button = _button(actions, identifier, text)
        self._buttons.append(button)
        return button


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


def _button(actions: ActionRegistry, identifier: str, text: str) -> QToolButton:
    """Return a button of a command, with a shorter text than in menus; "" for its icon alone."""
    button = QToolButton()
    if text:
        actions[identifier].setIconText(text)  # a text of the button itself would not last
    button.setDefaultAction(actions[identifier])
    beside, alone = (
        Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
        Qt.ToolButtonStyle.ToolButtonIconOnly,
    )
    button.setToolButtonStyle(beside if text else alone)
    return button
