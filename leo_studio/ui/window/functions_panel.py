"""The panel "Functions" in the window: its dock, and what brings it to the front."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from leo_studio.analysis.evaluation.choices import learns_functions
from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.window.docks import Docks

if TYPE_CHECKING:  # imported when it is made: the first picture should not wait for it
    from leo_studio.ui.functions import FunctionsPanel

# Commands that show the panel.
_ACTIONS = (
    *("ambiguous", "uncertain", "overconfident", "next", "previous", "go_to", "back", "add"),
    *("remove", "undo", "redo", "kept", "codes", "posterior"),
)


def look_into_run(
    parts: WindowParts, docks: Docks, show_episodes: Callable[[RunEntry], None], run: RunEntry
) -> None:
    """Show what a run does with tasks: its functions, or else its episodes."""
    if learns_functions(run):
        parts.controller.current.choose(run.path)
        docks.show("functions")
    else:
        show_episodes(run)


def make_functions_panel(parts: WindowParts, docks: Docks) -> "FunctionsPanel":
    """Make the panel in its dock."""
    from leo_studio.ui.functions import FunctionsPanel

    panel = docks.fill_with_resting("functions", partial(FunctionsPanel, *parts))
    for name in _ACTIONS:
        parts.actions[f"functions.{name}"].triggered.connect(partial(docks.show, "functions"))
    return panel
