"""The validations of several runs in one small plot."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from leo_studio.analysis.comparison.results import (
    overlay_labels,
    overlay_title,
    validation_steps,
    validation_values,
)
from leo_studio.analysis.curves.scene import Range
from leo_studio.analysis.curves.views import View, ViewHistory
from leo_studio.services.records import RunEntry
from leo_studio.ui.comparison.run_legend import RunLegend
from leo_studio.ui.comparison.run_styles import MARKER_SIZE, run_style
from leo_studio.ui.widgets.canvas import Canvas
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_NAME = "comparison"  # of the plot, in its views
_END_ROOM = 0.02  # of the x range, behind the last marker
_BACK = "Show what was seen before the last zoom or movement (Backspace, in the plot)"
_FIT = "Show everything (A, in the plot)"


class ValidationOverlay(QWidget):
    """The score of validations over outer steps, a line for each run.

    The mouse does what it does in Curves: the wheel zooms x, and y fits what is seen.
    """

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._runs: tuple[RunEntry, ...] = ()
        self._numbers: tuple[int, ...] = ()
        self._lines: list[Any] = []  # kept for the next comparison: pyqtgraph leaks closed ones
        self._views = ViewHistory()
        self.title = ElidingLabel()
        self.title.setObjectName("comparison-plot-title")
        self.title.setProperty("role", "title")
        self.legend = RunLegend(themes)
        self.canvas = Canvas(_NAME, self)
        self._back = self._button("back", "Back", _BACK)
        self._fit = self._button("fit", "Fit", _FIT)
        self._lay_out()
        self._connect()
        self._color(themes.current)

    def show_runs(self, runs: Sequence[RunEntry], numbers: Sequence[int]) -> None:
        """Show these runs, in the styles with these numbers."""
        self._numbers = tuple(numbers)
        is_new = [run.path for run in runs] != [run.path for run in self._runs]
        self._runs = tuple(runs)
        words, label = overlay_labels(runs)
        self.title.setText(overlay_title(runs))
        self.canvas.view.setAccessibleName(f"{words} of the runs that are compared")
        self.canvas.set_axis("bottom", "Outer step", 1.0, is_log=False)
        self.canvas.set_axis("left", label, 1.0, is_log=False)
        self.legend.show_runs(runs, numbers)
        if is_new:
            self._views.clear()
        self._draw()

    def fit(self) -> None:
        """Show everything."""
        self._views.choose(View())
        self._draw()

    def go_back(self) -> None:
        """Show what was seen before."""
        self._views.go_back()
        self._draw()

    def _choose(self, x: Range | None, y: Range | None, goes_on: bool) -> None:
        view = self._views.current.changed(_NAME, x, y, self.canvas.whole)
        self._views.choose(view, goes_on=goes_on)
        self._draw()

    def _draw(self) -> None:
        """Draw the lines, and see of them what was chosen."""
        while len(self._lines) < len(self._runs):
            self._lines.append(pg.PlotDataItem())
            self.canvas.add(self._lines[-1])
        for place, line in enumerate(self._lines):
            if place < len(self._runs):
                run = self._runs[place]
                style = run_style(self._numbers[place], self._themes.current)
                line.setData(validation_steps(run), validation_values(run))
                line.setPen(style.pen)
                line.setSymbol(style.marker)
                line.setSymbolSize(MARKER_SIZE)
                line.setSymbolPen(style.color)
                line.setSymbolBrush(style.brush)
            else:
                line.setData([], [])
        self._see()

    def _see(self) -> None:
        canvas, view = self.canvas, self._views.current
        last = max((int(steps[-1]) for steps in self._steps() if len(steps)), default=1)
        canvas.whole = (0.0, (1 + _END_ROOM) * max(1, last))
        canvas.set_x_range(*(view.x or canvas.whole))
        chosen = view.y.get(_NAME)
        canvas.is_y_chosen = chosen is not None
        if chosen is not None:
            canvas.set_y_range(*chosen)
        else:
            canvas.fit_y(*self._seen_values(), is_exact=True)
        canvas.draw_grid()
        self._back.setEnabled(self._views.has_earlier)
        self._fit.setEnabled(not view.is_everything)

    def _steps(self) -> list[np.ndarray[Any, Any]]:
        return [validation_steps(run) for run in self._runs]

    def _seen_values(self) -> Range:
        """Return the lowest and the highest value in the x range; of all where none is in it."""
        low, high = self.canvas.ranges[0]
        every = [validation_values(run) for run in self._runs]
        seen = [
            values[(steps >= low) & (steps <= high)]
            for steps, values in zip(self._steps(), every, strict=True)
        ]
        shown = np.concatenate([*seen, []])
        values = shown if len(shown) else np.concatenate([*every, []])
        return (values.min(), values.max()) if len(values) else (math.inf, -math.inf)

    def _color(self, theme: Theme) -> None:
        self.canvas.set_theme(theme, QApplication.font())
        self._back.setIcon(self._themes.icon(MDI7.arrow_u_left_top))
        self._fit.setIcon(self._themes.icon(MDI7.fit_to_page_outline))
        self.show_runs(self._runs, self._numbers)

    def _color_again(self) -> None:
        self._color(self._themes.current)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"comparison-{name}")
        button.setText(text)
        button.setToolTip(as_tip(tip))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        row.addWidget(self._back)
        row.addWidget(self._fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.legend)
        layout.addWidget(self.canvas.view, 1)

    def _connect(self) -> None:
        self.canvas.range_chosen.connect(self._choose)
        self.canvas.reset_wanted.connect(self.fit)
        self._back.clicked.connect(lambda _checked: self.go_back())
        self._fit.clicked.connect(lambda _checked: self.fit())
        self._themes.changed.connect(self._color)
        # The legend has the text's size at last, also where nobody saw it before.
        self._themes.settled.connect(self._color_again)
        for key, called in (("A", self.fit), ("Backspace", self.go_back)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(called)
