"""Embeddings are histograms of gradients of any picture, and not of glyphs alone."""

from math import isqrt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.glyphs.gradient_histograms import BORDERS, features
from engine.data.glyphs.ink import FRAME


def histogram(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the embedding of an image, (FRAME, FRAME), in Python's own whole numbers."""
    padded = np.pad(image, 1).tolist()
    cells = np.zeros((len(BORDERS), 5, 5), np.int64)
    weights = (1, 2, 1)
    for row in range(FRAME):
        for column in range(FRAME):
            x = padded[row + 1][column + 2] - padded[row + 1][column]
            y = padded[row + 2][column + 1] - padded[row][column + 1]
            strength = isqrt(x * x + y * y)
            if y < 0 or (y == 0 and x < 0):
                x, y = -x, -y
            orientation = sum(right * y >= up * x for right, up in BORDERS) % len(BORDERS)
            for down, by_row in enumerate(weights):
                for across, by_column in enumerate(weights):
                    place = row // 4 - down, column // 4 - across
                    if min(place) >= 0 and max(place) < 5:
                        cells[orientation, *place] += strength * by_row * by_column
    shares = cells.ravel() / max(int(cells.sum()), 1)
    return np.sqrt(shares).astype(np.float32)


@settings(max_examples=10)
@given(st.integers(0, 1000), st.sampled_from([2, 40, 256]))
def test_embeddings_are_histograms_of_gradients(seed: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    images = random.integers(0, levels, (2, FRAME, FRAME, 1)) * (255 // (levels - 1))
    images[1] *= random.integers(0, 2, (FRAME, FRAME, 1))
    found = features(images.astype(np.uint8))
    wanted = [histogram(image[..., 0].astype(np.uint8)) for image in images]
    np.testing.assert_array_equal(found, np.stack(wanted), strict=True)
