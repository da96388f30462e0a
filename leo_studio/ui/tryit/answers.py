"""The answers: the table of queries, the threshold of "none of these", and how far to trust it."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QToolButton, QVBoxLayout, QWidget

from leo_studio.services.try_records import TryResult
from leo_studio.ui.tryit.answer_table import AnswerTable
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager


class AnswersView(QWidget):
    """Shows what a run says of queries."""

    threshold_changed = Signal()
    pictures_wanted = Signal()
    start_over_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.table = AnswerTable(themes)
        self.trust = Label()
        self.trust.setObjectName("trust")
        self.trust.setWordWrap(True)
        self.is_own = QCheckBox("None of these below")
        self.is_own.setToolTip("Set the threshold by hand; else it follows from the examples")
        self.box = WholeBox()
        self.box.setRange(0, 100)
        self.box.setAccessibleName("None of these below")
        self._show_who_chooses()
        self.pictures = self._button("Ask about pictures...", MDI7.image_multiple_outline)
        self.start_over = self._button("Start over", MDI7.restart)
        self.pictures.setObjectName("tryit-pictures")
        self.start_over.setObjectName("tryit-start-over")
        self._named: list[QToolButton] = []
        self._lay_out()
        self.is_own.toggled.connect(self._change_threshold)
        self.box.valueChanged.connect(self._change_threshold)
        self.pictures.clicked.connect(self.pictures_wanted)
        self.start_over.clicked.connect(self.start_over_wanted)
        themes.changed.connect(self._restyle)
        self._restyle()

    def add_button(self, action: QAction) -> None:
        """Add a button for an action of the panel; its name is left out where there is no room."""
        action.setIconText(action.text())  # else Qt leaves its dots out
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        button.setAutoRaise(True)
        self._named.append(button)
        self._line.addWidget(button)
        self._name_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the buttons where there is room."""
        super().resizeEvent(event)
        self._name_buttons()

    def _name_buttons(self) -> None:
        """Name the buttons that fit into a line beside the one before them."""
        for button in self._named:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            needed = self.start_over.sizeHint().width() + 1.1 * button.sizeHint().width()
            if needed > self.width():
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    @property
    def threshold(self) -> float | None:
        """The threshold that was set by hand; None where it is to be calibrated."""
        return self.box.value() / 100 if self.is_own.isChecked() else None

    def restore_threshold(self, threshold: object) -> None:
        """Set a threshold by hand that was remembered; nothing for what is none."""
        if isinstance(threshold, float) and 0 <= threshold <= 1:
            self.is_own.setChecked(True)
            self.box.setValue(round(100 * threshold))

    def show_result(self, result: TryResult, places: tuple[int, ...]) -> None:
        """Show the answers; `places` are those of the classes among all rows, for their colours."""
        self.table.show_result(result, places)
        threshold = result.answers.threshold
        if not self.is_own.isChecked():
            with QSignalBlocker(self.box):
                self.box.setValue(round(100 * threshold.value))
        self.box.setToolTip(as_tip(threshold.reason))
        self.trust.setText(" ".join(filter(None, (result.left_out.sentence, result.note))))

    def show_nothing(self) -> None:
        """Show the queries without answers."""
        self.table.show_no_answers()
        self.trust.setText("")

    def _change_threshold(self, *_: object) -> None:
        self._show_who_chooses()
        self.threshold_changed.emit()

    def _show_who_chooses(self) -> None:
        is_own = self.is_own.isChecked()
        self.box.setEnabled(is_own)
        self.box.setSuffix(" %" if is_own else " %, automatic")

    def _button(self, text: str, glyph: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAutoRaise(True)
        button.setProperty("glyph", glyph)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _restyle(self, *_: object) -> None:
        for button in (self.pictures, self.start_over):
            button.setIcon(self._themes.icon(button.property("glyph")))

    def _lay_out(self) -> None:
        below = QWidget()
        self._line = FlowLayout(below)
        self._line.setContentsMargins(0, 0, 0, 0)
        for widget in (self.is_own, self.box, self.pictures, self.start_over):
            self._line.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.trust)
        column.addWidget(below)
