"""The histogram of the accuracies of single episodes."""

from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from leo_studio.analysis.evaluation.report import Report, histogram
from leo_studio.ui.evaluation.plot import ReportPlot
from leo_studio.ui.widgets.theme import Theme, ThemeManager


class EpisodeHistogram(ReportPlot):
    """Histogram of the episodes' accuracies, with the mean and its interval."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(
            themes, "episodes by accuracy", "accuracy of an episode (%)", "number of episodes"
        )
        self.counts, self.edges = np.zeros(0), np.zeros(1)
        self._bars: Any = pyqtgraph.BarGraphItem(x0=[], x1=[], y0=0, height=[])
        self._interval: Any = pyqtgraph.LinearRegionItem(movable=False)
        self._mean: Any = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._name: Any = pyqtgraph.TextItem(anchor=(0, 0))
        for depth, item in enumerate((self._bars, self._interval, self._mean, self._name)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)

    def text_at(self, x: float, y: float) -> str:
        """Return a description of the bar under the mouse."""
        place = int(np.searchsorted(100 * self.edges, x, side="right")) - 1
        if not 0 <= place < len(self.counts):
            return ""
        count, share = int(self.counts[place]), self.counts[place] / self.counts.sum()
        low, high = 100 * self.edges[place], 100 * self.edges[place + 1]
        return f"{low:.1f} to {high:.1f} %: {count:,} episodes, {100 * share:.1f} % of all"

    def _draw(self, report: Report) -> None:
        self.counts, self.edges = histogram(report.evaluation.accuracies)
        percent = 100 * self.edges
        self._bars.setOpts(x0=percent[:-1], x1=percent[1:], y0=0, height=self.counts)
        mean, half = 100 * report.evaluation.accuracy, 100 * report.evaluation.ci95
        self._interval.setRegion((mean - half, mean + half))
        self._mean.setValue(mean)
        top = 1.15 * self.counts.max()
        margin = 0.02 * (percent[-1] - percent[0])
        low, high = percent[0] - margin, percent[-1] + margin
        self.box.setRange(xRange=(low, high), yRange=(0, top), padding=0)
        # Beside the line, where there is room for it.
        is_right = mean > (low + high) / 2
        self._name.setAnchor((1, 0) if is_right else (0, 0))
        self._name.setPos(mean, top)
        deviation = 100 * report.evaluation.accuracies.std(ddof=1)
        self.set_title(
            f"Mean {report.headline}", f"standard deviation of episodes {deviation:.2f} points"
        )
        self.view.setAccessibleDescription(
            f"Accuracies from {percent[0]:.1f} to {percent[-1]:.1f} %, mean {report.headline}"
        )

    def _paint(self, theme: Theme) -> None:
        first, second = theme.series_color(0), theme.series_color(1)
        self._bars.setOpts(
            brush=self.translucent(first, 150), pen=pyqtgraph.mkPen(self.translucent(first, 220))
        )
        self._interval.setBrush(self.translucent(second, 70))
        for line in self._interval.lines:
            line.setPen(pyqtgraph.mkPen(self.translucent(second, 160)))
        self._mean.setPen(pyqtgraph.mkPen(second, width=2, style=Qt.PenStyle.DashLine))
        self._name.setColor(theme.text)
        self._name.setText("mean and its 95 % interval")
        self._name.setFont(self.font())

    def _widest_tick(self) -> str:
        return f"{1.15 * self.counts.max(initial=1):,.0f}"
