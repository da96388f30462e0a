"""The right half of the panel Evaluation: a result, or grids of other ways and shots."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from leo_studio.ui.evaluation.functions_result import FunctionsResult
from leo_studio.ui.evaluation.grid_view import GridView
from leo_studio.ui.evaluation.result import ResultView
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager

NO_RUN = (
    "The accuracy of a run on new classes is measured here, with its interval, class by class, "
    "episode by episode, and by the model's confidence.\n\nTrain an experiment, or choose a run."
)
_PARTS = ("Resul&t", "Other wa&ys and shots")


class Results(QWidget):
    """Shows what an evaluation has measured, by the tab that is chosen.

    Parameters
    ----------
    themes
        Colours and icons.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.result, self.functions = ResultView(themes), FunctionsResult(themes)
        self.grid = GridView(themes)
        self.parts = QTabBar()
        self.places = QStackedWidget()
        self._nothing = Label(NO_RUN)
        self._halves = QStackedWidget()
        self._lay_out()
        self.parts.currentChanged.connect(self._halves.setCurrentIndex)

    def shown(self) -> ResultView | FunctionsResult | GridView | None:
        """Return what is shown; None where there is nothing yet."""
        if self._halves.currentIndex() == 1:
            return self.grid
        return (None, self.result, self.functions)[self.places.currentIndex()]

    def say_nothing(self, text: str) -> None:
        """Show no result, and why."""
        self._nothing.setText(text)
        self.places.setCurrentIndex(0)

    def offer_grid(self, is_offered: bool) -> None:
        """Let grids be looked at, or nothing but the result."""
        self.parts.setVisible(is_offered)
        if not is_offered:
            self.parts.setCurrentIndex(0)

    def _lay_out(self) -> None:
        self._nothing.setObjectName("nothing")
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setMargin(2 * self.fontMetrics().height())
        self.parts.setObjectName("evaluation-parts")
        self.parts.setDrawBase(False)
        self.parts.setExpanding(False)
        for text in _PARTS:
            self.parts.addTab(text)
        for place in (self._nothing, self.result, self.functions):
            self.places.addWidget(place)
        self._halves.addWidget(self.places)
        self._halves.addWidget(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.parts)
        column.addWidget(self._halves, 1)
