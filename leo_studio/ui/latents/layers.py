"""Layers of the latent plot: points, paths, samples and ellipses, few items for many codes.

pyqtgraph ships no types, so its classes are used and never inherited from.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.projected import Points, Projected
from leo_studio.ui.inspection.class_styles import SYMBOLS, symbol_scale
from leo_studio.ui.latents.point_styles import PointStyles
from leo_studio.ui.widgets.pens import mixed
from leo_studio.ui.widgets.theme import Theme

# Pixels of the markers before and after: where colours tell them apart, many codes lie upon others.
_SIZES = {"class": (7.0, 8.0), "stage": (9.0, 5.0)}
_SAMPLE_SIZE, _RING_SIZE = 3.0, 15.0
_HEAD = 7.0  # pixels
_SHORTEST_WITH_HEAD = 3.0
_SHORTEST_BARE = 10.0  # of an arrow beside its marker; a shorter one reaches into it
_ARROW, _CASING = 1.5, 3.5  # widths of arrows, and of what sets them off from what is below
_SHORTEST_CASED = 18.0  # else the edges would hide the markers
_CASED = ("casing", 0)
_SMOOTH_LINES = 3000  # so few are drawn without steps at 30 frames a second
_SYMBOL_SCALES = np.array([symbol_scale(symbol) for symbol in SYMBOLS])
_ALPHA = {"samples": 90, "paths": 150, "ellipses": 150}
_MOST_LARGE = 150  # codes; markers of more are smaller, and let others through
_SMALLEST, _FAINTEST = 0.6, 0.45  # shares of size and opacity, of thousands of codes
_FAINT = -1  # the colour of what is not selected
_HIDDEN = -2  # the colour of what is not drawn

Mask = NDArray[np.bool_]


class Layers:
    """The items of a plot that show codes.

    Parameters
    ----------
    plot
        A plot of pyqtgraph.
    """

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self._before = self._scatter(3)
        self._after = self._scatter(4)
        self._rings = self._scatter(5)
        self._curves: dict[tuple[str, int], Any] = {}
        self._samples: dict[int, Any] = {}
        self._paths: list[tuple[int, Points, Points]] = []  # colour, from, to
        self._are_cased = False  # arrows lie above markers, with edges that set them off

    def clear(self) -> None:
        """Draw nothing."""
        for item in self._all():
            item.hide()
        self._paths = []

    def draw(
        self,
        shown: Projected,
        place: int,
        options: Options,
        styles: PointStyles,
        theme: Theme,
        chosen: Mask | None,
        hidden: Mask,
    ) -> None:
        """Draw codes at one of their positions.

        Parameters
        ----------
        shown, place, options, styles, theme
            What, and how.
        chosen
            Codes that are selected, (n,); None for no selection. Others are faint.
        hidden
            Codes that are left out, (n,).
        """
        self.clear()
        faint = mixed(mixed(theme.muted, theme.base), theme.base)
        colors = styles.after if chosen is None else np.where(chosen, styles.after, _FAINT)
        colors = np.where(hidden, _HIDDEN, colors)
        palette = [*styles.palette, QColor(faint)]  # the last one is the place -1
        order = _drawing_order(hidden, chosen)
        self._draw_points(shown, place, options, styles, palette, chosen, order)
        if options.shows_samples and shown.has_samples:
            self._draw_samples(shown.samples_at(place), colors, palette)
        for is_drawn, mass, name, line in (
            (options.shows_half, 0.5, "half", Qt.PenStyle.SolidLine),
            (options.shows_most, 0.95, "most", Qt.PenStyle.DashLine),
        ):
            outlines = shown.outlines(mass) if is_drawn else None
            if outlines is not None:
                self._draw_outlines(name, outlines, colors, palette, line)
        if place > 0 and options.paths == "trajectories":
            self._draw_trajectories(shown, place, colors, palette)
        elif place > 0 and options.paths == "arrows":
            self._prepare_arrows(shown, place, colors, palette, theme)

    def draw_arrows(self, unit: tuple[float, float]) -> None:
        """Draw arrows anew: their heads keep their size on the screen, `unit` is a pixel's."""
        scale = np.array(unit)
        cased = [np.empty((0, 2))]
        for color, start, end in self._paths:
            lines = _arrows(start / scale, end / scale) * scale
            self._curves["paths", color].setData(lines[:, 0], lines[:, 1])
            if color != _FAINT:
                is_long = np.linalg.norm((end - start) / scale, axis=1) > _SHORTEST_CASED
                cased.append(_arrows(start[is_long] / scale, end[is_long] / scale) * scale)
        if self._paths and self._are_cased:
            lines = np.concatenate(cased)
            self._curves[_CASED].setData(lines[:, 0], lines[:, 1])

    def ring(self, points: Points, theme: Theme) -> None:
        """Draw rings around points."""
        self._rings.setData(
            points[:, 0], points[:, 1], pen=pyqtgraph.mkPen(theme.text, width=1.6), brush=None
        )
        self._rings.setVisible(len(points) > 0)

    def _draw_points(
        self,
        shown: Projected,
        place: int,
        options: Options,
        styles: PointStyles,
        palette: Sequence[QColor],
        chosen: Mask | None,
        order: NDArray[np.int64],
    ) -> None:
        size_share, alpha_share = _crowding(shown.count, options, has_chosen=chosen is not None)
        before_size, after_size = (
            size_share * size for size in _SIZES.get(options.color, _SIZES["class"])
        )
        alpha = round(255 * alpha_share)
        # Those before adaptation are fainter still: the filled ones are what is looked at.
        hollow = [_translucent(color, round(alpha * alpha_share)) for color in palette]
        solid = [_translucent(color, alpha) for color in palette]
        pens = [pyqtgraph.mkPen(color, width=1.3) for color in hollow]
        thin = [pyqtgraph.mkPen(_edge(color)) for color in solid]
        brushes = [QBrush(color) for color in solid]

        def picked(colors: NDArray[np.int64], tools: Sequence[Any]) -> list[Any]:
            marked = colors if chosen is None else np.where(chosen, colors, _FAINT)
            return [tools[color] for color in marked[order].tolist()]

        def symbols(shapes: NDArray[np.int64]) -> list[str]:
            return [SYMBOLS[shape] for shape in shapes[order].tolist()]

        def sizes(shapes: NDArray[np.int64], size: float) -> NDArray[np.float64]:
            return np.asarray(size * _SYMBOL_SCALES[shapes[order]])

        if options.shows_before or place == 0:
            points = shown.at(0)[order]
            self._before.setData(
                points[:, 0],
                points[:, 1],
                symbol=symbols(styles.shapes_before),
                pen=picked(styles.before, pens),
                brush=QBrush(Qt.BrushStyle.NoBrush),
                size=sizes(styles.shapes_before, before_size),
            )
            self._before.show()
        if place > 0:
            points = shown.at(place)[order]
            self._after.setData(
                points[:, 0],
                points[:, 1],
                symbol=symbols(styles.shapes_after),
                pen=picked(styles.after, thin),
                brush=picked(styles.after, brushes),
                size=sizes(styles.shapes_after, after_size),
            )
            self._after.show()

    def _draw_samples(
        self, samples: Points, colors: NDArray[np.int64], palette: Sequence[QColor]
    ) -> None:
        for color, rows in _groups(colors):
            if color not in self._samples:
                self._samples[color] = self._scatter(1)
            points = samples[rows].reshape(-1, 2)
            brush = QBrush(_translucent(palette[color], _ALPHA["samples"]))
            item = self._samples[color]
            no_pen = QPen(Qt.PenStyle.NoPen)
            item.setData(points[:, 0], points[:, 1], brush=brush, pen=no_pen, size=_SAMPLE_SIZE)
            item.show()

    def _draw_outlines(
        self,
        name: str,
        outlines: Points,
        colors: NDArray[np.int64],
        palette: Sequence[QColor],
        line: Qt.PenStyle,
    ) -> None:
        for color, rows in _groups(colors):
            pen = _pen(palette[color], _ALPHA["ellipses"], line)
            # Dashes of thousands of ellipses cost seconds, and nobody could see them.
            if len(colors) > _SMOOTH_LINES // 4:
                pen.setStyle(Qt.PenStyle.SolidLine)
            self._draw_polylines((name, color), outlines[rows], pen, len(colors) * 48)

    def _draw_trajectories(
        self,
        shown: Projected,
        place: int,
        colors: NDArray[np.int64],
        palette: Sequence[QColor],
    ) -> None:
        path = shown.path[:, : place + 1].transpose(0, 2, 1, 3).reshape(shown.count, -1, 2)
        for color, rows in _groups(colors):
            pen = _pen(palette[color], _ALPHA["paths"])
            self._draw_polylines(("ways", color), path[rows], pen, shown.count * place)

    def _draw_polylines(
        self, key: tuple[str, int], lines: Points, pen: QPen, segments: int
    ) -> None:
        connect = np.ones(lines.shape[:2], np.int32)
        connect[:, -1] = 0
        curve = self._curve(key)
        curve.opts["antialias"] = segments <= _SMOOTH_LINES
        curve.setPen(pen)
        flat = lines.reshape(-1, 2)
        curve.setData(
            np.ascontiguousarray(flat[:, 0]),
            np.ascontiguousarray(flat[:, 1]),
            connect=connect.reshape(-1),
        )
        curve.show()

    def _prepare_arrows(
        self,
        shown: Projected,
        place: int,
        colors: NDArray[np.int64],
        palette: Sequence[QColor],
        theme: Theme,
    ) -> None:
        """Make ready what `draw_arrows` draws: of few codes above the markers, else below."""
        start, end = shown.at(0), shown.at(place)
        self._are_cased = shown.count <= _MOST_LARGE
        for color, rows in _groups(colors):
            curve = self._curve(("paths", color))
            pen = _pen(palette[color], _ALPHA["paths"])
            is_above = self._are_cased and color != _FAINT
            if is_above:
                pen = _pen(_ink(palette[color], theme), 255)
                pen.setWidthF(_ARROW)
            curve.setZValue(4.5 if is_above else 2 - (color == _FAINT))
            self._show_arrows(curve, pen, is_smooth=shown.count <= _SMOOTH_LINES)
            self._paths.append((color, start[rows], end[rows]))
        if self._are_cased:
            pen = _pen(QColor(theme.base), 255)
            pen.setWidthF(_CASING)
            self._curve(_CASED).setZValue(4.4)
            self._show_arrows(self._curve(_CASED), pen, is_smooth=True)

    def _show_arrows(self, curve: Any, pen: QPen, *, is_smooth: bool) -> None:
        curve.opts["connect"] = "pairs"
        curve.opts["antialias"] = is_smooth
        curve.setPen(pen)
        curve.show()

    def _curve(self, key: tuple[str, int]) -> Any:
        if key not in self._curves:
            curve = pyqtgraph.PlotCurveItem()
            curve.setZValue({"half": 0, "most": 0}.get(key[0], 2) - (key[1] == _FAINT))
            self._plot.addItem(curve, ignoreBounds=True)
            self._curves[key] = curve
        return self._curves[key]

    def _scatter(self, depth: int) -> Any:
        item = pyqtgraph.ScatterPlotItem(pxMode=True, size=_RING_SIZE)
        item.setZValue(depth)
        self._plot.addItem(item, ignoreBounds=True)
        return item

    def _all(self) -> Iterator[Any]:
        yield from (self._before, self._after, self._rings)
        yield from self._curves.values()
        yield from self._samples.values()


def _groups(colors: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each colour that is drawn with the rows that have it, the faint ones first."""
    for color in np.unique(colors[colors != _HIDDEN]).tolist():
        yield color, np.flatnonzero(colors == color)


def _drawing_order(hidden: Mask, chosen: Mask | None) -> NDArray[np.int64]:
    """Return the rows that are drawn, so that those that are chosen lie above the others."""
    rows = np.flatnonzero(~hidden)
    return rows if chosen is None else rows[np.argsort(chosen[rows], kind="stable")]


def _crowding(codes: int, options: Options, *, has_chosen: bool) -> tuple[float, float]:
    """Return which shares of their size and opacity markers have where they are many."""
    if options.color == "stage" or codes <= _MOST_LARGE:
        return 1.0, 1.0  # markers that tell before from after are small already
    share = (_MOST_LARGE / codes) ** 0.25
    # Where some codes are chosen, the others are grey: that is faint enough.
    return max(_SMALLEST, share), 1.0 if has_chosen else max(_FAINTEST, share**2)


def _arrows(start: Points, end: Points) -> Points:
    """Return pairs of ends of lines, in pixels: between markers, or into them where it is short."""
    way = end - start
    length = np.linalg.norm(way, axis=1, keepdims=True)
    along = np.divide(way, length, out=np.zeros_like(way), where=length > 0)
    spare = np.clip((length - _SHORTEST_BARE) / 2, 0, None)
    first, tip = (
        place + sign * along * np.minimum(size / 2, spare)
        for place, sign, size in zip((start, end), (1, -1), _SIZES["class"], strict=True)
    )
    shafts = np.stack([first, tip], 1).reshape(-1, 2)
    is_long = length[:, 0] > _SHORTEST_WITH_HEAD
    tip, along = tip[is_long], along[is_long]
    head = np.minimum(_HEAD, 0.7 * length[is_long])
    across = along[:, ::-1] * (-1, 1)
    sides = [tip - head * (along + sign / 2 * across) for sign in (1, -1)]
    heads = np.stack([sides[0], tip, sides[1], tip], 1).reshape(-1, 2)
    return np.concatenate([shafts, heads])


def _ink(color: QColor, theme: Theme) -> QColor:
    """Return a colour that is seen upon a marker of that colour."""
    return color.lighter(135) if theme.is_dark else color.darker(160)


def _translucent(color: QColor, alpha: int) -> QColor:
    made = QColor(color)
    made.setAlpha(alpha)
    return made


def _edge(color: QColor) -> QColor:
    return color.darker(140)


def _pen(color: QColor, alpha: int, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(_translucent(color, alpha), 1, style)
    pen.setCosmetic(True)
    return pen
