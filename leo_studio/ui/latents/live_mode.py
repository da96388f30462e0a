"""The live mode of the latent space: codes of the run that trains, instead of a selection's."""

from typing import Protocol

from PySide6.QtCore import QObject

from engine.events import ProbesInspected
from leo_studio.analysis.latents.projected import Projected
from leo_studio.services.records import EpisodeSource
from leo_studio.ui.latents.axes import Axes
from leo_studio.ui.latents.live_probes import LiveProbes
from leo_studio.ui.widgets.actions import ActionRegistry

_HINT = "Codes of validation episodes appear here while a run trains."
_NO_RUN = (
    "Live shows a run while it trains, and no run trains now.\n\n"
    "Press Train, and codes of its validation episodes appear here; or switch Live off to see "
    "those of a checkpoint."
)
_TIP = "Codes of 64 validation episodes while a run trains"


class LiveView(Protocol):
    """The latent space, as far as the live mode changes what it shows."""

    @property
    def shown(self) -> Projected | None:
        """The codes that are shown."""

    @property
    def axes(self) -> Axes:
        """What they are shown on."""

    def show_projected(self, shown: Projected, source: EpisodeSource | None = None) -> None:
        """Show codes that have their points."""

    def show_hint(self, text: str) -> None:
        """Show a sentence instead."""


class LiveMode(QObject):
    """Shows probes while the mode is on.

    Parameters
    ----------
    view
        Where they are shown.
    probes
        Where they come from.
    actions
        Have the one that switches the mode.
    parent
        The panel.
    """

    def __init__(
        self, view: LiveView, probes: LiveProbes, actions: ActionRegistry, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._probes = probes
        self._actions = actions
        self._had_run = False
        probes.arrived.connect(self._take)
        probes.explained.connect(self.explain)
        self.explain()

    def explain(self) -> None:
        """Offer to follow the run that trains, or say why it cannot be; who does can leave it."""
        why_nothing, is_on = self._probes.why_nothing, self._probes.is_on
        had_run, self._had_run = self._had_run, self._probes.has_run
        has_run = self._had_run
        if is_on and had_run and not has_run:  # nothing more comes: its checkpoints are there
            self._actions["latents.live"].setChecked(False)
            return
        self._actions.set_reason("latents.live", "" if is_on else why_nothing)
        self._actions.set_tip("latents.live", _TIP if has_run else f"{_TIP}; none trains now")
        is_bare = self._view.shown is None or (self._probes.newest is None and not has_run)
        if is_on and (why_nothing or is_bare):
            self._view.show_hint(why_nothing or (_HINT if has_run else _NO_RUN))

    def show_newest(self) -> None:
        """Show the newest probes again, on other axes."""
        if self._probes.newest is not None:
            self._show(self._probes.newest)

    def _take(self, event: ProbesInspected) -> None:
        # While axes are fitted on the first frame, the newest of those that follow waits.
        if not self._view.axes.is_busy:
            self._show(event)

    def _show(self, event: ProbesInspected) -> None:
        def show(shown: Projected) -> None:
            if not self._probes.is_on:
                return
            self._view.show_projected(shown, self._probes.source(event))
            newest = self._probes.newest
            if newest is not None and newest is not event:
                self._show(newest)

        self._view.axes.project(event.latents, event.latents, show)
