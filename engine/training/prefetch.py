"""Prefetch of tasks out of a store that is larger than the device's memory."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from engine.training.outer_step import OuterStep


class TaskPrefetch:
    """Samples the tasks of some steps on a thread, while the device works on those before.

    Parameters
    ----------
    outer_step
        Samples tasks, and knows the device that they go to.
    steps
        How many steps' tasks are sampled at a time.
    """

    def __init__(self, outer_step: OuterStep, steps: int) -> None:
        self._outer_step, self._steps = outer_step, steps
        self._pool = ThreadPoolExecutor(1, "leo-tasks")
        self._ahead: tuple[int, Future[Any]] | None = None

    def __call__(self, first: int) -> Any:
        """Return the tasks from step `first` on, and begin with those after them."""
        if self._ahead is not None and self._ahead[0] == first:
            tasks = self._ahead[1].result()
        else:
            tasks = self._sampled(first)
        after = first + self._steps
        self._ahead = after, self._pool.submit(self._sampled, after)
        return tasks

    def close(self) -> None:
        """Sample no more."""
        self._pool.shutdown(cancel_futures=True)

    def _sampled(self, first: int) -> Any:
        return self._outer_step.tasks.sample(range(first, first + self._steps))
