"""Work in the background: on threads of its own, with progress; it can be cancelled.

No Qt: the owner of a `Background` calls `poll` on its own thread, and results arrive there.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Cancelled(Exception):
    """Raised inside work that nobody wants any more."""


class Task:
    """Some work under way.

    Attributes
    ----------
    title
        What it is, for people.
    is_shown
        Whether it takes long enough to deserve a bar.
    """

    def __init__(self, title: str, is_shown: bool) -> None:
        self.title = title
        self.is_shown = is_shown
        self._cancelled = threading.Event()
        self._parts: deque[Any] = deque()
        self._progress: tuple[float | None, str] = (None, "")

    @property
    def fraction(self) -> float | None:
        """How much is done, 0 to 1; None where nobody knows."""
        return self._progress[0]

    @property
    def note(self) -> str:
        """What is being done, in a few words."""
        return self._progress[1]

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked for it to end."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask it to end; it does at its next report."""
        self._cancelled.set()

    def wait(self, seconds: float) -> None:
        """Let some time pass, less where somebody asks for it to end; called by the work itself."""
        self._cancelled.wait(seconds)

    def report(self, fraction: float | None = None, note: str = "") -> None:
        """Say how much is done; called by the work itself.

        Raises
        ------
        Cancelled
            If somebody asked for it to end.
        """
        if self._cancelled.is_set():
            raise Cancelled
        self._progress = (fraction, note)

    def hand_over(self, part: Any) -> None:
        """Give a part of the result away before the rest is there; called by the work itself."""
        self._parts.append(part)

    def parts(self) -> Iterator[Any]:
        """Take the parts that were handed over since the last time."""
        while self._parts:
            yield self._parts.popleft()


class _Running(NamedTuple):
    """Work under way, and the functions to call with what comes of it."""

    task: Task
    future: Future[Any]
    then: Callable[[Any], None]
    part: Callable[[Any], None]
    failed: Callable[[BaseException], None] | None


class Background:
    """Runs work on a few threads and hands the results to the thread that polls.

    What is not shown is over in a moment, and never waits behind what takes minutes; nor does that
    behind what lasts for hours, of which there is one at a time.

    Parameters
    ----------
    workers
        How many threads there are for either kind; further work waits.
    """

    def __init__(self, workers: int = 2) -> None:
        self._long = ThreadPoolExecutor(workers, "leo-background")
        self._short = ThreadPoolExecutor(workers, "leo-background-short")
        self._lasting = ThreadPoolExecutor(1, "leo-background-lasting")
        self._running: list[_Running] = []
        self._is_closed = False
        self._failed: Callable[[Task, BaseException], None] = _raise

    def on_failure(self, failed: Callable[[Task, BaseException], None]) -> None:
        """Set the function that `poll` calls with a task's error; by default it raises it."""
        self._failed = failed

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
        """Start `work`; `then` is called with what it returns by a later `poll`.

        Before that, `part` gets whatever the work hands over. What the work raises goes to `failed`
        or, without it, to whoever `on_failure` names. Of work that was cancelled nobody is told.
        Once all is closed, nothing begins any more.
        """
        task = Task(title, is_shown)
        if self._is_closed:
            task.cancel()
            return task
        pool = self._lasting if is_lasting else self._long if is_shown else self._short
        future = pool.submit(work, task)
        self._running.append(_Running(task, future, then, part or _ignore, failed))
        return task

    @property
    def tasks(self) -> list[Task]:
        """Tasks under way or waiting for a thread."""
        return [each.task for each in self._running]

    def poll(self) -> bool:
        """Hand over the results that are there; returns whether there were any."""
        done = [each for each in self._running if each.future.done()]
        for each in list(self._running):
            for part in each.task.parts():
                if not each.task.is_cancelled:
                    each.part(part)
        for each in done:
            if each not in self._running:
                continue  # what was handed over before this one opened a dialog, and polled
            # One by one: what `then` raises must not lose the others.
            self._running.remove(each)
            task, future = each.task, each.future
            error = None if future.cancelled() else future.exception()
            if future.cancelled() or isinstance(error, Cancelled):
                continue
            if error is None:
                if not task.is_cancelled:
                    each.then(future.result())
            elif each.failed is None:
                self._failed(task, error)
            elif not task.is_cancelled:
                each.failed(error)
        return bool(done)

    def cancel(self) -> None:
        """Ask everything to end."""
        for each in self._running:
            each.task.cancel()
            each.future.cancel()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way any more."""
        return all(each.future.done() for each in self._running)

    def close(self) -> None:
        """Cancel everything and wait for the threads to end."""
        self._is_closed = True
        self.cancel()
        self._long.shutdown()
        self._short.shutdown()
        self._lasting.shutdown()
        self._running.clear()


def _ignore(_part: object) -> None:
    pass


def _raise(_task: Task, error: BaseException) -> None:
    raise error
