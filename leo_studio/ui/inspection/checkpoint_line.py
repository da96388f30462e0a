"""A line about the checkpoint that is looked at: it is kept no longer, or is not the best now."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.runs.record import OWNED
from leo_studio.services.kept_checkpoints import is_lost, nearest, run_of
from leo_studio.services.records import EpisodeSource
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class CheckpointLine(QWidget):
    """Says what became of the checkpoint of a selection, and offers another by one press.

    Nothing is moved by itself: what somebody looks at stays until it is pressed.

    Parameters
    ----------
    controller
        Knows which checkpoints runs keep.
    selection
        Whose source is meant.
    """

    changed = Signal(bool)  # whether the checkpoint is lost

    def __init__(
        self, controller: "Controller", selection: EpisodeSelection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("checkpoint-line")
        self._controller = controller
        self._selection = selection
        self._is_quiet = False
        self._has_shown = False  # something that was computed with it
        self._was_own: EpisodeSource | None = None  # the run's own choice, when it was taken
        self._offered: EpisodeSource | None = None
        self.is_lost = False
        self.label = Label()
        self.label.setObjectName("checkpoint-words")
        self.label.setWordWrap(True)
        self.use_button = QPushButton("Use")
        self.use_button.setObjectName("use-checkpoint")
        self.use_button.clicked.connect(self._use)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label, 1)
        row.addWidget(self.use_button)
        self.hide()
        selection.source_changed.connect(self._follow)
        controller.runs_changed.connect(self._say)
        self._follow(selection.source)

    def set_shown(self, has_shown: bool) -> None:
        """Say whether something is seen that was computed with the checkpoint."""
        if has_shown != self._has_shown:
            self._has_shown = has_shown
            self._say()

    def set_quiet(self, is_quiet: bool) -> None:
        """Say nothing while no checkpoint is looked at, or speak again."""
        self._is_quiet = is_quiet
        self._say()

    def _follow(self, source: EpisodeSource | None) -> None:
        run = run_of(source, self._controller.runs)
        self._was_own = source if run and source and run.own_step == source.step else None
        self._say()

    def _say(self, *_: object) -> None:
        source, runs = self._selection.source, self._controller.runs
        run, text, step = run_of(source, runs), "", None
        before, self.is_lost = self.is_lost, is_lost(source, runs)
        if source is not None and run is not None:
            was_own = source == self._was_own and run.own_step is not None
            if self.is_lost and not was_own:
                step = nearest(run.checkpoints, source.step)
                what = "; shown is what was computed before." if self._has_shown else "."
                text = f"Step {source.step:,} is no longer kept{what}"
                text += " No other is kept." if step is None else f" Nearest: step {step:,}."
            elif was_own and run.own_step != source.step:
                step = run.own_step
                stays = f"stays at step {source.step:,}; the {run.own_checkpoint} is step {step:,}"
                trains = run.status in OWNED
                text = f"Training goes on, and this {stays} now." if trains else f"This {stays}."
        self._offered = None if source is None or step is None else replace(source, step=step)
        self.label.setText(text)
        self.use_button.setVisible(self._offered is not None)
        if step is not None:
            self.use_button.setToolTip(as_tip(f"Look at step {step:,} instead"))
            self.use_button.setAccessibleName(f"Use step {step:,}")
        self.setVisible(bool(text) and not self._is_quiet)
        if self.is_lost != before:
            self.changed.emit(self.is_lost)

    def _use(self) -> None:
        if self._offered is not None:
            self._selection.set_source(self._offered)
