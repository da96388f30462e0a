import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from leo_studio.services.records import Examples
from leo_studio.ui.inspection.thumbnails import Thumbnails

ROWS = np.array([7, 3])


def of_images(images: np.ndarray | None) -> Thumbnails:
    return Thumbnails(Examples(ROWS, ("a/seven", "a/three"), images))


def test_names_belong_to_rows_and_not_to_places() -> None:
    thumbnails = of_images(None)
    assert thumbnails.name(3) == "a/three" and thumbnails.name(7) == "a/seven"
    assert thumbnails.name(4) == "row 4"
    assert Thumbnails().name(4) == "row 4"


def test_without_images_there_are_no_pictures(qtbot: QtBot) -> None:
    assert not of_images(None).has_images and of_images(None).picture(3, 20) is None
    images = np.zeros((2, 4, 4, 1), np.uint8)
    assert of_images(images).has_images and of_images(images).picture(4, 20) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_has_the_pixels_of_its_row(channels: int, qtbot: QtBot) -> None:
    # Odd widths: rows of pixels are not padded as Qt would have them.
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 3, channels), np.uint8)
    picture = of_images(images).picture(3, 5)
    assert picture is not None and (picture.width(), picture.height()) == (3, 5)
    image = picture.toImage()
    for y in range(5):
        for x in range(3):
            color = image.pixelColor(x, y)
            expected = np.broadcast_to(images[1, y, x], 3).tolist()
            assert [color.red(), color.green(), color.blue()] == expected


def test_enlarged_pixels_stay_what_they_are_and_the_shape_too(qtbot: QtBot) -> None:
    images = np.zeros((2, 2, 4, 1), np.uint8)
    images[:, :, 2:] = 255
    picture = of_images(images).picture(7, 40)
    assert picture is not None and (picture.width(), picture.height()) == (40, 20)
    image = picture.toImage()
    shades = {image.pixelColor(x, y).red() for x in range(40) for y in range(20)}
    assert shades == {0, 255}


def test_a_fine_screen_gets_more_pixels_in_the_same_room(qtbot: QtBot) -> None:
    images = np.zeros((2, 28, 28, 1), np.uint8)
    picture = of_images(images).picture(7, 20, ratio=2.0)
    assert picture is not None and picture.width() == 40
    assert picture.deviceIndependentSize().width() == 20
