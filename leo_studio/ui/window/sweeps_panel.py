"""The panel "Sweeps" in the window: its dock, and what it asks of other panels."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leo_studio.services.opening import Openable
from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.window.docks import Docks
from leo_studio.ui.window.opener import Opener

if TYPE_CHECKING:  # imported when it is made: the first picture should not wait for it
    from leo_studio.ui.sweeps import SweepsPanel


def make_sweeps_panel(parts: WindowParts, docks: Docks, opener: Opener) -> "SweepsPanel":
    """Make the panel in its dock; the run of a trial is opened as any other run."""
    from leo_studio.ui.sweeps import SweepsPanel
    from leo_studio.ui.sweeps.commands import COMMANDS

    panel = docks.fill_with_resting("sweeps", partial(SweepsPanel, *parts))

    def open_run(run: Path) -> None:
        opener.open(Openable("run", run))

    panel.run_wanted.connect(open_run)
    for name in COMMANDS:
        parts.actions[f"sweeps.{name}"].triggered.connect(partial(docks.show, "sweeps"))
    return panel
