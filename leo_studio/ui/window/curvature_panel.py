"""The panel "Curvature" in the window: its dock, and what brings it to the front."""

from functools import partial
from typing import TYPE_CHECKING

from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.window.docks import Docks

if TYPE_CHECKING:  # imported when it is made: the first picture should not wait for it
    from leo_studio.ui.curvature import CurvaturePanel


def make_curvature_panel(parts: WindowParts, docks: Docks) -> "CurvaturePanel":
    """Make the panel in its dock."""
    from leo_studio.ui.curvature import CurvaturePanel

    panel = docks.fill_with_resting("curvature", partial(CurvaturePanel, *parts))
    for name in ("analyse", "by_step"):  # they show the panel
        parts.actions[f"curvature.{name}"].triggered.connect(partial(docks.show, "curvature"))
    return panel
