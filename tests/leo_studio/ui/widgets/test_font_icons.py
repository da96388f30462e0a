import gc

import numpy as np
from fonticon_mdi7 import MDI7
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QApplication

from leo_studio.ui.widgets.font_icons import font_icon

SIZE = QSize(24, 24)


def pixels(pixmap: QPixmap) -> NDArray[np.uint8]:
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    whole = np.frombuffer(image.constBits(), np.uint8)
    return whole.reshape(image.height(), image.width(), 4).copy()


def test_an_icon_is_its_glyph_in_its_colour_and_in_another_where_it_is_disabled(
    qapp: QApplication,
) -> None:
    icon = font_icon(MDI7.square, "#ff0000", "#0000ff")
    for mode, color in ((QIcon.Mode.Normal, [255, 0, 0]), (QIcon.Mode.Disabled, [0, 0, 255])):
        drawn = pixels(icon.pixmap(SIZE, mode))
        assert drawn[12, 12].tolist() == [*color, 255]
        assert not drawn[0, 0, 3]


def test_glyphs_differ_and_scale_with_the_size(qapp: QApplication) -> None:
    play, stop = (font_icon(glyph, "#000000", "#000000") for glyph in (MDI7.play, MDI7.stop))
    assert not np.array_equal(pixels(play.pixmap(SIZE)), pixels(stop.pixmap(SIZE)))
    small, large = (
        np.count_nonzero(pixels(stop.pixmap(QSize(side, side)))[..., 3]) for side in (16, 64)
    )
    assert 10 < large / small < 24


def test_a_copy_draws_on_when_the_first_icon_is_gone(qapp: QApplication) -> None:
    icon = font_icon(MDI7.square, "#ff0000", "#0000ff")
    copy = QIcon(icon)
    del icon
    font_icon.cache_clear()
    gc.collect()
    assert pixels(copy.pixmap(SIZE))[12, 12].tolist() == [255, 0, 0, 255]
