"""The runs in the plots: the current one, the live one, and those that a person added."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.events import CheckpointSaved, Event, Prepared, StepsTaken, Validated
from engine.runs.folders import run_identity
from leo_studio.analysis.curves.remembered import RememberedRun
from leo_studio.analysis.curves.series import RunSeries
from leo_studio.services.current_run import FollowedRun
from leo_studio.services.records import Curves, Notice, RunEntry

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

MOST_RUNS = 12


@dataclass(slots=True)
class ShownRun:
    """One run in the plots.

    Attributes
    ----------
    color
        The number of its colour, which it keeps as long as it is shown; see `RunColors`.
    is_pinned
        Whether a person asked for it, so that it stays when another run starts.
    series
        Its metrics; empty until they are read.
    is_loading
        Whether they are being read.
    """

    path: Path
    name: str
    color: int
    is_pinned: bool
    series: RunSeries
    is_loading: bool = False
    # What the engine told of the run while its files were being read.
    pending: list[Event] = field(default_factory=list)
    # Of the latest reading; what an earlier one brings is thrown away.
    reading: int = 0


class RunsShown(QObject):
    """Knows which runs are shown, reads them and keeps the live one up to date.

    `changed` is emitted when runs come, go or are read; `grew` when the live one has more points;
    `begun` when a new run starts to be trained.

    Parameters
    ----------
    controller
        Reads runs and tells events.
    current
        The run that is always shown.
    warm_up
        Called in the background with what was read, before it is shown.
    parent
        The panel.
    """

    changed = Signal()
    grew = Signal()
    begun = Signal()

    def __init__(
        self,
        controller: "Controller",
        current: FollowedRun,
        warm_up: Callable[[RunSeries], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._warm_up = warm_up
        self._controller = controller
        self._current = current
        self._followed: Path | None = None  # the current run that was shown last
        self._runs: dict[Path, ShownRun] = {}
        self._live: Path | None = None
        controller.happened.connect(self.follow)
        controller.runs_changed.connect(self._rename)
        current.changed.connect(self._show_current)
        self.changed.connect(self._share_colors)

    @property
    def all(self) -> tuple[ShownRun, ...]:
        """The runs, the live one first."""
        return tuple(sorted(self._runs.values(), key=lambda run: run.path != self._live))

    @property
    def current_first(self) -> tuple[ShownRun, ...]:
        """The runs, the current one first, and then the live one."""
        return tuple(sorted(self.all, key=lambda run: run.path != self._followed))

    @property
    def live(self) -> ShownRun | None:
        """The run that is trained, or was last."""
        return None if self._live is None else self._runs.get(self._live)

    @property
    def hides_current(self) -> bool:
        """Whether a person hid the curves of the current run."""
        return self._followed is not None and self._followed not in self._runs

    def points_of(self, path: Path) -> int:
        """Return how many outer steps of a run are there to be drawn."""
        run = self._runs.get(run_identity(path))
        return 0 if run is None else len(run.series.steps)

    def show(self, path: Path, *, is_pinned: bool = True) -> None:
        """Add a run, or read it again; unless it is pinned, it leaves when another one starts.

        The current run is in the plots anyway: asking for it adds nothing that would stay.
        """
        path = run_identity(path)
        run = self._runs.get(path)
        is_known = run is not None
        if run is None:
            if len(self._runs) >= MOST_RUNS:
                text = f"{MOST_RUNS} runs are shown already; remove one of them first."
                self._controller.notified.emit(Notice("warning", text))
                return
            run = self._add(path)
        run.is_pinned = run.is_pinned or (is_pinned and path != self._followed)
        is_training = path == self._live and self._controller.status.is_active
        if not (is_known and is_training):
            self._read(run)
        self.changed.emit()

    def show_only(self, paths: Iterable[Path]) -> None:
        """Show these runs and no other, in this order, also where another one trains."""
        wanted = [run_identity(path) for path in paths]
        self._runs = {path: run for path, run in self._runs.items() if path in wanted}
        for path in wanted:
            self.show(path)
        self._runs = {path: self._runs[path] for path in wanted if path in self._runs}
        self.changed.emit()

    def show_current(self) -> None:
        """Show the curves of the current run again, until another one is chosen."""
        if self._followed is not None:
            self.show(self._followed, is_pinned=False)

    def restore(self, remembered: Iterable[RememberedRun]) -> None:
        """Show runs that were shown before, but for those that are gone."""
        for run in remembered:
            path = run_identity(run.path)
            if path not in self._runs and len(self._runs) < MOST_RUNS and _is_run(path):
                self.show(path, is_pinned=run.is_added)

    def hide(self, path: Path) -> None:
        """Remove a run; a live one comes back when it is trained again."""
        if self._runs.pop(run_identity(path), None) is not None:
            self.changed.emit()

    def clear_overlays(self) -> None:
        """Remove all but the live run and the current one."""
        kept = (self._live, self._followed)
        self._runs = {path: run for path, run in self._runs.items() if path in kept}
        for run in self._runs.values():
            run.is_pinned = False
        self.changed.emit()

    def _show_current(self) -> None:
        """Show the current run; the one before leaves, unless it trains or a person added it."""
        entry = self._current.entry
        path = None if entry is None or entry.problem else entry.path
        if path == self._followed:
            return
        self._followed = path
        trains = self._live if self._controller.status.is_active else None
        self._runs = {
            known: run
            for known, run in self._runs.items()
            if run.is_pinned or known in (path, trains)
        }
        if path is not None and path not in self._runs:
            self._read(self._add(path))
        self.changed.emit()

    def _rename(self, _runs: tuple[RunEntry, ...]) -> None:
        """Call runs as people do, now that their records were read."""
        is_changed = False
        for run in self._runs.values():
            title = self._controller.title_of(run.path)
            is_changed |= title != run.name
            run.name = title
        if is_changed:
            self.changed.emit()

    def follow(self, event: Event) -> None:
        """Follow what the engine tells."""
        match event:
            case Prepared():
                self._prepare(run_identity(Path(event.run)), event)
            case StepsTaken() | Validated() | CheckpointSaved() if self.live is not None:
                if self.live.is_loading:
                    self.live.pending.append(event)
                else:
                    self._apply(self.live, event)
            case _:
                pass

    def _prepare(self, path: Path, event: Prepared) -> None:
        """Begin or go on with the live run; earlier ones leave unless a person added them.

        Those that a person added leave too where they learn tasks of another kind.
        """
        self._live = path
        self._runs = {
            known: run
            for known, run in self._runs.items()
            if known in (path, self._followed) or (run.is_pinned and _has_scores(run, event))
        }
        run = self._runs.get(path) or self._add(path)
        if event.step == 0:
            # Nothing is on disk yet but the experiment, and points need not wait for that.
            run.series = RunSeries(path, event.columns, event.scores)
            run.is_loading, run.pending = False, []
            run.reading += 1
            number, series = run.reading, run.series

            def keep_experiment(curves: Curves) -> None:
                if run.reading == number:
                    series.experiment = curves.experiment
                    self.changed.emit()

            self._controller.load_curves(path, keep_experiment)
            self.begun.emit()
        else:
            # A resumed run takes the steps after its checkpoint again.
            run.series.truncate(event.step)
            run.pending = []
            self._read(run)
        self.changed.emit()

    def _apply(self, run: ShownRun, event: Event) -> None:
        match event:
            case StepsTaken():
                if not run.series.take_steps(event):
                    run.pending = [event]
                    self._read(run)
            case Validated():
                run.series.take_validation(event)
            case CheckpointSaved():
                run.series.take_checkpoint(event.step)
            case _:
                pass
        self.grew.emit()

    def _share_colors(self) -> None:
        """Tell which runs have their colours here: those that have left may give theirs away."""
        self._controller.run_colors.share("curves", self._runs)

    def _add(self, path: Path) -> ShownRun:
        color = self._controller.run_colors.share("curves", [*self._runs, path])[path]
        name = self._controller.title_of(path)
        self._runs[path] = ShownRun(path, name, color, False, RunSeries(path))
        return self._runs[path]

    def _read(self, run: ShownRun) -> None:
        """Read a run's files in the background, and make columns of them there too."""
        run.is_loading = True
        run.reading += 1
        number = run.reading

        def prepare(curves: Curves) -> None:
            if run.reading == number:
                title = f"Preparing the curves of {run.name}"
                self._controller.start(title, lambda _: columns(curves), show, is_shown=False)

        def columns(curves: Curves) -> RunSeries:
            series = RunSeries.from_curves(curves)
            self._warm_up(series)
            return series

        def show(series: RunSeries) -> None:
            if run.reading == number:
                run.series, run.is_loading = series, False
                pending, run.pending = run.pending, []
                for event in pending:
                    if run.is_loading:  # an event did not fit, and the files are read again
                        run.pending.append(event)
                    else:
                        self._apply(run, event)
                self.changed.emit()

        self._controller.load_curves(run.path, prepare)


def _has_scores(run: ShownRun, event: Prepared) -> bool:
    """Whether a run has the scores of the one that begins; yes as long as that is not known."""
    return not run.series.scores or run.series.scores == tuple(event.scores)


def _is_run(path: Path) -> bool:
    try:
        return (path / "run.json").is_file()
    except OSError:  # a name that is too long, a closed folder
        return False
