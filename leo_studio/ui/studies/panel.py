"""The panel Studies: the list of them, and the page of the one that is open."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import BadInput
from leo_studio.analysis.study_files import TABLE_ENDINGS, write_study_table
from leo_studio.analysis.study_tables import latex, markdown
from leo_studio.analysis.study_words import exported_study
from leo_studio.figures.records import Exported
from leo_studio.services.records import Notice
from leo_studio.services.study_records import AddedStudy, StudyEntry, StudyView, StudyWanted
from leo_studio.ui.studies.commands import add_commands
from leo_studio.ui.studies.page import StudyPage
from leo_studio.ui.studies.study_list import StudyList
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import sentence_label
from leo_studio.ui.widgets.panel_sharing import PanelSharing
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_HINT = (
    "A study compares learners over settings, data and seeds, on the same episodes, in one table. "
    "Open one to see what it has measured, and to carry it out."
)
_KINDS = "Tables ({})".format(" ".join(f"*{ending}" for ending in TABLE_ENDINGS))
_SECONDS_BETWEEN_LOOKS = 3  # at what another process does
_CHOICE_MILLISECONDS = 250  # after the last change of a choice, before the study is read anew


class StudiesPanel(QWidget):
    """Lists studies, shows one, and has it carried out in the background.

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
        self.setObjectName("studies-panel")
        self._controller, self._actions = controller, actions
        self._studies = controller.studies
        self._listing: Task | None = None
        self._reading: Task | None = None
        self._last_under_way = ""  # the study that was carried out here just now
        self.list = StudyList()
        self.page = StudyPage(
            themes,
            controller.devices,
            self._studies.usual_count,
            add_commands(actions, self),
        )
        self._sharing = PanelSharing(controller, self)
        self._places = QStackedWidget()
        self._open_button, self._add_button = QPushButton("&Open"), QPushButton("&Add...")
        self._look = QTimer(self, interval=1000 * _SECONDS_BETWEEN_LOOKS)
        self._choice = QTimer(self, singleShot=True, interval=_CHOICE_MILLISECONDS)
        self._lay_out()
        self._connect()
        self._follow()

    # The list

    def open_study(self, name: str) -> None:
        """Show the page of a study, as it was last asked for."""
        self.list.select(name)
        self.page.begin(name)
        self._places.setCurrentIndex(1)
        self._follow()
        self._read(StudyWanted(name))

    def open_selected(self) -> None:
        """Open the study that is selected."""
        if self.list.name:
            self.open_study(self.list.name)

    def show_all(self) -> None:
        """Go back to the list."""
        self._places.setCurrentIndex(0)
        self._enable()
        self._read_list()

    def add_file(self) -> None:
        """Ask for a study's file of one's own, and open the study."""
        kinds = "Studies (*.yaml *.yml)"
        self._sharing.ask_file("Add a study", kinds, "study-file", self.take_file)

    def take_file(self, path: Path) -> None:
        """Take a study's file into the library, and open the study."""

        def show(added: AddedStudy) -> None:
            self._read_list()
            self.open_study(added.name)

        self._studies.add(path, show)

    # The study that is open

    @property
    def view(self) -> StudyView | None:
        """The study that is shown; None where there is none."""
        return self.page.view if self._places.currentIndex() == 1 else None

    def start(self) -> None:
        """Carry out what is left of the study that is shown, or say why not."""
        if why_not := self._why_not_started():
            self._controller.notified.emit(Notice("information", why_not))
            return
        wanted = self.page.controls.wanted(self.page.name)
        self._studies.carry_out(wanted, self.page.controls.at_once.value(), self._show_running)
        self._follow()

    def stop(self) -> None:
        """End the study that is carried out; what trains keeps a checkpoint."""
        self._studies.stop()
        self._follow()

    def open_run(self) -> None:
        """Show the run of the selected entry, or say why there is none."""
        if why_not := self._why_no_run():
            self._controller.notified.emit(Notice("information", why_not))
        else:
            self.page.table.open_run()

    def copy_markdown(self) -> None:
        """Put the table and what its numbers are on the clipboard."""
        if self.view is not None:
            self._sharing.copy_table(markdown(self.view.table))

    def copy_latex(self) -> None:
        """Put the table on the clipboard for a paper."""
        if self.view is not None:
            self._sharing.copy_table(latex(self.view.table))

    def save_table(self) -> None:
        """Ask where to write the table, in which format its ending says."""
        if self.view is None:
            return
        file, title = f"{self.view.name}.md", "Save the study's table"
        self._sharing.ask_new_file(title, _KINDS, file, "study-save", self.write_table)

    def write_table(self, path: Path) -> None:
        """Write the table in the format that the file's name ends with."""
        if self.view is not None:
            table = self.view.table
            self._sharing.write_table(path, lambda file: write_study_table(table, file))

    def exported(self) -> Exported | None:
        """Return what is measured as a figure, and the table's numbers."""
        return None if self.view is None else exported_study(self.view)

    # Over a restart

    def remembered(self) -> dict[str, object]:
        """Return which study is open."""
        return {"study": self.page.name if self._places.currentIndex() == 1 else ""}

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Open the same study again."""
        name = remembered.get("study")
        if isinstance(name, str) and name:
            self.open_study(name)

    # What is read

    def showEvent(self, event: QShowEvent) -> None:
        """Look how studies stand, and again where somebody carries one out."""
        super().showEvent(event)
        self._look.start()
        if self._places.currentIndex() == 0:
            self._read_list()
        elif self._studies.under_way != self.page.name:
            self._read_as_shown()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more for nobody."""
        self._look.stop()
        super().hideEvent(event)

    def _look_again(self) -> None:
        """Read what somebody is changing just now."""
        if self._places.currentIndex() == 0:
            changing = {"under way", "elsewhere"}
            names = {each.name for each in self.list.entries if each.state in changing}
            if names or any(self._studies.is_elsewhere(each.name) for each in self.list.entries):
                self._read_list()
        elif self.view is not None:
            is_elsewhere = self._studies.is_elsewhere(self.page.name)
            if is_elsewhere or self.view.state == "elsewhere":
                self._read(StudyWanted(self.page.name))

    def _read_list(self) -> None:
        if self._listing is None:
            self._listing = self._studies.entries(self._show_entries, self._list_failed)

    def _list_failed(self, error: BaseException) -> None:
        self._listing = None
        self._controller.notify_failure(error)

    def _read(self, wanted: StudyWanted) -> None:
        if self._reading is not None:
            self._reading.cancel()  # what it finds is of no use any more
        self._reading = self._studies.view(wanted, self._show_view, self._say_problem)

    def _read_as_shown(self) -> None:
        """Read the study that is open, with what is chosen for it."""
        if self.view is None:
            self._read(StudyWanted(self.page.name))
        else:
            self._read(self.page.controls.wanted(self.page.name))

    def _show_entries(self, entries: tuple[StudyEntry, ...]) -> None:
        self._listing = None
        self.list.show_entries(entries)

    def _show_view(self, view: StudyView) -> None:
        if view.name == self.page.name:
            if self.page.view is None or view.state in ("elsewhere", "under way"):
                self.page.controls.show_view(view)
            self.page.show_view(view)
            self._follow()

    def _say_problem(self, error: BaseException) -> None:
        if not isinstance(error, BadInput):
            self._controller.notify_failure(error)
        self.page.say_problem(str(error))

    def _show_running(self, view: StudyView) -> None:
        """Show a study that is carried out here, if it is the one that is open."""
        if self._places.currentIndex() == 1:
            self._show_view(view)

    # What can be done now

    def _follow(self) -> None:
        """Show whether a study is carried out here; read how it stands when it has ended."""
        task, name = self._studies.task, self._studies.under_way
        before, self._last_under_way = self._last_under_way, name
        if before and not name:
            if self._places.currentIndex() == 0:
                self._read_list()
            elif before == self.page.name:
                self._read_as_shown()
        self.page.show_running(
            is_under_way=bool(name) and name == self.page.name,
            is_stopping=task is not None and task.is_cancelled,
            why_not=self._why_not_started(),
        )
        self._enable()

    def _enable(self) -> None:
        no_view = "" if self.view is not None else "Open a study in the panel Studies first."
        no_name = "" if self.list.name else "Select a study in the panel Studies first."
        is_list = self._places.currentIndex() == 0
        task = self._studies.task
        is_stoppable = task is not None and not task.is_cancelled
        reasons = {
            "open": no_name if is_list else "A study is open; go back to all studies first.",
            "all": "The panel Studies shows all of them." if is_list else "",
            "start": self._why_not_started(),
            "stop": "" if is_stoppable else "No study is carried out from this window.",
            "run": self._why_no_run(),
            **dict.fromkeys(("markdown", "latex", "save", "export"), no_view),
        }
        for name, reason in reasons.items():
            self._actions.set_reason(f"studies.{name}", reason)
        self._open_button.setEnabled(bool(self.list.name))

    def _why_not_started(self) -> str:
        """Say why the study that is shown cannot be started; "" where it can."""
        view, now = self.view, self._controller.carrying_out.now
        if view is None:
            return "Open a study in the panel Studies first."
        if now is not None:
            return f"{now.title} is carried out already; stop it, or wait for it."
        if view.state == "elsewhere":
            return "Another process carries it out; stop it there, or wait for it."
        if view.state == "done":
            return "Every run of this study is done."
        return view.why_not

    def _why_no_run(self) -> str:
        if self.view is None:
            return "Open a study in the panel Studies first."
        return self.page.table.why_no_run()

    # How it is made

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        hint = sentence_label("studies-hint", "muted")
        hint.setText(_HINT)
        self._open_button.setObjectName("study-open")
        self._open_button.setToolTip("Show the table of the selected study")
        self._add_button.setObjectName("study-add")
        self._add_button.setToolTip("Take a study's file of your own (.yaml) into the library")
        row = QHBoxLayout()
        row.addWidget(self._open_button)
        row.addWidget(self._add_button)
        row.addStretch()
        column.addWidget(hint)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        self._places.addWidget(page)
        self._places.addWidget(self.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._places)

    def _connect(self) -> None:
        self.list.open_wanted.connect(self.open_study)
        self.list.selected.connect(self._enable)
        self._open_button.clicked.connect(self.open_selected)
        self._add_button.clicked.connect(self.add_file)
        self.page.back_wanted.connect(self.show_all)
        self.page.start_wanted.connect(self.start)
        self.page.stop_wanted.connect(self.stop)
        self.page.controls.changed.connect(self._choice.start)
        self.page.table.run_wanted.connect(self.run_wanted)
        self.page.table.selected.connect(self._enable)
        self._choice.timeout.connect(self._read_as_shown)
        self._look.timeout.connect(self._look_again)
        self._controller.tasks_changed.connect(self._follow)
