"""The picker of a run, a checkpoint and a split, where episodes come from."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.inspection.records import TRAINING_EPISODES
from leo_studio.analysis.inspection.sources import why_not_inspected
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.inspection.checkpoint_line import CheckpointLine
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_STEP_TIP = "The checkpoint: outer steps taken"
_TRAINING_LABEL = "training episodes"
_FEWEST_LETTERS = 8
_LETTERS_OF_ONE_LINE = 84
_LETTERS_WHEN_LOW = 56  # of one line, where height is dearer than width
_LETTERS_OF_LABELS = 40
_LETTERS_OF_TIGHT = (13, 9)  # of the boxes of checkpoint and split in such a line
_FLAGS = Qt.ItemDataRole.UserRole - 1  # where the model of a box keeps an item's flags


_BEST = "★"  # where "(best)" has no room


class StepBox(ElidingBox):
    """A list of checkpoints; the words beside the number are left out first, and the number never.

    Its tip has the whole.
    """

    def shortened(self, text: str, room: int) -> str:
        """Return as much as has room beside the number, in pixels."""
        step, _, notes = text.partition(" (")
        mark = f" {_BEST}" if "best" in notes else ""
        number = step.removeprefix("step ")
        metrics = self.fontMetrics()
        for words in (text, f"{step}{mark}", f"{number}{mark}"):
            if metrics.horizontalAdvance(words) <= room:
                return words
        return number

    def number_width(self) -> int:
        """Return the width in which every number is shown whole, in pixels."""
        steps = (self.itemText(row).partition(" (")[0] for row in range(self.count()))
        numbers = (step.removeprefix("step ") for step in steps)
        return max(map(self.wanted_width_of, numbers), default=0)


class SourcePicker(QWidget):
    """Shows where the episodes of a selection come from, and chooses another source.

    A line below says where training has gone on since, or has removed the checkpoint. Where a
    player shows other checkpoints, the box shows them, too; `own_step_chosen` says that a person
    goes back to the selection's own.

    Parameters
    ----------
    controller
        Knows the runs.
    selection
        Whose source is chosen. Its run is the current one, or the one that its panels are pinned
        to.
    themes
        As for every panel.
    """

    own_step_chosen = Signal()

    def __init__(
        self,
        controller: "Controller",
        selection: EpisodeSelection,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("source-picker")
        self._controller = controller
        self._selection = selection
        self._is_low = False
        self._live = ""
        self._played: int | None = None  # the checkpoint of a player; None for the source's own
        self.banner = RunBanner(controller, selection.run, themes, why_not_inspected)
        self.run = self.banner.box
        self.step = StepBox(Qt.TextElideMode.ElideRight)
        self._prepare(self.step, "source-step", _STEP_TIP)
        self.split = ElidingBox(Qt.TextElideMode.ElideRight)
        self._prepare(self.split, "source-split", "Which classes the episodes are made of")
        self.line = CheckpointLine(controller, selection, self)
        self._lay_out()
        self.step.activated.connect(self._choose)
        self.split.activated.connect(self._choose)
        selection.source_changed.connect(self._show)
        themes.settled.connect(self._use_room)  # boxes ask for another room while nobody sees them
        controller.runs_changed.connect(self._show_runs)
        self._show(selection.source)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the offered source from now on, as it is seen."""
        super().showEvent(event)
        self._selection.is_offered = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in one line where there is room, else in two or three."""
        super().resizeEvent(event)
        self._use_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_room()

    def save_height(self, is_wanted: bool) -> None:
        """Stand in one line also where its words have to be shortened for it, or no more."""
        if is_wanted != self._is_low:
            self._is_low = is_wanted
            self._use_room()

    def _use_room(self, *_: object) -> None:
        letters = self.width() / self.fontMetrics().averageCharWidth()
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        is_wide = letters >= (_LETTERS_WHEN_LOW if self._is_low else _LETTERS_OF_ONE_LINE)
        is_narrow = letters < _LETTERS_OF_LABELS
        self._row.setDirection(across if is_wide else down)
        is_tight = is_wide and letters < _LETTERS_OF_ONE_LINE
        self._row.setStretch(0, 3 if is_tight else 5)  # a run's title can be shortened best
        letter = self.fontMetrics().averageCharWidth()
        for combo, fewest in zip((self.step, self.split), _LETTERS_OF_TIGHT, strict=True):
            least = letter * (fewest if is_tight else _FEWEST_LETTERS)
            number = self.step.number_width() if combo is self.step else 0
            combo.setMinimumWidth(max(least, number))
        # Each box keeps the word that says what it is: a narrow picker has a line for each.
        self._pair.setDirection(down if is_narrow else across)
        widths = [label.sizeHint().width() for label in self._labels]
        for label in self._labels:
            label.setMinimumWidth(max(widths) if is_narrow else 0)

    def minimumSizeHint(self) -> QSize:
        """Return the size of more lines: what is in one goes there when it gets too narrow."""
        one_line = super().minimumSizeHint()
        return QSize(self.banner.minimumSizeHint().width(), one_line.height())

    @staticmethod
    def _prepare(combo: QComboBox, name: str, tip: str) -> None:
        combo.setObjectName(name)
        combo.setToolTip(as_tip(tip))
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(_FEWEST_LETTERS)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._row = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        column.addLayout(self._row)
        column.addWidget(self.line)
        self._row.addWidget(self.banner, 5)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.addLayout(self._pair, 4)
        self._labels = Label("Chec&kpoint"), Label("Spl&it")
        for label, combo, share in zip(self._labels, (self.step, self.split), (3, 2), strict=True):
            label.setBuddy(combo)
            row = QHBoxLayout()
            self._pair.addLayout(row, share)
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            row.addWidget(label)
            row.addWidget(combo, 1)

    def show_played(self, step: int | None) -> None:
        """Show the checkpoint that a player is at; None for the selection's own."""
        if step != self._played:
            self._played = step
            self._show_step()

    def show_live(self, words: str) -> None:
        """Say in place of a checkpoint what is followed while a run trains; "" for a checkpoint."""
        if words != self._live:
            self._live = words
            self.step.setPlaceholderText(words)
            self.line.set_quiet(bool(words))
            self._show(self._selection.source)

    def _show_step(self) -> None:
        source = self._selection.source
        if self._live:
            self.step.setCurrentIndex(-1)
            self.step.setEnabled(False)
            self.step.setToolTip(as_tip(self._live))
            return
        if source is not None:
            played = -1 if self._played is None else self.step.findData(self._played)
            self.step.setCurrentIndex(played if played >= 0 else self.step.findData(source.step))
            self.step.setToolTip(as_tip(f"{self.step.currentText()}\n{_STEP_TIP}"))

    def _show_runs(self, _runs: tuple[RunEntry, ...]) -> None:
        self._show(self._selection.source)

    def _show(self, source: EpisodeSource | None) -> None:
        if self.isVisible():
            self._selection.is_offered = False  # somebody looks
        run = self._entry(source.run) if source else None
        for combo in (self.step, self.split):
            combo.setEnabled(run is not None)
        with QSignalBlocker(self.step), QSignalBlocker(self.split):
            self.step.clear()
            self.split.clear()
            if run is None or source is None:
                return
            if source.step not in run.checkpoints:  # shown still, but not to be chosen
                self.step.addItem(f"step {source.step:,} (not kept)", source.step)
                self.step.setItemData(0, 0, _FLAGS)
            for step in reversed(run.checkpoints):
                self.step.addItem(_step_label(run, step), step)
            for split in run.store_splits:
                self.split.addItem(split, split)
            self.split.addItem(_TRAINING_LABEL, TRAINING_EPISODES)
            self._show_step()
            self.split.setCurrentIndex(self.split.findData(source.split))
            self._use_room()

    def _entry(self, path: Path) -> RunEntry | None:
        entry = self._selection.run.entry
        if entry is not None and entry.path == path:
            return entry
        return next((run for run in self._controller.runs if run.path == path), None)

    def _choose(self, _index: int) -> None:
        source = self._selection.source
        if source is None:
            return
        step, split = self.step.currentData(), self.split.currentData()
        chosen = EpisodeSource(source.run, step, split)
        self._selection.set_source(chosen)
        if chosen == source and self._played is not None:
            self.own_step_chosen.emit()
        self._selection.run.choose(source.run, step)


def _step_label(run: RunEntry, step: int) -> str:
    notes = []
    if step == run.best_step:
        notes.append("best")
    if step == run.checkpoints[-1]:
        notes.append("last")
    return f"step {step:,}" + (f" ({', '.join(notes)})" if notes else "")
