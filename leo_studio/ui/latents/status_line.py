"""The line below the plot: which codes are shown, and what is under way."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from leo_studio.analysis.latents.projected import Projected
from leo_studio.analysis.latents.remembered import MOST_EPISODES
from leo_studio.analysis.latents.sentences import cut_words, live_words, shown_words, tuned_words
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.controls import Controls
from leo_studio.ui.latents.drawing import Drawing
from leo_studio.ui.latents.live_probes import LiveProbes
from leo_studio.ui.latents.waiting import Waiting
from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.people import as_tip

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class StatusView(Protocol):
    """The latent space, as far as the line tells of it."""

    @property
    def shown(self) -> Projected | None:
        """The codes that are shown."""

    @property
    def plot(self) -> LatentPlot:
        """Draws them."""

    @property
    def drawing(self) -> Drawing:
        """Has the key of its marks."""

    @property
    def controls(self) -> Controls:
        """Show what is chosen."""

    @property
    def live(self) -> LiveProbes:
        """Follows the run that trains."""

    @property
    def waiting(self) -> Waiting:
        """Knows what is awaited."""


class StatusLine(ElidingLabel):
    """Says what the plot shows; its tip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("latent-status")
        self.setProperty("role", "muted")

    def say(self, view: StatusView, selection: EpisodeSelection, controller: "Controller") -> None:
        """Say what is shown now, here and above the plot.

        Parameters
        ----------
        view, selection
            What is shown, and what is selected.
        controller
            Knows whether a run trains.
        """
        shown, parts = view.shown, list[str]()
        if view.live.is_on:
            status = controller.status
            title = controller.title_of(Path(status.run)) if status.is_active else ""
            parts.append(live_words(title))
        if shown is not None:
            tried = view.plot.tried.codes
            parts += tuned_words(shown, view.plot.place)
            parts += shown_words(shown, view.live.step, view.controls.options, tried)
        if view.controls.chosen_scope == "selected":
            parts += cut_words(len(selection.selected), MOST_EPISODES)
        parts += view.waiting.words
        self.setText(" · ".join(parts))
        self.setToolTip(as_tip(self.text()))
        view.drawing.set_details(self.text())
        view.waiting.say()
