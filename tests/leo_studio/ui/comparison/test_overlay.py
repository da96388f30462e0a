"""Tests of the plot of a comparison."""

from pytestqt.qtbot import QtBot

from leo_studio.ui.comparison.overlay import ValidationOverlay
from leo_studio.ui.widgets.theme import ThemeManager


def test_a_legend_that_nobody_sees_follows_the_text(themes: ThemeManager, qtbot: QtBot) -> None:
    overlay = ValidationOverlay(themes)
    qtbot.addWidget(overlay)
    overlay.show()
    overlay.hide()
    for scale in (2.0, 1.0):
        themes.choose("light", scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        assert overlay.legend._grid.verticalSpacing() == overlay.legend.fontMetrics().height() // 8
