"""The panel Sweeps: the list of them, what a new one is made of, and the page of one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import BadInput
from leo_studio.analysis.sweep_figure import exported_sweep
from leo_studio.analysis.sweep_files import TABLE_ENDINGS, write_sweep_table
from leo_studio.analysis.sweep_tables import markdown
from leo_studio.analysis.sweep_words import why_no_trial
from leo_studio.figures.records import Exported
from leo_studio.services.records import Notice
from leo_studio.services.sweep_records import (
    AddedSpace,
    SweepList,
    SweepView,
    SweepWanted,
)
from leo_studio.ui.sweeps.commands import add_commands
from leo_studio.ui.sweeps.new_sweep import NewSweep
from leo_studio.ui.sweeps.page import SweepPage
from leo_studio.ui.sweeps.sweep_list import SweepTree
from leo_studio.ui.sweeps.weighing import Weighing
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import sentence_label
from leo_studio.ui.widgets.panel_sharing import PanelSharing
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_HINT = (
    "A sweep searches for better settings by many trials, each a run, chooses by validation, and "
    "tests the best once. Open one to see its trials and to go on with it, or begin another one."
)
_KINDS = "Tables ({})".format(" ".join(f"*{ending}" for ending in TABLE_ENDINGS))
_NO_SWEEP = "Open a sweep in the panel Sweeps first."
_SECONDS_BETWEEN_LOOKS = 3  # at what other processes do
_CHOICE_MILLISECONDS = 250  # after the last change of a choice, before the sweep is read anew


class SweepsPanel(QWidget):
    """Lists sweeps, shows one, and has it carried out in the background.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    """

    export_wanted = Signal()
    run_wanted = Signal(object)  # `Path` of a run that is to be shown

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sweeps-panel")
        self._controller, self._actions = controller, actions
        self._sweeps = controller.sweeps
        self._listing: Task | None = None
        self._reading: Task | None = None
        self._last_under_way = ""  # the sweep that was carried out here just now
        self.list, self.new = SweepTree(), NewSweep()
        self.page = SweepPage(
            themes, controller.devices, self._sweeps.usual_count, add_commands(actions, self)
        )
        self.weighing = Weighing(controller, self.page.show_importance, self)
        self._sharing = PanelSharing(controller, self)
        self._places = QStackedWidget()
        self._open_button = QPushButton("&Open")
        self.problem = sentence_label("sweeps-problem", "error")
        self._look = QTimer(self, interval=1000 * _SECONDS_BETWEEN_LOOKS)
        self._choice = QTimer(self, singleShot=True, interval=_CHOICE_MILLISECONDS)
        self._lay_out()
        self._connect()
        self._follow()

    # The list

    def open_sweep(self, name: str) -> None:
        """Show the page of a sweep that was begun, as it was last asked for."""
        self.list.select(name)
        self._open(SweepWanted(name))

    def open_selected(self) -> None:
        """Open the sweep that is selected."""
        if self.list.name:
            self.open_sweep(self.list.name)

    def open_new(self) -> None:
        """Show the page of a new sweep of what is chosen, or say why there is none."""
        offer = self.new.offer
        if offer is None or (why_not := self.new.why_not()):
            text = self.new.why_not() if offer is None else why_not
            self._controller.notified.emit(Notice("information", text))
            return
        preset = self.new.preset.currentText()
        name = self._sweeps.new_name(preset, offer.name)
        self._open(SweepWanted(name, preset, offer.name))

    def show_all(self) -> None:
        """Go back to the list."""
        self._places.setCurrentIndex(0)
        self._enable()
        self._read_list()

    def add_file(self) -> None:
        """Ask for a space's file of one's own, and choose it for a new sweep."""
        kinds = "Spaces (*.yaml *.yml)"
        self._sharing.ask_file("Add a space", kinds, "space-file", self.take_file)

    def take_file(self, path: Path) -> None:
        """Take a space's file into the library, and choose it for a new sweep."""

        def show(added: AddedSpace) -> None:
            self._wanted_space = added.name
            self.show_all()

        self._sweeps.add_space(path, show)

    # The sweep that is open

    @property
    def view(self) -> SweepView | None:
        """The sweep that is shown; None where there is none."""
        return self.page.view if self._places.currentIndex() == 1 else None

    def start(self) -> None:
        """Carry out what is left of the sweep that is shown, or say why not."""
        if why_not := self._why_not_started():
            self._controller.notified.emit(Notice("information", why_not))
            return
        self._sweeps.carry_out(self._as_chosen(), self._show_running)
        self._follow()

    def stop(self) -> None:
        """End the sweep that is carried out; what trains keeps a checkpoint."""
        self._sweeps.stop()
        self._follow()

    def open_run(self) -> None:
        """Show the run of the chosen trial, or say why there is none."""
        trial = self.page.trial
        if why_not := why_no_trial(self.view, trial):
            self._controller.notified.emit(Notice("information", why_not))
        elif trial is not None:
            self.run_wanted.emit(trial.run)

    def copy_markdown(self) -> None:
        """Put the table and what came of it on the clipboard."""
        if self.view is not None:
            self._sharing.copy_table(markdown(self.view.state, self.weighing.shares))

    def save_table(self) -> None:
        """Ask where to write the table, in which format its ending says."""
        if self.view is None:
            return
        file, title = f"{self.view.name}.md", "Save the sweep's table"
        self._sharing.ask_new_file(title, _KINDS, file, "sweep-save", self.write_table)

    def write_table(self, path: Path) -> None:
        """Write the table in the format that the file's name ends with."""
        if self.view is not None:
            state, shares = self.view.state, self.weighing.shares
            self._sharing.write_table(path, lambda file: write_sweep_table(state, shares, file))

    def exported(self) -> Exported | None:
        """Return what is shown as a figure, and the table's numbers."""
        view = self.view
        return None if view is None else exported_sweep(view, self.weighing.importance)

    # Over a restart

    def remembered(self) -> dict[str, object]:
        """Return which sweep is open; one that was not begun is nowhere yet."""
        view = self.view
        return {"sweep": view.name if view is not None and view.standing != "new" else ""}

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Open the same sweep again."""
        name = remembered.get("sweep")
        if isinstance(name, str) and name:
            self.open_sweep(name)

    # What is read

    def showEvent(self, event: QShowEvent) -> None:
        """Look how sweeps stand, and again as long as the panel is seen."""
        super().showEvent(event)
        self._look.start()
        self._look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more for nobody."""
        self._look.stop()
        super().hideEvent(event)

    def _look_again(self) -> None:
        """Read what somebody may be changing: workers of a cluster hold no lock of the sweep."""
        if self._places.currentIndex() == 0:
            self._read_list()
        elif self.page.wanted.name != self._sweeps.under_way and self._reading is None:
            view = self.page.view
            if view is None or view.standing != "done":
                self._read_as_shown()
            elif self._sweeps.is_elsewhere(view.name):
                self._read(SweepWanted(view.name))

    def _open(self, wanted: SweepWanted) -> None:
        self.page.begin(wanted)
        self.weighing.forget()
        self._places.setCurrentIndex(1)
        self._follow()
        self._read(wanted)

    def _read_list(self) -> None:
        if self._listing is None:
            self._listing = self._sweeps.list(self._show_list, self._list_failed)

    def _list_failed(self, error: BaseException) -> None:
        self._listing = None
        self._controller.notify_failure(error)

    def _read(self, wanted: SweepWanted) -> None:
        if self._reading is not None:
            self._reading.cancel()  # what it finds is of no use any more
        self._reading = self._sweeps.view(wanted, self._show_view, self._say_problem)

    def _read_as_shown(self) -> None:
        """Read the sweep that is open, with what is chosen for it."""
        self._read(self.page.wanted if self.page.view is None else self._as_chosen())

    def _as_chosen(self) -> SweepWanted:
        return self.page.controls.wanted(self.page.wanted)

    def _show_list(self, found: SweepList) -> None:
        self._listing = None
        self.list.show_entries(found.entries)
        self.new.show_offers(found.spaces)
        if self._wanted_space:
            self.new.choose(self._wanted_space)
            self._wanted_space = ""
        self.problem.setText(found.problem)
        self.problem.setVisible(bool(found.problem))
        self._enable()

    def _show_view(self, view: SweepView) -> None:
        self._reading = None
        if view.name != self.page.wanted.name:
            return
        is_first = self.page.view is None
        if is_first or view.standing in ("elsewhere", "under way"):
            self.page.controls.show_view(view)
        self.page.show_view(view, self.weighing.importance)
        if self.isVisible():
            self.weighing.follow(view)
        self._follow()

    def _say_problem(self, error: BaseException) -> None:
        self._reading = None
        if not isinstance(error, BadInput):
            self._controller.notify_failure(error)
        self.page.say_problem(str(error))

    def _show_running(self, view: SweepView) -> None:
        """Show a sweep that is carried out here, if it is the one that is open."""
        if self._places.currentIndex() == 1:
            reading = self._reading
            self._show_view(view)
            self._reading = reading

    # What can be done now

    def _follow(self) -> None:
        """Show whether a sweep is carried out here; read how it stands when it has ended."""
        task, name = self._sweeps.task, self._sweeps.under_way
        before, self._last_under_way = self._last_under_way, name
        if before and not name:
            if self._places.currentIndex() == 0:
                self._read_list()
            elif before == self.page.wanted.name:
                self._read_as_shown()
        self.page.show_running(
            is_under_way=bool(name) and name == self.page.wanted.name,
            is_stopping=task is not None and task.is_cancelled,
            why_not=self._why_not_started(),
        )
        self._enable()

    def _enable(self) -> None:
        view = self.view
        why_no_table = _NO_SWEEP if view is None else ""
        if view is not None and not view.begun:
            why_no_table = "No trial of this sweep has begun yet."
        is_list = self._places.currentIndex() == 0
        is_open = "A sweep is open; go back to all sweeps first."
        no_name = "" if self.list.name else "Select a sweep in the panel Sweeps first."
        task = self._sweeps.task
        is_stoppable = task is not None and not task.is_cancelled
        reasons = {
            "open": no_name if is_list else is_open,
            "new": self.new.why_not() if is_list else is_open,
            "all": "The panel Sweeps shows all of them." if is_list else "",
            "start": self._why_not_started(),
            "stop": "" if is_stoppable else "No sweep is carried out from this window.",
            "run": why_no_trial(self.view, self.page.trial),
            **dict.fromkeys(("markdown", "save", "export"), why_no_table),
        }
        for name, reason in reasons.items():
            self._actions.set_reason(f"sweeps.{name}", reason)
        self._open_button.setEnabled(bool(self.list.name))
        self.new.begin_button.setEnabled(not self.new.why_not())

    def _why_not_started(self) -> str:
        """Say why the sweep that is shown cannot be started; "" where it can."""
        view, now = self.view, self._controller.carrying_out.now
        if view is None:
            return _NO_SWEEP
        if now is not None:
            return f"{now.title} is carried out already; stop it, or wait for it."
        if view.standing == "elsewhere":
            return "Another process carries it out; stop it there, or wait for it."
        if view.standing == "done":
            return "Every run of this sweep is over; ask for more trials to go on."
        return view.why_not

    # How it is made

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        hint = sentence_label("sweeps-hint", "muted")
        hint.setText(_HINT)
        self._open_button.setObjectName("sweep-open")
        self._open_button.setToolTip("Show the trials of the selected sweep")
        row = QHBoxLayout()
        row.addWidget(self._open_button)
        row.addStretch()
        column.addWidget(hint)
        column.addWidget(self.problem)
        self.problem.hide()
        column.addWidget(self.list, 1)
        column.addLayout(row)
        column.addWidget(self.new)
        self._places.addWidget(page)
        self._places.addWidget(self.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._places)

    def _connect(self) -> None:
        self._wanted_space = ""  # to be chosen when the list was read
        self.list.open_wanted.connect(self.open_sweep)
        self.list.selected.connect(self._enable)
        self._open_button.clicked.connect(self.open_selected)
        self.new.wanted.connect(self.open_new)
        self.new.add_wanted.connect(self.add_file)
        self.new.changed.connect(self._enable)
        self.page.back_wanted.connect(self.show_all)
        self.page.start_wanted.connect(self.start)
        self.page.stop_wanted.connect(self.stop)
        self.page.controls.changed.connect(self._choice.start)
        self.page.choice.open_wanted.connect(self.open_run)
        self.page.choice.changed.connect(self._enable)
        self._choice.timeout.connect(self._read_as_shown)
        self._look.timeout.connect(self._look_again)
        self._controller.tasks_changed.connect(self._follow)
