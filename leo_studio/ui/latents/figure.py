"""Figures of the latent space: of the panel as it is, and without any panel."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication

from engine.inspection.records import Latents
from engine.projection import Embedding, LinearBasis
from leo_studio.ui.figures import paint_scene, save_figure
from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.legend import LegendPainter
from leo_studio.ui.latents.looks import PAPER, Options
from leo_studio.ui.latents.projected import projected
from leo_studio.ui.theme import LIGHT, Theme, ThemeManager

_MARGIN = 12.0
_SIZE = QSize(820, 620)


class LatentFigure:
    """Paints a plot with a title above and its legend beside it.

    Parameters
    ----------
    plot
        As it is to be seen; it has the figure's colours already.
    title
        What it shows.
    theme
        The figure's colours.
    """

    def __init__(self, plot: LatentPlot, title: str, theme: Theme) -> None:
        self._plot = plot
        self._title = title
        self._theme = theme
        self._font = QFont(plot.font())
        # In pixels, so that it is as large as the plot on any device.
        self._font.setPixelSize(QFontInfo(plot.font()).pixelSize())
        self._metrics = QFontMetricsF(self._font)
        looks = plot.looks
        self._legend = None if looks is None else LegendPainter(looks, theme, self._font)

    @property
    def size(self) -> QSize:
        """In logical pixels."""
        seen = self._plot.view.viewport().size()
        width = seen.width() + (self._legend.size.width() + _MARGIN if self._legend else 0)
        return QSize(round(width + 2 * _MARGIN), round(seen.height() + self._top + 2 * _MARGIN))

    def paint(self, painter: QPainter, target: QRectF) -> None:
        """Paint it; the target has its size."""
        seen = self._plot.view.viewport().size()
        painter.save()
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(target, QColor(self._theme.base))
        painter.translate(target.topLeft() + QPointF(_MARGIN, _MARGIN))
        painter.setPen(QColor(self._theme.text))
        title = QRectF(0, 0, self.size.width() - 2 * _MARGIN, self._top)
        painter.drawText(title, int(Qt.TextFlag.TextWordWrap), self._title)
        place = QRectF(0, self._top, seen.width(), seen.height())
        paint_scene(painter, place, self._plot.view)
        if self._legend is not None:
            corner = QPointF(place.right() + _MARGIN, place.top())
            self._legend.paint(painter, corner, place.height())
        painter.restore()

    @property
    def _top(self) -> float:
        width = self._plot.view.viewport().width()
        box = QRectF(0, 0, width, 1000)
        height = self._metrics.boundingRect(box, int(Qt.TextFlag.TextWordWrap), self._title)
        return height.height() + _MARGIN if self._title else 0.0


def figure_title(plot: LatentPlot) -> str:
    """Say what a plot shows: which episodes with which weights, and how they were placed."""
    shown = plot.shown
    if shown is None:
        return ""
    origin = shown.latents.origin
    run = f"{origin.run}, " if origin.run else ""
    count = f"{len(shown.latents.numbers):,} {origin.split} episodes, {shown.count:,} codes"
    masses = [
        mass
        for mass, is_drawn in (("50", plot.options.shows_half), ("95", plot.options.shows_most))
        if is_drawn and shown.is_linear
    ]
    ellipses = f"; ellipses hold {' and '.join(masses)} % of each distribution" if masses else ""
    dots = "; dots are sampled codes" if plot.options.shows_samples and shown.has_samples else ""
    return f"{run}step {origin.step:,}: {count} ({shown.basis_words}){ellipses}{dots}"


def save_latent_figure(
    path: Path,
    latents: Latents,
    projection: LinearBasis | Embedding,
    *,
    options: Options = PAPER,
    place: int | None = None,
    size: QSize = _SIZE,
    scale: float = 2.0,
) -> None:
    """Save a figure of codes before and after adaptation, without a window.

    Parameters
    ----------
    path
        Ends with .png, .svg or .pdf; the file is whole or absent.
    latents
        The codes.
    projection
        Axes; or the embedding of `codes_to_embed(latents)`, with its samples or without.
    options
        What is drawn, and how; by default, as in the paper.
    place
        Which position's codes are shown beside those before; by default, after the inner loop.
    size
        Of the plot, in logical pixels.
    scale
        Pixels of a PNG per logical pixel.

    Raises
    ------
    BadInput
        For another ending, or where the file cannot be written.
    RuntimeError
        Without a `QApplication`.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("a figure needs a QApplication, which may be offscreen")
    themes = ThemeManager(application)
    shown = projected(latents, projection)
    at = shown.positions.index(latents.inner_steps) if place is None else place
    plot = LatentPlot(themes)
    try:
        plot.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        plot.resize(size)
        plot.recolor(LIGHT)
        plot.show()
        plot.options = options
        # Axes take their room by events that wait.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        QApplication.processEvents()
        plot.show_codes(shown, at)
        QApplication.processEvents()
        plot.fit()
        figure = LatentFigure(plot, figure_title(plot), LIGHT)
        save_figure(path, figure.paint, figure.size, scale)
    finally:
        plot.close()
        plot.deleteLater()
        themes.deleteLater()
