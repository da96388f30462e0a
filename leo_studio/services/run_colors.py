"""The numbers of the runs' colours: a run has the same in all panels, and after a restart."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.runs.folders import run_identity

COLORS, DASHES, MARKERS = 7, 4, 7
"""How many looks a line of a run can have; later numbers repeat them."""
_SENSIBLE = range(100)


class RunColors:
    """Gives runs the numbers of their colours.

    No two runs that are shown, in any panel, have the same number. A run keeps its own as long as
    the program runs, and gets another only where all colours are taken: a run that nothing shows
    gives its colour away, the one that has had it longest first.
    """

    def __init__(self) -> None:
        self._numbers: dict[Path, int] = {}  # of all that were ever shown, the oldest first
        self._shown: dict[str, tuple[Path, ...]] = {}  # by panel

    def share(self, panel: str, paths: Iterable[Path]) -> Mapping[Path, int]:
        """Return the numbers of the runs that a panel shows from now on."""
        others = {path for name, shown in self._shown.items() if name != panel for path in shown}
        before = self._shown.get(panel, ())
        now = self._shown[panel] = tuple(paths)
        # Those that were seen keep what they have; those that come back do as long as it is free.
        kept = [path for path in (*others, *before) if path in others or path in now]
        taken = {self._numbers[path] for path in kept}
        coming = [path for path in now if path not in kept]
        for path in coming:
            number = self._numbers.get(path)
            if number is not None and number not in taken:
                taken.add(number)
                kept.append(path)
        for path in coming:
            if path not in kept:
                self._numbers.pop(path, None)
                self._numbers[path] = self._free(taken)
                taken.add(self._numbers[path])
        return {path: self._numbers[path] for path in now}

    def _free(self, taken: set[int]) -> int:
        """Return a number that no run has had, or else the one that was given away longest ago."""
        given = {number: place for place, number in enumerate(self._numbers.values())}
        free = [number for number in range(COLORS) if number not in taken]
        if free:
            return min(free, key=lambda number: (given.get(number, -1), number))
        return next(number for number in range(len(taken) + 1) if number not in taken)

    # From one start to the next

    def objectName(self) -> str:
        """Return the name under which the window remembers them."""
        return "run_colors"

    def remembered(self) -> dict[str, object]:
        """Return the colours of the runs that are shown, as plain values of JSON."""
        shown = {path for runs in self._shown.values() for path in runs}
        return {str(path): self._numbers[path] for path in sorted(shown)}

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Take over what was remembered; whatever makes no sense is ignored."""
        for path, number in remembered.items():
            if not isinstance(number, int) or isinstance(number, bool) or number not in _SENSIBLE:
                continue
            if path and "\0" not in path:
                self._numbers[run_identity(Path(path))] = number
