"""Requests of the page: the newest inspection of either side, and the examples in it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.inspection.records import Inspection, example_rows
from engine.inspection.what_if import WhatIf
from leo_studio.services.records import EpisodeSource, Examples
from leo_studio.ui.inspection.thumbnails import Thumbnails

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

Side = Literal["left", "right"]


class SideRequests:
    """Asks for inspections; a new request of a side ends the one before it.

    Parameters
    ----------
    controller
        Does the work.
    take
        Called with a side, its inspection, and the examples in it where they are known already.
    take_examples
        Called with a side and its examples, where they come later.
    fail
        Called with a side and what went wrong.
    """

    def __init__(
        self,
        controller: "Controller",
        take: Callable[[Side, Inspection, Examples | None], None],
        take_examples: Callable[[Side, Examples], None],
        fail: Callable[[Side, BaseException], None],
    ) -> None:
        self._controller = controller
        self._tasks: dict[str, Task] = {}
        self._take = take
        self._take_examples = take_examples
        self._fail = fail
        self.examples: dict[Side, Examples | None] = {"left": None, "right": None}

    @property
    def is_busy(self) -> bool:
        """Whether an inspection is still to come."""
        return bool({"left", "right"} & self._tasks.keys())

    @property
    def thumbnails(self) -> tuple[Thumbnails, ...]:
        """Pictures and names of the examples of both sides."""
        return Thumbnails(self.examples["right"]), Thumbnails(self.examples["left"])

    def inspect(
        self, side: Side, source: EpisodeSource, number: int, samples: int, what_if: WhatIf
    ) -> None:
        """Ask for an episode."""
        self.end(side)
        self._tasks[side] = self._controller.episodes.inspect(
            source,
            number,
            lambda seen: self._arrived(side, source, seen),
            samples=samples,
            what_if=what_if,
            failed=lambda error: self._failed(side, error),
        )

    def end(self, side: Side) -> None:
        """Want nothing of a side any more."""
        for name in (side, f"{side} examples"):
            if (task := self._tasks.pop(name, None)) is not None:
                task.cancel()

    def end_all(self) -> None:
        """Want nothing any more."""
        self.end("left")
        self.end("right")

    def _arrived(self, side: Side, source: EpisodeSource, seen: Inspection) -> None:
        self._tasks.pop(side, None)
        known = self.examples[side]
        rows = example_rows(seen)
        has_all = known is not None and np.isin(rows, known.rows).all() and side == "right"
        self._take(side, seen, known if has_all else None)
        if not has_all:
            self._tasks[f"{side} examples"] = self._controller.episodes.examples(
                source, rows.tolist(), lambda examples: self._named(side, examples)
            )

    def _named(self, side: Side, examples: Examples) -> None:
        self._tasks.pop(f"{side} examples", None)
        self.examples[side] = examples
        self._take_examples(side, examples)

    def _failed(self, side: Side, error: BaseException) -> None:
        self._tasks.pop(side, None)
        self._fail(side, error)
