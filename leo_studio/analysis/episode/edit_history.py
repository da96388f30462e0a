"""Undo and redo of changes to episodes, each with a history of its own."""

from pathlib import Path

from engine.inspection.what_if import WhatIf


class History:
    """The changes of one episode."""

    def __init__(self) -> None:
        self._states = [WhatIf()]
        self._place = 0

    @property
    def current(self) -> WhatIf:
        """What is changed now."""
        return self._states[self._place]

    @property
    def can_undo(self) -> bool:
        """Whether there is something before."""
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return self._place < len(self._states) - 1

    def change(self, what_if: WhatIf) -> bool:
        """Go on to other changes; returns whether they are others."""
        if what_if == self.current:
            return False
        self._states = [*self._states[: self._place + 1], what_if]
        self._place += 1
        return True

    def undo(self) -> None:
        """Go back."""
        self._place = max(0, self._place - 1)

    def redo(self) -> None:
        """Go forth."""
        self._place = min(len(self._states) - 1, self._place + 1)


class Histories:
    """The changes of all episodes that were changed; an episode's stay while others are seen.

    An episode is the same one under all checkpoints of its run.
    """

    def __init__(self) -> None:
        self._of: dict[tuple[Path, str, int], History] = {}

    def of(self, run: Path, split: str, number: int) -> History:
        """Return the changes of an episode."""
        return self._of.setdefault((run, split, number), History())
