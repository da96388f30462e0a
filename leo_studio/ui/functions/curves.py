"""The curves of a record in a plot: bands, samples, means, the true function.

Shapes: S samples, Q points of the grid.
"""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray

from engine.inspection.function_records import FunctionRecord
from leo_studio.ui.functions.styles import (
    OPACITIES,
    SHARES,
    band_pen,
    limit_pen,
    mean_pen,
    posterior_pen,
    sample_pen,
    truth_pen,
)
from leo_studio.ui.widgets.line_legend import BAND_ALPHA
from leo_studio.ui.widgets.theme import Theme

_STRIDE = 37  # points from the start of one function to that of the next
_FAMILIES = 2  # that samples can be told apart by


class FunctionCurves:
    """Draws records. Samples of one family and like weight are one item: a hundred are slow.

    Parameters
    ----------
    plot
        pyqtgraph's.
    """

    def __init__(self, plot: Any) -> None:
        self._limit_edges = [_curve() for _ in range(2)]
        self._limit_band: Any = pyqtgraph.FillBetweenItem(*self._limit_edges)
        self._posterior = _curve()
        self._limit_mean, self._truth = _curve(), _curve()
        self._mean, self._band = _curve(), [_curve() for _ in range(2)]
        self._samples = [[_curve(is_smooth=False) for _ in OPACITIES] for _ in range(_FAMILIES)]
        self.shows_posterior = False
        samples = [item for family in self._samples for item in family]
        behind = [self._limit_band, *self._limit_edges, self._posterior]
        before = [self._limit_mean, self._truth, *self._band, self._mean]
        for depth, item in enumerate([*behind, *samples, *before]):
            item.setZValue(depth)
            plot.addItem(item, ignoreBounds=True)

    def show(self, record: FunctionRecord, step: int) -> None:
        """Draw a record at an inner step."""
        grid, limit = record.grid, record.limit
        for item in (self._limit_band, *self._limit_edges, self._limit_mean):
            item.setVisible(limit is not None)
        if limit is not None:
            for edge, values in zip(self._limit_edges, limit.band, strict=True):
                edge.setData(grid, values)
            self._limit_mean.setData(grid, limit.mean)
        self._truth.setVisible(record.truth is not None)
        if record.truth is not None:
            self._truth.setData(grid, record.truth)
        self._posterior.setVisible(self.shows_posterior and limit is not None)
        if self.shows_posterior and limit is not None:
            self._posterior.setData(**_bundle(grid, limit.functions))
        self.show_step(record, step)

    def show_step(self, record: FunctionRecord, step: int) -> None:
        """Draw what changes from step to step."""
        grid, has_samples = record.grid, record.samples > 1
        self._mean.setData(grid, record.mean[step])
        for item, values in zip(self._band, record.band[step], strict=True):
            item.setVisible(has_samples)
            item.setData(grid, values)
        weights = record.weights[step]
        level = np.searchsorted(SHARES, weights / max(float(weights.max()), 1e-12))
        family = np.zeros(len(weights), np.int64)
        if record.is_first.shape[1]:
            family = np.where(record.is_first[step], 0, 1)
        for place, items in enumerate(self._samples):
            for opacity, item in enumerate(items):
                chosen = (family == place) & (level == opacity)
                is_there = has_samples and bool(chosen.any())
                item.setVisible(is_there)
                if is_there:
                    item.setData(**_bundle(grid, record.values[step][chosen]))

    def paint(self, theme: Theme, ratio: float) -> None:
        """Take the colours of a theme, on a screen of so many pixels to one of the window."""
        shade = limit_pen(theme).color()
        shade.setAlpha(BAND_ALPHA)
        self._limit_band.setBrush(shade)
        for edge in self._limit_edges:
            edge.setPen(None)
        self._limit_mean.setPen(limit_pen(theme, ratio))
        self._posterior.setPen(posterior_pen(theme, ratio))
        self._truth.setPen(truth_pen(theme, ratio))
        self._mean.setPen(mean_pen(theme, ratio))
        for item in self._band:
            item.setPen(band_pen(theme, ratio))
        for family, items in enumerate(self._samples):
            for opacity, item in zip(OPACITIES, items, strict=True):
                item.setPen(sample_pen(theme, family, opacity, ratio))


def _curve(*, is_smooth: bool = True) -> Any:
    return pyqtgraph.PlotCurveItem(antialias=is_smooth)


def _bundle(grid: NDArray[np.float32], values: NDArray[np.float32]) -> dict[str, Any]:
    """Return functions (S, Q) as one line that is not drawn from one function to the next.

    Each is drawn from a place of its own to both sides: dashes that all began at the left would
    make stripes.
    """
    count, points = len(values), len(grid)
    starts = (_STRIDE * np.arange(count)) % points
    # The points of a function in the order in which they are drawn, (S, Q + 1): its start twice.
    steps = np.arange(points + 1)
    places = np.where(steps <= starts[:, None], starts[:, None] - steps, steps - 1)
    connect = np.ones(places.shape, np.int32)
    connect[np.arange(count), starts] = 0
    connect[:, -1] = 0
    return {
        "x": grid[places].ravel(),
        "y": np.take_along_axis(values, places, 1).ravel(),
        "connect": connect.ravel(),
    }
