"""The browser: thousands of episodes in a table, to sort, filter and walk through."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from fonticon_mdi7 import MDI7
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import BadInput
from engine.inspection.records import EpisodeTable, joined
from leo_studio.analysis.episodes.exported import exported_episodes
from leo_studio.analysis.episodes.filter import matching
from leo_studio.analysis.episodes.summary import summary
from leo_studio.analysis.typed_numbers import read_whole
from leo_studio.figures.records import Exported
from leo_studio.services.records import EpisodeSource
from leo_studio.ui.episodes.filter_bar import QUESTIONS, FilterBar, Question
from leo_studio.ui.episodes.view import EpisodeTableView
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.source_actions import SourceActions
from leo_studio.ui.inspection.source_picker import SourcePicker
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.line_dialog import LineDialog
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_FIRST_COUNT = 1000
_MOST = 100_000
_LARGEST_NUMBER = 2**31 - 1
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
        self.picker = SourcePicker(controller, selection)
        self.first = WholeBox()
        self.count = WholeBox()
        self.start_button = QPushButton()
        self.filter = FilterBar()
        self.view = EpisodeTableView(themes)
        self.status = Label()
        self._nothing = Label()
        self._places = QStackedWidget()
        self._growing = QTimer(self, singleShot=True, interval=_GROWING_MILLISECONDS)
        self._growing.timeout.connect(self._show_parts)
        self._lay_out()
        self._add_actions(actions)
        self._connect()
        self._show_source(selection.source)

    def _lay_out(self) -> None:
        self.first.setObjectName("first-episode")
        self.first.setRange(0, _LARGEST_NUMBER)
        self.count.setObjectName("episode-count")
        self.count.setRange(1, _MOST)
        self.count.setValue(_FIRST_COUNT)
        self.start_button.setObjectName("go-through")
        self.status.setObjectName("episodes-status")
        self.status.setProperty("role", "muted")
        self.status.setWordWrap(True)
        self._nothing.setObjectName("episodes-nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "muted")
        numbers = QHBoxLayout()
        for text, box in (("&From episode", self.first), ("&how many", self.count)):
            label = Label(text)
            label.setBuddy(box)
            numbers.addWidget(label)
            numbers.addWidget(box)
        numbers.addWidget(self.start_button)
        numbers.addStretch(1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(numbers)
        column.addWidget(self.filter)
        column.addWidget(self.view, 1)
        column.addWidget(self.status)
        self._places.addWidget(self._nothing)
        self._places.addWidget(inside)
        layout = QVBoxLayout(self)
        layout.addWidget(self.picker)
        layout.addWidget(self._places, 1)

    def _add_actions(self, actions: ActionRegistry) -> None:
        made = []

        def add(*args: Any, **more: Any) -> QAction:
            made.append(actions.add(*args, menu="Episodes", **more))
            return made[-1]

        add(
            "episodes.next",
            "Next episode",
            self.next,
            shortcut="Alt+Right",
            glyph=MDI7.arrow_right,
        )
        add(
            "episodes.previous",
            "Previous episode",
            self.previous,
            shortcut="Alt+Left",
            glyph=MDI7.arrow_left,
        )
        add("episodes.go_to", "Go to episode...", self._ask_number, shortcut="Ctrl+G")
        for question in QUESTIONS:
            name = question.label.casefold().replace(" ", "_")
            text = "All episodes" if question.label == "All" else question.label
            add(f"episodes.{name}", text, partial(self.ask, question), tip=question.tip)
        copy = add("episodes.copy", "Copy episodes", self.view.copy, glyph=MDI7.content_copy)
        save = actions.add(
            "episodes.export",
            "Export episodes...",
            self.export_wanted.emit,
            menu="Export",
            glyph=MDI7.table_eye,
            tip="The episodes of the table: a figure, a script, or the rows that are shown",
        )
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view.addActions([copy, save])
        SourceActions(self._selection, [*made, save], (), parent=self)

    def _connect(self) -> None:
        self.start_button.clicked.connect(self._start_or_cancel)
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

    def start(self) -> None:
        """Go through the episodes that are asked for."""
        source = self._selection.source
        if source is None:
            return
        self.cancel()
        self._parts, self._shown = [], source
        self._set_table(None)
        self._task = self._controller.episodes.tabulate(
            source, self.first.value(), self.count.value(), self._take, self._finish
        )
        self._follow()

    def cancel(self) -> None:
        """End it; the rows that are there stay."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._growing.stop()
            self._show_parts()
            self._follow()

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

    def _start_or_cancel(self) -> None:
        if self.is_going:
            self.cancel()
        else:
            self.start()

    def _show_source(self, source: EpisodeSource | None) -> None:
        self._nothing.setText(self._selection.why_nothing)
        self._places.setCurrentIndex(0 if source is None else 1)
        if source != self._shown:
            self.cancel()
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

    def _follow(self) -> None:
        """Update the button's text and the progress."""
        task = self._task
        if task is not None and task not in self._controller.tasks:
            self._task = None  # it failed, and a toast says why
        self.start_button.setText("Cancel" if self.is_going else "Go through them")
        self.start_button.setEnabled(self._selection.source is not None)
        self._say()

    # What is shown

    def ask(self, question: Question) -> None:
        """Set filter and order."""
        self.filter.set_expression(question.expression)
        self.view.sort_by(question.column, is_descending=question.is_descending)
        self._apply()
        if len(self.view.episodes.rows):
            self.view.scrollToTop()

    def _set_table(self, table: EpisodeTable | None) -> None:
        self.table = table
        if table is not None:
            self.filter.set_classes(table.class_names)
        self._apply()
        self.table_changed.emit(table)

    def _apply(self) -> None:
        bar = self.view.verticalScrollBar()
        place = bar.value()
        try:
            mask = self._mask()
            self.filter.set_problem("")
        except BadInput as error:
            self.filter.set_problem(str(error))
            return  # what was shown stays
        self.view.episodes.show(self.table, mask)
        bar.setValue(place)
        self._say()

    def _mask(self) -> NDArray[np.bool_] | None:
        if self.table is None:
            return None
        mask = matching(self.filter.expression, self.table)
        name = self.filter.class_name
        if name is not None and name in self.table.class_names:
            mask = mask & (self.table.classes == self.table.class_names.index(name)).any(1)
        return mask

    def _say(self) -> None:
        if self.table is None:
            text = "Going through the first episodes..." if self.is_going else ""
        else:
            text = summary(self.table, self.view.episodes.rows)
        if self._task is not None and self._task.fraction is not None:
            text += f" {100 * self._task.fraction:.0f} % of the episodes are there."
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
        self._selection.show(number)
        self.episode_wanted.emit(number)

    def _ask_number(self) -> None:
        if self._selection.source is None:
            return
        question = "Its &number; every number is an episode:"
        current = str(self._selection.current or 0)
        dialog = LineDialog("Go to episode", question, current, "Go", self._choose_typed, self)
        dialog.setObjectName("go-to-episode")
        dialog.open()

    def _choose_typed(self, text: str) -> None:
        number = read_whole(text)
        if number is None or not 0 <= number <= _LARGEST_NUMBER:
            raise BadInput(
                f'"{text}" is not a whole number from 0 to {_LARGEST_NUMBER}, in digits alone.'
            )
        self._choose(number)

    # Out

    def exported(self) -> Exported | None:
        """Return the rows that are shown, in their order."""
        return (
            None if self.table is None else exported_episodes(self.table, self.view.episodes.rows)
        )
