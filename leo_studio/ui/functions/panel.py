"""The panel Functions: tasks of regression, and what a run makes of points that can be moved."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.inspection.function_records import FunctionRecord, FunctionTable
from leo_studio.analysis.functions.exported import exported_functions
from leo_studio.analysis.functions.orders import TaskOrder, going_words
from leo_studio.analysis.functions.sentences import step_names, table_words, values_at
from leo_studio.analysis.functions.sources import (
    has_known_limit,
    newer_checkpoint,
    source_of,
    why_no_functions,
)
from leo_studio.figures.records import Exported, Facts
from leo_studio.services.kept_checkpoints import CheckpointGone
from leo_studio.services.records import EpisodeSource, Notice
from leo_studio.ui.functions.commands import add_commands, name_changes, why_not_done
from leo_studio.ui.functions.layout import LARGEST_NUMBER, FunctionsLayout
from leo_studio.ui.functions.requests import RecordRequests, TableRequests, Wanted
from leo_studio.ui.functions.sharing import PointSharing
from leo_studio.ui.functions.styles import entries
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.panel_keys import REDO, UNDO
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

TASKS = 200  # that the table lists
_FEW_SAMPLES = 30  # while a point is dragged
_REST_MILLISECONDS = 200  # after the last change, before all samples are asked for


class FunctionsPanel(FunctionsLayout):
    """Shows what runs of few-shot regression make of points, beside the Bayes-optimal limit.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    """

    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(controller, themes, parent)
        self._controller = controller
        self._actions = actions
        self.few_samples: int | None = _FEW_SAMPLES  # None: all of them at every move
        self._source: EpisodeSource | None = None
        self._learner = ""
        self._task_number = 0
        self._step: int | None = None  # of the inner loop, that a person chose; else the last
        self._shown: tuple[EpisodeSource, int] | None = None  # what the record is of
        self._order: TaskOrder | None = None  # asked for while the table is under way
        self._newer = ""  # a sentence about a better checkpoint
        self._wants_codes = True
        self._requests = RecordRequests(controller, self._take, self._fail)
        self._tables = TableRequests(controller, self._take_table, self._fail_table)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._rest.timeout.connect(self._ask_about_points)
        add_commands(actions, self)
        self.sharing = PointSharing(controller, actions, self, self)
        self.sharing.named.connect(self._say)
        self.lay_out(actions)
        self._connect()
        self._follow()

    # What is looked at

    @property
    def record(self) -> FunctionRecord | None:
        """What is shown; None where nothing is."""
        return self.plot.record if self._shown is not None else None

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights are asked."""
        return self._source

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._requests.is_busy or self._rest.isActive() or self._tables.is_busy

    def own_keys(self) -> dict[str, Callable[[], object]]:
        """Return what keys do here: steps of the inner loop, other tasks, and changes of points."""
        return {
            UNDO: self.plot.undo,
            REDO: self.plot.redo,
            "Left": lambda: self.steps.move_to(self.steps.position - 1),
            "Right": lambda: self.steps.move_to(self.steps.position + 1),
            "PgUp": lambda: self.go_on(-1),
            "PgDown": lambda: self.go_on(1),
        }

    def look_at(self, number: int) -> None:
        """Look at another task."""
        self._task_number = number
        with QSignalBlocker(self.number):
            self.number.setValue(number)
        self.table.mark(number)
        self._ask()

    # Commands

    def ask(self, order: TaskOrder) -> None:
        """Put the tasks in an order and look at the first, as soon as the tasks are there."""
        number = self.table.arrange(order)
        if self.table.tasks.table is None:
            self._order, number = order, None
        self._show_note()
        if number is not None:
            self.look_at(number)

    def go_on(self, step: int) -> None:
        """Look at the next task of the table, or at the one before."""
        self.look_at(min(self.table.neighbour(self._task_number, step), LARGEST_NUMBER))

    def ask_number(self) -> None:
        """Put the keyboard where the number of a task is written."""
        self.number.setFocus()
        self.number.selectAll()

    def go_back(self) -> None:
        """Undo all changes of points at once."""
        if self.plot.points.is_changed:
            self.plot.go_back()

    def show_codes(self, is_wanted: bool) -> None:
        """Show the way of the code, or fold it away."""
        self._wants_codes = is_wanted
        self._place_codes()

    def show_posterior(self, is_wanted: bool) -> None:
        """Draw functions of the limit's posterior, or no more."""
        self.plot.show_posterior(is_wanted)
        self._show_legend()

    # Following the run

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the run, which nobody needs to while the panel stands behind others."""
        super().showEvent(event)
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        """Want nothing while nobody looks, but for the table that is under way."""
        super().hideEvent(event)
        self.plot.mouse.let_go()
        self.steps.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Want nothing any more."""
        self._end()
        super().closeEvent(event)

    def _follow(self, *_: object) -> None:
        entry = self.followed.entry
        why_none = why_no_functions(entry)
        if entry is None or why_none:
            self._end()
            self._source = self._shown = None
            self.checkpoint.offer(None, None)
            self.show_nothing(why_none)
            self._enable()
            return
        if not self.isVisible():
            return
        before = self._source
        self._source = source_of(entry, self.followed.step, before)
        if entry.experiment is not None:
            self._learner = entry.experiment.learner.short_title()
        self.checkpoint.offer(entry, self._source.step)
        self._newer = newer_checkpoint(entry, self._source)
        self._show_note()
        self.offer_checkpoint(entry.own_step if self._newer else None)
        if before is None or before.run != self._source.run:
            self._shown = None
            self.show_nothing("Loading the weights ...")
        self._tabulate()
        self._ask()

    # Asking

    def _tabulate(self) -> None:
        source = self._source
        if source is not None and source != self._tables.source:
            self._await_tasks()
            self._tables.ask(source, TASKS)
            self._show_note()

    def _show_note(self, problem: str = "") -> None:
        """Say below the table what is under way, and whether there is a better checkpoint."""
        going = going_words(self._order) if self._tables.is_busy else self.table.order_words
        self.note.setText("\n".join(filter(None, (problem or going, self._newer))))

    def _ask(self) -> None:
        """Ask for the task, or for the points in its place where its weights alone are others."""
        source, number = self._source, self._task_number
        if source is None or not self.isVisible() or self._shown == (source, number):
            return
        points = self.plot.points
        keeps = points.is_changed and self._shows_task(source, number)
        changed = (points.x, points.y) if keeps else None
        self._requests.ask(Wanted(source, number, changed, None))

    def _ask_again(self) -> None:
        """Ask about the points as they are now, with few samples, and soon after with all."""
        self._ask_about_points(self.few_samples)
        self._rest.start()
        self._enable()
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):  # else keys would undo another's
            self.plot.setFocus()
        self.worked_in.emit()

    def _ask_about_points(self, samples: int | None = None) -> None:
        source, number, points = self._source, self._task_number, self.plot.points
        if source is not None and self._shows_task(source, number):  # else they are of another
            self._requests.ask(Wanted(source, number, (points.x, points.y), samples))

    def _shows_task(self, source: EpisodeSource, number: int) -> bool:
        """Whether a run's task is the one in the plot, with whatever weights."""
        shown = self._shown
        return shown is not None and (shown[0].run, shown[1]) == (source.run, number)

    def _end(self) -> None:
        self._requests.end()
        self._rest.stop()
        self._tables.end()
        self._order = None

    # Answers

    def _take(self, record: FunctionRecord) -> None:
        source, number = self._source, self._task_number
        if source is None or record.number != number:
            return
        is_other_task = not self._shows_task(source, number)
        if self._shown is None or self._shown[0] != source:
            self.plot.fit_next()
        self._shown = source, number
        self._set_steps(record)
        step = self.steps.position
        self.plot.show_record(record, step, is_other_task=is_other_task)
        if record.codes is not None:
            self.codes.show_record(record, step, is_other_task=is_other_task)
        self._place_codes()
        self._say()
        self._show_legend()
        self.show_parts()
        self._enable()
        if is_other_task and self.plot.points.is_changed:  # before somebody looked at another task
            self._ask_about_points()
        self.sharing.follow()

    def _set_steps(self, record: FunctionRecord) -> None:
        self.table_words.setText(table_words(record.steps))
        names = step_names(record.steps)
        position = record.steps if self._step is None else min(self._step, record.steps)
        if position != self.steps.position or self.steps.slider.maximum() != record.steps:
            self.steps.set_positions(names, position)
            self.controls.use_room()

    def _take_table(self, table: FunctionTable) -> None:
        self.say_source(table)
        self.table.show_table(table, self._learner)
        self.codes.show_tasks(table)
        self.table.mark(self._task_number)
        self._show_note()
        self._enable()
        asked, self._order = self._order, None
        # Whoever works on this task by now stays with it.
        if asked is not None and asked is self.table.order and not self.plot.points.is_changed:
            self.look_at(int(self.table.tasks.numbers[0]))

    def _await_tasks(self) -> None:
        self.say_source(None)
        # How many tasks a file has, nobody knows before they are there.
        count = TASKS if has_known_limit(self.followed.entry) else 0
        self.table.wait(count, self._learner)
        self.table.mark(self._task_number)
        self.codes.show_tasks(None)

    def _fail(self, error: BaseException) -> None:
        self._rest.stop()
        if isinstance(error, CheckpointGone):
            self._controller.refresh_runs()
        else:
            self._controller.notify_failure(error)
        self._shown = None
        self.show_nothing(f"This task cannot be shown.\n\n{error}")
        self._enable()

    def _fail_table(self, error: BaseException) -> None:
        self._show_note(f"The tasks cannot be listed: {error}")
        self._enable()

    # What is seen

    def _move_step(self, step: int) -> None:
        record = self.record
        if record is None:
            return
        self._step = None if step == record.steps else step
        self.plot.show_step(step)
        self.codes.show_step(step)
        self._say()

    def _say(self, *_: object) -> None:
        record = self.record
        if record is not None:
            is_draft = record.is_changed and (self._rest.isActive() or self._requests.is_busy)
            self.say(record, self.steps.position, self._learner, is_draft=is_draft)
        self.readout.refresh()

    def _values_at(self, x: float, _y: float) -> tuple[str, ...]:
        record = self.record
        return () if record is None else values_at(record, self.steps.position, self._learner, x)

    def _show_legend(self, *_: object) -> None:
        record = self.record
        if record is not None:
            self.legend.show_entries(
                entries(
                    self._themes.current,
                    record,
                    self._learner,
                    has_posterior=self.plot.curves.shows_posterior,
                    has_codes=self._wants_codes and record.codes is not None,
                )
            )

    def _place_codes(self) -> None:
        record = self.record
        has_codes = record is not None and record.codes is not None
        self.plots.show_second(self._wants_codes and has_codes)
        self._show_legend()

    def _enable(self) -> None:
        points, table = self.plot.points, self.table.tasks.table
        reasons = why_not_done(self.followed.entry, self.record, points, table, self._learner)
        for name, why_not in reasons.items():
            self._actions.set_reason(f"functions.{name}", why_not)
        name_changes(self._actions, points)
        self.undo_changed.emit()

    def _tell_refused(self, sentence: str) -> None:
        self._controller.notified.emit(Notice("information", sentence))

    def _connect(self) -> None:
        self.followed.changed.connect(self._follow)
        self.table.moved.connect(self.look_at)
        self.table.arranged.connect(self._show_note)
        self.number.valueChanged.connect(self.look_at)
        self.steps.moved.connect(self._move_step)
        self.codes.task_chosen.connect(self.look_at)
        self.readout.follow(self.plot, self._values_at)
        self.readout.follow(self.codes, self.codes.words_at)
        self.plot.edited.connect(self._ask_again)
        self.plot.chosen_changed.connect(self._enable)
        self.plot.refused.connect(self._tell_refused)
        self._themes.changed.connect(self._show_legend)

    def exported(self) -> Exported | None:
        """Return the plot of functions as it is shown, and the numbers behind it."""
        record, source = self.record, self._source
        if record is None or source is None or not self.has_parts:
            return None
        facts: Facts = {"run": source.run.name, "step": source.step, "split": source.split}
        return exported_functions(record, self.steps.position, self._learner, facts)

    # Over a restart

    def remembered(self) -> dict[str, object]:
        """Return what a person has set and looks at, as plain values."""
        return {"task": self._task_number, "codes": self._wants_codes}

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Set it again; what makes no sense is ignored."""
        number, codes = remembered.get("task"), remembered.get("codes")
        if type(number) is int and 0 <= number <= LARGEST_NUMBER:
            self.look_at(number)
        if isinstance(codes, bool):
            self._actions["functions.codes"].setChecked(codes)
