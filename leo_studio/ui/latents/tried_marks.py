"""Marks of a person's own classes and queries, over the codes of episodes.

pyqtgraph ships no types, so its classes are used and never inherited from.
"""

from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication

from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.picking import nearest
from leo_studio.analysis.latents.projected import Points, Projected
from leo_studio.analysis.latents.tried import TriedPoints, tried_points
from leo_studio.services.try_records import TriedCodes
from leo_studio.ui.inspection.class_styles import class_color, class_symbol, symbol_scale
from leo_studio.ui.latents.point_styles import Entry
from leo_studio.ui.widgets.theme import Theme

_CLASS_SIZE, _QUERY_SIZE = 15.0, 9.0  # pixels
_CLASS_EDGE, _QUERY_EDGE = 2.0, 1.3
_LONGEST_NAME = 20  # letters
_GROUND_ALPHA = 200  # behind a name: what lies there shines through


class TriedMarks:
    """The items of a plot that show what a person has tried.

    Classes are as in the panel "Try it", with an edge and their names; queries are smaller, with
    the colour and the shape of their class, hollow where they are none of these.

    Parameters
    ----------
    plot
        A plot of pyqtgraph.
    """

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self._queries = self._scatter(6)
        self._classes = self._scatter(7)
        self._names: list[Any] = []
        self.codes: TriedCodes | None = None
        self.points: TriedPoints | None = None  # those that are drawn

    def draw(self, shown: Projected | None, options: Options, theme: Theme) -> None:
        """Draw them on the axes that are shown, where they belong there."""
        self.points = None if shown is None else tried_points(self.codes, shown, options)
        points = self.points
        for item in (self._queries, self._classes, *self._names):
            item.setVisible(points is not None)
        if points is None:
            return
        for item, at, places, is_hollow, size, width in (
            (
                self._classes,
                points.classes,
                points.places,
                np.zeros(len(points.classes), bool),
                _CLASS_SIZE,
                _CLASS_EDGE,
            ),
            (
                self._queries,
                points.queries,
                points.winners,
                points.is_none,
                _QUERY_SIZE,
                _QUERY_EDGE,
            ),
        ):
            symbols = [class_symbol(place) for place in places.tolist()]
            item.setData(
                at[:, 0],
                at[:, 1],
                symbol=symbols,
                size=[size * symbol_scale(symbol) for symbol in symbols],
                pen=pyqtgraph.mkPen(theme.text, width=width),
                brush=[
                    QBrush(QColor(theme.base) if hollow else class_color(theme, place))
                    for place, hollow in zip(places.tolist(), is_hollow.tolist(), strict=True)
                ],
            )
        self._name(points, theme)

    @property
    def places(self) -> Points:
        """Where they are drawn, (n, 2)."""
        return np.empty((0, 2)) if self.points is None else self.points.all

    @property
    def pixels_above(self) -> float:
        """The height of the names above their marks; 0 where nothing is drawn."""
        return 0.0 if self.points is None else 2 * QFontMetricsF(QApplication.font()).height()

    def text_at(self, place: tuple[float, float], unit: tuple[float, float]) -> str:
        """Return what is said of the mark at a place of the axes; "" for none there."""
        row = nearest(self.places, place, unit, _CLASS_SIZE / 2)
        return "" if row is None or self.points is None else self.points.texts[row]

    def entries(self, theme: Theme) -> tuple[Entry, ...]:
        """Return their lines of the legend."""
        if self.points is None:
            return ()
        fill = class_color(theme, int(self.points.places[0]))
        return (Entry(self.points.legend, QColor(theme.text), "o", is_class=False, fill=fill),)

    def _name(self, points: TriedPoints, theme: Theme) -> None:
        """Write the names above their classes."""
        font = QApplication.font()
        metrics = QFontMetricsF(font)
        room = _LONGEST_NAME * metrics.averageCharWidth()
        ground = QColor(theme.base)
        ground.setAlpha(_GROUND_ALPHA)
        while len(self._names) < len(points.names):
            # Above its mark: the anchor lies below the text.
            name = pyqtgraph.TextItem(anchor=(0.5, 1.45))
            name.setZValue(5.5)  # it hides no mark of these, and lies on all others
            self._plot.addItem(name, ignoreBounds=True)
            self._names.append(name)
        for place, item in enumerate(self._names):
            item.setVisible(place < len(points.names))
            if place < len(points.names):
                text = metrics.elidedText(points.names[place], Qt.TextElideMode.ElideMiddle, room)
                item.setFont(font)
                item.setText(text, QColor(theme.text))
                item.fill = QBrush(ground)
                item.setPos(*points.classes[place])

    def _scatter(self, depth: int) -> Any:
        item = pyqtgraph.ScatterPlotItem(pxMode=True, size=_CLASS_SIZE)
        item.setZValue(depth)
        item.hide()
        self._plot.addItem(item, ignoreBounds=True)
        return item
