"""The form of an evaluation: run, checkpoint, split, episodes, and what to compare with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.io.paths import is_file
from leo_studio.analysis.evaluation.choices import (
    Choice,
    checkpoint_choices,
    learns_functions,
    opponent_choices,
    own_checkpoint,
    split_choices,
    split_remark,
    why_not_evaluated,
    why_own_checkpoint,
)
from leo_studio.services.records import EvaluationRequest, RunEntry, StoreEntry
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.labels import Label, sentence_label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip

if TYPE_CHECKING:
    from leo_studio.services.background import Task

_WHOLE = 1000  # steps of the bar
_MOST_EPISODES = 10_000_000
_FEWEST_LETTERS = 16  # of a combo box, which otherwise asks for its longest entry


class EvaluationForm(QWidget):
    """Choices of one evaluation, with what speaks against it, and its progress."""

    start_wanted = Signal()
    cancel_wanted = Signal()
    store_wanted = Signal(object)  # `Path` of the run whose store is not in its place
    changed = Signal()
    checkpoint_chosen = Signal()  # by a person

    def __init__(self, banner: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation-form")
        self.run: RunEntry | None = None
        self._store: StoreEntry | None = None
        self._is_busy = False
        self.checkpoint_box, self.split_box, self.opponent_box = (
            ElidingBox(Qt.TextElideMode.ElideRight),
            ElidingBox(),
            ElidingBox(),
        )
        self.episodes = WholeBox()
        self._episodes_label = Label()
        self.checkpoint_hint = sentence_label("checkpoint-hint", "muted")
        self.split_remark = sentence_label("split-remark", "muted")
        self.chosen_episodes: dict[Path, int] = {}  # by the run, where a person chose a number
        self._last_chosen: int | None = None  # by a person, for whatever run
        self._is_filling = False
        self.start_button = QPushButton("E&valuate")
        self.progress = QProgressBar()
        self.progress_note = ElidingLabel()
        self.cancel_button = QPushButton("&Cancel")
        self.reason = sentence_label("reason", "muted")
        self.locate_button = QPushButton("&Locate...")
        self._set_up()
        self._lay_out(banner)
        self._connect()
        self.show_task(None)

    # What the panel shows in it

    def show_run(
        self, run: RunEntry, step: int | None, store: StoreEntry, runs: Sequence[RunEntry]
    ) -> None:
        """Offer the checkpoints and splits of a run; for the same run the choices stay.

        `step` is that of the current checkpoint; None for the run's own choice.
        """
        is_other = self.run is None or self.run.path != run.path
        # Of a run that still trains, the default changes until somebody chooses another.
        checkpoint = own_checkpoint(run) if step is None else str(step)
        if not is_other and self.step(self.checkpoint_box.currentData()) == step is not None:
            checkpoint = self.checkpoint_box.currentData()  # "last" is a step, too
        self.run, self._store = run, store
        _fill(self.checkpoint_box, checkpoint_choices(run), checkpoint)
        self.checkpoint_hint.setText(why_own_checkpoint(run))
        splits = split_choices(run, store)
        names = [split.value for split in splits]
        wanted = "test" if "test" in names else (names[-1] if names else None)
        _fill(self.split_box, splits, wanted if is_other else self.split_box.currentData())
        opponent = None if is_other else self.opponent_box.currentData()
        _fill(self.opponent_box, opponent_choices(run, runs), opponent)
        self._name_episodes()
        if is_other and run.experiment is not None:
            usual = self._last_chosen or run.experiment.evaluation.episodes
            self._is_filling = True  # what is filled in was not chosen for this run
            self.episodes.setValue(self.chosen_episodes.get(run.path, usual))
            self._is_filling = False
        self.refresh()

    def restore_episodes(self, plain: object) -> None:
        """Take numbers of episodes that were kept, by the paths of runs; nonsense is left out."""
        for path, count in plain.items() if isinstance(plain, dict) else ():
            if type(count) is int and self.episodes.minimum() <= count <= self.episodes.maximum():
                self.chosen_episodes[Path(path)] = self._last_chosen = count
        if self.run is not None and self.run.path in self.chosen_episodes:
            self.episodes.setValue(self.chosen_episodes[self.run.path])

    def _name_episodes(self) -> None:
        """Call episodes tasks where functions are learned, as the rest of the panel does."""
        self._episodes_label.setText("T&asks" if learns_functions(self.run) else "E&pisodes")
        self.episodes.setAccessibleName(self._episodes_label.text().replace("&", ""))

    def _keep_episodes(self, count: int) -> None:
        """Remember the number for this run, and for those that have none of their own."""
        run = self.run
        if run is None or run.experiment is None or self._is_filling:
            return
        self._last_chosen = count
        self.chosen_episodes.pop(run.path, None)  # the last one chosen is the last one here
        self.chosen_episodes[run.path] = count

    def step(self, checkpoint: str | None) -> int | None:
        """Return the step of one of the checkpoints; None for the run's own choice."""
        if self.run is None or checkpoint in (None, own_checkpoint(self.run)):
            return None
        steps = {"best": self.run.kept_best_step, "last": self.run.checkpoints[-1]}
        return steps[checkpoint] if checkpoint in steps else int(checkpoint or 0)

    def clear_run(self) -> None:
        """Show no run."""
        self.run = self._store = None
        self.checkpoint_hint.clear()
        for box in (self.checkpoint_box, self.split_box, self.opponent_box):
            _fill(box, (), None)
        self.refresh()

    def show_task(self, task: "Task | None", *, has_bar: bool = True) -> None:
        """Show how far an evaluation is; None for none.

        `has_bar` is False for what has a bar and a note elsewhere: it can be ended here, too.
        """
        self._is_busy = task is not None
        leaves, comes = self.start_button, self.cancel_button
        if task is None:
            leaves, comes = comes, leaves
        has_keyboard = leaves.hasFocus()
        comes.setVisible(True)
        self.refresh()
        if has_keyboard:  # else Qt would give it to whatever comes next, in another panel
            comes.setFocus()
        leaves.setVisible(False)
        self.progress.setVisible(task is not None and has_bar)
        if task is None or not has_bar:
            self.progress_note.setText("")
            self.progress_note.setToolTip("")
        if task is not None:
            self.cancel_button.setText("Ending..." if task.is_cancelled else "&Cancel")
        if task is not None and has_bar:
            fraction = task.fraction
            self.progress.setRange(0, 0 if fraction is None else _WHOLE)
            if fraction is not None:
                self.progress.setValue(round(_WHOLE * fraction))
            note = "cancelling" if task.is_cancelled else task.note
            text = f"{task.title}{': ' if note else ''}{note}"
            self.progress_note.setText(text)
            self.progress_note.setToolTip(as_tip(text))

    def why_not(self) -> str:
        """Say why an evaluation cannot begin now; "" where it can."""
        if self._is_busy:
            return "An evaluation is under way."
        return why_not_evaluated(self.run, self._store, self.split_box.currentData() or "")

    def request(self) -> EvaluationRequest:
        """Return the chosen evaluation."""
        assert self.run is not None
        return EvaluationRequest(
            run=self.run.path,
            checkpoint=self.checkpoint_box.currentData(),
            split=self.split_box.currentData(),
            episodes=self.episodes.value(),
            compare=self.opponent_box.currentData(),
        )

    def episodes_of_split(self) -> tuple[int, str]:
        """Return how many episodes are chosen, and of which split; "" where there is none."""
        return self.episodes.value(), self.split_box.currentData() or ""

    def refresh(self) -> None:
        """Update the reasons against the choices."""
        reason = self.why_not()
        self.start_button.setEnabled(not reason)
        self.start_button.setToolTip(as_tip(reason or "Evaluate, and keep the result with the run"))
        self.reason.setText("" if self._is_busy else reason)
        self.reason.setVisible(bool(self.reason.text()))
        store = None if learns_functions(self.run) else self._store
        lacks_store = store is not None and not is_file(store.path)
        self.locate_button.setVisible(lacks_store and not self._is_busy)
        has_run = self.run is not None and bool(self.run.checkpoints)
        for box in (self.checkpoint_box, self.split_box, self.episodes, self.opponent_box):
            box.setEnabled(has_run)
        split = self.split_box.currentData()
        remark = split_remark(self.run, split) if self.run and split else ""
        self.split_remark.setText(remark)
        self.split_remark.setVisible(bool(remark))
        self.checkpoint_hint.setVisible(bool(self.checkpoint_hint.text()))
        self.changed.emit()

    # How it is made

    def _set_up(self) -> None:
        named = {
            "checkpoint-box": self.checkpoint_box,
            "split-box": self.split_box,
            "opponent-box": self.opponent_box,
        }
        for name, box in named.items():
            box.setObjectName(name)
            box.setMinimumContentsLength(_FEWEST_LETTERS)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Qt draws the letter of a mnemonic apart: "Tasks" is wider then than Qt says it is.
        self._episodes_label.setContentsMargins(0, 0, 2, 0)
        self.episodes.setObjectName("episodes")
        self._name_episodes()
        self.episodes.setRange(2, _MOST_EPISODES)
        self.episodes.setStepType(WholeBox.StepType.AdaptiveDecimalStepType)
        self.episodes.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.episodes.setToolTip("Always the same ones, so that models meet the same episodes")
        self.split_remark.setProperty("role", "error")
        self.start_button.setObjectName("evaluate")
        self.start_button.setProperty("role", "primary")
        self.progress.setObjectName("progress")
        self.progress.setAccessibleName("Progress of the evaluation")
        self.cancel_button.setObjectName("cancel")
        self.locate_button.setObjectName("locate-store")
        self.locate_button.setToolTip("Say where the store is that the run was trained on")
        self.progress_note.setObjectName("progress-note")
        self.progress_note.setProperty("role", "muted")
        self.progress_note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # A line of its own, also while it is empty, so that nothing below it moves.
        self.progress_note.setMinimumHeight(self.fontMetrics().height())

    def _lay_out(self, banner: QWidget) -> None:
        fields = QFormLayout()
        fields.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: tuple[tuple[str, QWidget, Label | None], ...] = (
            ("Chec&kpoint", self.checkpoint_box, self.checkpoint_hint),
            ("&Split", self.split_box, self.split_remark),
            ("", self.episodes, None),  # see `_name_episodes`
            ("Compare &with", self.opponent_box, None),
        )
        for text, field, hint in rows:
            label = self._episodes_label if field is self.episodes else Label(text)
            label.setBuddy(field)
            fields.addRow(label, field)
            if hint is not None:
                fields.addRow(hint)
        line = QHBoxLayout()
        line.addWidget(self.start_button, 1)
        line.addWidget(self.progress, 1)
        line.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(banner)
        column.addLayout(fields)
        column.addLayout(line)
        column.addWidget(self.progress_note)
        reasons = QHBoxLayout()
        reasons.addWidget(self.reason, 1)
        reasons.addWidget(self.locate_button)
        column.addLayout(reasons)

    def _connect(self) -> None:
        self.split_box.currentIndexChanged.connect(lambda _: self.refresh())
        self.episodes.valueChanged.connect(self._keep_episodes)
        self.episodes.valueChanged.connect(lambda _: self.changed.emit())
        self.checkpoint_box.activated.connect(lambda _: self.checkpoint_chosen.emit())
        self.start_button.clicked.connect(self.start_wanted)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.locate_button.clicked.connect(self._ask_for_store)

    def _ask_for_store(self) -> None:
        if self.run is not None:
            self.store_wanted.emit(self.run.path)


def _fill(box: QComboBox, choices: Sequence[Choice], value: str | None) -> None:
    """Offer choices and choose the one with a value, or the first; nothing moves if all is so."""
    there = [(box.itemText(row), box.itemData(row)) for row in range(box.count())]
    blocker = QSignalBlocker(box)
    if there != [(choice.label, choice.value) for choice in choices]:
        box.clear()
        for choice in choices:
            box.addItem(choice.label, choice.value)
    values = [choice.value for choice in choices]
    place = values.index(value) if value in values else 0
    if choices and box.currentIndex() != place:
        box.setCurrentIndex(place)
    blocker.unblock()
