"""Runs generators that yield their progress and return a result, or has them stand for others."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, TypeVar

Y = TypeVar("Y")
Z = TypeVar("Z")
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


def retold(steps: Generator[Y, Any, R], told: Callable[[Y], Z]) -> Generator[Z, None, R]:
    """Run a generator to its end with other words for what it yields; returns its value.

    Whoever closes this closes it too.
    """
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                value: R = end.value
                return value
            yield told(step)
