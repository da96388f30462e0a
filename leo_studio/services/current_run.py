"""The one run that the window is about, and the runs that pinned panels stay with."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.runs.folders import run_identity
from leo_studio.services.records import RunEntry


class CurrentRun(QObject):
    """The current run and its checkpoint: chosen anywhere, shown everywhere.

    Until somebody chooses, it is the newest run. A run that a person starts becomes the current
    one; the next one in the queue, which starts by itself, does not take away what is looked at.
    A run that is gone gives way to the newest.
    """

    changed = Signal()  # another run or checkpoint, or the same run as it stands now
    updated = Signal(object)  # all runs as they stand now

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entry: RunEntry | None = None
        self.step: int | None = None  # of the checkpoint; None for the run's own choice
        self._wanted: Path | None = None  # chosen, and not among the runs yet
        self._wanted_step: int | None = None
        self._follows_next = False  # a run that a person has started, until it trains
        self._runs: Sequence[RunEntry] = ()

    @property
    def path(self) -> Path | None:
        """The folder of the run that is chosen, also before its record was read."""
        return self._wanted or (None if self.entry is None else self.entry.path)

    def choose(self, path: Path, step: int | None = None) -> None:
        """Make a run the current one, now or as soon as it is among the runs."""
        self._follows_next = False
        self._choose(run_identity(path), step)

    def stay_with(self, other: "CurrentRun") -> None:
        """Show what another one shows now."""
        self.entry, self.step, self._runs = other.entry, other.step, other._runs
        self._follows_next = False

    def follow_next(self) -> None:
        """Make the next run that starts the current one: a person has just started it."""
        self._follows_next = True

    def trains(self, path: Path) -> bool:
        """Take notice that a run is trained from now on; returns whether it is the current one."""
        live = run_identity(path)
        if self._follows_next or self.path is None:
            self._follows_next = False
            if self.path != live:
                self._choose(live, None)
        return self.path == live

    def update(self, runs: Sequence[RunEntry]) -> None:
        """Take over all runs as they stand now, the newest first."""
        self._runs = runs
        if self._wanted is not None and _found(runs, self._wanted) is not None:
            self._choose(self._wanted, self._wanted_step)
        else:
            self._renew()
        self.updated.emit(runs)

    def _renew(self) -> None:
        """Take over how the run stands now; the newest one where it is gone."""
        before = self.entry
        same = None if before is None else standing_now(before, self._runs)
        entry = same or (self._runs[0] if self._runs else None)
        if same is None or self.step not in same.checkpoints:
            self.step = None
        if entry != before:
            self.entry = entry
            self.changed.emit()

    def _choose(self, path: Path, step: int | None) -> None:
        found = _found(self._runs, path)
        if found is None:
            self._wanted, self._wanted_step = path, step
            return
        self._wanted = self._wanted_step = None
        if (found, step) != (self.entry, self.step):
            self.entry, self.step = found, step
            self.changed.emit()


class FollowedRun(QObject):
    """The run that a panel shows: the current one, or the one that the panel is pinned to."""

    changed = Signal()  # as that of `CurrentRun`, and when the panel is pinned or set free

    def __init__(self, current: CurrentRun, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current = current
        self._pinned: CurrentRun | None = None  # of one's own
        current.changed.connect(self._follow)
        current.updated.connect(self._update_pinned)

    @property
    def entry(self) -> RunEntry | None:
        """The run; None where there is none."""
        return self._shown.entry

    @property
    def step(self) -> int | None:
        """The step of its checkpoint; None for the run's own choice."""
        return self._shown.step

    @property
    def is_pinned(self) -> bool:
        """Whether it stays while the current run changes."""
        return self._pinned is not None

    def choose(self, path: Path, step: int | None = None) -> None:
        """Show another run or checkpoint, in every panel that is not pinned, or in this one."""
        self._shown.choose(path, step)

    def pin(self, is_pinned: bool) -> None:
        """Stay with the run that is shown, or follow the current one again."""
        if is_pinned == self.is_pinned:
            return
        if is_pinned:
            self._pinned = CurrentRun(self)
            self._pinned.stay_with(self._current)
            self._pinned.changed.connect(self.changed)
        elif self._pinned is not None:
            self._pinned.deleteLater()
            self._pinned = None
        self.changed.emit()

    @property
    def _shown(self) -> CurrentRun:
        return self._pinned or self._current

    def _follow(self) -> None:
        if self._pinned is None:
            self.changed.emit()

    def _update_pinned(self, runs: Sequence[RunEntry]) -> None:
        if self._pinned is None:
            return
        entry = self._pinned.entry
        if entry is None or standing_now(entry, runs) is None:
            self.pin(False)  # it is gone
        else:
            self._pinned.update(runs)


def standing_now(before: RunEntry, runs: Sequence[RunEntry]) -> RunEntry | None:
    """Return a run as it stands now, also under another name; None where it is gone."""
    found = _found(runs, before.path)
    if found is None and before.path.exists():
        return before  # it lies outside of the library, and is in no list
    if found is None and before.id:
        return next((run for run in runs if run.id == before.id), None)
    return found


def _found(runs: Sequence[RunEntry], path: Path) -> RunEntry | None:
    return next((run for run in runs if run.path == path), None)
