"""Points of a function that a person moves, adds and removes, and the task's own behind them.

Shapes: K points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.inspection.function_records import Points

MOST_POINTS = 50  # more are not told apart by a mouse
_MOST_UNDONE = 500  # changes


@dataclass(frozen=True, slots=True)
class _State:
    """Points as they were after a change, which `words` names: "moving a point"."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    chosen: int | None
    words: str = ""


class EditedPoints:
    """The points that are looked at, and the changes of them, which can be undone.

    Attributes
    ----------
    x, y
        (K,) float32 each.
    chosen
        The place of the point that keys are about; None for none.
    """

    def __init__(self) -> None:
        self.x: NDArray[np.float32] = np.zeros(0, np.float32)
        self.y: NDArray[np.float32] = np.zeros(0, np.float32)
        self._own = self.x, self.y
        self.chosen: int | None = None
        self._states: list[_State] = [_State(self.x, self.y, None)]
        self._place = 0  # of the state that is looked at
        self._moved: int | None = None  # the point of a move that may go on

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

    def replace(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        """Put others in their place, such as points that were kept; that is a change of them."""
        self.x, self.y = x.copy(), y.copy()
        self.chosen = None
        self._keep("opening kept points")

    def take_own(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        """Take the points of a task; all changes are forgotten."""
        self._own = x, y
        self._take_own()
        self._states, self._place, self._moved = [_State(self.x, self.y, None)], 0, None

    def go_back(self) -> None:
        """Undo all changes at once, which is a change too."""
        self._take_own()
        self._keep("going back to the task")

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
        self._keep("moving a point")
        self._moved = place

    def add(self, x: float, y: float) -> None:
        """Add a point and choose it."""
        self.x = np.append(self.x, np.float32(x))
        self.y = np.append(self.y, np.float32(y))
        self.chosen = len(self.x) - 1
        self._keep("adding a point")

    def remove(self, place: int) -> None:
        """Remove a point; the one in its place is chosen then."""
        self.x, self.y = np.delete(self.x, place), np.delete(self.y, place)
        self.chosen = min(place, len(self.x) - 1) if self.count else None
        self._keep("removing a point")

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

    def _keep(self, words: str) -> None:
        """Keep the points as they are now, after those that they came from."""
        state = _State(self.x, self.y, self.chosen, words)
        self._states = [*self._states[: self._place + 1], state]
        del self._states[1 : max(1, len(self._states) - _MOST_UNDONE)]  # the task's own stay
        self._place, self._moved = len(self._states) - 1, None

    def _go_to(self, place: int) -> bool:
        if not 0 <= place < len(self._states):
            return False
        self._place, self._moved = place, None
        state = self._states[place]
        self.x, self.y, self.chosen = state.x.copy(), state.y.copy(), state.chosen
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
