"""How a picture is cut and scaled for an encoder, and for a thumbnail."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

VIEWS = 10  # the centre and four corners, each also mirrored
_CORNERS = ((0.5, 0.5), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))


def center_view(pixels: NDArray[np.uint8], side: int, crop: float) -> NDArray[np.uint8]:
    """Return the centre of a picture (h, w, 3), scaled, (side, side, 3).

    Parameters
    ----------
    pixels
        The picture, (h, w, 3).
    side
        Height and width of the view.
    crop
        The share of the shorter side that is seen.
    """
    return _view(Image.fromarray(pixels), side, crop, (0.5, 0.5))


def ten_views(pixels: NDArray[np.uint8], side: int, crop: float) -> NDArray[np.uint8]:
    """Return the centre and the corners of a picture (h, w, 3) and their mirror images.

    (10, side, side, 3). Of one that is seen whole, corners are of seven eighths of it.
    """
    image = Image.fromarray(pixels)
    views = [
        _view(image, side, crop if corner == (0.5, 0.5) else min(crop, 0.875), corner)
        for corner in _CORNERS
    ]
    return np.stack(views + [view[:, ::-1] for view in views])


def _view(
    image: Image.Image, side: int, crop: float, place: tuple[float, float]
) -> NDArray[np.uint8]:
    """Cut a square out of a picture, at a place from (0, 0) to (1, 1), and scale it."""
    width, height = image.size
    length = max(1.0, crop * min(width, height))
    left, top = place[1] * (width - length), place[0] * (height - length)
    box = (left, top, left + length, top + length)
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, box), np.uint8)
