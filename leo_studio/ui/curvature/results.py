"""What was measured of a run's curvature, and of runs beside it: a sentence, plots, a table."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QTableWidgetItem, QVBoxLayout, QWidget

from leo_studio.analysis.curvature.plots import keys_of, side_by_side, step_by_step
from leo_studio.analysis.curvature.rows import (
    COLUMNS,
    Analysed,
    description,
    finding,
    quantities,
    texts_of,
)
from leo_studio.figures.records import Color, Plot
from leo_studio.ui.curvature.plot_grid import PlotGrid
from leo_studio.ui.widgets.fitting_table import FittingTable
from leo_studio.ui.widgets.labels import result_label
from leo_studio.ui.widgets.line_legend import Entry, LineLegend
from leo_studio.ui.widgets.pens import LINE_STYLES, styled_pen
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_SQUARE = 5.0  # pixels of a pen that draws a square of the legend
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CurvatureResults(QWidget):
    """Shows records; the first one is the run that the panel is about."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.shown: tuple[Analysed, ...] = ()
        self._is_by_step = False
        self._plots: list[Plot] = []
        self.finding = result_label("curvature-finding")
        self.description = result_label("curvature-description", "muted")
        self.grid = PlotGrid(themes)
        self.legend = LineLegend("curvature-legend")
        self.table = FittingTable("curvature-table", "Curvature and coverage of the run")
        self.table.setColumnCount(len(COLUMNS))
        for column, (name, tip) in enumerate(COLUMNS.items()):
            header = QTableWidgetItem(name)
            header.setToolTip(as_tip(tip))
            if column:
                header.setTextAlignment(_RIGHT)
            self.table.setHorizontalHeaderItem(column, header)
        column_of_parts = QVBoxLayout(self)
        column_of_parts.setContentsMargins(0, 0, 0, 0)
        for part in (self.finding, self.description, self.legend, self.grid, self.table):
            column_of_parts.addWidget(part)
        column_of_parts.addStretch(1)
        # Methods, and no functions: they are no longer called once the view is gone.
        themes.changed.connect(self._color)
        themes.settled.connect(self.table.fit)

    def show_records(self, runs: Sequence[Analysed], *, is_by_step: bool) -> None:
        """Show one run or several; `is_by_step` shows the first one alone, step by step."""
        if (tuple(runs), is_by_step) == (self.shown, self._is_by_step):
            return  # runs are listed anew whenever one of them trains
        self.shown, self._is_by_step = tuple(runs), is_by_step
        first = runs[0].record
        self.finding.setText(finding(first))
        self.description.setText(description(first))
        self._plots = step_by_step(first) if is_by_step else side_by_side(runs)
        self.grid.show_plots(self._plots)
        self._color(self._themes.current)
        self._fill_table()

    def _fill_table(self) -> None:
        rows = quantities(self.shown[0].record)
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate((row.label, *texts_of(row.box))):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(_RIGHT)
                self.table.setItem(place, column, item)
        self.table.fit()

    def _color(self, theme: Theme) -> None:
        if not self.shown:
            return
        keys = keys_of(self._plots)
        self.legend.show_entries(
            [Entry(key.label, "square", _pen(theme, key.color)) for key in keys]
        )


def _pen(theme: Theme, color: Color) -> QPen:
    assert isinstance(color, int)
    return styled_pen(theme.series_color(color), LINE_STYLES[0], _SQUARE)
