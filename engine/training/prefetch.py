"""Prefetch of what coming steps need, on a thread of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Prefetch(Generic[Made]):
    """Makes what some steps need on a thread, while the device works on the steps before them.

    Everything is made on that one thread, one thing after the other, so that what makes it may have
    a state of its own, such as a generator of random numbers.

    Parameters
    ----------
    make
        Makes what the steps from a number on need; the weights have no part in it.
    steps
        How many steps that is for.
    """

    def __init__(self, make: Callable[[int], Made], steps: int) -> None:
        self._make, self._steps = make, steps
        self._pool = ThreadPoolExecutor(1, "leo-prefetch")
        self._ahead: tuple[int, Future[Made]] | None = None

    def __call__(self, first: int) -> Made:
        """Return what the steps from `first` on need, and begin with those after them."""
        if self._ahead is not None and self._ahead[0] == first:
            made = self._ahead[1].result()
        else:
            made = self._pool.submit(self._make, first).result()
        after = first + self._steps
        self._ahead = after, self._pool.submit(self._make, after)
        return made

    def close(self) -> None:
        """Make no more, and forget what was made."""
        self._pool.shutdown(cancel_futures=True)
        self._ahead = None
