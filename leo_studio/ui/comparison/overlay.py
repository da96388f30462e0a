"""The validations of several runs in one small plot."""

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from leo_studio.analysis.comparison.results import (
    overlay_labels,
    validation_steps,
    validation_values,
)
from leo_studio.services.records import RunEntry
from leo_studio.ui.comparison.run_styles import run_style
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_MARKER_SIZE = 7


class ValidationOverlay(QWidget):
    """The score of validations over outer steps, a line for each run."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._runs: tuple[RunEntry, ...] = ()
        self._lines: list[Any] = []  # kept for the next comparison: pyqtgraph leaks closed ones
        self.plot = pg.PlotWidget(enableMenu=False)
        self.plot.setMinimumHeight(self.fontMetrics().height() * 10)
        menu = self.plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())  # made without one, it would outlive the plot
        self.plot.setLabel("bottom", "Outer step")
        for axis in ("left", "bottom"):
            self.plot.getAxis(axis).enableAutoSIPrefix(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        themes.changed.connect(self._color)
        self._color(themes.current)

    def show_runs(self, runs: Sequence[RunEntry]) -> None:
        """Show these runs."""
        is_new = [run.path for run in runs] != [run.path for run in self._runs]
        self._runs = tuple(runs)
        words, label = overlay_labels(runs)
        self.plot.setAccessibleName(f"{words} of the runs that are compared")
        self.plot.setLabel("left", label)
        while len(self._lines) < len(runs):
            self._lines.append(self.plot.plot())
        for place, line in enumerate(self._lines):
            if place < len(runs):
                style = run_style(place, self._themes.current)
                line.setData(validation_steps(runs[place]), validation_values(runs[place]))
                line.setPen(style.pen)
                line.setSymbol(style.marker)
                line.setSymbolSize(_MARKER_SIZE)
                line.setSymbolPen(style.color)
                line.setSymbolBrush(style.brush)
            else:
                line.setData([], [])
        if is_new:
            self.plot.enableAutoRange()

    def _color(self, theme: Theme) -> None:
        self.plot.setBackground(theme.base)
        for axis in ("left", "bottom"):
            self.plot.getAxis(axis).setPen(theme.border)
            self.plot.getAxis(axis).setTextPen(theme.muted)
        self.plot.showGrid(x=True, y=True, alpha=0.2)
        self.show_runs(self._runs)
