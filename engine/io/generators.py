"""Runs generators that yield their progress and return a result."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, TypeVar

Y = TypeVar("Y")
R = TypeVar("R")


def finished(steps: Generator[Y, Any, R], on_yield: Callable[[Y], object] | None = None) -> R:
    """Run a generator to its end and return its value.

    Parameters
    ----------
    steps
        The generator. It is closed at once where `on_yield` raises, which ends its threads too.
    on_yield
        Called with everything that it yields.
    """
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                value: R = end.value
                return value
            if on_yield is not None:
                on_yield(step)
