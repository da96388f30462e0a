"""Ink is the same as if every dot were asked about every pixel, wherever the dots are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.glyphs.ink import FRAME, PEN, ink_dots, ink_strokes


def inked_plainly(
    dots: NDArray[np.float64], widths: NDArray[np.float64], pen: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return what `ink_dots` should: the nearest dot of every pixel, in the dot's own radii."""
    centres = np.arange(FRAME) + 0.5
    shares = ((centres - dots[..., None]) / widths[..., None, None]) ** 2  # (H, P, 2, FRAME)
    squares = shares[:, :, 0, None, :] + shares[:, :, 1, :, None]
    ink = 0.5 + pen[:, None, None] * (1.0 - np.sqrt(squares.min(axis=1)))
    grey: NDArray[np.uint8] = np.floor(255.0 * ink.clip(0.0, 1.0) + 0.5).astype(np.uint8)
    return grey


@given(st.integers(0, 1000), st.integers(1, 4), st.integers(1, 60), st.floats(0.3, 20.0))
def test_ink_is_the_same_as_of_all_pixels(seed: int, hands: int, count: int, wide: float) -> None:
    random = np.random.default_rng(seed)
    dots = random.uniform(-10, FRAME + 10, (hands, count, 2))
    pen = random.uniform(0.3, wide, hands)
    widths = pen[:, None] * random.uniform(0.5, 1.0, (hands, count))
    np.testing.assert_array_equal(
        ink_dots(dots, widths, pen), inked_plainly(dots, widths, pen), strict=True
    )


def test_ink_has_a_soft_edge_and_nothing_beyond() -> None:
    (image,) = ink_dots(np.full((1, 1, 2), 14.5), np.full((1, 1), PEN), np.array([PEN]))
    assert image[14, 14] == 255 and image[14, 16] == 0
    assert 0 < image[14, 15] < 255 and np.count_nonzero(image) == 9


def test_no_strokes_are_no_ink() -> None:
    assert not ink_strokes([]).any()
