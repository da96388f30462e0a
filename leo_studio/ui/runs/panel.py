"""The runs panel: the table, the search above it, the details beside it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import (
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.runs.exported import exported_runs
from leo_studio.figures.records import Exported
from leo_studio.services.records import Notice, NoticeAction, RunEntry, TrainingStatus
from leo_studio.ui.runs.commands import RunCommands
from leo_studio.ui.runs.details import DetailsPane
from leo_studio.ui.runs.filters import FilterBar
from leo_studio.ui.runs.table import RunModel
from leo_studio.ui.runs.view import RunTable
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.panel_keys import UNDO, PanelWithKeys
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

# Details go beside the table where the panel is so many times wider than high.
_WIDE = 1.7
_PACE_MILLISECONDS = 200
_READING = "Reading the runs..."
_NONE = "No runs yet. Press Train in the toolbar: the run is listed here while it learns."


class RunsPanel(PanelWithKeys):
    """Every run on disk, to be found, opened, compared, resumed, annotated and thrown away.

    Wishes go out as signals; `set_shown` says which runs' curves are to be seen.
    """

    show_wanted = Signal(object)  # `Path`: show its curves
    visibility_wanted = Signal(object, bool)  # `Path`: show its curves beside others, or hide them
    compare_wanted = Signal(object)  # tuple of `RunEntry`
    settings_wanted = Signal(object)  # `RunEntry`
    evaluate_wanted = Signal(object)  # `RunEntry`
    episodes_wanted = Signal(object)  # `RunEntry`
    model_wanted = Signal(object)  # `RunEntry`: export what it learned
    report_wanted = Signal(object)  # tuple of `RunEntry`
    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("runs-panel")
        self._controller = controller
        self._awaited: Path | None = None  # to be selected when it is there
        self._is_following = False  # while the current run is selected here
        self.model = RunModel(self)
        self.table = RunTable(self.model, themes)
        self.filters = FilterBar()
        self.details = DetailsPane(controller)
        self.commands = RunCommands(controller, actions, self)
        self.commands.undo_changed.connect(self.worked_in)
        # Sorted by steps, each step may move rows; nobody reads faster than this.
        self._pace = QTimer(self, singleShot=True, interval=_PACE_MILLISECONDS)
        self._pace.timeout.connect(self._show_progress)
        self._places = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        self._add_actions(actions)
        self._connect()
        self._show_runs(controller.runs)
        self.model.follow(controller.status)

    # What the main window asks

    def select(self, path: Path) -> None:
        """Select a run, now or as soon as it is among the runs."""
        row = self.model.row_of(path)
        self._awaited = path if row < 0 else None
        if row < 0:
            return
        if not self.table.select_row(row):
            self.filters.clear()
            self.table.select_row(row)

    def selected(self) -> tuple[RunEntry, ...]:
        """Return the runs that are selected, from top to bottom."""
        return self.table.selected()

    def exported(self) -> Exported | None:
        """Return the runs that filters leave, in their order."""
        return exported_runs(self.table.shown())

    def set_shown(self, paths: Sequence[Path]) -> None:
        """Say which runs' curves are to be seen."""
        self.model.set_shown(paths)
        self._show_selection()

    def offer_interrupted(self) -> None:
        """Offer to go on with the runs that ended with the program, in one notice."""
        runs = [run for run in self._controller.runs if run.status == "interrupted"]
        if not runs:
            return
        if len(runs) == 1:
            how = f"at step {runs[0].step:,} of {runs[0].steps:,}"
            text = f"{runs[0].title} was interrupted {how}; it can go on from its last checkpoint."
        else:
            text = f"{len(runs)} runs were interrupted; they can go on from their last checkpoints."
        resume = NoticeAction(
            "Resume" if len(runs) == 1 else "Resume all", lambda: self.commands.resume(runs)
        )
        show = NoticeAction("Show", lambda: self._show_interrupted(runs))
        self._controller.notified.emit(Notice("warning", text, actions=(resume, show)))

    # How it looks

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the details where there is room."""
        super().resizeEvent(event)
        is_wide = self.width() > _WIDE * self.height()
        wanted = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if self._splitter.orientation() != wanted:
            self._splitter.setOrientation(wanted)
            self._share_room()

    def own_keys(self) -> dict[str, Callable[[], object]]:
        """Take back what was thrown away."""
        return {UNDO: self.commands.undo} if self.commands.can_undo else {}

    def undo_words(self) -> tuple[str, str]:
        """Return what undo takes back."""
        return "moving to the trash" if self.commands.can_undo else "", ""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the selection."""
        if self.table.underMouse() or self.table.hasFocus():
            self.commands.menu().popup(event.globalPos())

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.addWidget(self.filters)
        layout.addWidget(self._splitter, 1)
        self._splitter.addWidget(self._places)
        self._none = Label()
        self._no_match, clear = Label(), QPushButton("Clear search")
        clear.setObjectName("clear-search")
        clear.clicked.connect(self.filters.clear)
        for page in (self.table, _empty(self._none), _empty(self._no_match, clear)):
            self._places.addWidget(page)
        self._splitter.addWidget(self.details)
        self._splitter.setCollapsible(0, False)
        self._splitter.setChildrenCollapsible(False)
        self._share_room()
        self.setTabOrder(self.filters, self.table)

    def _share_room(self) -> None:
        is_wide = self._splitter.orientation() == Qt.Orientation.Horizontal
        self._splitter.setStretchFactor(0, 3 if is_wide else 2)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([680, 320] if is_wide else [600, 400])

    def _add_actions(self, actions: ActionRegistry) -> None:
        actions.add(
            "runs.find",
            "Search runs",
            self._focus_search,
            menu="Runs",
            shortcut="Ctrl+Shift+F",
            glyph=MDI7.magnify,
            tip="Find runs by words of their name, preset, store, note and tags",
        )
        actions.add(
            "library.export",
            "Export table of runs...",
            self.export_wanted.emit,
            menu="Export",
            glyph=MDI7.format_list_bulleted,
            tip="The runs that are shown, with how they stand and their best scores",
        )
        self.details.compare_wanted.connect(actions["runs.compare"].trigger)
        self._details_action = actions.add(
            "runs.details",
            "Details of runs",
            menu="Runs",
            glyph=MDI7.card_text_outline,
            tip="Show everything about the run that is selected",
            toggled=self.details.setVisible,
            is_checked=True,
        )

    def _connect(self) -> None:
        commands, controller = self.commands, self._controller
        commands.show_wanted.connect(self.show_wanted)
        commands.visibility_wanted.connect(self.visibility_wanted)
        commands.compare_wanted.connect(self.compare_wanted)
        commands.settings_wanted.connect(self.settings_wanted)
        commands.evaluate_wanted.connect(self.evaluate_wanted)
        commands.episodes_wanted.connect(self.episodes_wanted)
        commands.export_wanted.connect(self.model_wanted)
        commands.report_wanted.connect(self.report_wanted)
        commands.note_wanted.connect(lambda: self._edit(self.details.editors.note))
        commands.tags_wanted.connect(lambda: self._edit(self.details.editors.tags))
        self.filters.changed.connect(self._search)
        self.table.opened.connect(lambda run: self.show_wanted.emit(run.path))
        self.table.selectionModel().selectionChanged.connect(self._choose)
        controller.current.changed.connect(self._follow_current)
        self.model.eye_toggled.connect(
            lambda run, is_wanted: self.visibility_wanted.emit(run.path, is_wanted)
        )
        controller.runs_changed.connect(self._show_runs)
        controller.presets_changed.connect(lambda _: self._show_selection())
        controller.status_changed.connect(self._follow)

    # What happens

    def _show_runs(self, runs: Sequence[RunEntry]) -> None:
        self.model.show(runs)
        self.table.fit_columns_once()
        self._follow_current()
        self._count()
        self._show_selection()
        if self._awaited is not None:
            self.select(self._awaited)

    def _follow(self, status: TrainingStatus) -> None:
        before = self.model.live
        if (before.state, before.run) != (status.state, status.run):
            self.model.follow(status)
            self._count()
            self._show_selection()
        elif not self._pace.isActive():
            self._pace.start()

    def _show_progress(self) -> None:
        self.model.follow(self._controller.status)
        selected = self.selected()
        if len(selected) == 1 and self.model.is_live(selected[0]):
            self.details.show_progress(selected[0])

    def _search(self) -> None:
        self.table.order.look_for(self.filters.query, self.filters.states)
        self._count()

    def _count(self) -> None:
        found = self.table.order.rowCount(QModelIndex())
        self.filters.count(self.model.entries(), found)
        text = self.filters.line.text().strip()
        self._no_match.setText(f"No run matches “{text}”." if text else "No run is in this state.")
        is_empty = self.model.rowCount() == 0
        self._none.setText(_NONE if self._controller.has_read_runs else _READING)
        self._places.setCurrentIndex(1 if is_empty else 2 if found == 0 else 0)

    def _show_selection(self) -> None:
        runs = self.selected()
        self.details.show_runs(runs)
        self.commands.select(runs, bool(runs) and all(map(self.model.is_shown, runs)))

    def _choose(self, *_: object) -> None:
        """Make the run that a person selects the current one."""
        self._show_selection()
        runs, current = self.selected(), self._controller.current
        if len(runs) == 1 and runs[0].path != current.path and not self._is_following:
            current.choose(runs[0].path)

    def _follow_current(self) -> None:
        """Select the current run, where it is to be seen and others are not selected with it."""
        entry = self._controller.current.entry
        if entry is None or any(run.path == entry.path for run in self.selected()):
            return
        row = self.model.row_of(entry.path)
        self._is_following = True  # else it would be chosen over one that is not read yet
        if row < 0 or not self.table.select_row(row):
            self.table.clearSelection()
        self._is_following = False

    def _show_interrupted(self, runs: Sequence[RunEntry]) -> None:
        if len(runs) == 1:
            self.select(runs[0].path)
        else:
            self.filters.choose("Interrupted")

    def _focus_search(self) -> None:
        self.filters.line.setFocus()
        self.filters.line.selectAll()

    def _edit(self, editor: QWidget) -> None:
        self._details_action.setChecked(True)
        self.details.reveal(editor)


def _empty(label: Label, button: QPushButton | None = None) -> QWidget:
    page = QWidget()
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    layout = QVBoxLayout(page)
    layout.addStretch()
    layout.addWidget(label)
    if button is not None:
        layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignHCenter)
    layout.addStretch()
    return page
