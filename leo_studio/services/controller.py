"""The controller between the windows and the engine: commands go down, records come up.

Everything here runs on the window's thread. One timer drains the engine's channel and collects
what background work brought; no signal is sent per step, and none crosses threads.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from engine.config import Experiment
from engine.data.built_in import BUILT_IN_STORE
from engine.devices.selection import list_devices, why_no_gpu
from engine.errors import BadInput
from engine.evaluation.record import Evaluation
from engine.events import Event, Failed, Prepared, QueueChanged, Waiting
from engine.io.drafts import Draft, sweep
from engine.io.files import size_text
from engine.runs.annotations import Annotations, write_annotations
from engine.runs.folders import link_target
from engine.runs.library import Library
from engine.runs.run import Run
from engine.session.failures import explain
from engine.session.session import Job, NewRun, OldRun, Session
from leo_studio.services.background import Background, Task
from leo_studio.services.beside import RunsBeside
from leo_studio.services.carrying_out import CarryingOut
from leo_studio.services.catalogue import Catalogue, load_curves, store_entry
from leo_studio.services.current_run import CurrentRun
from leo_studio.services.curvature_requests import CurvatureRequests
from leo_studio.services.evaluations import evaluate
from leo_studio.services.exports import Exports
from leo_studio.services.function_requests import FunctionRequests
from leo_studio.services.grids import GridRequests
from leo_studio.services.held_results import Result
from leo_studio.services.imports import Imports
from leo_studio.services.inspection_requests import InspectionRequests
from leo_studio.services.kept_points import PointRequests
from leo_studio.services.machine import facts
from leo_studio.services.records import (
    Curves,
    DeviceEntry,
    EvaluationRequest,
    Notice,
    NoticeAction,
    PresetEntry,
    RunEntry,
    StoreEntry,
    TrainingStatus,
)
from leo_studio.services.run_colors import RunColors
from leo_studio.services.run_stores import RunStores
from leo_studio.services.started_runs import StartedRuns
from leo_studio.services.studies import StudyRequests
from leo_studio.services.sweeps import SweepRequests
from leo_studio.services.training_progress import TrainingProgress, changes_a_run
from leo_studio.services.try_requests import TryRequests

T = TypeVar("T")

_MILLISECONDS = 33  # between looks at the engine: about 30 Hz
# After so long a heartbeat of another machine has been watched for long enough.
_RESCAN_MILLISECONDS = 13_000


class Controller(QObject):
    """Commands the engine and tells the windows.

    Parameters
    ----------
    library
        The library folder.
    """

    happened = Signal(object)  # an engine `Event`, in their order
    status_changed = Signal(object)  # `TrainingStatus`
    queue_changed = Signal(object)  # tuple of `Waiting`
    presets_changed = Signal(object)  # tuple of `PresetEntry`
    stores_changed = Signal(object)  # tuple of `StoreEntry`
    runs_changed = Signal(object)  # tuple of `RunEntry`
    tasks_changed = Signal()  # see `tasks`
    notified = Signal(object)  # `Notice`
    store_wanted = Signal(object)  # the folder of a run whose store a person is to find
    import_asked = Signal(object)  # `ImportQuestion`

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self.status = TrainingStatus()
        self.waiting: tuple[Waiting, ...] = ()
        self.presets: tuple[PresetEntry, ...] = ()
        self.stores: tuple[StoreEntry, ...] = ()
        self.runs: tuple[RunEntry, ...] = ()
        self.has_read_runs = False
        self.devices = tuple(DeviceEntry(*each) for each in list_devices().items())
        self.device_reason = why_no_gpu()
        self.current = CurrentRun(self)
        self._started = StartedRuns(self.notified.emit, self.current.choose)
        self.run_colors = RunColors()
        self._session = Session(library)
        self.channel = self._session.channel
        self._background = Background()
        self._background.on_failure(self._task_failed)
        self.beside = RunsBeside(
            library,
            self.start,
            self._session.take,
            self.refresh_runs,
            self.notified.emit,
            self.notify_failure,
            self,
        )
        self._catalogue = Catalogue(library)
        self.episodes = InspectionRequests(library, self.start, self._take_result)
        self.curvatures = CurvatureRequests(library, self.start, self._take_result)
        self.functions = FunctionRequests(
            library, self.start, self._collect, self._take_result, self
        )
        self.grids = GridRequests(library, self.start, self._take_result)
        self.points = PointRequests(library, self.start)
        self.exports = Exports(library, self.start, self.title_of)
        self.try_it = TryRequests(library, self.start)
        self.carrying_out = CarryingOut(
            self.start, lambda: self.tasks, self.notified.emit, self.notify_failure
        )
        self.studies = StudyRequests(library, self.start, self.carrying_out)
        self.sweeps = SweepRequests(library, self.start, self.carrying_out)
        self.run_stores = RunStores(
            library, self.start, self.notified.emit, self._store_found, self.store_wanted.emit
        )
        self.imports = Imports(
            library,
            self.start,
            ask=self.import_asked.emit,
            tell=self.notified.emit,
            refresh=self._refresh_data,
            fail=self.notify_failure,
        )
        self._events: deque[Event] = deque()  # taken, and not told yet
        self._scan: Task | None = None
        self._is_scan_wanted = False
        self._progress = TrainingProgress()
        self._rescan = self._timed(self.refresh_runs, _RESCAN_MILLISECONDS, is_single=True)
        self._timer = self._timed(self.poll, _MILLISECONDS)
        self._timer.start()

    def _timed(
        self, work: Callable[[], None], milliseconds: int, *, is_single: bool = False
    ) -> QTimer:
        timer = QTimer(self, singleShot=is_single, interval=milliseconds)
        timer.timeout.connect(work)
        return timer

    # Training

    def train(self, experiment: Experiment, preset: str = "") -> None:
        """Train an experiment, which began as a preset, now or when all before it are done."""
        self._follow_if_next()
        self._session.submit(NewRun(experiment, preset))

    def resume_run(self, run: Path, steps: int | None = None) -> None:
        """Go on with a run, up to step `steps` where it is given."""
        self._follow_if_next()
        self._session.submit(OldRun(run, steps))

    def _follow_if_next(self) -> None:
        """Show what starts now, since a person starts it; what waits in the queue shows later."""
        if not self.status.is_active:
            self.current.follow_next()

    def where_under_way(self, experiment: Experiment) -> Literal["trained", "queued", ""]:
        """Say whether the same experiment is trained now, or waits; "" where neither."""
        known = {run.path: run.experiment for run in self.runs}

        def is_same(job: Job) -> bool:
            its = job.experiment if isinstance(job, NewRun) else known.get(job.path)
            return its == experiment

        trained, waiting = self._session.jobs()
        if trained is not None and is_same(trained):
            return "trained"
        return "queued" if any(map(is_same, waiting)) else ""

    def pause(self) -> None:
        """Hold training."""
        self._session.pause()

    def go_on(self) -> None:
        """Go on after a pause."""
        self._session.resume()

    def step(self) -> None:
        """Take one outer step and hold."""
        self._session.step()

    def stop(self) -> None:
        """Stop the run; it keeps a checkpoint."""
        self._session.stop()
        self.poll()  # the window says so at once

    def checkpoint(self) -> None:
        """Save a checkpoint now."""
        self._session.checkpoint()

    def withdraw(self, number: int) -> None:
        """Take something that waits out of the queue."""
        self._session.withdraw(number)

    def move(self, number: int, place: int) -> None:
        """Move something that waits to another place in the queue."""
        self._session.move(number, place)

    def watch_probes(self, is_watching: bool) -> None:
        """Have training show the probe episodes' codes, as `ProbesInspected` events, or no more."""
        self._session.watch_probes(is_watching)

    # The library

    def _refresh_data(self) -> None:
        self.refresh_stores()
        self.refresh_presets()  # an import of pictures makes one that fits

    def refresh_presets(self) -> None:
        """Read the presets again (some milliseconds)."""
        self.presets = self._catalogue.presets()
        self.presets_changed.emit(self.presets)

    def refresh_stores(self) -> None:
        """Read the library's stores again (some milliseconds each)."""
        self.stores = self._catalogue.stores()
        self.stores_changed.emit(self.stores)

    def refresh_runs(self) -> None:
        """Read the runs again, in the background."""
        if self._scan is not None:
            self._is_scan_wanted = True
            return
        self._is_scan_wanted = False
        self._scan = self.start(
            "Reading runs", lambda _: self._catalogue.runs(), self._show_runs, is_shown=False
        )

    def include_run(self, run: Path) -> None:
        """List a run too, wherever it lies."""
        self._catalogue.include(run)
        self.refresh_runs()

    def title_of(self, run: Path) -> str:
        """Return what people call a run; its folder's name where it was not read yet."""
        found = (each.title for each in self.runs if each.path == run)
        return next(found, run.name)

    def store(self, name_or_path: str) -> StoreEntry:
        """Return what a store holds, by its name in the library or its path."""
        try:
            path = self.library.store_path(name_or_path)
            is_there = path.is_file()
        except (OSError, BadInput) as error:  # somebody else's folder, a name too long, no home
            return StoreEntry(name_or_path, Path(name_or_path), problem=explain(error).sentence)
        if not is_there:
            return StoreEntry(name_or_path, path, problem=f"There is no store at {path} yet.")
        return store_entry(name_or_path, path)

    def sweep_drafts(self) -> None:
        """Remove, in the background, what processes that were killed left half-written."""

        def tell(drafts: list[Draft]) -> None:
            if drafts:
                size = size_text(sum(draft.size for draft in drafts))
                names = ", ".join(sorted({draft.name for draft in drafts}))
                text = f"Removed unfinished files of processes that have ended: {names} ({size})."
                self.notified.emit(Notice("information", text))

        self.start(
            "Looking for unfinished files",
            lambda _: sweep(self.library.root, below=True),
            tell,
            is_shown=False,
        )

    def draw_glyphs(self) -> None:
        """Draw the built-in store in the background, if it is not there."""
        if self.library.must_draw(BUILT_IN_STORE):
            self.start(
                "Drawing the built-in glyphs",
                lambda task: self.library.prepared_store(BUILT_IN_STORE, task.report),
                lambda _: self.refresh_stores(),
            )

    def save_preset(self, name: str, experiment: Experiment) -> Path:
        """Keep an experiment among the user's presets; raises `BadInput` for a bad name."""
        path = self.library.save_preset(name, experiment)
        self.refresh_presets()
        return path

    # Runs

    def load_curves(self, run: Path, then: Callable[[Curves], None]) -> Task:
        """Read a run's metrics in the background."""
        return self.start(f"Reading {run.name}", lambda _: load_curves(run), then, is_shown=False)

    def evaluate(self, request: EvaluationRequest, then: Callable[[Evaluation], None]) -> Task:
        """Evaluate a run in the background; the result is kept with it, or a toast says why not."""

        def show(evaluation: Evaluation) -> None:
            self._take_result(Path(evaluation.run), evaluation)
            then(evaluation)

        title = f"Evaluating {self.title_of(request.run)} on {request.split}"
        return self.start(title, lambda task: evaluate(self.library, request, task), show)

    def _take_result(self, run: Path, result: Result) -> None:
        """List a new result with its run, and say so if that is for now alone."""
        self._catalogue.hold(result)
        if result.why_not_kept:
            text = (
                f"The result of {self.title_of(run)} is listed with it while LEO Studio is open, "
                f"but could not be kept: {result.why_not_kept}"
            )
            self.notified.emit(Notice("warning", text))
        self.refresh_runs()

    def annotate(self, run: RunEntry, note: str, tags: tuple[str, ...]) -> None:
        """Write a note and tags beside a run."""
        write_annotations(run.path, Annotations(note, tags))
        self.refresh_runs()

    def rename_run(self, run: RunEntry, name: str) -> Path:
        """Give a run another name; raises `BadInput` for a bad one."""
        kept = link_target(run.path)
        path = self.library.rename(Run(run.path), name, waits=False)
        if kept is not None:
            text = f"The link alone is called {name} now; the run stays at {kept}."
            self.notified.emit(Notice("information", text))
        self.refresh_runs()
        return path

    def throw_away(self, run: RunEntry) -> Callable[[], None]:
        """Move a run to the trash, and offer to take it back; returns what takes it back."""
        kept = link_target(run.path)
        target = self.library.throw_away(run.path, waits=False)
        undo = NoticeAction("Undo", lambda: self._restore(target, run.path))
        text = f"{run.title} is in the trash."
        if kept is not None:
            text = f"The link {run.name} is in the trash; the run stays at {kept}."
        self.notified.emit(Notice("information", text, actions=(undo,)))
        self.refresh_runs()
        return undo.trigger

    # Work in the background

    @property
    def tasks(self) -> list[Task]:
        """Work under way that deserves a bar."""
        return [task for task in self._background.tasks if task.is_shown]

    def start(
        self,
        title: str,
        work: Callable[[Task], T],
        then: Callable[[T], None],
        *,
        is_shown: bool = True,
        is_lasting: bool = False,
        part: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> Task:
        """Do some work in the background; `then` gets its result on this thread.

        Before that, `part` gets what the work hands over. What goes wrong is told as a toast, or to
        `failed`.
        """

        def failed_without_store(error: BaseException) -> None:
            assert failed is not None
            if self.run_stores.actions(error):
                self.notify_failure(error)  # a mark in a panel has no room for the remedy
            failed(error)

        task = self._background.start(
            title,
            work,
            then,
            is_shown=is_shown,
            is_lasting=is_lasting,
            part=part,
            failed=None if failed is None else failed_without_store,
        )
        self.tasks_changed.emit()
        return task

    def about(self, then: Callable[[dict[str, dict[str, str]]], None]) -> Task:
        """Find out, in the background, what is on this machine: sections of names and values."""
        title = "Looking at libraries and devices"
        return self.start(title, lambda _: facts(self.library.root), then, is_shown=False)

    def notify_failure(self, error: BaseException, what: str = "") -> None:
        """Tell of an error: a sentence for what a person can put right, details for a bug."""
        explanation = explain(error)
        text = f"{what}: {explanation.sentence}" if what else explanation.sentence
        actions = self.run_stores.actions(error)
        self.notified.emit(Notice("error", text, explanation.traceback, actions))

    def begin_closing(self) -> None:
        """Ask everything to end; a run that trains keeps a checkpoint. See `is_closed`."""
        self._rescan.stop()
        self.beside.close()
        self._background.cancel()
        self._session.close(timeout=0)

    def is_closed(self) -> bool:
        """Whether everything has ended since `begin_closing`; asks what began meanwhile to end."""
        self._background.cancel()
        if not self._background.is_idle or not self._session.close(timeout=0):
            return False
        if not self.beside.is_closed():
            return False
        return self.close(timeout=0)

    def close(self, timeout: float | None = None) -> bool:
        """End everything, waiting for it; returns whether all ended within `timeout` seconds."""
        self._timer.stop()
        self._rescan.stop()
        self.functions.end()
        self.beside.end()
        self._background.close()
        return self._session.close(timeout)

    def poll(self) -> None:
        """Read the events of the engine and the results of background work."""
        self._events.extend(self._session.channel.drain())
        # Whoever is told of one may ask for more to be taken: the older ones still come first.
        while self._events:
            event = self._events.popleft()
            self._update(event)
            self.happened.emit(event)
        self._collect()

    def _collect(self) -> list[Task]:
        """Hand over what background work brought, and return what is still under way."""
        if self._background.poll() or self.tasks:
            self.tasks_changed.emit()
        return self._background.tasks

    def _update(self, event: Event) -> None:
        before = self.status
        self.status = self._progress.after(before, event)
        if changes_a_run(event):
            self.refresh_runs()
        if isinstance(event, Prepared):
            if not self.current.trains(run := Path(event.run)):
                self._started.add(run, self.runs)
        elif isinstance(event, QueueChanged):
            self.waiting = event.waiting
            self.queue_changed.emit(self.waiting)
        elif isinstance(event, Failed):
            title = self.title_of(Path(event.run)) if event.run else ""
            text = f"{title}: {event.sentence}" if title else event.sentence
            actions = self.run_stores.actions_for(Path(event.run)) if event.lacks_store else ()
            self.notified.emit(Notice("error", text, event.traceback, actions))
        if self.status != before:
            self.status_changed.emit(self.status)

    def _show_runs(self, runs: tuple[RunEntry, ...]) -> None:
        self._scan = None
        if runs != self.runs or not self.has_read_runs:
            self.runs, self.has_read_runs = runs, True
            self.current.update(runs)
            self._started.follow(runs)
            self.runs_changed.emit(runs)
        if any(run.watched_host for run in runs):
            self._rescan.start()  # by then it is known whether somebody trains them
        if self._is_scan_wanted:
            self.refresh_runs()

    def _store_found(self) -> None:
        self.refresh_stores()
        self.refresh_runs()

    def _restore(self, target: Path, run: Path) -> None:
        try:
            self.library.restore(target, run)
        except Exception as error:
            self.notify_failure(error)
        self.refresh_runs()

    def _task_failed(self, task: Task, error: BaseException) -> None:
        self.notify_failure(error, task.title)
        if task is self._scan:
            self._scan = None
            if self._is_scan_wanted:
                self.refresh_runs()
