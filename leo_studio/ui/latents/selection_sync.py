"""Synchronises the selection in the plot with the one that all panels share."""

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from leo_studio.services.records import EpisodeSource
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.live_probes import LiveProbes


class ShownCodes(Protocol):
    """The codes that are shown: where they are drawn, and whose they are."""

    @property
    def plot(self) -> LatentPlot:
        """Draws them; a person clicks there, and draws boxes."""

    @property
    def live(self) -> LiveProbes:
        """Follows the run that trains."""

    @property
    def shown_source(self) -> EpisodeSource | None:
        """The source of the codes; None for weights that are on no disk."""


class SelectionSync(QObject):
    """Keeps the plot's marks and the shared selection alike.

    Parameters
    ----------
    selection
        What all panels look at.
    codes
        What the plot shows.
    parent
        What this goes with.
    """

    selected_elsewhere = Signal()
    opened = Signal(int)

    def __init__(self, selection: EpisodeSelection, codes: ShownCodes, parent: QObject) -> None:
        super().__init__(parent)
        self._selection = selection
        self._codes = codes
        self._is_selecting = False
        codes.plot.clicked.connect(self.show_episode)
        codes.plot.opened.connect(self._open)
        codes.plot.boxed.connect(self._select)
        selection.selected_changed.connect(self._follow_selected)
        selection.current_changed.connect(self.mark)

    def mark(self, *_: object) -> None:
        """Mark the selected episodes and the current one."""
        self._codes.plot.mark(self._selection.selected, self._selection.current)

    def show_episode(self, number: int) -> None:
        """Look at an episode, with the weights that are shown."""
        if self._share_source():
            self._selection.show(number)

    def clear(self) -> None:
        """Select nothing."""
        self._selection.select(())

    def _open(self, number: int) -> None:
        if self._share_source():
            self._selection.show(number)
            self.opened.emit(number)

    def _select(self, numbers: frozenset[int], adds: bool) -> None:
        # A box drawn here must not make the codes outside of it disappear at once.
        self._is_selecting = True
        try:
            if self._share_source():
                self._selection.select(numbers | self._selection.selected if adds else numbers)
        finally:
            self._is_selecting = False

    def _follow_selected(self, _numbers: object) -> None:
        self.mark()
        if not self._is_selecting:
            self.selected_elsewhere.emit()

    def _share_source(self) -> bool:
        """Have the others look at the same weights; False where those are kept nowhere."""
        source = self._codes.shown_source
        if source is None:
            return False
        if self._codes.live.is_on:
            own = self._selection.source
            return own is not None and (own.run, own.split) == (source.run, source.split)
        self._selection.set_source(source)
        return True
