"""Undo and redo of changes to episodes, each with a history of its own."""

from contextlib import suppress
from pathlib import Path

from engine.errors import BadInput
from engine.inspection.what_if import WhatIf, parse_what_if

Episode = tuple[Path, str, int]  # run, split, number
_MOST_KEPT = 200  # episodes whose changes are there at the next start


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
        self._of: dict[Episode, History] = {}

    @property
    def changes(self) -> dict[Episode, WhatIf]:
        """What is changed now about the episodes that are not as they were."""
        now = {episode: history.current for episode, history in self._of.items()}
        return {episode: what_if for episode, what_if in now.items() if not what_if.is_nothing}

    def of(self, run: Path, split: str, number: int) -> History:
        """Return the changes of an episode."""
        return self._of.setdefault((run, split, number), History())


def plain_histories(histories: Histories) -> list[list[object]]:
    """Return the changes as they are now, without those before, as plain values of JSON."""
    changes = list(histories.changes.items())[-_MOST_KEPT:]
    return [[str(run), split, number, str(what)] for (run, split, number), what in changes]


def restore_histories(histories: Histories, plain: object) -> None:
    """Make changes again that were kept; what makes no sense is left out."""
    for each in plain if isinstance(plain, list) else []:
        match each:
            case [str() as run, str() as split, int() as number, str() as text] if number >= 0:
                with suppress(BadInput):
                    histories.of(Path(run), split, number).change(parse_what_if(text))
