"""The page of one sweep: what it is of, how far it is, its views, and the table of its trials."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.studies.sweeps.trials import Trial
from leo_studio.analysis.sweep_plots import shown_accuracy, state_of
from leo_studio.analysis.sweep_words import about_text, hint, lead, state_text, varied_text
from leo_studio.services.records import DeviceEntry
from leo_studio.services.sweep_records import Importance, SweepView, SweepWanted
from leo_studio.ui.sweeps.choice import TrialChoice
from leo_studio.ui.sweeps.controls import SweepControls
from leo_studio.ui.sweeps.trial_table import TrialTable
from leo_studio.ui.sweeps.views import SweepViews
from leo_studio.ui.widgets.labels import Label, sentence_label
from leo_studio.ui.widgets.overflow_row import OverflowRow
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.scrolled import Scrolled
from leo_studio.ui.widgets.start_stop import StartStop
from leo_studio.ui.widgets.theme import ThemeManager

_WHOLE = 1000  # parts of the bar
_BAR = 0.6  # of the height of a line
_MILLISECONDS_FOR_EACH = 2  # trial, ten times what it takes to draw it
_LINES_OF_TABLE = 5  # at least


class _Modest(QSplitter):
    """Asks for its least height alone: the page around it would be scrolled for more."""

    def sizeHint(self) -> QSize:
        """Return the least size."""
        return self.minimumSizeHint()


class SweepPage(QWidget):
    """Shows a sweep, and has the buttons that start and stop it.

    Parameters
    ----------
    themes
        Colours and icons.
    devices, usual_count
        As for `SweepControls`.
    actions
        Of the row of buttons above the views.
    """

    back_wanted = Signal()
    start_wanted = Signal()
    stop_wanted = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        devices: Sequence[DeviceEntry],
        usual_count: Callable[[str], int],
        actions: Sequence[QAction],
    ) -> None:
        super().__init__()
        self.view: SweepView | None = None
        self.wanted = SweepWanted("")  # what is shown, or read
        self._seen: object = None  # what the views show of it
        self._rest = QTimer(self, singleShot=True)  # after which trials may be shown again
        self._rest.timeout.connect(self._show_trials)
        self._is_shared = False  # the room, among views and table
        self.choice = TrialChoice(self)
        self.back = QPushButton("‹ All s&weeps")
        self.title, self.state = Label(), Label()
        self.about = sentence_label("sweep-about", "muted")
        self.controls = SweepControls(devices, usual_count)
        self.buttons = StartStop("sweep")
        self.progress = QProgressBar()
        self.lead = sentence_label("sweep-lead")
        self.hint = sentence_label("sweep-hint", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setMargin(24)
        self.views = SweepViews(themes, self.choice)
        self.table = TrialTable(themes, self.choice)
        self._set_up()
        self._lay_out(OverflowRow(themes, actions, "More to do with this sweep"))
        self.back.clicked.connect(self.back_wanted)
        self.buttons.start_wanted.connect(self.start_wanted)
        self.buttons.stop_wanted.connect(self.stop_wanted)
        self.controls.counted.connect(self._say)
        themes.settled.connect(self._size_parts)
        self._size_parts()

    @property
    def trial(self) -> Trial | None:
        """The chosen trial; None where there is none."""
        begun = [] if self.view is None else self.view.begun
        return next((each for each in begun if each.number == self.choice.number), None)

    def begin(self, wanted: SweepWanted) -> None:
        """Show that a sweep is being read."""
        self.view, self.wanted, self._seen = None, wanted, None
        self._rest.stop()
        self.choice.forget()
        self.title.setText(wanted.name)
        self.state.setText("is being read ...")
        self.about.clear()
        self.lead.clear()
        self._show_parts(False)
        self.show_running(is_under_way=False, is_stopping=False, why_not="It is being read.")

    def say_problem(self, sentence: str) -> None:
        """Show why a sweep cannot be shown."""
        self.state.setText("cannot be read")
        self._say_lead(sentence, is_problem=True)
        self._show_parts(False)

    def show_view(self, view: SweepView, importance: Importance | None) -> None:
        """Show how a sweep stands; what has not changed stays as it is."""
        self.view = view
        self.title.setText(view.name)
        self.state.setText(state_text(view))
        self.about.setText(about_text(view.sweep))
        self.about.setToolTip(as_tip(varied_text(view.sweep)))
        self.hint.setText(hint(view.sweep))
        self.progress.setValue(round(_WHOLE * view.share_done))
        self.controls.set_new(view.standing == "new")
        if not self._rest.isActive():
            self._show_trials()
        self.show_importance(importance)
        self._show_parts(True)
        self._say()

    def _show_trials(self) -> None:
        """Show trials in views and table, if any has changed; of thousands not each second."""
        view = self.view
        seen = None if view is None else [len(view.trials), *map(_facts, view.begun)]
        if view is not None and seen != self._seen:
            self._seen = seen
            self.views.show_view(view)
            self.table.show_view(view)
            self._rest.start(_MILLISECONDS_FOR_EACH * len(view.begun))

    def show_importance(self, importance: Importance | None) -> None:
        """Show how much settings decide, as far as that is known."""
        if self.view is not None:
            self.views.show_importance(self.view, importance)

    def show_running(self, *, is_under_way: bool, is_stopping: bool, why_not: str) -> None:
        """Offer to start or to stop; `why_not` says why it cannot be started."""
        self.buttons.show_running(
            is_under_way=is_under_way,
            is_stopping=is_stopping,
            has_begun=self.view is not None and self.view.standing != "new",
            why_not=why_not,
        )
        is_elsewhere = self.view is not None and self.view.standing == "elsewhere"
        self.controls.set_busy(is_under_way or is_elsewhere)

    def _show_parts(self, are_shown: bool) -> None:
        has_begun = self.view is not None and bool(self.view.begun)
        for part in (self.about, self.controls, self.buttons, self.progress):
            part.setVisible(are_shown)
        self._below.setVisible(are_shown and has_begun)
        self.hint.setVisible(are_shown and not has_begun)
        if are_shown and has_begun and not self._is_shared:
            self._is_shared = True  # hidden parts have no sizes that would stay
            height = self._below.height()
            self._below.setSizes([round(0.6 * height), round(0.4 * height)])

    def _say(self) -> None:
        if self.view is not None:
            sentence = lead(self.view, self.controls.at_once.value())
            self._say_lead(sentence, is_problem=bool(self.view.why_not))

    def _say_lead(self, sentence: str, *, is_problem: bool) -> None:
        if sentence != self.lead.text():
            self.lead.setText(sentence)
        set_role(self.lead, "error" if is_problem else "")

    def _set_up(self) -> None:
        self.title.setObjectName("sweep-title")
        self.title.setProperty("role", "title")
        self.state.setObjectName("sweep-state")
        self.state.setProperty("role", "muted")
        self.back.setObjectName("sweep-back")
        self.back.setToolTip("Go back to the list of sweeps")
        self.progress.setObjectName("sweep-progress")
        self.progress.setAccessibleName("Progress of the sweep")
        self.progress.setRange(0, _WHOLE)
        self.progress.setTextVisible(False)

    def _size_parts(self) -> None:
        line = self.fontMetrics().height()
        self.progress.setFixedHeight(round(_BAR * line))
        self.table.setMinimumHeight(_LINES_OF_TABLE * line)

    def _lay_out(self, row: QWidget) -> None:
        head = QHBoxLayout()
        for part in (self.back, self.title, self.state):
            head.addWidget(part)
        head.addWidget(row, 1)
        choices = QHBoxLayout()
        choices.addWidget(self.controls, 1)
        choices.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignTop)
        self._below = _Modest(Qt.Orientation.Vertical)
        self._below.setChildrenCollapsible(False)
        self._below.addWidget(self.views)
        self._below.addWidget(self.table)
        self._below.setStretchFactor(0, 3)
        self._below.setStretchFactor(1, 2)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.about)
        column.addLayout(choices)
        column.addWidget(self.progress)
        column.addWidget(self.lead)
        column.addWidget(self._below, 1)
        column.addWidget(self.hint, 1)
        column.addStretch()
        page = QVBoxLayout(self)
        page.addLayout(head)
        page.addWidget(Scrolled(inside), 1)


def _facts(trial: Trial) -> tuple[object, ...]:
    """Return what the views show of a trial, by which a change is noticed."""
    step = None if trial.record is None else trial.record.step
    # As a text, so that not-a-number is equal to itself.
    return trial.number, state_of(trial), f"{shown_accuracy(trial)}", step
