"""How much each setting decides of the accuracy, as bars; or why nobody knows."""

from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from leo_studio.analysis.curves.ticks import linear_ticks
from leo_studio.analysis.sweep_tables import short_names
from leo_studio.analysis.sweep_words import importance_text
from leo_studio.services.sweep_records import Importance, SweepView
from leo_studio.ui.widgets.labels import sentence_label
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_BAR = 0.6  # of a row


class _Bars(Plot):
    """One bar for each setting, the most important one at the top."""

    def __init__(self, themes: ThemeManager) -> None:
        name = "share of the accuracy's variance (%)"
        super().__init__(themes, "importance of settings", name, "")
        axis = self.plot.getAxis("left")
        axis.showLabel(False)
        axis.setStyle(tickLength=0, hideOverlappingLabels=False)
        self._importance = Importance()
        self._names: list[str] = []
        self._bars: Any = pyqtgraph.BarGraphItem(x0=0, width=[], y=[], height=_BAR)
        self.plot.addItem(self._bars, ignoreBounds=True)
        self.box.invertY(True)
        self.box.sigResized.connect(self._fit)

    def show_importance(self, importance: Importance) -> None:
        self._importance = importance
        self._names = short_names(list(importance.shares))
        self.is_empty = not self._names
        shares = 100 * np.array(list(importance.shares.values()), np.float64)
        self._bars.setOpts(x0=0, width=shares, y=np.arange(len(shares)), height=_BAR)
        greatest = max(shares, default=1.0)
        self.box.setRange(xRange=(0, 1.08 * greatest), yRange=(-0.6, len(shares) - 0.4), padding=0)
        self.plot.getAxis("left").setTicks([list(enumerate(self._names))])
        self.set_title(
            f"Of {importance.trials} complete trials", "fANOVA; of few trials it is a rough guess"
        )
        pairs = zip(self._names, shares, strict=True)
        words = ", ".join(f"{name} {share:.0f} %" for name, share in pairs)
        self.view.setAccessibleDescription(words)
        self.recolor(self.themes.current)

    def text_at(self, x: float, y: float) -> str:
        row = round(y)
        if not 0 <= row < len(self._names):
            return ""
        path, share = list(self._importance.shares.items())[row]
        return f"{path}: {100 * share:.1f} %"

    def _paint(self, theme: Theme) -> None:
        first = theme.series_color(0)
        self._bars.setOpts(brush=self.translucent(first, 170), pen=pyqtgraph.mkPen(first))
        self._fit()

    def _fit(self) -> None:
        (low, high), _ = self.box.viewRange()
        room = self.box.width() / max(1, self.fontMetrics().horizontalAdvance("00000"))
        self.plot.getAxis("bottom").setTicks([linear_ticks(low, high, max(2, int(room)))])

    def _widest_tick(self) -> str:
        return max(self._names, key=self.fontMetrics().horizontalAdvance, default="")


class ImportanceView(QStackedWidget):
    """The bars, or a sentence in their place."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.bars = _Bars(themes)
        self.sentence = sentence_label("sweep-importance", "muted")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setMargin(24)
        for page in (self.bars, self.sentence):
            self.addWidget(page)
        self.bars.recolor(themes.current)

    def show_importance(self, view: SweepView, importance: Importance | None) -> None:
        """Show what is known, or say why nothing is."""
        text = importance_text(view, importance)
        self.sentence.setText(text)
        shown: QWidget = self.sentence if text else self.bars
        if importance is not None and not text:
            self.bars.show_importance(importance)
        self.setCurrentWidget(shown)
