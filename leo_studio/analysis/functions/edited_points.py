"""Points of a function that a person moves, adds and removes, and the task's own behind them.

Shapes: K points.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.inspection.function_records import Points

MOST_POINTS = 50  # more are not told apart by a mouse
_MOST_UNDONE = 500  # changes
_MOST_TASKS = 100  # whose changes are remembered


@dataclass(frozen=True, slots=True)
class KeptAs:
    """What points are kept as: the file, the name, and whether they were changed since."""

    path: Path
    name: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """Points as they were after a change, which `words` names: "moving a point"."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    chosen: int | None
    words: str = ""
    kept_as: KeptAs | None = None


class _Changes(NamedTuple):
    """What was done to the points of a task, and where in that it was left."""

    states: list[_State]
    place: int


class EditedPoints:
    """The points that are looked at, and the changes of them, which can be undone.

    The changes of other tasks are remembered, and come back with their own points.

    Attributes
    ----------
    x, y
        (K,) float32 each.
    chosen
        The place of the point that keys are about; None for none.
    kept_as
        What they are kept as, or what those were kept as that they came from; None for nothing.
    """

    def __init__(self) -> None:
        self.x: NDArray[np.float32] = np.zeros(0, np.float32)
        self.y: NDArray[np.float32] = np.zeros(0, np.float32)
        self._own = self.x, self.y
        self.chosen: int | None = None
        self.kept_as: KeptAs | None = None
        self._states: list[_State] = [_State(self.x, self.y, None)]
        self._place = 0  # of the state that is looked at
        self._moved: int | None = None  # the point of a move that may go on
        self._of_others: dict[bytes, _Changes] = {}  # by the tasks' own points, the latest last

    @property
    def is_changed(self) -> bool:
        """Whether they are others than the task's own."""
        own_x, own_y = self._own
        return not (np.array_equal(self.x, own_x) and np.array_equal(self.y, own_y))

    @property
    def count(self) -> int:
        """How many there are, K."""
        return len(self.x)

    @property
    def own(self) -> Points:
        """The task's own points, (K,) each."""
        return self._own

    def replace(
        self, x: NDArray[np.float32], y: NDArray[np.float32], kept_as: KeptAs | None = None
    ) -> None:
        """Put points that were kept in their place; that is a change of them."""
        self.x, self.y = x.copy(), y.copy()
        self.chosen = None
        self._keep("opening kept points", kept_as)

    def name(self, kept_as: KeptAs) -> None:
        """Say what they were kept as, as they are now; that is no change of them."""
        self.kept_as = kept_as
        self._states[self._place] = replace(self._states[self._place], kept_as=kept_as)

    def rename(self, path: Path, name: str) -> None:
        """Say that those kept in a file have another name, also before and after changes."""

        def renamed(kept: KeptAs | None) -> KeptAs | None:
            return replace(kept, name=name) if kept is not None and kept.path == path else kept

        self.kept_as = renamed(self.kept_as)
        for states in (self._states, *(each.states for each in self._of_others.values())):
            states[:] = [replace(state, kept_as=renamed(state.kept_as)) for state in states]

    def take_own(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        """Take the points of a task, as they were left if they were changed before."""
        if len(self._states) > 1:
            self._of_others[_key(self._own)] = _Changes(self._states, self._place)
            if len(self._of_others) > _MOST_TASKS:
                del self._of_others[next(iter(self._of_others))]
        self._own = x, y
        unchanged = _Changes([_State(x.copy(), y.copy(), None)], 0)
        self._states, place = self._of_others.pop(_key(self._own), unchanged)
        self._go_to(place)

    def go_back(self) -> None:
        """Undo all changes at once, which is a change too."""
        self._take_own()
        self._keep("going back to the task", None)

    def end_move(self) -> None:
        """Let the next move of a point be a change of its own."""
        self._moved = None

    def move(self, place: int, x: float, y: float) -> None:
        """Put a point elsewhere; until `end_move`, all moves of a point are one change."""
        self.x, self.y = self.x.copy(), self.y.copy()
        self.x[place], self.y[place] = x, y
        self.chosen = place
        if self._moved == place:
            self._place -= 1  # this takes the place of the move before
        self._keep("moving a point", self._changed)
        self._moved = place

    def add(self, x: float, y: float) -> None:
        """Add a point and choose it."""
        self.x = np.append(self.x, np.float32(x))
        self.y = np.append(self.y, np.float32(y))
        self.chosen = len(self.x) - 1
        self._keep("adding a point", self._changed)

    def remove(self, place: int) -> None:
        """Remove a point; the one in its place is chosen then."""
        self.x, self.y = np.delete(self.x, place), np.delete(self.y, place)
        self.chosen = min(place, len(self.x) - 1) if self.count else None
        self._keep("removing a point", self._changed)

    @property
    def undo_words(self) -> str:
        """What undo takes back, such as "moving a point"; "" for nothing."""
        return self._states[self._place].words

    @property
    def redo_words(self) -> str:
        """What redo makes again; "" for nothing."""
        is_last = self._place + 1 >= len(self._states)
        return "" if is_last else self._states[self._place + 1].words

    def undo(self) -> bool:
        """Take the last change back; returns whether there was one."""
        return self._go_to(self._place - 1)

    def redo(self) -> bool:
        """Make it again; returns whether one was taken back."""
        return self._go_to(self._place + 1)

    def _take_own(self) -> None:
        self.x, self.y = self._own[0].copy(), self._own[1].copy()
        self.chosen = None

    @property
    def _changed(self) -> KeptAs | None:
        """What they were kept as, for points that are changed by hand."""
        return None if self.kept_as is None else replace(self.kept_as, is_changed=True)

    def _keep(self, words: str, kept_as: KeptAs | None) -> None:
        """Keep the points as they are now, after those that they came from."""
        self.kept_as = kept_as
        state = _State(self.x, self.y, self.chosen, words, kept_as)
        self._states = [*self._states[: self._place + 1], state]
        del self._states[1 : max(1, len(self._states) - _MOST_UNDONE)]  # the task's own stay
        self._place, self._moved = len(self._states) - 1, None

    def _go_to(self, place: int) -> bool:
        if not 0 <= place < len(self._states):
            return False
        self._place, self._moved = place, None
        state = self._states[place]
        self.x, self.y, self.chosen = state.x.copy(), state.y.copy(), state.chosen
        self.kept_as = state.kept_as
        return True

    def why_not_added(self) -> str:
        """Say why no point can be added; "" where one can."""
        return f"There are {MOST_POINTS} points; remove one first." if self._is_full else ""

    def why_not_removed(self) -> str:
        """Say why the chosen point cannot be removed; "" where it can."""
        if self.count <= 1:
            return "The last point stays: there is nothing to adapt to without one."
        return "" if self.chosen is not None else "Click on a point first; it is removed then."

    @property
    def _is_full(self) -> bool:
        return self.count >= MOST_POINTS


def _key(points: Points) -> bytes:
    return points[0].tobytes() + points[1].tobytes()
