"""The picker of a run, a checkpoint and a split, where episodes come from."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from engine.inspection.records import TRAINING_EPISODES
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

NO_RUNS = "No run has a checkpoint yet: train an experiment, and its episodes can be looked at."
_OTHERS_CAN = "Runs that have latent codes can be looked at here."
_TRAINING_LABEL = "training episodes"
_FEWEST_LETTERS = 8
# Where the model of a box keeps an item's flags.
_FLAGS = Qt.ItemDataRole.UserRole - 1
_RUN_TIP = "The run whose weights are looked at"


class SourcePicker(QWidget):
    """Chooses the source of a selection, and shows what others choose.

    Until somebody chooses or looks, it is the newest run with a latent space that has a checkpoint,
    its own choice of them, on validation. Runs without a latent space say why they are not offered.

    Parameters
    ----------
    controller
        Knows the runs.
    selection
        Whose source is chosen.
    """

    def __init__(
        self,
        controller: "Controller",
        selection: EpisodeSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("source-picker")
        self._controller = controller
        self._selection = selection
        self.run = self._combo("source-run", _RUN_TIP)
        self.run.setPlaceholderText("Choose a run")
        self.step = self._combo("source-step", "The checkpoint: outer steps taken")
        self.split = self._combo("source-split", "Which classes the episodes are made of")
        self._lay_out()
        self.run.activated.connect(self._choose_run)
        self.step.activated.connect(self._choose)
        self.split.activated.connect(self._choose)
        selection.source_changed.connect(self._show)
        controller.runs_changed.connect(self._show_runs)
        self._show_runs(controller.runs)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the offered source from now on, as it is seen."""
        super().showEvent(event)
        self._selection.is_offered = False

    def _combo(self, name: str, tip: str) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(name)
        combo.setToolTip(as_tip(tip))
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(_FEWEST_LETTERS)
        return combo

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for text, combo, stretch in (
            ("&Run", self.run, 3),
            ("Chec&kpoint", self.step, 2),
            ("Spl&it", self.split, 2),
        ):
            label = Label(text)
            label.setBuddy(combo)
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            combo.setMinimumWidth(_FEWEST_LETTERS * self.fontMetrics().averageCharWidth())
            row.addWidget(label)
            row.addWidget(combo, stretch)

    def _show_runs(self, runs: tuple[RunEntry, ...]) -> None:
        saved = [run for run in runs if run.checkpoints and not run.problem]
        usable = [run for run in saved if not run.why_no_latent_space]
        self._list(saved)
        selection = self._selection
        is_there = any(
            selection.source is not None and run.path == selection.source.run for run in usable
        )
        if self.isVisible():
            selection.is_offered = False  # somebody looks
        if (not is_there and not selection.is_refused) or selection.is_offered:
            if usable:
                selection.offer_source(default_source(usable[0]))
            else:
                selection.offer_source(None, _why_nothing(saved))
        self._show(selection.source)

    def _list(self, runs: list[RunEntry]) -> None:
        """List the runs; those without a latent space cannot be chosen, and say why."""
        with QSignalBlocker(self.run):
            self.run.clear()
            for place, run in enumerate(runs):
                self.run.addItem(run.name, run.path)
                if why_not := run.why_no_latent_space:
                    self.run.setItemData(place, 0, _FLAGS)
                    self.run.setItemData(place, as_tip(why_not), Qt.ItemDataRole.ToolTipRole)

    def _show(self, source: EpisodeSource | None) -> None:
        run = self._entry(source.run) if source else None
        self.run.setEnabled(self.run.count() > 0)  # where none can be chosen, they say why
        for combo in (self.step, self.split):
            combo.setEnabled(run is not None)
        with QSignalBlocker(self.run), QSignalBlocker(self.step), QSignalBlocker(self.split):
            self.step.clear()
            self.split.clear()
            if run is None or source is None:
                self.run.setCurrentIndex(-1)
                self.run.setToolTip(as_tip(_RUN_TIP))
                return
            for step in reversed(run.checkpoints):
                self.step.addItem(_step_label(run, step), step)
            for split in run.store_splits:
                self.split.addItem(split, split)
            self.split.addItem(_TRAINING_LABEL, TRAINING_EPISODES)
            self.run.setCurrentIndex(self.run.findData(run.path))
            self.run.setToolTip(as_tip(run.name))
            self.step.setCurrentIndex(self.step.findData(source.step))
            self.split.setCurrentIndex(self.split.findData(source.split))

    def _entry(self, path: Path) -> RunEntry | None:
        return next((run for run in self._controller.runs if run.path == path), None)

    def _choose_run(self, _index: int) -> None:
        run = self._entry(self.run.currentData())
        if run is not None:
            self._selection.set_source(default_source(run, self.split.currentData()))

    def _choose(self, _index: int) -> None:
        source = EpisodeSource(
            self.run.currentData(), self.step.currentData(), self.split.currentData()
        )
        self._selection.set_source(source)


def default_source(run: RunEntry, split: str | None = None) -> EpisodeSource:
    """Return a run's own choice of checkpoint, on a split where it has that, else on validation."""
    splits = (*run.store_splits, TRAINING_EPISODES)
    step = run.own_step
    wanted = split if split in splits else "val" if "val" in splits else splits[0]
    return EpisodeSource(run.path, run.checkpoints[-1] if step is None else step, wanted)


def _why_nothing(runs: list[RunEntry]) -> str:
    """Say why none of the runs that have checkpoints can be looked at, of the newest of them."""
    return f"{runs[0].why_no_latent_space}\n\n{_OTHERS_CAN}" if runs else NO_RUNS


def _step_label(run: RunEntry, step: int) -> str:
    notes = []
    if step == run.best_step:
        notes.append("best")
    if step == run.checkpoints[-1]:
        notes.append("last")
    return f"step {step:,}" + (f" ({', '.join(notes)})" if notes else "")
