"""The panel "Functions" in the window: its dock, and the commands that bring it to the front."""

from functools import partial
from typing import TYPE_CHECKING

from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.window.docks import Docks

if TYPE_CHECKING:  # imported when it is made: the first picture should not wait for it
    from leo_studio.ui.functions import FunctionsPanel

# Commands that show the panel.
_ACTIONS = (
    *("ambiguous", "uncertain", "overconfident", "next", "previous", "go_to", "back", "add"),
    *("remove", "codes", "posterior"),
)


def make_functions_panel(parts: WindowParts, docks: Docks) -> "FunctionsPanel":
    """Make the panel in its dock."""
    from leo_studio.ui.functions import FunctionsPanel

    panel = docks.fill_with_resting("functions", partial(FunctionsPanel, *parts))
    for name in _ACTIONS:
        parts.actions[f"functions.{name}"].triggered.connect(partial(docks.show, "functions"))
    return panel
