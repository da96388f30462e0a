"""The engine's thread: trains one run at a time, queues others, and obeys between outer steps.

Commands may come from any thread and return at once; what becomes of them is told as events in the
session's channel. The window, a test and a notebook use it alike: it knows nothing of Qt.
"""

import itertools
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.config import Experiment
from engine.devices.selection import keep_freed_memory
from engine.events import (
    ACTIVE_STATES,
    Failed,
    QueueChanged,
    State,
    StateChanged,
    StepsTaken,
    TrainingEvent,
    Waiting,
)
from engine.runs.library import Library
from engine.runs.preparation import PreparedRun, new_run, resumed_run
from engine.runs.run import Run
from engine.runs.run_store import StoreNotFound
from engine.session.channel import Channel
from engine.session.failures import explain
from engine.training import Pace, train

# How long a thread may keep Python's lock while others wait for it. Five times less than usual, so
# that a window stays smooth beside training.
_SWITCH_SECONDS = 0.001
# How often a run that is paused shows that its owner lives.
_PAUSED_BEAT_SECONDS = 2.0
_OVER = ("finished", "failed")


@dataclass(frozen=True, slots=True)
class NewRun:
    """A job: train an experiment from the start."""

    experiment: Experiment
    preset: str = ""  # what it began as; by default the one that has its name


@dataclass(frozen=True, slots=True)
class OldRun:
    """A job: resume a run, up to another step or on another device where these are given."""

    path: Path
    steps: int | None = None
    device: str | None = None


Job = NewRun | OldRun


@dataclass(slots=True)
class _Requests:
    """Requests that are not done yet; read and written under the session's lock."""

    is_paused: bool = False
    single_steps: int = 0
    wants_checkpoint: bool = False
    wants_stop: bool = False
    is_closing: bool = False
    waiting: list[tuple[int, Job]] = field(default_factory=list)


class _Stopped(Exception):
    """Raised where Stop was requested before there was a run."""


class Session:
    """Trains runs on a thread of its own.

    States go idle, preparing, running, then paused and running any number of times, then stopping
    if it is stopped, and finished, stopped or failed; the next run starts at preparing.

    Parameters
    ----------
    library
        Where stores are found and runs are made.
    """

    def __init__(self, library: Library) -> None:
        self.channel = Channel()
        self._library = library
        self._changed = threading.Condition()
        self._requests = _Requests()
        self._numbers = itertools.count(1)
        self._last_state = StateChanged("idle", "")
        self._run = ""
        self._job: Job | None = None  # the one under way
        self._is_waiting = True  # the thread, for a job
        self._is_watching_probes = False
        self._switch_before = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_SECONDS)
        keep_freed_memory()  # before there is another thread
        self._thread = threading.Thread(target=self._work, name="leo-engine", daemon=True)
        self._thread.start()

    # Commands, from any thread

    @property
    def state(self) -> State:
        """The state at this moment; events tell the changes in order."""
        return self._last_state.state

    def jobs(self) -> tuple[Job | None, tuple[Job, ...]]:
        """Return the job under way, None where there is none, and those that wait."""
        with self._changed:
            return self._job, tuple(job for _, job in self._requests.waiting)

    def submit(self, job: Job) -> int:
        """Train `job` as soon as all before it are done; returns its number in the queue."""
        with self._changed:
            number = next(self._numbers)
            self._requests.waiting.append((number, job))
            self._tell_queue()
            if self.state not in ACTIVE_STATES:
                self._enter("preparing", "")  # at once, so that Stop is heard from now on
            self._changed.notify_all()
            return number

    def take(self) -> Job | None:
        """Take the next job that waits behind another out of the queue; None where there is none.

        Whoever takes it trains it beside what is trained here.
        """
        with self._changed:
            if self._is_waiting or not self._requests.waiting:
                return None  # the thread gets the next one itself
            _, job = self._requests.waiting.pop(0)
            self._tell_queue()
            return job

    def withdraw(self, number: int) -> None:
        """Take a job that still waits out of the queue."""
        with self._changed:
            self._requests.waiting = [each for each in self._requests.waiting if each[0] != number]
            self._tell_queue()
            if self._is_waiting and not self._requests.waiting and self.state in ACTIVE_STATES:
                self._end("stopped")  # it was told to be prepared, and the thread never got it

    def move(self, number: int, place: int) -> None:
        """Move a job that still waits to a place in the queue, 0 being the next."""
        with self._changed:
            waiting = self._requests.waiting
            moved = [each for each in waiting if each[0] == number]
            others = [each for each in waiting if each[0] != number]
            self._requests.waiting = others[:place] + moved + others[place:]
            self._tell_queue()

    def pause(self) -> None:
        """Hold training after the outer step under way, and keep a checkpoint."""
        with self._requesting() as requests:
            requests.is_paused = True

    def resume(self) -> None:
        """Go on after a pause."""
        with self._requesting() as requests:
            requests.is_paused, requests.single_steps = False, 0

    def step(self) -> None:
        """Take one outer step and hold again."""
        with self._requesting() as requests:
            requests.is_paused = True
            requests.single_steps += 1

    def checkpoint(self) -> None:
        """Save a checkpoint after the outer step under way."""
        with self._requesting() as requests:
            requests.wants_checkpoint = True

    def watch_probes(self, is_watching: bool) -> None:
        """Inspect the probe episodes from time to time while training, or no longer."""
        self._is_watching_probes = is_watching

    def stop(self) -> None:
        """Stop the run that is trained; it keeps a checkpoint and can be resumed."""
        with self._changed:
            if self.state in ACTIVE_STATES and not self._requests.wants_stop:
                self._requests.wants_stop = True
                self._enter("stopping", self._run)
                self._changed.notify_all()

    def close(self, timeout: float | None = None) -> bool:
        """Stop what is trained, forget what waits, and end the thread.

        Returns whether the thread has ended within `timeout` seconds.
        """
        with self._changed:
            self._requests.waiting.clear()
            self._requests.is_closing = True
            self._changed.notify_all()
        self.stop()
        self._thread.join(timeout)
        is_closed = not self._thread.is_alive()
        if is_closed:
            sys.setswitchinterval(self._switch_before)
        return is_closed

    # The thread

    def _work(self) -> None:
        while (job := self._next_job()) is not None:
            try:
                self._heed_stop()
                self._train(self._prepared(job))
            except _Stopped:
                self._end("stopped")
            except BaseException as error:  # a library's panic too: the thread goes on in any case
                explanation = explain(error)
                lacks_store = isinstance(error, StoreNotFound)
                self.channel.post(
                    Failed(self._run, explanation.sentence, explanation.traceback, lacks_store)
                )
                self._end("failed")

    def _next_job(self) -> Job | None:
        """Wait for a job; None when the session closes."""
        with self._changed:
            self._is_waiting = True
            self._changed.wait_for(lambda: self._requests.waiting or self._requests.is_closing)
            if self._requests.is_closing:
                return None
            self._is_waiting = False
            _, job = self._requests.waiting.pop(0)
            self._job = job
            self._tell_queue()
            self._enter("preparing", str(job.path) if isinstance(job, OldRun) else "")
            return job

    def _prepared(self, job: Job) -> PreparedRun:
        match job:
            case NewRun():
                return new_run(
                    self._library, job.experiment, progress=self._heed_stop, preset=job.preset
                )
            case OldRun():
                return resumed_run(
                    self._library, Run(job.path), job.steps, job.device, self._heed_stop
                )

    def _heed_stop(self, _fraction: float = 0.0) -> None:
        if self._requests.wants_stop:
            raise _Stopped

    def _train(self, prepared: PreparedRun) -> None:
        run, pace = prepared.run, Pace()
        with self._changed:
            self._run = str(run.path)
            self._enter("preparing", self._run)
        events = train(run.experiment, prepared.store, run, pace)
        try:
            is_finished = self._follow(events, run, pace)
        finally:
            events.close()
        if run.record.status == "created":  # stopped before its first step
            run.update(status="stopped")
        self._end("finished" if is_finished else "stopped")

    def _follow(self, events: Generator[TrainingEvent], run: Run, pace: Pace) -> bool:
        """Pass on what training tells until its end or until Stop; returns whether it ended."""
        is_held = False
        while not self._requests.wants_stop:
            # The disk is never written to under the lock, for which a window may wait. What is not
            # prepared yet belongs to nobody, and is held once it is.
            has_begun = self.state != "preparing"
            is_over = has_begun and run.record.status in _OVER  # which a pause must not take back
            if has_begun and not is_over and is_held != self._requests.is_paused:
                is_held = not is_held
                run.update(status="paused" if is_held else "running")
                self._enter("paused" if is_held else "running", self._run)
                pace.wants_checkpoint |= is_held
            with self._changed:
                pace.is_single_step = is_held
                pace.wants_probes = self._is_watching_probes
                pace.wants_checkpoint |= self._requests.wants_checkpoint
                self._requests.wants_checkpoint = False
                is_busy = not is_held or pace.wants_checkpoint or self._requests.single_steps > 0
                is_busy |= is_over  # nothing but its end is left
                if not is_busy:
                    self._changed.wait_for(self._is_wanted, _PAUSED_BEAT_SECONDS)
            if not is_busy:
                run.beat()
                continue
            event = next(events, None)
            if event is None:
                return True
            self.channel.post(event)
            self._note(event)
        return False

    def _note(self, event: TrainingEvent) -> None:
        with self._changed:
            if isinstance(event, StepsTaken) and self._requests.single_steps:
                self._requests.single_steps -= 1
            if self.state == "preparing":
                self._enter("running", self._run)

    def _is_wanted(self) -> bool:
        """Whether a paused run has something to do."""
        w = self._requests
        return bool(not w.is_paused or w.single_steps or w.wants_checkpoint or w.wants_stop)

    @contextmanager
    def _requesting(self) -> Iterator[_Requests]:
        """Give the requests to change; without a run, what is changed is forgotten."""
        with self._changed:
            is_heard = self.state in ACTIVE_STATES or self._requests.waiting
            yield self._requests if is_heard else _Requests()
            self._changed.notify_all()

    def _end(self, state: State) -> None:
        """End a run, and drop the requests, which were for it alone."""
        with self._changed:
            waiting, is_closing = self._requests.waiting, self._requests.is_closing
            self._requests = _Requests(waiting=waiting, is_closing=is_closing)
            self._job = None
            self._enter(state, self._run)

    def _enter(self, state: State, run: str) -> None:
        with self._changed:
            if self._requests.wants_stop and state in ("preparing", "running", "paused"):
                return  # what was told of stopping is not taken back
            changed = StateChanged(state, run)
            self._run = run
            if changed != self._last_state:
                self._last_state = changed
                self.channel.post(changed)

    def _tell_queue(self) -> None:
        waiting = tuple(_waiting(number, job) for number, job in self._requests.waiting)
        self.channel.post(QueueChanged(waiting))


def _waiting(number: int, job: Job) -> Waiting:
    match job:
        case NewRun():
            experiment = job.experiment
            steps = experiment.schedule.steps if experiment.learner.is_trained else 0
            return Waiting(number, experiment.name, steps, experiment=experiment, preset=job.preset)
        case OldRun():
            return Waiting(number, job.path.name, job.steps, run=str(job.path))
