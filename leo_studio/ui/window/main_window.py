"""The main window: panels in docks, the requests between them, and how it closes."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow

from engine.errors import BadInput
from engine.events import StateChanged
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.preferences import Preferences, save_preferences
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.experiment import ExperimentPanel
from leo_studio.ui.panel_export import ExportingPanel, PanelExports
from leo_studio.ui.queue.panel import QueuePanel
from leo_studio.ui.runs import RunsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.panel_keys import PanelWithKeys
from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.closing import Closing
from leo_studio.ui.window.command_palette import CommandPalette
from leo_studio.ui.window.curvature_panel import make_curvature_panel
from leo_studio.ui.window.docks import Docks
from leo_studio.ui.window.drop import DropTarget
from leo_studio.ui.window.end_of_run import EndOfRun
from leo_studio.ui.window.episode_panels import EpisodePanels
from leo_studio.ui.window.functions_panel import look_into_run, make_functions_panel
from leo_studio.ui.window.guide_opener import GuideOpener
from leo_studio.ui.window.import_dialog import ImportDialog
from leo_studio.ui.window.kept_size import KeptSize
from leo_studio.ui.window.menus import Menus
from leo_studio.ui.window.message_bar import MessageBar
from leo_studio.ui.window.opener import Opener
from leo_studio.ui.window.palette_entries import palette_entries
from leo_studio.ui.window.plot_hints import PLOT_HINTS
from leo_studio.ui.window.report import ask_for_report
from leo_studio.ui.window.shortcut_sheet import ShortcutSheet
from leo_studio.ui.window.status_bar import add_unfold_button, fill_status_bar
from leo_studio.ui.window.store_location import ask_for_store
from leo_studio.ui.window.studies_panel import make_studies_panel
from leo_studio.ui.window.sweeps_panel import make_sweeps_panel
from leo_studio.ui.window.toasts import Toasts
from leo_studio.ui.window.train_requests import TrainRequests
from leo_studio.ui.window.training_actions import TrainingActions
from leo_studio.ui.window.try_panel import make_try_panel
from leo_studio.ui.window.window_actions import add_window_actions
from leo_studio.ui.window.window_memory import WindowMemory
from leo_studio.ui.window.window_state import (
    STATE_FILE,
    fit_screen,
    kept_sizes,
    put_newer_aside,
    restore_columns,
    restore_window_state,
    save_window_state,
)
from leo_studio.ui.window.window_title import WindowTitle

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller
    from leo_studio.ui.comparison import ComparisonPanel
    from leo_studio.ui.curvature import CurvaturePanel
    from leo_studio.ui.evaluation import EvaluationPanel
    from leo_studio.ui.functions import FunctionsPanel
    from leo_studio.ui.studies import StudiesPanel
    from leo_studio.ui.sweeps import SweepsPanel
    from leo_studio.ui.tryit import TryItPanel

_REST_MILLISECONDS = 200  # after the start, when the window has long been usable
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
        self.controller = controller
        self.themes = themes
        self.preferences = preferences
        self.actions_registry = ActionRegistry(themes, self)
        self.toasts = Toasts(self, themes)
        self.palette_popup = CommandPalette(self.actions_registry, themes, self)
        self.is_complete = False  # all panels are made

        self.memory = WindowMemory(
            controller.library.root / "window-memory.json", controller.current
        )
        self._parts = WindowParts(controller, self.actions_registry, themes)
        self.docks = Docks(self, themes)
        self._add_docks()
        self.toasts.stand_over(self.docks.plot_area, self.docks.changed)
        self.exports = PanelExports(self._parts, self)
        self.episode_panels = EpisodePanels(self._parts, self.docks, self._keep, self)
        self._menus = Menus(
            self,
            self.actions_registry,
            themes,
            lambda: self.preferences.recent_files,
            lambda path: self.opener.open_path(path),
        )
        self._training = TrainingActions(self._parts, self.train, self)
        self._requests = TrainRequests(controller, self)
        self.experiment = self.docks.fill("experiment", partial(ExperimentPanel, *self._parts))
        self.curves = self.docks.fill("curves", partial(CurvesPanel, *self._parts))
        self.runs = self.docks.fill("runs", partial(RunsPanel, *self._parts))
        self.queue = self.docks.fill("queue", partial(QueuePanel, *self._parts))
        self.memory.add(controller.run_colors)  # first: the panels' runs ask for theirs
        # Before anything is restored: the runs that come back in the plots have open eyes.
        self.curves.shown_changed.connect(self.runs.set_shown)
        self.memory.add(self.experiment)
        self._keep(self.curves)
        self._keep(self.runs)
        self.opener = Opener(
            controller,
            themes,
            self.experiment,
            self.docks,
            self.show_run,
            self._remember_file,
            self,
        )
        self._look_into = partial(
            look_into_run, self._parts, self.docks, self.episode_panels.show_run
        )
        self.guide_opener = GuideOpener(self.actions_registry, themes, self)
        add_window_actions(self._parts, self, window=self)
        self._shortcuts = ShortcutSheet(self.actions_registry, PLOT_HINTS, themes, self)
        self.setStatusBar(MessageBar(self))
        fill_status_bar(self.statusBar(), controller, themes)
        add_unfold_button(self.statusBar(), themes, self.docks)
        self._drops = DropTarget(self, controller, themes)
        self._ends = EndOfRun(
            controller,
            self.evaluate_run,
            self._look_into,
            self.opener.embed_with,
            self.export_model,
            parent=self,
        )
        self._closing = Closing(
            controller,
            lambda: self.preferences.ask_before_closing,
            (self._save_state, self.memory.save),
            self,
        )
        self._connect()
        self.resize(_FIRST_SIZE)
        if sentence := put_newer_aside(self._state_file):
            controller.notified.emit(Notice("warning", sentence))
        self._is_first_layout = not restore_window_state(self, self._state_file)
        if self._is_first_layout:
            self.docks.arrange()
        restore_columns(self, self._state_file)
        fit_screen(self)
        if not self._is_first_layout:
            sizes = kept_sizes(self._state_file)
            self.docks.restore_sizes(sizes)
            self._kept_size.restore(sizes)
        self.curves.set_smoothing(preferences.smoothing)
        self.apply_preferences(preferences)

    # Panels that stand behind others at first: a start should not wait for them.

    @cached_property
    def evaluation(self) -> "EvaluationPanel":
        """The Evaluation panel, made when it is first asked for."""
        from leo_studio.ui.evaluation import EvaluationPanel

        panel = self.docks.fill("evaluation", partial(EvaluationPanel, *self._parts))
        self._keep(panel)
        return panel

    @cached_property
    def comparison(self) -> "ComparisonPanel":
        """The Comparison panel, made when it is first asked for."""
        from leo_studio.ui.comparison import ComparisonPanel

        panel = self.docks.fill("comparison", partial(ComparisonPanel, *self._parts))
        panel.curves_wanted.connect(self._show_compared)
        newest = self.actions_registry["comparison.newest"]
        newest.triggered.connect(partial(self.docks.show, "comparison"))
        self._keep(panel)
        return panel

    @cached_property
    def tryit(self) -> "TryItPanel":
        """The panel Try it, made when it is first asked for."""
        keep = self.memory.add
        return make_try_panel(self._parts, self.docks, self._drops, self.episode_panels, keep)

    @cached_property
    def functions(self) -> "FunctionsPanel":
        """The panel Functions, made when it is first asked for."""
        panel = make_functions_panel(self._parts, self.docks)
        self._keep(panel)
        return panel

    @cached_property
    def curvature(self) -> "CurvaturePanel":
        """The Curvature panel, made when it is first asked for."""
        panel = make_curvature_panel(self._parts, self.docks)
        self._keep(panel)
        return panel

    @cached_property
    def studies(self) -> "StudiesPanel":
        """The panel Studies, made when it is first asked for."""
        panel = make_studies_panel(self._parts, self.docks, self.opener)
        self._keep(panel)
        return panel

    @cached_property
    def sweeps(self) -> "SweepsPanel":
        """The panel Sweeps, made when it is first asked for."""
        panel = make_sweeps_panel(self._parts, self.docks, self.opener)
        self._keep(panel)
        return panel

    def _keep(self, panel: ExportingPanel) -> None:
        """Let what a new panel shows be exported and undone, and what it is set to remembered."""
        self.exports.add(panel)
        if isinstance(panel, PanelWithKeys):
            self.experiment.undo_target.add(panel)
        self.memory.add(panel)

    @property
    def _state_file(self) -> Path:
        return self.controller.library.root / STATE_FILE

    def begin(self, to_open: Sequence[str], link: EpisodeLink | None = None) -> None:
        """Fill the window: presets, stores and runs, what is to be opened, and an episode."""
        self.controller.runs_changed.connect(
            self._offer_interrupted, Qt.ConnectionType.SingleShotConnection
        )
        self.controller.refresh_runs()
        for path in to_open:
            self.opener.open_path(path)
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
        yield self.functions
        yield self.tryit
        yield self.studies
        yield self.sweeps
        yield self.curvature

    def _make_next(self) -> None:
        """Make one panel at a time: the window answers in between."""
        if self._closing.has_begun:
            return
        if next(self._rest, None) is not None:
            QTimer.singleShot(0, self, self._make_next)
        else:
            restore_columns(self, self._state_file)
            self.docks.come_back_soon()
            self.is_complete = True

    def _read_library(self) -> None:
        self.controller.refresh_presets()
        self.controller.refresh_stores()
        self.controller.draw_glyphs()
        self.controller.sweep_drafts()

    def export_model(self, run: RunEntry | None = None) -> None:
        """Ask what of a run (by default the current one) is exported, as what and where to."""
        from leo_studio.ui.window.export_dialog import ExportDialog

        dialog = ExportDialog(self.controller, run or self.controller.current.entry, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_run(self, path: Path) -> None:
        """Make a run the current one, and show its curves."""
        self.curves.run.pin(False)
        self.controller.current.choose(path)
        self.docks.show("curves")

    def compare_runs(self, entries: tuple[RunEntry, ...]) -> None:
        """Show what differs between runs, and how they did."""
        self.comparison.show_runs(entries)
        self.docks.show("comparison")

    def evaluate_run(self, entry: RunEntry) -> None:
        """Show a run's evaluations, and the form for another one."""
        self.evaluation.followed.pin(False)
        self.controller.current.choose(entry.path)
        self.docks.show("evaluation")

    def showEvent(self, event: QShowEvent) -> None:
        """Share the room among the docks, where no earlier session did."""
        super().showEvent(event)
        if self._is_first_layout:
            self._is_first_layout = False
            self.docks.share_room()
        else:
            self.docks.keep_room()

    # Training

    def train(self) -> None:
        """Train the experiment in the form, or put it behind what trains."""
        experiment = self.experiment.experiment()
        if experiment is not None:
            self._requests.train(experiment, self.experiment.preset)

    # Preferences

    def apply_preferences(self, preferences: Preferences) -> None:
        """Take preferences over and keep them."""
        before, self.preferences = self.preferences, preferences
        look = (preferences.theme, preferences.text_scale)
        if look != (before.theme, before.text_scale):
            self.themes.choose_soon(*look)
        self.actions_registry[f"theme.{preferences.theme}"].setChecked(True)
        self.experiment.set_recent(preferences.recent_presets)
        self.palette_popup.recent = preferences.recent_commands
        if preferences.smoothing != before.smoothing:
            self.curves.set_smoothing(preferences.smoothing)
        self.toasts.set_seconds(preferences.toast_seconds)
        self.controller.beside.at_once = preferences.train_at_once
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
        self._closing.answer(event)

    def close_without_asking(self) -> None:
        """Stop what trains and close."""
        self._closing.begin()

    def _save_state(self) -> None:
        self.docks.go_back()  # the arrangement of before is kept
        save_window_state(self, self._state_file, self.docks.sizes | self._kept_size.sizes)

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
            ("tryit", "Try it", MDI7.draw),
            ("functions", "Functions", MDI7.chart_bell_curve),
            ("studies", "Studies", MDI7.table_large),
            ("sweeps", "Sweeps", MDI7.tune_variant),
            ("curvature", "Curvature", MDI7.chart_box_outline),
        ):
            self.docks.add(name, title, glyph)

    def _connect(self) -> None:
        self.controller.notified.connect(self.toasts.show_notice)
        self.controller.import_asked.connect(lambda question: ImportDialog(question, self).open())
        WindowTitle(self.controller, self)
        self._kept_size = KeptSize(self)
        self.controller.happened.connect(self._select_stopped)
        self.actions_registry.refused.connect(self._say_why_not)
        self._requests.started.connect(partial(self.docks.show, "curves"))
        self.experiment.changed.connect(self._judge_training)
        self._judge_training()
        self.experiment.train_wanted.connect(lambda _experiment: self.train())
        self.experiment.queue_wanted.connect(lambda _experiment: self.train())
        self.experiment.recent_changed.connect(
            lambda names: self.change_preferences(recent_presets=tuple(names))
        )
        self.runs.show_wanted.connect(self.show_run)
        self.runs.visibility_wanted.connect(self._show_beside)
        self.runs.settings_wanted.connect(self._use_settings)
        self.runs.compare_wanted.connect(self.compare_runs)
        self.runs.evaluate_wanted.connect(self.evaluate_run)
        self.runs.episodes_wanted.connect(self._look_into)
        self.runs.model_wanted.connect(self.export_model)
        self.controller.store_wanted.connect(partial(ask_for_store, self.controller, self))
        self.runs.report_wanted.connect(partial(ask_for_report, self.controller, self))
        self._drops.opened.connect(self.opener.open)
        self.curves.smoothing_changed.connect(self._keep_smoothing)
        self.palette_popup.add_source(
            partial(
                palette_entries,
                self.controller,
                self.experiment,
                self.show_run,
                self._reveal_setting,
            )
        )
        self.palette_popup.add_source(self.guide_opener.palette_entries)
        self.palette_popup.recent_changed.connect(
            lambda recent: self.change_preferences(recent_commands=tuple(recent))
        )

    def _use_settings(self, entry: RunEntry) -> None:
        if entry.experiment is not None:
            self.experiment.load(entry.experiment, title=f"run {entry.title}")
            self.docks.show("experiment")

    def _show_compared(self, paths: Iterable[Path]) -> None:
        self.curves.show_only(paths)
        self.docks.show("curves")

    def _show_beside(self, path: Path, is_shown: bool) -> None:
        if is_shown:
            self.curves.show_run(path)
        else:
            self.curves.hide_run(path)

    def _reveal_setting(self, path: str) -> None:
        self.docks.show("experiment")
        self.experiment.reveal(path)

    def _offer_interrupted(self, _runs: object) -> None:
        if self.preferences.offer_interrupted:
            self.runs.offer_interrupted()

    def _select_stopped(self, event: object) -> None:
        if isinstance(event, StateChanged) and event.state == "stopped" and event.run:
            self.runs.select(Path(event.run))

    def _judge_training(self) -> None:
        self._training.show_why_not(self.experiment.why_not)

    def _say_why_not(self, reason: str) -> None:
        self.controller.notified.emit(Notice("information", reason))

    def _remember_file(self, path: Path) -> None:
        LastFolder(self.controller.library.root, "open").remember(path)
        self.apply_preferences(self.preferences.with_file(path))
