"""The buttons that start, go on with and stop a study or a sweep: one of two is there at a time."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import NOT_COVERED


class StartStop(QWidget):
    """Starts and stops.

    Parameters
    ----------
    noun
        What is started: "study".
    """

    start_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, noun: str) -> None:
        super().__init__()
        self._noun = noun
        self.setProperty(NOT_COVERED, True)
        self.start_button, self.stop_button = QPushButton("Sta&rt"), QPushButton("Sto&p")
        self.start_button.setObjectName(f"{noun}-start")
        self.start_button.setProperty("role", "primary")
        self.stop_button.setObjectName(f"{noun}-stop")
        self.stop_button.setToolTip("End it; what trains keeps a checkpoint, and goes on later")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.start_button, self.stop_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.start_button.clicked.connect(self.start_wanted)
        self.stop_button.clicked.connect(self.stop_wanted)

    def show_running(
        self, *, is_under_way: bool, is_stopping: bool, has_begun: bool, why_not: str
    ) -> None:
        """Offer to start or to stop; `why_not` says why it cannot be started."""
        leaves, comes = self.start_button, self.stop_button
        if not is_under_way:
            leaves, comes = comes, leaves
        has_keyboard = leaves.hasFocus()
        comes.setVisible(True)
        if has_keyboard:  # else Qt would give it to whatever comes next
            comes.setFocus()
        leaves.setVisible(False)
        self.start_button.setText("&Go on" if has_begun else "Sta&rt")
        self.start_button.setEnabled(not why_not)
        tip = why_not or f"Carry out what is left of the {self._noun}"
        self.start_button.setToolTip(as_tip(tip))
        self.stop_button.setEnabled(is_under_way and not is_stopping)
        self.stop_button.setText("Stopping ..." if is_stopping else "Sto&p")
