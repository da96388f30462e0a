"""The views of a sweep: best so far, importance and words in tabs, and parallel coordinates.

Where there is room, parallel coordinates stand beside the others; else they are one of the tabs.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QTabWidget, QWidget

from leo_studio.analysis.sweep_words import all_notes
from leo_studio.services.sweep_records import Importance, SweepView
from leo_studio.ui.sweeps.best_plot import BestSoFarView
from leo_studio.ui.sweeps.choice import TrialChoice
from leo_studio.ui.sweeps.importance_bars import ImportanceView
from leo_studio.ui.sweeps.parallel import ParallelCoordinates
from leo_studio.ui.widgets.labels import result_label
from leo_studio.ui.widgets.theme import ThemeManager

_WIDE = 60  # heights of a line of text, from which on two views stand side by side
_LEAST_LINES = 13
_PARALLEL = "Parallel coordinates"


class _Tabs(QTabWidget):
    """Asks for its least height alone: it shares the page with the table."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.tabBar().setAccessibleName(spoken)
        self.setDocumentMode(True)

    def minimumSizeHint(self) -> QSize:
        """Return room for a plot that can be read."""
        line = self.fontMetrics().height()
        return QSize(12 * line, _LEAST_LINES * line)


class SweepViews(QWidget):
    """All views of one sweep, with one chosen trial.

    Parameters
    ----------
    themes
        Colours.
    choice
        The chosen trial.
    """

    def __init__(self, themes: ThemeManager, choice: TrialChoice) -> None:
        super().__init__()
        self.best = BestSoFarView(themes, choice)
        self.importance = ImportanceView(themes)
        self.parallel = ParallelCoordinates(themes, choice)
        self.notes = result_label("sweep-notes", "muted")
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.notes.setMargin(6)
        area = QScrollArea()
        area.setObjectName("sweep-notes-area")
        area.setWidget(self.notes)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self.tabs = _Tabs("sweep-views", "Views of the sweep")
        self._beside = _Tabs("sweep-beside", "Parallel coordinates of the trials")
        self._beside.addTab(self.parallel, _PARALLEL)
        self.tabs.addTab(self.best, "Best so far")
        self.tabs.addTab(self.importance, "Importance")
        self.tabs.addTab(area, "In words")
        self._splitter = QSplitter()
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.tabs)
        self._splitter.addWidget(self._beside)
        self._splitter.setSizes([4, 6])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._splitter)
        themes.settled.connect(self._use_room)

    @property
    def is_wide(self) -> bool:
        """Whether parallel coordinates stand beside the other views."""
        return self._beside.count() > 0

    def show_view(self, view: SweepView) -> None:
        """Show how a sweep stands."""
        self.best.show_view(view)
        self.parallel.show_view(view)

    def show_importance(self, view: SweepView, importance: Importance | None) -> None:
        """Show how much settings decide, and what came of the sweep in words."""
        self.importance.show_importance(view, importance)
        text = "\n\n".join(all_notes(view, importance or Importance()))
        if text != self.notes.text():
            self.notes.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._use_room()

    def _use_room(self) -> None:
        wants_wide = self.width() >= _WIDE * self.fontMetrics().height()
        if wants_wide == self.is_wide:
            return
        if wants_wide:
            self._beside.addTab(self.parallel, _PARALLEL)
        else:
            self.tabs.insertTab(1, self.parallel, _PARALLEL)
        self._beside.setVisible(wants_wide)
