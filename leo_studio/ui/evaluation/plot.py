"""The base class of the plots of an evaluation."""

from abc import abstractmethod

from leo_studio.analysis.evaluation.report import Report
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import ThemeManager


class ReportPlot(Plot):
    """One plot of a report.

    Parameters
    ----------
    themes, name, x_label, y_label
        As for every plot.
    """

    def __init__(self, themes: ThemeManager, name: str, x_label: str, y_label: str) -> None:
        super().__init__(themes, name, x_label, y_label)
        self.report: Report | None = None
        self.is_empty = True

    def show_report(self, report: Report) -> None:
        """Show a report."""
        self.report = report
        self.is_empty = False
        self.readout.hide()
        self._draw(report)
        self.recolor(self.themes.current)

    @abstractmethod
    def _draw(self, report: Report) -> None:
        """Set the items' numbers and the axes' ranges."""
