"""The selection of episodes, which all panels share."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from leo_studio.analysis.inspection.sources import default_source, why_not_inspected
from leo_studio.services.current_run import CurrentRun, FollowedRun
from leo_studio.services.records import EpisodeSource


class EpisodeSelection(QObject):
    """The source of episodes, those that are selected, and the one that is looked at.

    Panels change it and follow its signals, their own changes too; nothing is emitted where
    nothing changes. The source follows the run of these panels: the current one, or the one that
    they are pinned to.

    Parameters
    ----------
    current
        The current run.
    """

    source_changed = Signal(object)  # `EpisodeSource`, or None
    selected_changed = Signal(object)  # frozenset of episode numbers
    current_changed = Signal(object)  # an episode's number, or None

    def __init__(self, current: CurrentRun, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = FollowedRun(current, self)
        self.source: EpisodeSource | None = None
        self.why_nothing = ""  # where there is no source
        self.is_offered = False  # the source: nobody chose it, or looked at anything of it yet
        self.selected: frozenset[int] = frozenset()
        self.current: int | None = None
        self._followed: tuple[Path | None, int | None] | None = None
        self.run.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Look at the run as it stands now.

        Of the same run, what somebody chose or looks at stays, though its best checkpoint may be
        another one since.
        """
        entry, step = self.run.entry, self.run.step
        followed = (None if entry is None else entry.path, step)
        # What was looked at stays, also without its checkpoint: a line says so, and offers another.
        is_lost = (
            entry is not None
            and self.source is not None
            and self.source.run == entry.path
            and self.source.step not in entry.checkpoints
        )
        is_same = followed == self._followed or is_lost
        self._followed = followed
        if is_same and not self.is_offered and self.source is not None:
            return
        why_nothing = why_not_inspected(entry)
        if entry is None or why_nothing:
            self.offer_source(None, why_nothing)
        else:
            split = None if self.source is None else self.source.split
            self.offer_source(default_source(entry, split, step))

    def set_source(self, source: EpisodeSource | None) -> None:
        """Set the source: other episodes, or the same ones with other weights.

        Episodes of the same run and split stay selected. The number that is looked at stays
        everywhere: every number is an episode of every source.
        """
        self._change(source, "", is_offered=False)

    def offer_source(self, source: EpisodeSource | None, why_nothing: str = "") -> None:
        """Look at other episodes, until somebody chooses or looks; `why_nothing` where to none."""
        self._change(source, why_nothing, is_offered=True)

    def _change(self, source: EpisodeSource | None, why_nothing: str, *, is_offered: bool) -> None:
        before = self.source
        self.is_offered = is_offered  # until a panel that is seen takes it, now or later
        if source == before and why_nothing == self.why_nothing:
            return
        self.source, self.why_nothing = source, why_nothing
        self.source_changed.emit(source)
        if source is None or before is None or not _are_same_episodes(source, before):
            self.select(())

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
