"""The scale of colours has the colours of the matrix, from end to end, and its numbers below."""

from collections.abc import Iterator
from typing import Literal

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.color_scale import ColorScale
from leo_studio.ui.widgets.colors import diverging_color, sequential_color
from leo_studio.ui.widgets.theme import ThemeManager

LABELS = ("0 %", "25 %", "50 %", "75 %", "100 %")


@pytest.fixture
def scale(themes: ThemeManager, qtbot: QtBot) -> Iterator[ColorScale]:
    made = ColorScale(themes, "a scale")
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    yield made


def near(one: QColor, other: QColor) -> bool:
    apart = one.red() - other.red(), one.green() - other.green(), one.blue() - other.blue()
    return max(map(abs, apart)) <= 8


def picture(scale: ColorScale) -> QImage:
    return scale.grab().toImage()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_bar_has_the_colours_of_the_matrix(
    scale: ColorScale, themes: ThemeManager, theme: Literal["light", "dark"], qtbot: QtBot
) -> None:
    themes.choose(theme, 1.0)
    qtbot.waitUntil(lambda: themes.is_settled)
    for colors, low in ((sequential_color, 0.0), (diverging_color, -1.0)):
        scale.show_scale(colors, (low, 1.0), LABELS)
        seen = picture(scale)
        middle = round(0.3 * scale.fontMetrics().height())
        for share in (0.1, 0.5, 0.9):
            found = seen.pixelColor(round(share * (scale.width() - 1)), middle)
            assert near(found, colors(themes.current, low + share * (1.0 - low)))


def test_the_ends_are_said_and_stay_where_there_is_little_room(scale: ColorScale) -> None:
    scale.show_scale(sequential_color, (0.0, 1.0), LABELS)
    assert scale.accessibleDescription() == "from 0 % to 100 %"
    assert scale._labels_with_room(1000.0) == list(LABELS)
    assert scale._labels_with_room(80.0) == ["0 %", "", "", "", "100 %"]
