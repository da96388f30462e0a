import pytest
from PySide6.QtGui import QColor

from leo_studio.ui.widgets.colors import diverging_color, sequential_color, viridis
from leo_studio.ui.widgets.theme import DARK, LIGHT, Theme


def luma(color: QColor) -> float:
    return 0.2126 * color.redF() + 0.7152 * color.greenF() + 0.0722 * color.blueF()


def test_viridis_is_lighter_for_more() -> None:
    # In steps of a sixteenth: neighbours of 256 may be rounded to one another.
    seen = [luma(viridis(level / 16)) for level in range(17)]
    assert seen == sorted(seen) and seen[-1] - seen[0] > 0.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_scales_run_from_the_background_to_their_colours(theme: Theme) -> None:
    assert sequential_color(theme, 0).name() == theme.base
    assert sequential_color(theme, 1).name() == theme.accent
    assert diverging_color(theme, 0).name() == theme.base
    assert diverging_color(theme, 1).name() == theme.accent
    assert diverging_color(theme, -1).name() == theme.danger


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_is_beyond_a_scale_has_the_colour_of_its_end(theme: Theme) -> None:
    assert viridis(-3) == viridis(0) and viridis(1.01) == viridis(1)
    assert sequential_color(theme, 1.5) == sequential_color(theme, 1)
    assert diverging_color(theme, -1.5) == diverging_color(theme, -1)
