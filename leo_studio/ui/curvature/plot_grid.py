"""Plots beside each other, or below one another where there is no room."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from leo_studio.figures.records import Plot
from leo_studio.ui.curvature.box_plot import BoxPlot
from leo_studio.ui.widgets.theme import ThemeManager

_LETTERS = 44  # in width, that a plot needs


class PlotGrid(QWidget):
    """Some plots; as many stand beside each other as have room."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.plots: list[BoxPlot] = []
        self._shown = self._most_beside = 0
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)

    def show_plots(self, plots: Sequence[Plot], most_beside: int) -> None:
        """Show other plots, at most so many beside each other."""
        while len(self.plots) < len(plots):
            made = BoxPlot(self._themes, f"curvature plot {len(self.plots) + 1}")
            made.setParent(self)
            made.hide()
            self.plots.append(made)
        for widget, plot in zip(self.plots, plots, strict=False):
            widget.show_plot(plot)
        self._shown, self._most_beside, self._columns = len(plots), most_beside, 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set plots beside each other, or below one another."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = self.width() // (_LETTERS * self.fontMetrics().averageCharWidth())
        columns = max(1, min(self._shown, self._most_beside, room))
        if columns == self._columns:
            return
        self._columns = columns
        for place, widget in enumerate(self.plots):
            self._grid.removeWidget(widget)
            is_shown = place < self._shown
            if is_shown:
                self._grid.addWidget(widget, place // columns, place % columns)
            widget.setVisible(is_shown)
        for column in range(len(self.plots)):
            self._grid.setColumnStretch(column, int(column < columns))
