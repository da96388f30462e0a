"""The calibration plot: how often the model is right, by how sure it is."""

from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from engine.evaluation.record import Calibration
from leo_studio.analysis.evaluation.report import Report, leaning
from leo_studio.analysis.formats import format_percentage
from leo_studio.ui.evaluation.plot import ReportPlot
from leo_studio.ui.widgets.theme import Theme, ThemeManager


class CalibrationCurve(ReportPlot):
    """Accuracy over confidence, with the diagonal of a model that is right as often as it says."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(
            themes,
            "accuracy over confidence",
            "confidence in the answer (%)",
            "accuracy of such queries (%)",
        )
        self._bars: Any = pyqtgraph.BarGraphItem(x0=[], x1=[], y0=0, height=[])
        self._diagonal: Any = pyqtgraph.PlotDataItem([0, 100], [0, 100])
        self._curve: Any = pyqtgraph.PlotDataItem()
        for depth, item in enumerate((self._bars, self._diagonal, self._curve)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self._legend: Any = self.plot.addLegend(offset=(12, 8))
        self._legend.addItem(self._curve, "accuracy in each bin")
        self._legend.addItem(self._diagonal, "as confident as right")
        self._legend.addItem(self._bars, "queries with such confidence (% of all)")
        self.box.setRange(xRange=(-1, 103), yRange=(-1, 103), padding=0)

    def text_at(self, x: float, y: float) -> str:
        """Return a description of the bin under the mouse."""
        assert self.report is not None
        bins = self.report.evaluation.calibration
        place = int(np.searchsorted(100 * bins.edges, x, side="right")) - 1
        if not 0 <= place < len(bins.counts):
            return ""
        low, high = 100 * bins.edges[place], 100 * bins.edges[place + 1]
        between = f"Confidence {low:.1f} to {high:.1f} %"
        if not bins.counts[place]:
            return f"{between}: no query"
        return (
            f"{between}: {int(bins.counts[place]):,} queries, "
            f"{bins.counts[place] / bins.counts.sum():.1%} of all\n"
            f"mean confidence {format_percentage(bins.confidences[place])}, "
            f"accuracy {format_percentage(bins.accuracies[place])}"
        )

    def _draw(self, report: Report) -> None:
        bins: Calibration = report.evaluation.calibration
        edges = 100 * bins.edges
        shares = 100 * bins.counts / max(1.0, bins.counts.sum())
        self._bars.setOpts(x0=edges[:-1], x1=edges[1:], y0=0, height=shares)
        is_used = bins.counts > 0
        self._curve.setData(100 * bins.confidences[is_used], 100 * bins.accuracies[is_used])
        error = format_percentage(report.evaluation.calibration_error)
        self.set_title(
            f"Expected calibration error {error}",
            f"{leaning(bins)}: distance of the curve from the diagonal",
        )
        self.view.setAccessibleDescription(f"Expected calibration error {error}")

    def _paint(self, theme: Theme) -> None:
        first = theme.series_color(0)
        faint = self.translucent(theme.muted, 60)
        self._bars.setOpts(brush=faint, pen=pyqtgraph.mkPen(self.translucent(theme.muted, 90)))
        self._diagonal.setPen(pyqtgraph.mkPen(theme.muted, style=Qt.PenStyle.DashLine))
        self._curve.setPen(pyqtgraph.mkPen(first))
        self._curve.setSymbol("o")
        self._curve.setSymbolSize(round(0.5 * self.fontMetrics().height()))
        self._curve.setSymbolBrush(first)
        self._curve.setSymbolPen(pyqtgraph.mkPen(theme.base))
        self._legend.setLabelTextColor(theme.text)
        self._legend.setLabelTextSize(f"{0.9 * self.font().pointSizeF():.1f}pt")

    def _widest_tick(self) -> str:
        return "100"
