"""The selection of episodes, which all panels share."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from leo_studio.services.records import EpisodeSource


class EpisodeSelection(QObject):
    """The source of episodes, those that are selected, and the one that is looked at.

    Panels change it and follow its signals, their own changes too; nothing is emitted where
    nothing changes.
    """

    source_changed = Signal(object)  # `EpisodeSource`, or None
    selected_changed = Signal(object)  # frozenset of episode numbers
    current_changed = Signal(object)  # an episode's number, or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: EpisodeSource | None = None
        self.why_nothing = ""  # where there is no source
        self.is_refused = False  # the source that somebody chose: it cannot be looked at
        self.is_offered = False  # the source: nobody chose it, or looked at anything of it yet
        self.selected: frozenset[int] = frozenset()
        self.current: int | None = None

    def set_source(self, source: EpisodeSource | None) -> None:
        """Set the source: other episodes, or the same ones with other weights.

        Episodes of the same split under the same seed stay selected.
        """
        self._change(source, "", is_refused=False)

    def offer_source(self, source: EpisodeSource | None, why_nothing: str = "") -> None:
        """Look at other episodes, until somebody chooses or looks; `why_nothing` where to none."""
        self._change(source, why_nothing, is_refused=False)
        self.is_offered = True

    def refuse(self, why_not: str) -> None:
        """Look at nothing, and say why, until somebody chooses what can be looked at."""
        self._change(None, why_not, is_refused=True)

    def _change(self, source: EpisodeSource | None, why_nothing: str, *, is_refused: bool) -> None:
        before = self.source
        self.is_offered, self.is_refused = False, is_refused
        if source == before and why_nothing == self.why_nothing:
            return
        self.source, self.why_nothing = source, why_nothing
        self.source_changed.emit(source)
        if source is None or before is None or not _are_same_episodes(source, before):
            self.select(())
            self.show(None)

    def select(self, numbers: Iterable[int]) -> None:
        """Select episodes."""
        selected = frozenset(numbers)
        self.is_offered = self.is_offered and not selected
        if selected != self.selected:
            self.selected = selected
            self.selected_changed.emit(selected)

    def show(self, number: int | None) -> None:
        """Look at one episode."""
        self.is_offered = self.is_offered and number is None
        if number != self.current:
            self.current = number
            self.current_changed.emit(number)


def _are_same_episodes(one: EpisodeSource, other: EpisodeSource) -> bool:
    return (one.run, one.split) == (other.run, other.split)
