"""The main window: panels in docks, the requests between them, and how it closes."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMessageBox

from engine.config import load_experiment
from engine.errors import BadInput
from engine.events import StateChanged
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.opening import Openable, find_openable
from leo_studio.services.preferences import Preferences, save_preferences
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.experiment import ExperimentPanel
from leo_studio.ui.panel_export import PanelExports
from leo_studio.ui.queue.panel import QueuePanel
from leo_studio.ui.runs import RunsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.widgets.people import as_title
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.command_palette import CommandPalette, PaletteEntry
from leo_studio.ui.window.docks import Docks
from leo_studio.ui.window.drop import DropTarget
from leo_studio.ui.window.episode_panels import EpisodePanels
from leo_studio.ui.window.import_dialog import ImportDialog
from leo_studio.ui.window.menus import Menus
from leo_studio.ui.window.report import ask_for_report
from leo_studio.ui.window.shortcut_sheet import ShortcutRow, ShortcutSheet
from leo_studio.ui.window.status_bar import fill_status_bar
from leo_studio.ui.window.store_location import ask_for_store
from leo_studio.ui.window.toasts import Toasts
from leo_studio.ui.window.training_actions import add_training_actions
from leo_studio.ui.window.window_actions import add_window_actions
from leo_studio.ui.window.window_state import (
    put_newer_aside,
    restore_window_state,
    save_window_state,
)

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller
    from leo_studio.ui.comparison import ComparisonPanel
    from leo_studio.ui.evaluation import EvaluationPanel

PLOT_HINTS = (
    ShortcutRow("Plots", "Wheel", "Zoom around the mouse; over an axis, that axis alone"),
    ShortcutRow("Plots", "Drag", "Move what is shown"),
    ShortcutRow("Plots", "Right drag", "Zoom each axis by itself"),
    ShortcutRow("Plots", "Right click", "What this plot can do"),
    ShortcutRow("Latent space", "Shift+Drag", "Select episodes; with Ctrl, more of them"),
    ShortcutRow("Latent space", "Click", "Look at an episode; twice, bring its page to the front"),
    ShortcutRow("Latent space", "Esc", "Select nothing"),
)
# A store of gigabytes that is being read cannot be interrupted; after this long the process ends
# anyway, and the run reads as interrupted.
_CLOSING_SECONDS = 20.0
_CLOSING_STEP_MILLISECONDS = 20
_REST_MILLISECONDS = 200  # after the start, when the window has long been usable
_MOST_RUNS_OFFERED = 200
_FIRST_SIZE = QSize(1480, 940)  # where the screen has room for it


class MainWindow(QMainWindow):
    """LEO Studio's window.

    Parameters
    ----------
    controller
        The way to the engine; closed with the window.
    themes
        Colours and text size.
    preferences
        As they were left.
    """

    def __init__(
        self, controller: "Controller", themes: ThemeManager, preferences: Preferences
    ) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("LEO Studio")
        self.controller = controller
        self.themes = themes
        self.preferences = preferences
        self.actions_registry = ActionRegistry(themes, self)
        self.toasts = Toasts(self, themes)
        self.palette_popup = CommandPalette(self.actions_registry, themes, self)
        self.is_complete = False  # all panels are made
        self._is_closing = False
        self._is_closed = False

        self._parts = WindowParts(controller, self.actions_registry, themes)
        self.docks = Docks(self)
        self._add_docks()
        self.exports = PanelExports(self._parts, self)
        self.episode_panels = EpisodePanels(self._parts, self.docks, self.exports, self)
        self._menus = Menus(
            self, self.actions_registry, lambda: self.preferences.recent_files, self.open_path
        )
        add_training_actions(self._parts, self.train)
        self.experiment = self.docks.fill("experiment", partial(ExperimentPanel, *self._parts))
        self.curves = self.docks.fill("curves", partial(CurvesPanel, *self._parts))
        self.runs = self.docks.fill("runs", partial(RunsPanel, *self._parts))
        self.queue = self.docks.fill("queue", partial(QueuePanel, *self._parts))
        self.exports.add(self.curves)
        self.exports.add(self.runs)
        add_window_actions(self._parts, self, window=self)
        self._shortcuts = ShortcutSheet(self.actions_registry, PLOT_HINTS, themes, self)
        fill_status_bar(self.statusBar(), controller, themes)
        self._drops = DropTarget(self, controller, themes)
        self._connect()
        self.resize(_FIRST_SIZE.boundedTo(self.screen().availableSize()))
        if sentence := put_newer_aside(self._state_file):
            controller.notified.emit(Notice("warning", sentence))
        self._is_first_layout = not restore_window_state(self, self._state_file)
        if self._is_first_layout:
            self.docks.arrange()
        self.curves.set_smoothing(preferences.smoothing)
        self.apply_preferences(preferences)

    # Panels that stand behind others at first: a start should not wait for them.

    @cached_property
    def evaluation(self) -> "EvaluationPanel":
        """The Evaluation panel, made when it is first asked for."""
        from leo_studio.ui.evaluation import EvaluationPanel

        panel = self.docks.fill("evaluation", partial(EvaluationPanel, *self._parts))
        self.exports.add(panel)
        return panel

    @cached_property
    def comparison(self) -> "ComparisonPanel":
        """The Comparison panel, made when it is first asked for."""
        from leo_studio.ui.comparison import ComparisonPanel

        panel = self.docks.fill("comparison", partial(ComparisonPanel, *self._parts))
        panel.curves_wanted.connect(self._overlay)
        self.exports.add(panel)
        return panel

    @property
    def _state_file(self) -> Path:
        return self.controller.library.root / "window.ini"

    def begin(self, to_open: Sequence[str], link: EpisodeLink | None = None) -> None:
        """Fill the window: presets, stores and runs, what is to be opened, and an episode."""
        self.controller.runs_changed.connect(
            self._offer_interrupted, Qt.ConnectionType.SingleShotConnection
        )
        self.controller.refresh_runs()
        for path in to_open:
            self.open_path(path)
        QTimer.singleShot(0, self, self._read_library)
        if link is not None:
            self.episode_panels.open_link(link)
        self._rest = self._make_the_rest()
        QTimer.singleShot(_REST_MILLISECONDS, self, self._make_next)

    def _make_the_rest(self) -> Iterator[object]:
        yield self.curves.plots
        yield self.evaluation
        yield self.comparison
        yield from self.episode_panels.make()

    def _make_next(self) -> None:
        """Make one panel at a time: the window answers in between."""
        if self._is_closing:
            return
        if next(self._rest, None) is not None:
            QTimer.singleShot(0, self, self._make_next)
        else:
            self.is_complete = True

    def _read_library(self) -> None:
        self.controller.refresh_presets()
        self.controller.refresh_stores()
        self.controller.draw_glyphs()
        self.controller.sweep_drafts()

    def open(self, openable: Openable) -> None:
        """Open a run, a store, a preset or an archive."""
        try:
            match openable.kind:
                case "run":
                    self.controller.include_run(openable.path)
                    self.show_run(openable.path)
                case "store":
                    self._use_store(str(openable.path))
                case "preset":
                    self.experiment.load(load_experiment(openable.path), title=openable.name)
                    self.docks.show("experiment")
                case "archive" if openable.path.suffix == ".npz":
                    self.controller.imports.arrays(openable.path, self._use_store)
                case "archive":
                    self.controller.imports.released(openable.path)
                case "bundle":
                    self.controller.exports.import_bundle(openable.path, self._show_imported)
        except (BadInput, OSError) as error:  # a name that is too long, a closed folder
            self.controller.notify_failure(error)
            return
        self._remember_file(openable.path)

    def open_path(self, path: str) -> None:
        """Open what a path, or a name in the library, stands for."""
        try:
            openable = find_openable(self.controller.library, path)
        except (BadInput, OSError) as error:
            self.controller.notify_failure(error)
            return
        self.open(openable)

    def export_model(self, run: RunEntry | None = None) -> None:
        """Ask what of a run is exported, as what and where to."""
        from leo_studio.ui.window.export_dialog import ExportDialog

        dialog = ExportDialog(self.controller, run, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _show_imported(self, run: Path) -> None:
        self.controller.notified.emit(Notice("success", f"Imported {run.name}."))
        self.controller.include_run(run)
        self.show_run(run)

    def show_run(self, path: Path) -> None:
        """Show a run's curves, and select it among the runs."""
        self.curves.show_run(path, path.name)
        self.runs.select(path)
        self.docks.show("curves")

    def compare_runs(self, entries: tuple[RunEntry, ...]) -> None:
        """Show what differs between runs, and how they did."""
        self.comparison.show_runs(entries)
        self.docks.show("comparison")

    def evaluate_run(self, entry: RunEntry) -> None:
        """Show a run's evaluations, and the form for another one."""
        self.evaluation.set_run(entry)
        self.docks.show("evaluation")

    def showEvent(self, event: QShowEvent) -> None:
        """Share the room among the docks, where no earlier session did."""
        super().showEvent(event)
        if self._is_first_layout:
            self._is_first_layout = False
            self.docks.share_room()

    # Training

    def train(self) -> None:
        """Train the experiment in the form, or put it behind what trains."""
        experiment = self.experiment.experiment()
        if experiment is None:
            text = "This experiment cannot be trained yet; the Experiment panel says what is wrong."
            self.controller.notified.emit(Notice("warning", text))
            self.docks.show("experiment")
            return
        is_waiting = self.controller.status.is_active
        self.controller.train(experiment)
        if is_waiting:
            text = f"{experiment.name} is in the queue; it starts when what trains has ended."
            self.controller.notified.emit(Notice("information", text))
        else:
            self.docks.show("curves")

    # Preferences

    def apply_preferences(self, preferences: Preferences) -> None:
        """Take preferences over and keep them."""
        before, self.preferences = self.preferences, preferences
        look = (preferences.theme, preferences.text_scale)
        if look != (before.theme, before.text_scale):
            self.themes.choose(*look)
        self.actions_registry[f"theme.{preferences.theme}"].setChecked(True)
        self.experiment.set_recent(preferences.recent_presets)
        self.palette_popup.recent = preferences.recent_commands
        if preferences.smoothing != before.smoothing:
            self.curves.set_smoothing(preferences.smoothing)
        self.toasts.set_seconds(preferences.toast_seconds)
        if preferences != before:
            try:
                save_preferences(self.controller.library.root / "preferences.yaml", preferences)
            except BadInput as error:
                self.controller.notify_failure(error)

    def _keep_smoothing(self, decay: float) -> None:
        # A method, which Qt forgets with the window, and no function: a field that has the keyboard
        # tells its value when it loses it, also while the window is being destroyed.
        self.change_preferences(smoothing=decay)

    def change_preferences(self, **changes: object) -> None:
        """Change some preferences."""
        self.apply_preferences(self.preferences.changed(**changes))

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what trains, which keeps a checkpoint, and only then close."""
        if self._is_closed:
            event.accept()
            return
        event.ignore()
        if self._is_closing:
            return
        asks = self.preferences.ask_before_closing and self.controller.status.is_active
        if not asks or self._agrees_to_stop():
            self.close_without_asking()

    def close_without_asking(self) -> None:
        """Stop what trains and close."""
        if self._is_closing:
            return
        self._is_closing = True
        for question in self.findChildren(QMessageBox):  # which nobody is there to answer
            question.reject()
        with suppress(BadInput):  # a full disk must not keep the window open
            save_window_state(self, self._state_file)
        self.setEnabled(False)
        self.controller.begin_closing()
        # Never from within `closeEvent`: Qt ignores a window that closes while it closes.
        QTimer.singleShot(0, self, lambda: self._wait_for_the_end(_CLOSING_SECONDS))

    def _wait_for_the_end(self, seconds: float) -> None:
        # In small steps, so that the window shows meanwhile that it is stopping.
        if self.controller.is_closed() or seconds <= 0:
            self._is_closed = True
            self.close()
            return
        step = _CLOSING_STEP_MILLISECONDS
        QTimer.singleShot(step, self, lambda: self._wait_for_the_end(seconds - step / 1000))

    def _agrees_to_stop(self) -> bool:
        name = self.controller.status.name or "A run"
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Close LEO Studio")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"{name} is being trained.")
        box.setInformativeText("It keeps a checkpoint and can be resumed, to the same result.")
        stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Keep training", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stop)
        box.exec()
        agrees = box.clickedButton() is stop
        box.deleteLater()
        return agrees

    # Requests of panels to one another

    def _add_docks(self) -> None:
        for name, title, glyph in (
            ("experiment", "Experiment", MDI7.flask_outline),
            ("curves", "Curves", MDI7.chart_line),
            ("evaluation", "Evaluation", MDI7.bullseye_arrow),
            ("comparison", "Comparison", MDI7.compare_horizontal),
            ("runs", "Runs", MDI7.format_list_bulleted),
            ("queue", "Queue", MDI7.tray_full),
            ("latents", "Latent space", MDI7.scatter_plot_outline),
            ("episodes", "Episodes", MDI7.table_eye),
            ("episode", "Episode", MDI7.card_search_outline),
            ("classes", "Classes", MDI7.grid),
        ):
            self.docks.add(name, title, glyph)

    def _connect(self) -> None:
        self.controller.notified.connect(self.toasts.show_notice)
        self.controller.import_asked.connect(lambda question: ImportDialog(question, self).open())
        self.controller.happened.connect(self._name_window)
        self.experiment.train_wanted.connect(lambda _experiment: self.train())
        self.experiment.queue_wanted.connect(lambda _experiment: self.train())
        self.experiment.recent_changed.connect(
            lambda names: self.change_preferences(recent_presets=tuple(names))
        )
        self.curves.shown_changed.connect(self.runs.set_shown)
        self.runs.show_wanted.connect(self.show_run)
        self.runs.visibility_wanted.connect(self._show_beside)
        self.runs.settings_wanted.connect(self._use_settings)
        self.runs.compare_wanted.connect(self.compare_runs)
        self.runs.evaluate_wanted.connect(self.evaluate_run)
        self.runs.episodes_wanted.connect(self.episode_panels.show_run)
        self.runs.model_wanted.connect(self.export_model)
        self.controller.store_wanted.connect(partial(ask_for_store, self.controller, self))
        self.runs.report_wanted.connect(partial(ask_for_report, self.controller, self))
        self._drops.opened.connect(self.open)
        self.curves.smoothing_changed.connect(self._keep_smoothing)
        self.palette_popup.add_source(self._palette_entries)
        self.palette_popup.recent_changed.connect(
            lambda recent: self.change_preferences(recent_commands=tuple(recent))
        )

    def _use_settings(self, entry: RunEntry) -> None:
        if entry.experiment is not None:
            self.experiment.load(entry.experiment, title=f"run {entry.name}")
            self.docks.show("experiment")

    def _overlay(self, paths: Iterable[Path]) -> None:
        for path in paths:
            self.curves.show_run(path, path.name)
        self.docks.show("curves")

    def _show_beside(self, path: Path, is_shown: bool) -> None:
        if is_shown:
            self.curves.show_run(path, path.name)
        else:
            self.curves.hide_run(path)

    def _use_store(self, name: str) -> None:
        self.experiment.use_store(name)
        self.docks.show("experiment")

    def _palette_entries(self) -> list[PaletteEntry]:
        presets = [
            PaletteEntry(
                f"Load preset {entry.name}",
                entry.experiment.description,
                partial(self.experiment.load_preset, entry.name),
            )
            for entry in self.controller.presets
            if entry.experiment is not None
        ]
        runs = [
            PaletteEntry(f"Show run {entry.name}", entry.status, partial(self.show_run, entry.path))
            for entry in self.controller.runs[:_MOST_RUNS_OFFERED]
        ]
        return presets + runs

    def _offer_interrupted(self, _runs: object) -> None:
        if self.preferences.offer_interrupted:
            self.runs.offer_interrupted()

    def _name_window(self, event: object) -> None:
        if isinstance(event, StateChanged):
            name = Path(event.run).name
            title = f"{as_title(name)} · {event.state} · LEO Studio" if name else "LEO Studio"
            self.setWindowTitle(title)

    def _remember_file(self, path: Path) -> None:
        self.apply_preferences(self.preferences.with_file(path))
