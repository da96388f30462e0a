"""The browser: thousands of episodes in a table, to sort, filter and walk through."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import BadInput
from engine.inspection.records import EpisodeTable, joined
from leo_studio.analysis.episodes.columns import ACCURACY
from leo_studio.analysis.episodes.exported import exported_episodes
from leo_studio.analysis.episodes.questions import Question
from leo_studio.analysis.episodes.summary import summary, waiting_words
from leo_studio.figures.records import Exported
from leo_studio.services.kept_checkpoints import CheckpointGone
from leo_studio.services.records import EpisodeSource
from leo_studio.ui.episodes.commands import add_actions
from leo_studio.ui.episodes.filter_bar import FilterBar
from leo_studio.ui.episodes.number_question import ask_number
from leo_studio.ui.episodes.remembering import remembered, restore
from leo_studio.ui.episodes.view import EpisodeTableView
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.source_actions import SourceActions
from leo_studio.ui.inspection.source_picker import SourcePicker
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_GROWING_MILLISECONDS = 250  # between two looks of a table that is growing


class EpisodesPanel(QWidget):
    """Goes through episodes in the background and shows them in a table.

    `episode_wanted` is emitted when somebody wants to see one in full, `table_changed` when there
    are other rows.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    selection
        What is looked at, shared with other panels.
    """

    episode_wanted = Signal(int)
    table_changed = Signal(object)  # `EpisodeTable`, or None
    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        selection: EpisodeSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("episodes-panel")
        self._controller = controller
        self._selection = selection
        self._task: Task | None = None
        self._parts: list[EpisodeTable] = []
        self._shown: EpisodeSource | None = None  # whose table is there, or is being made
        self.table: EpisodeTable | None = None
        self._is_hardest_wanted = False  # as soon as all episodes are there
        self.picker = SourcePicker(controller, selection, themes)
        self.filter = FilterBar()
        self.first, self.count = self.filter.first, self.filter.count
        self.bar, self.cancel_button = QProgressBar(), QPushButton("Cancel")
        self.view = EpisodeTableView(themes)
        self.status = Label()
        self._nothing = Label()
        self._places = QStackedWidget()
        self._growing = QTimer(self, singleShot=True, interval=_GROWING_MILLISECONDS)
        self._growing.timeout.connect(self._show_parts)
        self._lay_out()
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        made = add_actions(actions, self)
        self.view.addActions(made[-2:])
        names = [action.objectName() for action in made]
        SourceActions(selection, actions, names, parent=self)
        self._connect()
        self._want_hardest(False)
        self._show_source(selection.source)

    def _lay_out(self) -> None:
        self.status.setObjectName("episodes-status")
        self.status.setProperty("role", "muted")
        self.status.setWordWrap(True)
        self._nothing.setObjectName("episodes-nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "muted")
        self.bar.setObjectName("episodes-progress")
        self.bar.setAccessibleName("Episodes that were gone through")
        self.cancel_button.setObjectName("cancel-episodes")
        self.cancel_button.setToolTip("Stop here; the rows that are there stay")
        going = QHBoxLayout()
        going.addWidget(self.bar, 1)
        going.addWidget(self.cancel_button)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.filter)
        column.addLayout(going)
        column.addWidget(self.view, 1)
        column.addWidget(self.status)
        self._places.addWidget(self._nothing)
        self._places.addWidget(inside)
        layout = QVBoxLayout(self)
        layout.addWidget(self.picker)
        layout.addWidget(self._places, 1)
        layout.addWidget(self.picker.line)  # in the picker, it would move the controls

    def _connect(self) -> None:
        self.filter.start_wanted.connect(self.start)
        self.filter.hardest_wanted.connect(self.want_hardest)
        self.cancel_button.clicked.connect(self.cancel)
        self.picker.line.changed.connect(self._follow)
        self.filter.changed.connect(self._apply)
        self.filter.asked.connect(self.ask)
        self.view.chosen.connect(self._choose)
        self.view.numbers_selected.connect(self._selection.select)
        self.view.current_moved.connect(self._selection.show)
        self.view.episodes.reordered.connect(self._mark)
        self._selection.source_changed.connect(self._show_source)
        self._selection.selected_changed.connect(self._mark)
        self._selection.current_changed.connect(self._mark)
        self._controller.tasks_changed.connect(self._follow)

    # Going through episodes

    def start_or_cancel(self) -> None:
        """Go through the episodes that are asked for, or end that."""
        if self.is_going:
            self.cancel()
        else:
            self.start()

    def start(self) -> None:
        """Go through the episodes that are asked for."""
        source = self._selection.source
        if source is None or self.picker.line.is_lost:
            return
        self._want_hardest(False)
        self.cancel()
        self._parts, self._shown = [], source
        self._set_table(None)
        self._task = self._controller.episodes.tabulate(
            source, self.first.value(), self.count.value(), self._take, self._finish, self._fail
        )
        self._follow()

    def cancel(self) -> None:
        """End it; the rows that are there stay, and the hardest of them is opened if wanted."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._growing.stop()
            self._show_parts()
            self._follow()
            self._open_wanted()

    @property
    def is_going(self) -> bool:
        """Whether rows are still coming."""
        return self._task is not None

    def showEvent(self, event: QShowEvent) -> None:
        """Go through the episodes of a source that was chosen meanwhile."""
        super().showEvent(event)
        self._start_if_new()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop filling the table while the panel is hidden."""
        super().hideEvent(event)
        self._growing.stop()
        if self._parts and self._task is not None:
            self._growing.start()

    def _start_if_new(self) -> None:
        if self.isVisible() and self._selection.source not in (None, self._shown):
            self.start()

    def _show_source(self, source: EpisodeSource | None) -> None:
        self._nothing.setText(self._selection.why_nothing)
        self._places.setCurrentIndex(0 if source is None else 1)
        if source != self._shown:
            self._want_hardest(False)
            self.cancel()
            self._shown = None  # its rows are gone, also if it comes again
            self._set_table(None)
        self._start_if_new()
        self._follow()

    def _take(self, part: EpisodeTable) -> None:
        self._parts.append(part)
        if not self._growing.isActive():
            self._growing.start()

    def _show_parts(self) -> None:
        if self._parts:
            # Joined again and again, but never the same parts twice.
            self._parts = [joined(self._parts)]
            self._set_table(self._parts[0])

    def _finish(self, table: EpisodeTable) -> None:
        self._growing.stop()
        self._task, self._parts = None, []
        self._set_table(table)
        self._follow()
        self._open_wanted()

    def _fail(self, error: BaseException) -> None:
        self._growing.stop()
        self._task = None
        self._want_hardest(False)
        self._show_parts()
        if isinstance(error, CheckpointGone):
            self._controller.refresh_runs()  # and the line above says so, with what is near
        elif not self._controller.run_stores.actions(error):  # else it is told already
            self._controller.notify_failure(error)
        self._follow()

    def _follow(self, *_: object) -> None:
        """Show how far it is, and what can be done now."""
        if self._task is not None and self._task not in self._controller.tasks:
            is_over = self._task.is_cancelled  # by somebody elsewhere; else its rows are coming
            self._task = None
            if is_over:
                self._show_parts()
                self._open_wanted()
        is_lost = self.picker.line.is_lost
        self.picker.line.set_shown(self.table is not None)
        self.filter.start_button.setEnabled(self._selection.source is not None and not is_lost)
        self.filter.hardest_button.setEnabled(self.table is not None or self.is_going)
        for widget in (self.bar, self.cancel_button):
            widget.setVisible(self.is_going)
        fraction = None if self._task is None else self._task.fraction
        self.bar.setRange(0, 0 if fraction is None else 100)
        self.bar.setValue(0 if fraction is None else int(100 * fraction))
        self._say()

    # What is shown

    def want_hardest(self) -> None:
        """Open the hardest episode: at once, or as soon as all that are asked for are computed."""
        if self.is_going:
            self._want_hardest(not self._is_hardest_wanted)
        else:
            self.open_hardest()

    def _want_hardest(self, is_wanted: bool) -> None:
        self._is_hardest_wanted = is_wanted
        self.bar.setFormat("%p %, then the hardest" if is_wanted else "%p % of the episodes")
        self._say()

    def _open_wanted(self) -> None:
        if self._is_hardest_wanted:
            self._want_hardest(False)
            self.open_hardest()

    def ask(self, question: Question) -> None:
        """Set filter and order, or the order alone."""
        self.filter.take(question)
        self.view.sort_by(question.column, is_descending=question.is_descending)
        self._apply()
        self.view.scrollToTop()

    def reveal(self, numbers: frozenset[int]) -> None:
        """Show the rows of what is selected alone, until the filter's chip is pressed."""
        if not numbers or self._selection.source is None:
            return
        asked = range(self.first.value(), self.first.value() + self.count.value())
        if min(numbers) not in asked or max(numbers) not in asked:
            self.first.setValue(0)
            self.count.setValue(max(numbers) + 1)
            self.start()
        self.filter.choose(numbers)
        self._apply()
        self.view.reveal(numbers, self._selection.current)
        self.view.setFocus()

    def open_hardest(self) -> None:
        """Sort by accuracy, and open the episode with the lowest one of those that are meant."""
        self.view.sort_by(ACCURACY, is_descending=False)
        self.filter.stop_waiting()
        self._apply()
        if len(numbers := self.view.episodes.numbers):
            self._selection.select({int(numbers[0])})
            self._choose(int(numbers[0]))

    def _set_table(self, table: EpisodeTable | None) -> None:
        self.table = table
        if table is not None:
            self.filter.set_classes(table.class_names)
        self._apply()
        self.filter.hardest_button.setEnabled(table is not None or self.is_going)
        self.table_changed.emit(table)

    def _apply(self) -> None:
        try:
            mask = None if self.table is None else self.filter.meant(self.table)
            self.filter.set_problem("")
            self.view.show_rows(self.table, mask)
        except BadInput as error:
            self.filter.set_problem(str(error))  # what was shown stays
        self._say()

    def _say(self) -> None:
        """Say what is shown, and show in grey what is not of what stands above it."""
        self.view.episodes.set_grey(self.picker.line.is_lost or self.filter.has_problem)
        if self.view.episodes.table is None and self.filter.has_problem:
            text = "No episodes are shown before the filter is mended or empty."
        elif self.table is not None:
            is_before = self.filter.has_problem
            expression = "" if is_before else self.filter.expression
            text = summary(self.table, self.view.episodes.rows, expression)
            text = f"Still the episodes of the filter before: {text}" if is_before else text
            total = self.count.value() if self.is_going else len(self.table.numbers)
            self.filter.say_shown(len(self.view.episodes.rows), total)
        elif self.is_going:
            text = "Loading the weights, and going through the first episodes..."
        elif self.picker.line.is_lost:
            text = "Nothing was computed before; take another checkpoint above."
        else:
            text = ""
        if self._is_hardest_wanted:
            have = 0 if self.table is None else len(self.table.numbers)
            text = waiting_words(have, self.count.value())
        self.status.setText(text)

    def _mark(self, *_: object) -> None:
        self.view.mark(self._selection.selected, self._selection.current)

    # Walking

    def next(self) -> None:
        """Look at the next episode of the table, in its order."""
        self._step(1)

    def previous(self) -> None:
        """Look at the one before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        numbers = self.view.episodes.numbers
        current = self._selection.current
        place = None if current is None else self.view.episodes.place_of(current)
        if place is not None and 0 <= place + step < len(numbers):
            self._selection.show(int(numbers[place + step]))
        elif place is None and len(numbers):
            self._selection.show(int(numbers[0 if step > 0 else -1]))
        elif not len(numbers) and current is not None and current + step >= 0:
            self._selection.show(current + step)

    def _choose(self, number: int) -> None:
        self._want_hardest(False)  # something else is looked at
        self._selection.show(number)
        self.episode_wanted.emit(number)

    def ask_number(self) -> None:
        """Ask which episode is to be opened."""
        if self._selection.source is None:
            return
        ask_number(self._selection.current or 0, self._choose, self)

    # Out

    def exported(self) -> Exported | None:
        """Return the rows that are shown, in their order."""
        rows = self.view.episodes.rows
        return None if self.table is None else exported_episodes(self.table, rows)

    # Over a restart

    def remembered(self) -> dict[str, object]:
        """Return what a person has set, as plain values."""
        return remembered(self)

    def restore(self, kept: Mapping[str, object]) -> None:
        """Set it again; what makes no sense is ignored."""
        restore(self, kept)
        self._apply()
