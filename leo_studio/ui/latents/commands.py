"""Commands of the latent space, for menus, shortcuts and the palette."""

from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAction

from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.controls import Controls
from leo_studio.ui.latents.paper_mode import PAPER_TIP
from leo_studio.ui.latents.step_bars import StepBars
from leo_studio.ui.widgets.actions import ActionRegistry

_SHORT = {"export": "Export", "live": "Live", "paper": "Paper figure", "reset": "Show all"}


class LatentSpace(Protocol):
    """The latent space, as far as commands change what it shows."""

    @property
    def plot(self) -> LatentPlot:
        """Draws the codes."""

    @property
    def step_bars(self) -> StepBars:
        """Plays the adaptation, and the checkpoints."""

    @property
    def controls(self) -> Controls:
        """Have the buttons of commands."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the plot is to be exported."""

    def set_paper(self, is_on: bool) -> None:
        """Show the paper's figure, or what was set before it."""

    def set_live(self, is_live: bool) -> None:
        """Follow the run that trains, or show the selection's episodes again."""

    def fit_again(self) -> None:
        """Fit the axes on what is shown."""


def add_commands(space: LatentSpace, actions: ActionRegistry) -> dict[str, QAction]:
    """Register the actions of the latent space; returns them by name."""

    def add(name: str, text: str, trigger: object, **more: object) -> QAction:
        menu = "Export" if name == "export" else "Episodes"
        return actions.add(f"latents.{name}", text, trigger, menu=menu, **more)  # type: ignore[arg-type]

    made = {
        "paper": add(
            "paper",
            "Paper's figure: 1,000 validation episodes, t-SNE",
            None,
            toggled=space.set_paper,
            glyph=MDI7.chart_scatter_plot,
            tip=PAPER_TIP,
        ),
        "live": add(
            "live",
            "Live latents",
            None,
            shortcut="Ctrl+L",
            glyph=MDI7.broadcast,
            tip="Codes of 64 validation episodes while a run trains",
            toggled=space.set_live,
        ),
        "play": add(
            "play",
            "Play the adaptation",
            space.step_bars.positions.toggle,
            shortcut="Ctrl+Shift+P",
            glyph=MDI7.play,
            tip="Step by step through the inner loop and fine-tuning",
        ),
        "replay": add(
            "replay",
            "Play the checkpoints",
            space.step_bars.checkpoints.toggle,
            shortcut="Ctrl+Shift+R",
            glyph=MDI7.replay,
            tip="The same episodes from checkpoint to checkpoint",
        ),
        "fit": add(
            "fit",
            "Fit the axes again",
            space.fit_again,
            glyph=MDI7.axis_arrow,
            tip="Fit the axes on the codes that are shown, and hold those",
        ),
        "reset": add(
            "reset",
            "Show all codes",
            space.plot.fit,
            glyph=MDI7.fit_to_page_outline,
            tip="Show all codes; a double click beside them does the same",
        ),
        "export": add(
            "export",
            "Export latent space...",
            space.export_wanted.emit,
            glyph=MDI7.file_export_outline,
            tip="The latent space as it is shown: a figure, a script, or the numbers behind it",
        ),
    }
    made["reading"] = add(
        "reading",
        "How to read this plot",
        space.controls.explain_plot,
        glyph=MDI7.help_circle_outline,
        tip="What the dots, rings, arrows and ellipses of the latent space are",
    )
    # On their buttons there is little room.
    for name, short in _SHORT.items():
        made[name].setIconText(short)
    return made
