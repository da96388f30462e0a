"""What a grid is evaluated on: ways, shots and stores, and its progress."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import BadInput
from leo_studio.analysis.evaluation.grid_choices import (
    FEWEST_SHOTS,
    FEWEST_WAYS,
    MOST_SHOTS,
    MOST_WAYS,
    read_numbers,
    store_choices,
    usual_shots,
    usual_ways,
)
from leo_studio.analysis.experiment.store_names import store_title
from leo_studio.services.grid_records import GridRequest
from leo_studio.services.records import EvaluationRequest, RunEntry, StoreEntry
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label, sentence_label
from leo_studio.ui.widgets.people import as_tip, without_keys

if TYPE_CHECKING:
    from leo_studio.services.background import Task

START = "Evaluate other ways and shots"
_WHOLE = 1000  # parts of the bar
_LETTERS = 14  # of a field for numbers


class GridForm(QWidget):
    """Choices of one grid, what speaks against it, and its progress."""

    start_wanted = Signal()
    cancel_wanted = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("grid-form")
        self._run: RunEntry | None = None
        self._why_not = ""
        self._is_busy = False
        self._listed: list[tuple[str, str]] = []
        self.ways, self.shots = QLineEdit(), QLineEdit()
        self.is_hard, self.is_varying = QCheckBox("Hard"), QCheckBox("Also varying")
        self.stores = QToolButton()
        self._menu = QMenu(self.stores)
        self.start_button = QPushButton(START)
        self.progress, self.cancel_button = QProgressBar(), QPushButton("Ca&ncel")
        self.note = ElidingLabel()
        self.episodes = sentence_label("grid-episodes", "muted")
        self.reason = sentence_label("grid-reason", "muted")
        self._set_up()
        self._lay_out()
        self.show_task(None)

    def show_run(self, run: RunEntry, own: StoreEntry, stores: tuple[StoreEntry, ...]) -> None:
        """Offer what fits a run; for the same run the choices stay."""
        is_other = self._run is None or self._run.path != run.path
        self._run = run
        if is_other:
            self.ways.setText(usual_ways(run))
            self.shots.setText(usual_shots(run))
        self._list_stores(store_title(own.name), store_choices(own, stores), is_other)
        self.refresh()

    def show_episodes(self, count: int, split: str) -> None:
        """Say what a grid would be evaluated on: the form of an evaluation chooses it."""
        where = f" of split {split}" if split else ""
        self.episodes.setText(
            f"{count:,} episodes{where} at each place: checkpoint, split and number of episodes "
            "are chosen once, for both tabs."
        )

    def set_reason(self, why_not: str) -> None:
        """Say why nothing can be evaluated now; "" where it can."""
        if why_not != self._why_not:
            self._why_not = why_not
            self.refresh()

    def why_not(self) -> str:
        """Say why a grid cannot be evaluated now; "" where it can."""
        if self._is_busy:
            return "An evaluation is under way."
        if self._why_not:
            return self._why_not
        try:
            self._numbers()
        except BadInput as error:
            return str(error)
        return "" if any(each.isChecked() for each in self._menu.actions()) else "Choose a store."

    def request(self, evaluation: EvaluationRequest) -> GridRequest:
        """Return the grid that is chosen, of an evaluation's checkpoint, split and episodes."""
        ways, shots = self._numbers()
        own, *others = self._menu.actions()
        return GridRequest(
            run=evaluation.run,
            checkpoint=evaluation.checkpoint,
            split=evaluation.split,
            episodes=evaluation.episodes,
            ways=tuple(ways),
            shots=tuple(shots),
            is_on_own=own.isChecked(),
            stores=tuple(str(each.data()) for each in others if each.isChecked()),
            is_hard=self.is_hard.isChecked(),
            is_varying=self.is_varying.isChecked(),
        )

    def show_task(self, task: "Task | None") -> None:
        """Show how far a grid is; None for none."""
        self._is_busy = task is not None
        leaves, comes = self.start_button, self.cancel_button
        if task is None:
            leaves, comes = comes, leaves
        has_keyboard = leaves.hasFocus()
        comes.setVisible(True)
        self.refresh()
        if has_keyboard:  # else Qt would give it to whatever comes next
            comes.setFocus()
        leaves.setVisible(False)
        self.progress.setVisible(task is not None)
        self.note.setVisible(task is not None)
        if task is not None:
            self.cancel_button.setText("Ending..." if task.is_cancelled else "Ca&ncel")
            self.progress.setRange(0, 0 if task.fraction is None else _WHOLE)
            self.progress.setValue(round(_WHOLE * (task.fraction or 0.0)))
            self.note.setText(task.note)

    def refresh(self) -> None:
        """Update what speaks against the choices."""
        why_not = self.why_not()
        self.start_button.setEnabled(not why_not)
        tip = "Evaluate at every place, beside nearest class mean, and keep it with the run"
        self.start_button.setToolTip(as_tip(why_not or tip))
        self.reason.setText("" if self._is_busy else why_not)
        self.reason.setVisible(bool(self.reason.text()))
        chosen = [
            each.text().replace("&&", "&") for each in self._menu.actions() if each.isChecked()
        ]
        text = chosen[0] if len(chosen) == 1 else f"{len(chosen)} stores"
        self.stores.setText(without_keys(text if chosen else "None"))
        self.stores.setToolTip(as_tip("On which stores: " + (", ".join(chosen) or "none")))
        for field in (self.ways, self.shots, self.stores, self.is_hard, self.is_varying):
            field.setEnabled(not self._is_busy and self._run is not None)
        self.changed.emit()

    def _numbers(self) -> tuple[list[int], list[int]]:
        return (
            read_numbers("Ways", self.ways.text(), FEWEST_WAYS, MOST_WAYS),
            read_numbers("Shots", self.shots.text(), FEWEST_SHOTS, MOST_SHOTS),
        )

    def _list_stores(self, own: str, others: list[tuple[str, str]], is_other: bool) -> None:
        listed = [("", own), *others]
        if listed == self._listed and not is_other:
            return
        chosen = {each.data() for each in self._menu.actions() if each.isChecked()}
        self._listed = listed
        self._menu.clear()
        for name, title in listed:
            action = self._menu.addAction(without_keys(title))
            action.setToolTip(as_tip(title))
            action.setObjectName("grid-store")
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == "" if is_other else name in chosen)
            action.toggled.connect(lambda _: self.refresh())

    def _set_up(self) -> None:
        for field, name, spoken, tip in (
            (self.ways, "grid-ways", "Ways", "Numbers of classes in an episode, such as 2, 5, 20"),
            (self.shots, "grid-shots", "Shots", "Numbers of examples of each class: 1, 5"),
        ):
            field.setObjectName(name)
            field.setAccessibleName(spoken)
            field.setToolTip(as_tip(tip))
            field.setMinimumWidth(_LETTERS * self.fontMetrics().averageCharWidth())
            field.textChanged.connect(lambda _: self.refresh())
            field.returnPressed.connect(self.start_button.click)
        self.is_hard.setObjectName("grid-hard")
        self.is_hard.setToolTip(
            as_tip(
                "Episodes of classes that are alike: one that is drawn, and those whose mean "
                "embeddings are nearest to its own"
            )
        )
        self.is_varying.setObjectName("grid-varying")
        self.is_varying.setToolTip(
            as_tip("Also episodes each of which has ways and shots of its own, drawn from these")
        )
        self.stores.setObjectName("grid-stores")
        self.stores.setAccessibleName("Stores")
        self.stores.setMenu(self._menu)
        self.stores.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.start_button.setObjectName("grid-start")
        self.cancel_button.setObjectName("grid-cancel")
        self.progress.setObjectName("grid-progress")
        self.progress.setAccessibleName("Progress of the grid")
        self.progress.setTextVisible(False)
        self.note.setProperty("role", "muted")
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.start_button.clicked.connect(self.start_wanted)
        self.cancel_button.clicked.connect(self.cancel_wanted)

    def _lay_out(self) -> None:
        choices = QWidget()
        flow = FlowLayout(choices)
        flow.setContentsMargins(0, 0, 0, 0)
        for text, field in (
            ("&Ways", self.ways),
            ("&Shots", self.shots),
            ("St&ores", self.stores),
        ):
            both = QWidget()
            row = QHBoxLayout(both)
            row.setContentsMargins(0, 0, 0, 0)
            label = Label(text)
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
            flow.addWidget(both)
        flow.addWidget(self.is_hard)
        flow.addWidget(self.is_varying)
        line = QHBoxLayout()
        line.addWidget(self.start_button)
        line.addWidget(self.progress, 1)
        line.addWidget(self.cancel_button)
        line.addWidget(self.note, 1)
        line.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(choices)
        column.addWidget(self.episodes)
        column.addLayout(line)
        column.addWidget(self.reason)
