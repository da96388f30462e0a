"""The curvature panel: choose a run, measure it, see how its loss bends and how far steps go."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.curvature_record import EPISODES, CurvatureRecord
from leo_studio.analysis.curvature.exported import exported_curvature
from leo_studio.analysis.curvature.rows import Analysed
from leo_studio.analysis.guide.glossary import CURVATURE
from leo_studio.figures.records import Exported
from leo_studio.services.current_run import FollowedRun
from leo_studio.services.held_results import MeasuredCurvature
from leo_studio.services.records import (
    Notice,
    RunEntry,
)
from leo_studio.ui.curvature.beside_menu import BesideButton
from leo_studio.ui.curvature.commands import add_commands
from leo_studio.ui.curvature.results import CurvatureResults
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.checkpoint_box import CheckpointBox
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.glossary_links import GlossaryButton
from leo_studio.ui.widgets.labels import Label, sentence_label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.scrolled import Scrolled
from leo_studio.ui.widgets.task_progress import TaskProgress
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

NO_RUN = (
    "How the loss bends in latent and in weight space while a run adapts, what its decoder does to "
    "steps, and how far they go.\n\nTrain an experiment, or choose a run."
)
NOT_MEASURED = (
    "How the loss bends in latent and in weight space while this run adapts, what its decoder does "
    "to steps, and how far they go: figure 5 of the paper.\n\nPress Measure curvature; it takes "
    "seconds to minutes, and is kept with the run."
)
_MOST_EPISODES = 100_000
_BUSY = "Curvature is being measured."


class CurvaturePanel(QWidget):
    """Measures the curvature of runs, and shows what was kept with them.

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
        self.setObjectName("curvature-panel")
        self._controller = controller
        self._actions = actions
        self._themes = themes
        self._task: Task | None = None
        self._is_by_step = False
        self._last: dict[Path, str] = {}  # the file of what was measured last of a run
        self.followed = FollowedRun(controller.current, self)
        self.banner = RunBanner(
            controller, self.followed, themes, lambda run: run.why_no_gradient_steps
        )
        self.checkpoint = CheckpointBox("curvature-step")
        self.episodes = WholeBox()
        self.button = QPushButton("Measure curvature")
        self.by_step = QCheckBox("Step &by step")
        self.beside = BesideButton(self._offered)
        self.progress = TaskProgress(controller, lambda task: task is self._task)
        self.results = CurvatureResults(themes)
        self.nothing = sentence_label("curvature-nothing", "muted")
        self._places = QStackedWidget()
        add_commands(actions, self)
        self._lay_out()
        self._connect()
        self._show()

    def start(self) -> None:
        """Measure the curvature of the run that is shown, or say why that cannot be."""
        run, step = self.run, self._step()
        if reason := self._why_not():
            self._controller.notified.emit(Notice("information", reason))
            return
        assert run is not None and step is not None
        self._task = self._controller.curvatures.measure(
            run.path, step, self.episodes.value(), run.title, self._finished
        )
        self._follow()

    def show_by_step(self, is_wanted: bool) -> None:
        """Show runs step by step, or all steps of a run together."""
        self._is_by_step = is_wanted
        self._show()

    def exported(self) -> Exported | None:
        """Return what is shown; None where there is nothing."""
        if self._places.currentWidget() is self.nothing:
            return None
        return exported_curvature(self.results.shown, is_by_step=self._is_by_step)

    def remembered(self) -> dict[str, object]:
        """Return what is shown, and how many episodes are measured on."""
        return {
            "episodes": self.episodes.value(),
            "is_by_step": self._is_by_step,
            "beside": [str(path) for path in self.beside.chosen],
        }

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Show it again; what makes no sense is ignored."""
        episodes, beside = remembered.get("episodes"), remembered.get("beside")
        if isinstance(episodes, int) and 1 <= episodes <= _MOST_EPISODES:
            self.episodes.setValue(episodes)
        if isinstance(beside, list):
            self.beside.chosen = [Path(each) for each in beside if isinstance(each, str)]
        self.by_step.setChecked(remembered.get("is_by_step") is True)
        self._show()

    @property
    def run(self) -> RunEntry | None:
        """The run that is shown."""
        return self.followed.entry

    def _step(self) -> int | None:
        """Return the step whose weights are meant; None where there is no checkpoint."""
        run, chosen = self.run, self.followed.step
        return run.own_step if run is not None and chosen is None else chosen

    def _why_not(self) -> str:
        """Say why nothing can be measured now; "" where it can."""
        run = self.run
        if self._task is not None:
            return _BUSY
        if run is None:
            return "Choose a run first."
        if run.problem or run.why_no_gradient_steps:
            return run.problem or run.why_no_gradient_steps
        if self._step() is None:
            return f"{run.title} has no checkpoint yet; train it further."
        return ""

    def _finished(self, found: MeasuredCurvature) -> None:
        """Show a record as soon as the run's record has it; tell of it where another is shown."""
        self._last[found.run] = found.record.file_name
        if self.run is None or self.run.path != found.run:
            title = self._controller.title_of(found.run)
            text = f"The curvature of {title} was measured; the result is kept with it."
            if not found.why_not_kept:
                self._controller.notified.emit(Notice("success", text))
        self._show()

    def _record_of(self, run: RunEntry, step: int | None) -> CurvatureRecord | None:
        """Return what is shown of a run at a step: measured last, or on the most episodes."""
        found = [each for each in run.curvatures if each.checkpoint_step == step]
        last = self._last.get(run.path)
        return max(found, key=lambda each: (each.file_name == last, each.episodes), default=None)

    def _offered(self) -> list[RunEntry]:
        """Return the other runs whose curvature was measured."""
        return [
            run
            for run in self._controller.runs
            if run.curvatures and (self.run is None or run.path != self.run.path)
        ]

    def _others(self) -> list[Analysed]:
        by_path = {run.path: run for run in self._offered()}
        others = [by_path[path] for path in self.beside.chosen if path in by_path]
        records = [(run.title, self._record_of(run, run.own_step)) for run in others]
        return [Analysed(title, record) for title, record in records if record is not None]

    def _show(self, *_: object) -> None:
        run, step = self.run, self._step()
        self.checkpoint.offer(run, step)
        record = None if run is None else self._record_of(run, step)
        if run is not None and record is not None:
            runs = [Analysed(run.title, record), *self._others()]
            self.results.show_records(runs, is_by_step=self._is_by_step)
        else:
            why_none = NO_RUN if run is None else self._why_none(run)
            self.nothing.setText(why_none)
        self._places.setCurrentIndex(int(record is not None))
        self.by_step.setEnabled(record is not None)
        self.beside.setEnabled(record is not None)
        self._enable()

    def _why_none(self, run: RunEntry) -> str:
        if self._step() is None and not run.why_no_gradient_steps:
            return run.problem or self._why_not()
        return run.problem or run.why_no_gradient_steps or NOT_MEASURED

    def _follow(self, *_: object) -> None:
        """Show how far measuring is, or that nothing is under way."""
        if self._task is not None and self._task not in self._controller.tasks:
            self._task = None
        self.progress.follow()
        self._enable()

    def _enable(self) -> None:
        reason = self._why_not()
        self._actions.set_reason("curvature.analyse", reason)
        self.button.setEnabled(not reason)
        tip = "Measure it on the episodes of an evaluation on test, and keep it with the run"
        self.button.setToolTip(as_tip(reason or tip))
        nothing = "" if self._places.currentIndex() else "No curvature is shown."
        for name in ("curvature.by_step", "curvature.export"):
            self._actions.set_reason(name, nothing)

    def _lay_out(self) -> None:
        self.episodes.setObjectName("curvature-episodes")
        self.episodes.setAccessibleName("Episodes")
        self.episodes.setRange(1, _MOST_EPISODES)
        self.episodes.setValue(EPISODES)
        self.episodes.setStepType(WholeBox.StepType.AdaptiveDecimalStepType)
        self.button.setObjectName("measure-curvature")
        self.by_step.setObjectName("curvature-by-step")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        episodes_label = Label("E&pisodes")
        episodes_label.setBuddy(self.episodes)
        controls = QHBoxLayout()
        controls.addWidget(self.checkpoint, 2)
        controls.addWidget(episodes_label)
        controls.addWidget(self.episodes, 1)
        controls.addWidget(self.button)
        looks = FlowLayout()
        looks.addWidget(self.by_step)
        looks.addWidget(self.beside)
        looks.addWidget(GlossaryButton(CURVATURE, self._themes))
        export = QToolButton()
        export.setDefaultAction(self._actions["curvature.export"])
        export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        looks.addWidget(export)
        whole = QVBoxLayout(self)
        for part in (self.banner, controls, self.progress, looks):
            if isinstance(part, QWidget):
                whole.addWidget(part)
            else:
                whole.addLayout(part)
        scrolled = Scrolled(self.results)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        for page in (self.nothing, scrolled):
            self._places.addWidget(page)
        whole.addWidget(self._places, 1)

    def _connect(self) -> None:
        self.button.clicked.connect(self.start)
        self.by_step.toggled.connect(self._actions["curvature.by_step"].setChecked)
        self._actions["curvature.by_step"].toggled.connect(self.by_step.setChecked)
        self.checkpoint.activated.connect(self._choose_step)
        self.beside.changed.connect(self._show)
        self.followed.changed.connect(self._show)
        self._controller.runs_changed.connect(self._show)
        self._controller.tasks_changed.connect(self._follow)

    def _choose_step(self, place: int) -> None:
        if self.run is not None:
            self.followed.choose(self.run.path, self.checkpoint.itemData(place))
