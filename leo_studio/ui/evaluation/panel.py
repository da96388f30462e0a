"""The evaluation panel: choose a run, evaluate it, read the result."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QVBoxLayout,
    QWidget,
)

from engine.config import classification
from engine.evaluation.record import Evaluation
from engine.evaluation.regression.record import RegressionEvaluation
from engine.inspection.uncertainty_record import FEWEST_EPISODES
from leo_studio.analysis.evaluation.choices import learns_functions
from leo_studio.analysis.evaluation.report import report_of
from leo_studio.analysis.evaluation.uncertainty import chosen_record
from leo_studio.analysis.runs.naming import task_name
from leo_studio.figures.records import Exported
from leo_studio.services.current_run import FollowedRun
from leo_studio.services.held_results import EvaluatedFunctions, MeasuredUncertainty
from leo_studio.services.records import (
    EpisodeSource,
    Notice,
    RunEntry,
    StoreEntry,
)
from leo_studio.ui.evaluation.column import Column
from leo_studio.ui.evaluation.commands import add_commands
from leo_studio.ui.evaluation.form import EvaluationForm
from leo_studio.ui.evaluation.grids import Grids
from leo_studio.ui.evaluation.halves import BEST_LETTERS, Halves
from leo_studio.ui.evaluation.kept_evaluations import KeptEvaluations
from leo_studio.ui.evaluation.results import NO_RUN, Results
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.task_progress import TaskProgress
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

NO_RESULT = (
    "The result is shown here: accuracy with its interval, classes, episodes and calibration."
    "\n\nPress Evaluate; it takes some seconds to a few minutes, and is kept with the run."
)
_MOST_REMEMBERED = 200  # runs whose number of episodes is there at the next start


class EvaluationPanel(QWidget):
    """Evaluates runs, and shows what was kept with them.

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
        super().__init__(parent)
        self.setObjectName("evaluation-panel")
        self._controller = controller
        self._actions = actions
        self._task: Task | None = None
        self._wanted: Path | None = None  # of the evaluation that is to be shown
        self._stores: dict[tuple[str, str], StoreEntry] = {}  # by the run and its store
        self.followed = FollowedRun(controller.current, self)
        self.banner = RunBanner(controller, self.followed, themes)
        self.form = EvaluationForm(self.banner)
        self.kept = KeptEvaluations()
        self.results = Results(themes)
        self.result, self.functions = self.results.result, self.results.functions
        self._is_of_uncertainty = False  # what is under way
        self._progress = TaskProgress(controller, self._measures_uncertainty)
        self.result.uncertainty.add_progress(self._progress)
        self.grids = Grids(controller, self.results.grid, self.form)
        self._kept_title = Label("Kept with this run")
        self._below_form = QWidget()  # room where nothing is kept beside the form
        self._below_form.hide()
        self._places = self.results.places
        self._halves = Halves(self.form, themes)
        self._lay_out()
        add_commands(actions, self)
        self._connect()
        self._show()

    def copy_result(self) -> None:
        """Put the result that is shown on the clipboard, or say that there is none."""
        shown = self.results.shown()
        if shown is None or shown.exported() is None:
            text = "The panel Evaluation shows no result yet; evaluate a run first."
            self._controller.notified.emit(Notice("information", text))
        else:
            shown.copy_result()
            self._controller.notified.emit(Notice("success", "The result is on the clipboard."))

    def exported(self) -> Exported | None:
        """Return the evaluation that is shown."""
        return shown.exported() if (shown := self.results.shown()) is not None else None

    def remembered(self) -> dict[str, object]:
        """Return how many episodes were chosen, by the runs, as plain values."""
        chosen = list(self.form.chosen_episodes.items())[-_MOST_REMEMBERED:]
        return {"episodes": {str(path): count for path, count in chosen}}

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Choose them again; what makes no sense is ignored."""
        self.form.restore_episodes(remembered.get("episodes"))

    def start_grid(self) -> None:
        """Evaluate the grid that is chosen, or say why it cannot start."""
        self.results.parts.setCurrentIndex(1)
        self.grids.start()

    def cancel_grid(self) -> None:
        """End the grid that is under way; nothing is kept of it."""
        self.grids.cancel()

    @property
    def run(self) -> RunEntry | None:
        """The run that is shown."""
        return self.form.run

    def _show_run(self, entry: RunEntry) -> None:
        before = self.run
        if before is None or entry.path != before.path:
            self._wanted = None
        store, runs = self._store_of(entry), self._controller.runs
        self.form.show_run(entry, self.followed.step, store, runs)
        is_on_functions = learns_functions(entry)
        self.grids.show_run(None if is_on_functions else entry, store)
        self.results.offer_grid(not is_on_functions)
        self._kept_title.setVisible(not is_on_functions)
        self.kept.setVisible(not is_on_functions)
        self._below_form.setVisible(is_on_functions)
        if is_on_functions:
            self._show_functions(entry, entry.function_evaluations)
            self._places.setCurrentIndex(2)
            return
        self.kept.show_entries(entry.evaluations, self._chosen_path(entry))
        kept = self.kept.current()
        if kept is not None and self._places.currentWidget() is not self.result:
            self._show_entry(kept)  # the list shows the same as before, but what is seen does not
        elif kept is not None and (before is None or before.uncertainties != entry.uncertainties):
            self._show_uncertainty(kept)  # it was measured elsewhere, or is gone
        if not entry.evaluations:
            problems = "\n".join(entry.evaluation_problems)
            self.results.say_nothing(entry.problem or problems or NO_RESULT)

    def start(self) -> None:
        """Start the chosen evaluation, or say why it cannot start."""
        if reason := self.form.why_not():
            self._controller.notified.emit(Notice("warning", reason))
            return
        request = self.form.request()
        self.results.parts.setCurrentIndex(0)
        if learns_functions(self.run):
            self._task = self._controller.functions.evaluate(
                request, self._controller.title_of(request.run), self._finished_functions
            )
        else:
            self._task = self._controller.evaluate(request, self._finished)
        self._is_of_uncertainty = False
        self._follow()

    def measure_uncertainty(self) -> None:
        """Measure whether uncertainty tells wrong answers, on the episodes that are shown."""
        report, run = self.result.report, self.run
        if report is None or run is None or report.evaluation.step is None:
            return
        if why_not := self._why_not_measured():
            self._controller.notified.emit(Notice("information", why_not))
            return
        self.results.parts.setCurrentIndex(0)
        self.result.tabs.setCurrentWidget(self.result.uncertainty)
        found = report.evaluation
        source = EpisodeSource(run.path, report.evaluation.step, found.split)
        episodes = _episodes_for_uncertainty(found)
        self._task = self._controller.episodes.measure_uncertainty(
            source, episodes, run.title, self._finished_uncertainty
        )
        self._is_of_uncertainty = True
        self._follow()

    def cancel(self) -> None:
        """End the evaluation that is under way."""
        if self._task is not None:
            self._task.cancel()
            self._follow()

    def _finished(self, entry: Evaluation) -> None:
        """Show a result, if its run is the one shown; the run's record brings it a moment later."""
        run_path = Path(entry.run)
        self._wanted = entry.path
        if self.run is not None and self.run.path == run_path:
            others = [each for each in self.run.evaluations if each.path != entry.path]
            entries = sorted([*others, entry], key=lambda each: each.file_name)
            self.kept.show_entries(entries, entry.path)
        else:
            kept = "; the result is kept with it" if entry.is_kept else ""
            title = self._controller.title_of(run_path)
            text = f"{title} was evaluated on {entry.split}{kept}."
            self._controller.notified.emit(Notice("success", text))

    def _finished_functions(self, found: EvaluatedFunctions) -> None:
        """Show a result on functions as soon as the run's record has it; else tell of it."""
        evaluation = found.evaluation
        if self.run is None or self.run.path != Path(evaluation.run):
            if not found.why_not_kept:
                title = self._controller.title_of(Path(evaluation.run))
                text = f"{title} was evaluated on {evaluation.split}; the result is kept with it."
                self._controller.notified.emit(Notice("success", text))
            return
        run, name = self.run, evaluation.file_name
        others = [each for each in run.function_evaluations if each.file_name != name]
        self._show_functions(run, (*others, evaluation), name)

    def _show_functions(
        self, run: RunEntry, found: Sequence[RegressionEvaluation], wanted: str = ""
    ) -> None:
        """List evaluations on functions; `wanted` is the name of the one to show."""
        why_none = run.problem or "\n".join(run.evaluation_problems)
        learner = run.experiment.learner.short_title() if run.experiment else "The model"
        self.functions.show_evaluations(run.title, found, why_none, wanted, learner)

    def _finished_uncertainty(self, found: MeasuredUncertainty) -> None:
        """Show a record if its evaluation is shown still; the run's record brings it later."""
        report, run, source = self.result.report, self.run, found.source
        shown = None
        if report is not None and run is not None:
            of = report.evaluation
            shown = run.path, of.split, of.step, _episodes_for_uncertainty(of)
        episodes = found.record.episodes
        if shown == (source.run, source.split, source.step, episodes):
            self.result.uncertainty.show_record(found.record, "", episodes)
        elif not found.why_not_kept:
            title = self._controller.title_of(source.run)
            text = f"The uncertainty of {title} was measured; the result is kept with it."
            self._controller.notified.emit(Notice("success", text))

    def _show_entry(self, entry: Evaluation) -> None:
        run = self.run
        assert run is not None
        n_way = classification(run.experiment).n_way if run.experiment else None
        self.result.show_report(report_of(entry, task_name(run), n_way), run.title)
        self._show_uncertainty(entry)
        self._enable_actions()
        self._places.setCurrentIndex(1)

    def _show_uncertainty(self, entry: Evaluation) -> None:
        """Show what is known of the uncertainty behind an evaluation of the run that is shown."""
        run = self.run
        assert run is not None
        episodes = _episodes_for_uncertainty(entry)
        record = chosen_record(run.uncertainties, entry.split, entry.step, episodes)
        self.result.uncertainty.show_record(record, run.why_no_latent_space, episodes)

    def _want(self, entry: Evaluation) -> None:
        self._wanted = entry.path
        self.results.parts.setCurrentIndex(0)

    def _show(self, *_: object) -> None:
        entry = self.followed.entry
        if entry is not None:
            self._show_run(entry)
            return
        self.form.clear_run()
        self.kept.show_entries((), None)
        self.results.say_nothing(NO_RUN)
        self.grids.show_run(None, None)
        self.results.offer_grid(False)

    def _show_stores(self, _stores: tuple[StoreEntry, ...]) -> None:
        self._stores.clear()
        if self.run is not None:
            self._show_run(self.run)

    def _store_of(self, run: RunEntry) -> StoreEntry:
        """Return a run's store; the file is opened once."""
        key = (run.id, run.store_path)
        if key not in self._stores:
            self._stores[key] = self._controller.run_stores.entry(run)
        return self._stores[key]

    def _chosen_path(self, entry: RunEntry) -> Path | None:
        if self._wanted is not None:
            return self._wanted
        return max(entry.evaluations, key=_written).path if entry.evaluations else None

    def _follow(self) -> None:
        """Show how far the evaluation is, or that there is none."""
        if self._task is not None and self._task not in self._controller.tasks:
            self._task = None
        self.form.show_task(self._task, has_bar=not self._is_of_uncertainty)
        self._progress.follow()

    def _measures_uncertainty(self, task: "Task") -> bool:
        """Whether a task is shown beside the button that measures, and not in the form."""
        return self._is_of_uncertainty and task is self._task

    def _enable_actions(self, *_: object) -> None:
        self.grids.refresh()
        is_cancellable = self._task is not None and not self._task.is_cancelled
        no_task = "" if is_cancellable else "No evaluation is under way."
        self._actions.set_reason("evaluation.start", self.form.why_not())
        self._actions.set_reason("evaluation.cancel", no_task)
        self._actions.set_reason("evaluation.grid", self.grids.why_not())
        no_grid = "" if self.grids.is_cancellable else "No grid is under way."
        self._actions.set_reason("evaluation.cancel_grid", no_grid)
        why_not = self._why_not_measured()
        self._actions.set_reason("evaluation.uncertainty", why_not)
        self.result.uncertainty.show_busy(why_not)

    def _why_not_measured(self) -> str:
        """Say why the uncertainty of what is shown cannot be measured now; "" where it can."""
        if self._task is not None:
            return "An evaluation is under way."
        if self._places.currentWidget() is not self.result or self.run is None:
            return "The panel Evaluation shows no result of classification; evaluate a run first."
        return self.run.why_no_latent_space

    def _lay_out(self) -> None:
        self._kept_title.setProperty("role", "title")
        # From the outside in: what changes its parent is styled again, with all that is in it.
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._halves)
        left, right = QWidget(), QWidget()
        self._halves.addWidget(Column(left, BEST_LETTERS))
        self._halves.addWidget(Column(right))
        column = QVBoxLayout(left)
        column.addWidget(self.form)
        column.addWidget(self._kept_title)
        column.addWidget(self.kept, 1)
        column.addWidget(self._below_form, 1)
        QVBoxLayout(right).addWidget(self.results)

    def _connect(self) -> None:
        self.form.checkpoint_chosen.connect(self._choose_checkpoint)
        self.form.start_wanted.connect(self.start)
        self.form.cancel_wanted.connect(self.cancel)
        self.form.store_wanted.connect(self._controller.run_stores.ask)
        self.form.changed.connect(self._enable_actions)
        self.kept.chosen.connect(self._want)
        self.kept.shown.connect(self._show_entry)
        self.result.export_wanted.connect(self.export_wanted)
        self.functions.export_wanted.connect(self.export_wanted)
        self.result.copy_wanted.connect(self.copy_result)
        self.functions.copy_wanted.connect(self.copy_result)
        self.result.uncertainty.wanted.connect(self.measure_uncertainty)
        self._places.currentChanged.connect(self._enable_actions)
        self.results.parts.currentChanged.connect(self._enable_actions)
        self.results.grid.export_wanted.connect(self.export_wanted)
        self.results.grid.copy_wanted.connect(self.copy_result)
        self.results.grid.form.changed.connect(self._enable_actions)
        # Methods, not lambdas, which would keep the panel for as long as the controller lives.
        self.followed.changed.connect(self._show)
        self._controller.runs_changed.connect(self._show)
        self._controller.stores_changed.connect(self._show_stores)
        self._controller.tasks_changed.connect(self._follow)

    def _choose_checkpoint(self) -> None:
        if self.run is not None:
            step = self.form.step(self.form.checkpoint_box.currentData())
            self.followed.choose(self.run.path, step)


def _episodes_for_uncertainty(shown: Evaluation) -> int:
    return max(shown.episodes, FEWEST_EPISODES)


def _written(entry: Evaluation) -> float:
    try:
        return entry.path.stat().st_mtime if entry.path is not None else 0.0
    except OSError:
        return 0.0
