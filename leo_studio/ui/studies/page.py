"""The page of one study: what it is, how far it is, its table, and what the numbers are."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.study_words import all_notes, lead, state_text
from leo_studio.services.records import DeviceEntry
from leo_studio.services.study_records import StudyView
from leo_studio.ui.studies.controls import StudyControls
from leo_studio.ui.studies.study_table import StudyTable
from leo_studio.ui.widgets.labels import Label, result_label, sentence_label
from leo_studio.ui.widgets.overflow_row import OverflowRow
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.start_stop import StartStop
from leo_studio.ui.widgets.theme import ThemeManager

_WHOLE = 1000  # parts of the bar
_LINES_OF_TABLE, _LINES_OF_NOTES = 5, 2  # at least
_FIRST_LINES_OF_NOTES = 6  # before a person shares the room otherwise; they scroll
_BAR = 0.6  # of the height of a line


class StudyPage(QWidget):
    """Shows a study, and has the buttons that start and stop it.

    Parameters
    ----------
    themes
        Colours and icons.
    devices, usual_count
        As for `StudyControls`.
    actions
        Of the row of buttons above the table.
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
        self.view: StudyView | None = None
        self.name = ""  # of the study that is shown, or read
        self._is_shared = False  # the room, among table and notes
        self.back = QPushButton("‹ All s&tudies")
        self.title, self.state = Label(), Label()
        self.about = sentence_label("study-about", "muted")
        self.controls = StudyControls(devices, usual_count)
        self.buttons = StartStop("study")
        self.start_button, self.stop_button = self.buttons.start_button, self.buttons.stop_button
        self.progress = QProgressBar()
        self.lead = sentence_label("study-lead", "muted")
        self.table = StudyTable(themes)
        self.notes = result_label("study-notes", "muted")
        self._set_up()
        self._lay_out(OverflowRow(themes, actions, "More to do with this study"))
        self.back.clicked.connect(self.back_wanted)
        themes.settled.connect(self._size_parts)
        self._size_parts()
        self.buttons.start_wanted.connect(self.start_wanted)
        self.buttons.stop_wanted.connect(self.stop_wanted)
        self.controls.counted.connect(self._say)

    def begin(self, name: str) -> None:
        """Show that a study is being read."""
        self.view, self.name = None, name
        self.title.setText(name)
        self.state.setText("is being read ...")
        for label in (self.about, self.lead, self.notes):
            label.clear()
        self._show_parts(False)
        self.show_running(is_under_way=False, is_stopping=False, why_not="It is being read.")

    def say_problem(self, sentence: str) -> None:
        """Show why a study cannot be shown."""
        self.state.setText("cannot be read")
        self._say_lead(sentence, is_problem=True)
        self._show_parts(False)

    def show_view(self, view: StudyView) -> None:
        """Show how a study stands."""
        self.view, self.name = view, view.name
        self.title.setText(view.name)
        self.state.setText(state_text(view))
        self.about.setText(view.study.about)
        self.about.setVisible(bool(view.study.about))
        self.progress.setValue(round(_WHOLE * view.share_done))
        self.table.show_view(view)
        text = "\n\n".join(all_notes(view))
        if text != self.notes.text():
            self.notes.setText(text)
        self._show_parts(True)
        self._say()

    def show_running(self, *, is_under_way: bool, is_stopping: bool, why_not: str) -> None:
        """Offer to start or to stop; `why_not` says why it cannot be started."""
        self.buttons.show_running(
            is_under_way=is_under_way,
            is_stopping=is_stopping,
            has_begun=self.view is not None and self.view.state != "new",
            why_not=why_not,
        )
        self.controls.set_busy(is_under_way or self._is_elsewhere)

    @property
    def _is_elsewhere(self) -> bool:
        return self.view is not None and self.view.state == "elsewhere"

    def _show_parts(self, are_shown: bool) -> None:
        for part in (self.controls, self.progress, self._below):
            part.setVisible(are_shown)
        if are_shown and not self._is_shared:  # hidden parts have no sizes that would stay
            self._is_shared = True
            notes = _FIRST_LINES_OF_NOTES * self.fontMetrics().height()
            self._below.setSizes([max(1, self._below.height() - notes), notes])

    def _say(self) -> None:
        if self.view is not None:
            sentence = lead(self.view, self.controls.at_once.value())
            self._say_lead(sentence, is_problem=bool(self.view.why_not))

    def _say_lead(self, sentence: str, *, is_problem: bool) -> None:
        if sentence != self.lead.text():
            self.lead.setText(sentence)
        set_role(self.lead, "error" if is_problem else "muted")

    def _set_up(self) -> None:
        self.title.setObjectName("study-title")
        self.title.setProperty("role", "title")
        self.state.setObjectName("study-state")
        self.state.setProperty("role", "muted")
        self.back.setObjectName("study-back")
        self.back.setToolTip("Go back to the list of studies")
        self.progress.setObjectName("study-progress")
        self.progress.setAccessibleName("Progress of the study")
        self.progress.setRange(0, _WHOLE)
        self.progress.setTextVisible(False)
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.notes.setMargin(4)

    def _size_parts(self) -> None:
        """Let the bar be thin, and table and notes ask for a few lines alone: both scroll."""
        line = self.fontMetrics().height()
        self.progress.setFixedHeight(round(_BAR * line))
        self.table.setMinimumHeight(_LINES_OF_TABLE * line)
        self._notes_area.setMinimumHeight(_LINES_OF_NOTES * line)

    def _lay_out(self, row: QWidget) -> None:
        head = QHBoxLayout()
        head.addWidget(self.back)
        head.addWidget(self.title)
        head.addWidget(self.state)
        head.addWidget(row, 1)
        choices = QHBoxLayout()
        choices.addWidget(self.controls, 1)
        choices.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignTop)
        area = self._notes_area = QScrollArea()
        area.setObjectName("study-notes-area")
        area.setWidget(self.notes)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self._below = QSplitter(Qt.Orientation.Vertical)
        self._below.setChildrenCollapsible(False)
        self._below.addWidget(self.table)
        self._below.addWidget(area)
        self._below.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addLayout(choices)
        column.addWidget(self.progress)
        column.addWidget(self.lead)
        column.addWidget(self._below, 1)
        column.addStretch()
