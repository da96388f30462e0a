"""What was measured of a run's curvature, and of runs beside it: a sentence, plots, a table."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QTableWidgetItem, QVBoxLayout, QWidget

from leo_studio.analysis.curvature.plots import keys_of, side_by_side, step_by_step
from leo_studio.analysis.curvature.rows import (
    COLUMNS,
    Analysed,
    descriptions,
    findings,
    quantities,
    run_names,
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
        self.table = FittingTable("curvature-table", "Curvature and coverage", words=2)
        self._name_columns()
        column_of_parts = QVBoxLayout(self)
        column_of_parts.setContentsMargins(0, 0, 0, 0)
        for part in (self.finding, self.description, self.legend, self.grid, self.table):
            column_of_parts.addWidget(part)
        column_of_parts.addStretch(1)
        # Methods, and no functions: they are no longer called once the view is gone.
        themes.changed.connect(self._color)
        themes.settled.connect(self.table.fit)

    def show_records(self, runs: Sequence[Analysed], *, is_by_step: bool) -> None:
        """Show one run or several; `is_by_step` shows each of them step by step."""
        if (tuple(runs), is_by_step) == (self.shown, self._is_by_step):
            return  # runs are listed anew whenever one of them trains
        self.shown, self._is_by_step = tuple(runs), is_by_step
        self.finding.setText(findings(runs))
        self.description.setText(descriptions(runs))
        self._plots = step_by_step(runs) if is_by_step else side_by_side(runs)
        self.grid.show_plots(self._plots, most_beside=2 if is_by_step else len(self._plots))
        self._color(self._themes.current)
        self._fill_table()

    def _name_columns(self) -> None:
        columns = list(COLUMNS.items())
        columns.insert(1, ("Run", "Whose adaptation it was measured along"))
        self.table.setColumnCount(len(columns))
        for column, (name, tip) in enumerate(columns):
            header = QTableWidgetItem(name)
            header.setToolTip(as_tip(tip))
            if column > 1:
                header.setTextAlignment(_RIGHT)
            self.table.setHorizontalHeaderItem(column, header)

    def _fill_table(self) -> None:
        """Write a row for each quantity and run: those of a quantity below one another."""
        found = [
            (row, name, run.title)
            for run, name in zip(self.shown, run_names(self.shown), strict=True)
            for row in quantities(run.record)
        ]
        labels = list(dict.fromkeys(row.label for row, _, _ in found))
        found.sort(key=lambda each: labels.index(each[0].label))  # runs keep their order
        self.table.setRowCount(len(found))
        before = ""
        for place, (row, name, title) in enumerate(found):
            label = "" if row.label == before else row.label
            before = row.label
            for column, text in enumerate((label, name, *texts_of(row.box))):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tip(f"{row.label}: {title}"))
                if column > 1:
                    item.setTextAlignment(_RIGHT)
                self.table.setItem(place, column, item)
        self.table.setColumnHidden(1, len(self.shown) == 1)
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
