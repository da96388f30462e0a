"""Drawings: strokes of a mouse or a pen as pictures, all of one size and in one place."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.data.glyphs import FRAME, HEIGHT, PEN, fit_strokes

_FINER = 4  # it is drawn so much larger, for soft edges


def draw_strokes(strokes: Sequence[NDArray[np.float64]], side: int) -> NDArray[np.uint8]:
    """Return a picture of strokes, (side, side, 3): black on white, centred, as large as glyphs.

    Parameters
    ----------
    strokes
        The points of each, (P, 2), one after the other, at any place and in any size.
    side
        Height and width in pixels.
    """
    large = side * _FINER
    image = Image.new("L", (large, large), 255)
    brush = ImageDraw.Draw(image)
    radius = PEN * large / FRAME
    fitted = fit_strokes(strokes, HEIGHT * large / FRAME) if strokes else []
    for stroke in fitted:
        points = [(float(x), float(y)) for x, y in stroke + large / 2]
        brush.line(points, fill=0, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (points[0], points[-1]):
            brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    grey = image.resize((side, side), Image.Resampling.BOX)
    return np.repeat(np.asarray(grey, np.uint8)[..., None], 3, axis=2)
