"""The panel "Try it" in the window: what it needs of docks and of other panels."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.window.docks import Docks
from leo_studio.ui.window.drop import DropTarget
from leo_studio.ui.window.episode_panels import EpisodePanels

if TYPE_CHECKING:  # imported when it is made: the first picture should not wait for it
    from leo_studio.ui.tryit import TryItPanel

_ACTIONS = ("class", "add", "ask", "pictures", "export", "clear")  # they show the panel


def make_try_panel(
    parts: WindowParts,
    docks: Docks,
    drops: DropTarget,
    episodes: EpisodePanels,
    keep: Callable[[object], None],
) -> "TryItPanel":
    """Make the panel in its dock; the latent space shows the codes of what it asks.

    `keep` is called with what remembers the panel over a restart.
    """
    from leo_studio.ui.tryit import TryItPanel
    from leo_studio.ui.tryit.memory import TryMemory

    panel = docks.fill_with_resting("tryit", partial(TryItPanel, *parts))
    drops.leave_to(panel.classes)
    panel.answered.connect(episodes.show_tried)
    for name in _ACTIONS:
        parts.actions[f"tryit.{name}"].triggered.connect(partial(docks.show, "tryit"))
    keep(TryMemory(panel))
    return panel
