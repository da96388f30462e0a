"""The result of an evaluation on functions: scores beside the limit, and how reliable they are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation.regression.record import RegressionEvaluation
from leo_studio.analysis.evaluation.function_scores import (
    description,
    has_limit,
    headline,
    is_of_one_function,
    score_rows,
)
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.row_height import set_row_height
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
    """The evaluations on functions that a run keeps: one is chosen and shown.

    Parameters
    ----------
    themes
        Colours.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("functions-result")
        self._evaluations: tuple[RegressionEvaluation, ...] = ()
        self._nothing = _label("functions-no-result", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.kept = ElidingBox(Qt.TextElideMode.ElideRight)
        self.kept.setObjectName("functions-kept")
        self.kept.setAccessibleName("Kept evaluations")
        self._headline, self._description = _label("functions-headline"), _label("", "muted")
        self.table = QTableWidget()
        self.curve = ReliabilityCurve(themes)
        self._lay_out()
        self._fit()
        self.kept.currentIndexChanged.connect(self._show_chosen)
        themes.settled.connect(self._fit)

    @property
    def evaluation(self) -> RegressionEvaluation | None:
        """The one that is shown."""
        place = self.kept.currentIndex()
        return self._evaluations[place] if 0 <= place < len(self._evaluations) else None

    def show_evaluations(
        self, evaluations: Sequence[RegressionEvaluation], why_nothing: str, wanted: str = ""
    ) -> None:
        """List the evaluations of a run; the one of a file's name is shown, or what was before."""
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
        self.curve.show_evaluation(evaluation)
        rows, is_one = score_rows(evaluation), is_of_one_function(evaluation)
        columns = ["Score", "Weighted samples", "Plain samples"]
        if is_one:
            columns[1:] = ["Prediction"]
        if has_limit(evaluation):
            columns.append("Limit")
        self.table.setColumnCount(len(columns))
        self.table.setHorizontalHeaderLabels(columns)
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            texts = [row.label, row.weighted, *([] if is_one else [row.plain]), row.limit]
            for column, text in enumerate(texts[: len(columns)]):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tip(row.tip))
                self.table.setItem(place, column, item)
        self._fit()

    def _fit(self) -> None:
        """Give the table the height of its rows, and the headline its size."""
        font = QFont(self.font())
        font.setPointSizeF(_HEADLINE_SIZE * font.pointSizeF())
        self._headline.setFont(font)
        line = self.fontMetrics().height()
        set_row_height(self.table, round(1.6 * line))
        self.table.resizeColumnsToContents()
        height = self.table.horizontalHeader().sizeHint().height() + 4
        height += self.table.rowCount() * round(1.6 * line)
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(height + bar)
        self.curve.setMinimumHeight(_LEAST_PLOT_LINES * line)

    def _lay_out(self) -> None:
        table = self.table
        table.setObjectName("functions-scores")
        table.setAccessibleName("Scores")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.horizontalHeader().setStretchLastSection(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        for widget in (self.kept, self._headline, self._description, table):
            column.addWidget(widget)
        # Else it would be as high as pyqtgraph would like to be.
        self.curve.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        column.addWidget(self.curve, 1)
        self.addWidget(self._nothing)
        self.addWidget(inside)


def _label(name: str, role: str = "") -> Label:
    label = Label()
    label.setObjectName(name)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
