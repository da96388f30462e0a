"""The bar plot of accuracies by class, as many as there is room for."""

import math
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QScrollBar

from leo_studio.analysis.evaluation.report import Report
from leo_studio.analysis.formats import format_percentage
from leo_studio.ui.evaluation.plot import ReportPlot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_BAR = 0.7  # of a row
_LONGEST_NAME = 22  # letters


class ClassBars(ReportPlot):
    """Accuracy by class, the worst first; scrolled where there are more than fit."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes, "accuracy by class", "accuracy on its queries (%)", "")
        self.plot.getAxis("left").showLabel(False)
        self.plot.getAxis("left").setStyle(tickLength=0, hideOverlappingLabels=False)
        self._bars: Any = pyqtgraph.BarGraphItem(x0=0, width=[], y=[], height=_BAR)
        self._mean: Any = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._chance: Any = pyqtgraph.InfiniteLine(angle=90, movable=False)
        for item in (self._bars, self._mean, self._chance):
            self.plot.addItem(item, ignoreBounds=True)
        self.box.invertY(True)
        self.scroll_bar = QScrollBar(Qt.Orientation.Vertical)
        self.scroll_bar.setAccessibleName("Scroll through the classes")
        self.scroll_bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.scroll_bar.valueChanged.connect(self._show_rows)
        self.body.addWidget(self.scroll_bar)
        self.box.sigResized.connect(self._fit)

    def text_at(self, x: float, y: float) -> str:
        """Return the class in a row, its accuracy and its place."""
        assert self.report is not None
        row = round(y)
        if not 0 <= row < len(self.report.classes):
            return ""
        name, accuracy = self.report.classes[row], float(self.report.class_accuracies[row])
        if math.isnan(accuracy):
            return f"{name}: never came up"
        rank = self.report.rank(row)
        return f"{name}: {format_percentage(accuracy)}, {rank} of {len(self.report.classes)}"

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll with the wheel."""
        if event.type() == QEvent.Type.Wheel:
            QApplication.sendEvent(self.scroll_bar, event)
            return True
        return super().eventFilter(watched, event)

    def _draw(self, report: Report) -> None:
        values = np.nan_to_num(100 * report.class_accuracies)
        self._bars.setOpts(x0=0, width=values, y=np.arange(len(values)), height=_BAR)
        self._mean.setValue(100 * report.evaluation.accuracy)
        self._chance.setValue(100 * (report.chance or 0))
        self._chance.setVisible(report.chance is not None)
        self.scroll_bar.setValue(0)
        known = report.class_accuracies[~np.isnan(report.class_accuracies)]
        spread = f"{100 * known.min():.1f} to {100 * known.max():.1f} %" if len(known) else "none"
        chance = "" if report.chance is None else "; dotted: guessing"
        self.set_title(
            f"{len(values)} classes, {spread}", f"worst first; dashed: mean of episodes{chance}"
        )
        self.view.setAccessibleDescription(f"{len(values)} classes, from {spread}")

    def _paint(self, theme: Theme) -> None:
        first = theme.series_color(0)
        self._bars.setOpts(brush=self.translucent(first, 170), pen=pyqtgraph.mkPen(first))
        self._mean.setPen(
            pyqtgraph.mkPen(theme.series_color(1), width=2, style=Qt.PenStyle.DashLine)
        )
        self._chance.setPen(pyqtgraph.mkPen(theme.muted, style=Qt.PenStyle.DotLine))
        self._fit()

    def _fit(self) -> None:
        """Show as many rows as there is room for."""
        if self.report is None:
            return
        rows = max(1, int(self.box.height() / (1.4 * self.fontMetrics().height())))
        self.scroll_bar.setPageStep(rows)
        self.scroll_bar.setRange(0, max(0, len(self.report.classes) - rows))
        self.scroll_bar.setVisible(self.scroll_bar.maximum() > 0)
        self._show_rows()

    def _show_rows(self) -> None:
        if self.report is None:
            return
        first, rows = self.scroll_bar.value(), self.scroll_bar.pageStep()
        shown = self.report.classes[first : first + rows]
        ticks = [(first + place, _shortened(name)) for place, name in enumerate(shown)]
        self.plot.getAxis("left").setTicks([ticks])
        self.box.setRange(xRange=(-0.5, 102), yRange=(first - 0.5, first + rows - 0.5), padding=0)

    def _widest_tick(self) -> str:
        names = self.report.classes if self.report else ()
        return max(map(_shortened, names), key=self.fontMetrics().horizontalAdvance, default="")


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
