"""The result of an evaluation on functions: scores beside the limit, and how reliable they are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation.regression.record import RegressionEvaluation
from leo_studio.analysis.evaluation.exported_functions import (
    evaluation_text,
    exported_function_evaluation,
)
from leo_studio.analysis.evaluation.function_scores import (
    description,
    headline,
    is_of_one_function,
    score_rows,
)
from leo_studio.analysis.evaluation.function_verdict import function_verdict
from leo_studio.analysis.guide.glossary import EVALUATION_ON_FUNCTIONS
from leo_studio.figures.records import Exported
from leo_studio.ui.evaluation.export_button import ExportButton
from leo_studio.ui.evaluation.score_table import ScoreTable
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.glossary_links import GlossaryButton
from leo_studio.ui.widgets.labels import result_label
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

NO_RESULT = (
    "The result is shown here: scores beside those of the Bayes-optimal limit, which no learner "
    "passes but for luck, where that is known, and how often targets are below what was "
    "predicted.\n\nPress Evaluate; "
    "it takes some seconds to a minute, and is kept with the run."
)
_HEADLINE_SIZE = 1.6  # times the text's
_LEAST_PLOT_LINES = 12


class ReliabilityCurve(Plot):
    """Share of targets below the predicted quantile of each level; the diagonal is calibrated."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(
            themes, "reliability", "level of the predicted quantile (%)", "targets below it (%)"
        )
        self.is_empty = True
        self._shares: Any = np.zeros(0)
        self._levels: Any = np.zeros(0)
        self._diagonal: Any = pyqtgraph.PlotDataItem([0, 100], [0, 100])
        self._plain: Any = pyqtgraph.PlotDataItem()
        self._curve: Any = pyqtgraph.PlotDataItem()
        for depth, item in enumerate((self._diagonal, self._plain, self._curve)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self._legend: Any = self.plot.addLegend(offset=(12, 8))
        for item, name in (
            (self._curve, "weighted samples"),
            (self._plain, "plain samples"),
            (self._diagonal, "calibrated"),
        ):
            self._legend.addItem(item, name)
        self.box.setRange(xRange=(0, 100), yRange=(0, 100), padding=0)
        self.recolor(themes.current)

    def show_evaluation(self, evaluation: RegressionEvaluation) -> None:
        """Show an evaluation."""
        self.is_empty = False
        self._levels = 100 * np.array(evaluation.scores.levels)
        self._shares = 100 * np.array(evaluation.scores.shares_below)
        self._curve.setData(self._levels, self._shares)
        is_one = is_of_one_function(evaluation)
        self._plain.setVisible(not is_one)
        self._plain.setData(self._levels, 100 * np.array(evaluation.plain.shares_below))

    def text_at(self, x: float, y: float) -> str:
        """Return the level under the mouse."""
        place = int(np.abs(self._levels - x).argmin())
        return (
            f"{self._shares[place]:.1f} % of the targets are below what was predicted for "
            f"{self._levels[place]:.0f} %"
        )

    def _paint(self, theme: Theme) -> None:
        styles = Qt.PenStyle
        first, second = theme.series_color(0), theme.series_color(1)
        self._diagonal.setPen(pyqtgraph.mkPen(theme.muted, style=styles.DashLine))
        self._curve.setPen(pyqtgraph.mkPen(first, width=2))
        self._plain.setPen(pyqtgraph.mkPen(second, width=2, style=styles.DotLine))
        size = round(0.5 * self.fontMetrics().height())
        for item, color, symbol in ((self._curve, first, "o"), (self._plain, second, "t1")):
            item.setSymbol(symbol)
            item.setSymbolSize(size)
            item.setSymbolBrush(color)
            item.setSymbolPen(pyqtgraph.mkPen(theme.base))
        self._legend.setLabelTextColor(theme.text)
        self._legend.setLabelTextSize(f"{0.9 * self.font().pointSizeF():.1f}pt")

    def _widest_tick(self) -> str:
        return "100"


class FunctionsResult(QStackedWidget):
    """The evaluations on functions that a run keeps: one is chosen, shown, copied and exported.

    Parameters
    ----------
    themes
        Colours.
    """

    export_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("functions-result")
        self._run, self._learner = "", ""  # what people call them
        self._words = GlossaryButton(EVALUATION_ON_FUNCTIONS, themes)
        self.export_button = ExportButton("functions-export", themes)
        self._evaluations: tuple[RegressionEvaluation, ...] = ()
        self._nothing = result_label("functions-no-result", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.kept = ElidingBox(Qt.TextElideMode.ElideRight)
        self.kept.setObjectName("functions-kept")
        self.kept.setAccessibleName("Kept evaluations")
        self._headline, self._description = (
            result_label("functions-headline"),
            result_label("", "muted"),
        )
        self._verdict = result_label("functions-verdict")
        self.table = ScoreTable()
        self.curve = ReliabilityCurve(themes)
        self._lay_out()
        self._fit()
        self.table.resized.connect(self._give_lines)
        self.kept.currentIndexChanged.connect(self._show_chosen)
        self.export_button.export_wanted.connect(self.export_wanted)
        self.export_button.copy_wanted.connect(self.copy_wanted)
        themes.settled.connect(self._fit)

    @property
    def evaluation(self) -> RegressionEvaluation | None:
        """The one that is shown."""
        place = self.kept.currentIndex()
        return self._evaluations[place] if 0 <= place < len(self._evaluations) else None

    def exported(self) -> Exported | None:
        """Return the reliability of the evaluation that is shown, and all its numbers."""
        evaluation = self.evaluation
        return None if evaluation is None else exported_function_evaluation(evaluation, self._run)

    def copy_result(self) -> None:
        """Put the scores that are shown on the clipboard."""
        if self.evaluation is not None:
            QGuiApplication.clipboard().setText(evaluation_text(self.evaluation, self._run))

    def show_evaluations(
        self,
        run: str,
        evaluations: Sequence[RegressionEvaluation],
        why_nothing: str,
        wanted: str = "",
        learner: str = "The model",
    ) -> None:
        """List the evaluations of a run; the one of a file's name is shown, or what was before.

        `run` and `learner` are what people call the run and what learned in it.
        """
        self._run, self._learner = run, learner
        before = self.evaluation
        name = wanted or (before.file_name if before is not None else "")
        with QSignalBlocker(self.kept):
            self._evaluations = tuple(evaluations)
            self.kept.clear()
            for each in evaluations:
                self.kept.addItem(
                    f"{each.split}, step {each.checkpoint_step:,}, {each.scores.tasks:,} tasks"
                )
            names = [each.file_name for each in evaluations]
            self.kept.setCurrentIndex(names.index(name) if name in names else len(names) - 1)
        self._nothing.setText(why_nothing or NO_RESULT)
        self.setCurrentIndex(1 if evaluations else 0)
        self._show_chosen()

    def _show_chosen(self, *_: object) -> None:
        evaluation = self.evaluation
        if evaluation is None:
            return
        self._headline.setText(headline(evaluation))
        self._description.setText(description(evaluation))
        self._verdict.setText(function_verdict(evaluation, self._learner).replace(" %", "\u00a0%"))
        self.curve.show_evaluation(evaluation)
        self.table.show_rows(score_rows(evaluation), is_of_one=is_of_one_function(evaluation))
        self._fit()

    def _fit(self) -> None:
        """Give the table the height of its rows, and the headline its size."""
        font = QFont(self.font())
        font.setPointSizeF(_HEADLINE_SIZE * font.pointSizeF())
        self._headline.setFont(font)
        self._give_lines(max(1, self.table.width()))
        line = self.fontMetrics().height()
        self.table.fit()
        self.curve.setMinimumHeight(_LEAST_PLOT_LINES * line)

    def _give_lines(self, width: int) -> None:
        """Give sentences their lines: a page that scrolls asks for one of each alone."""
        for label in (self._headline, self._description, self._verdict):
            label.setMinimumHeight(max(0, label.heightForWidth(width)))

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        head = QHBoxLayout()
        head.addWidget(self.kept, 1)
        head.addWidget(self._words)
        head.addWidget(self.export_button)
        column.addLayout(head)
        column.addWidget(self._headline)
        column.addWidget(self._description)
        column.addWidget(self._verdict)
        column.addWidget(self.table)
        # Else it would be as high as pyqtgraph would like to be.
        self.curve.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        column.addWidget(self.curve, 1)
        self.addWidget(self._nothing)
        self.addWidget(inside)
