"""The risk-coverage curves: the error among the answers that are given, over their share."""

from typing import Any

import pyqtgraph

from engine.inspection.uncertainty_record import MEASURES, UncertaintyRecord
from leo_studio.analysis.evaluation.uncertainty import errors_at
from leo_studio.ui.widgets.line_legend import Entry
from leo_studio.ui.widgets.pens import LINE_STYLES, styled_pen
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LINES = 16  # of text, in height: it would like more, and push the table out of sight
_WIDTH = 2.0
_ROOM_ABOVE = 1.08


class RiskCoverageCurves(Plot):
    """One line for each measure of uncertainty; the lower, the better it tells wrong answers."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(
            themes,
            "risk coverage",
            "share of the queries answered, the least uncertain first (%)",
            "error among them (%)",
        )
        self.is_empty = True
        self.record: UncertaintyRecord | None = None
        self.curves: list[Any] = []

    def show_record(self, record: UncertaintyRecord) -> None:
        """Show the curves of a record that has some."""
        self.record = record
        self.is_empty = False
        self.readout.hide()
        for curve in self.curves:
            self.plot.removeItem(curve)
        self.curves = [pyqtgraph.PlotDataItem() for _ in record.measures]
        highest = 0.0
        for curve, measure in zip(self.curves, record.measures, strict=True):
            errors = [100 * error for error in measure.risk_curve]
            curve.setData([100 * share for share in measure.answered], errors)
            self.plot.addItem(curve, ignoreBounds=True)
            highest = max([highest, *errors])
        top = max(_ROOM_ABOVE * highest, 1.0)
        self.box.setRange(xRange=(0, 100), yRange=(0, top), padding=0)
        self.view.setAccessibleDescription(errors_at(record, 0.5))
        self.recolor(self.themes.current)

    def entries(self, theme: Theme) -> list[Entry]:
        """Return the legend: the look of each line, and its name."""
        measures = self.record.measures if self.record is not None else ()
        return [
            Entry(each.name, "line", _pen(theme, place), tip=MEASURES.get(each.name, ""))
            for place, each in enumerate(measures)
        ]

    def text_at(self, x: float, y: float) -> str:
        """Return the error by each measure at the share under the mouse."""
        return "" if self.record is None else errors_at(self.record, x / 100)

    def _paint(self, theme: Theme) -> None:
        self.setFixedHeight(_LINES * self.fontMetrics().height())
        for place, curve in enumerate(self.curves):
            curve.setPen(_pen(theme, place))

    def _widest_tick(self) -> str:
        return "100.0"


def _pen(theme: Theme, place: int) -> Any:
    pen = styled_pen(theme.series_color(place), LINE_STYLES[place % len(LINE_STYLES)], _WIDTH)
    pen.setCosmetic(True)
    return pen
