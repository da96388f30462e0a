"""The result of an evaluation: the number, what it is of, and the plots behind it."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.evaluation.exported import exported_evaluation
from leo_studio.analysis.evaluation.report import Report
from leo_studio.analysis.guide.glossary import EVALUATION, UNCERTAINTY
from leo_studio.figures.records import Exported
from leo_studio.ui.evaluation.calibration import CalibrationCurve
from leo_studio.ui.evaluation.class_bars import ClassBars
from leo_studio.ui.evaluation.class_table import ClassTable
from leo_studio.ui.evaluation.export_button import ExportButton
from leo_studio.ui.evaluation.histogram import EpisodeHistogram
from leo_studio.ui.evaluation.uncertainty import UncertaintyView
from leo_studio.ui.widgets.glossary_links import GlossaryButton
from leo_studio.ui.widgets.labels import result_label
from leo_studio.ui.widgets.theme import ThemeManager

_PARTS = ("classes", "episodes", "calibration", "uncertainty")  # one for each tab
_HEADLINE_SIZE = 2.2  # times the text's
_LEAST_TAB_LINES = 16  # in height; with less room the column around it is scrolled, too


class _Tabs(QTabWidget):
    """Asks for its least height: a plot would like more, and the column would scroll beside it."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())


class ResultView(QWidget):
    """A headline, sentences, and tabs of what is behind it, all of which can be exported.

    Parameters
    ----------
    themes
        Colours and icons.
    """

    export_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation-result")
        self._themes = themes
        self._run = ""
        self.report: Report | None = None
        self._headline = result_label("headline")
        self._description = result_label("description", "muted")
        self._measures = result_label("measures")
        self._comparison = result_label("comparison")
        self._caution = result_label("caution", "muted")
        self._labels = (
            self._headline,
            self._description,
            self._measures,
            self._comparison,
            self._caution,
        )
        self._sentences: tuple[str, ...] = ()
        self.class_bars, self.class_table = ClassBars(themes), ClassTable()
        self.histogram, self.calibration = EpisodeHistogram(themes), CalibrationCurve(themes)
        self.uncertainty = UncertaintyView(themes)
        self._words = GlossaryButton(EVALUATION, themes)
        self._no_episodes = result_label("no-episodes", "muted")
        self._no_episodes.setText(
            "This evaluation did not keep the accuracy of every episode. Evaluate again to see how "
            "they spread."
        )
        self._no_episodes.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._classes, self._episodes = QStackedWidget(), QStackedWidget()
        self.tabs = _Tabs()
        self.table_button, self.export_button = QToolButton(), ExportButton("export", themes)
        self._lay_out()
        self._size_headline()
        self._color()
        themes.changed.connect(self._color)

    def show_report(self, report: Report, run: str) -> None:
        """Show the result of an evaluation."""
        self.report, self._run = report, run
        self._sentences = (
            report.headline,
            f"{run}: {report.description}",
            report.measures,
            report.comparison,
            report.evaluation.caution,
        )
        for label, sentence in zip(self._labels, self._sentences, strict=True):
            label.setText(sentence.replace(" %", "\u00a0%").replace(" ± ", "\u00a0±\u00a0"))
        self._comparison.setVisible(bool(report.comparison))
        self._caution.setVisible(bool(report.evaluation.caution))
        self.class_bars.show_report(report)
        self.class_table.show_report(report)
        self.calibration.show_report(report)
        has_episodes = len(report.evaluation.accuracies) > 1
        self._episodes.setCurrentIndex(int(has_episodes))
        if has_episodes:
            self.histogram.show_report(report)

    # What leaves the window

    def exported(self) -> Exported | None:
        """Return the plot that is shown, and all numbers of the evaluation."""
        if self.report is None:
            return None
        part = _PARTS[self.tabs.currentIndex()]
        return exported_evaluation(self.report, self._run, part, self.uncertainty.record)

    def copy_result(self) -> None:
        """Put the headline and all sentences on the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(filter(None, self._sentences)))

    # How it is made

    def _lay_out(self) -> None:
        self._classes.addWidget(self.class_bars)
        self._classes.addWidget(self.class_table)
        self._episodes.addWidget(self._no_episodes)
        self._episodes.addWidget(self.histogram)
        self.tabs.setObjectName("plots")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._classes, "C&lasses")
        self.tabs.addTab(self._episodes, "Ep&isodes")
        self.tabs.addTab(self.calibration, "Calibratio&n")
        self.tabs.addTab(self.uncertainty, "&Uncertainty")
        self.tabs.currentChanged.connect(self._follow_tab)
        self.table_button.setObjectName("as-table")
        self.table_button.setText("Table")
        self.table_button.setCheckable(True)
        self.table_button.setToolTip("Show the classes as a table that can be sorted and copied")
        self.table_button.toggled.connect(lambda on: self._classes.setCurrentIndex(int(on)))
        self.table_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.table_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.export_button.export_wanted.connect(self.export_wanted)
        self.export_button.copy_wanted.connect(self.copy_wanted)
        self.tabs.setCornerWidget(self.table_button)
        head = QHBoxLayout()
        head.addWidget(self._headline, 1)
        head.addWidget(self._words, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.export_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        for label in self._labels[1:]:
            column.addWidget(label)
        column.addWidget(self.tabs, 1)

    def _follow_tab(self, place: int) -> None:
        self.table_button.setEnabled(place == 0)
        is_of_uncertainty = self.tabs.widget(place) is self.uncertainty
        self._words.list_words(UNCERTAINTY if is_of_uncertainty else EVALUATION)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        if event.type() == QEvent.Type.FontChange:
            self._size_headline()
        super().changeEvent(event)

    def _size_headline(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(_HEADLINE_SIZE * font.pointSizeF())
        font.setWeight(QFont.Weight.DemiBold)
        self._headline.setFont(font)
        self.tabs.setMinimumHeight(_LEAST_TAB_LINES * self.fontMetrics().height())

    def _color(self) -> None:
        self.table_button.setIcon(self._themes.icon(MDI7.table))
