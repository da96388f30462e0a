import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.images.framing import VIEWS, center_view, ten_views

SIZES = st.integers(1, 40)


@given(SIZES, SIZES, st.integers(1, 24), st.floats(0.05, 1))
def test_every_view_has_the_size_that_is_asked_for(
    height: int, width: int, side: int, crop: float
) -> None:
    pixels = np.full((height, width, 3), 77, np.uint8)
    view = center_view(pixels, side, crop)
    assert view.shape == (side, side, 3) and (view == 77).all()
    assert ten_views(pixels, side, crop).shape == (VIEWS, side, side, 3)


def test_the_centre_is_seen_and_the_edges_are_not() -> None:
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[5:15, 15:25] = 200
    assert (center_view(pixels, 10, 0.5) == 200).all()
    assert center_view(pixels, 10, 1.0).min() == 0


def test_corners_and_mirror_images_are_other_views() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    views = ten_views(pixels, 16, 1.0)
    np.testing.assert_array_equal(views[0], center_view(pixels, 16, 1.0))
    np.testing.assert_array_equal(views[5:], views[:5, :, ::-1])
    assert len(np.unique(views.reshape(VIEWS, -1), axis=0)) == VIEWS
