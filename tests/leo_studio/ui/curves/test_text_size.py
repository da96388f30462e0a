"""After a larger text and a smaller one again, the plots are as they were."""

from typing import Any

from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import show


def room_of_axes(panel: CurvesPanel) -> tuple[float, float, int]:
    """Return the height and the width of a plot's axes, and how many numbers are on one."""
    canvas = panel.plots["loss"].canvas
    axes: dict[str, Any] = canvas._axes
    (low, high), _ = canvas.ranges
    return (
        axes["bottom"].maximumHeight(),
        axes["left"].maximumWidth(),
        len(canvas._ticks("bottom", low, high)),
    )


def test_axes_have_the_room_of_the_theme_s_text_whatever_text_the_view_still_has(
    panel: CurvesPanel, make_run: MakeRun, themes: ThemeManager, qtbot: QtBot
) -> None:
    show(panel, qtbot, make_run())
    wanted = room_of_axes(panel)
    view = panel.plots["loss"].canvas.view
    small, large = QFont(view.font()), QFont(view.font())
    large.setPointSizeF(1.5 * small.pointSizeF())
    view.setFont(large)
    panel.plots["loss"].canvas.set_theme(themes.current, small)
    qtbot.wait(50)
    assert room_of_axes(panel) == wanted
