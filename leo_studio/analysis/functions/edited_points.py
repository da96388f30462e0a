"""Points of a function that a person moves, adds and removes, and the task's own behind them.

Shapes: K points.
"""

import numpy as np
from numpy.typing import NDArray

from engine.inspection.function_records import Points

MOST_POINTS = 50  # more are not told apart by a mouse


class EditedPoints:
    """The points that are looked at.

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

    def take_own(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        """Take the points of a task; all changes are forgotten."""
        self._own = x, y
        self.go_back()

    def go_back(self) -> None:
        """Undo all changes."""
        self.x, self.y = self._own[0].copy(), self._own[1].copy()
        self.chosen = None

    def move(self, place: int, x: float, y: float) -> None:
        """Put a point elsewhere."""
        self.x, self.y = self.x.copy(), self.y.copy()
        self.x[place], self.y[place] = x, y
        self.chosen = place

    def add(self, x: float, y: float) -> None:
        """Add a point and choose it."""
        self.x = np.append(self.x, np.float32(x))
        self.y = np.append(self.y, np.float32(y))
        self.chosen = len(self.x) - 1

    def remove(self, place: int) -> None:
        """Remove a point; the one in its place is chosen then."""
        self.x, self.y = np.delete(self.x, place), np.delete(self.y, place)
        self.chosen = min(place, len(self.x) - 1) if self.count else None

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
