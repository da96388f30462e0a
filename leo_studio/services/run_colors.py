"""The numbers of the runs' colours: a run has the same in all panels, and after a restart."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from engine.runs.folders import run_identity

_FIRST = range(7)  # the colours of a theme; later ones repeat them
_SENSIBLE = range(100)


class RunColors:
    """Gives runs the numbers of their colours.

    In one panel no two runs have the same number. A run keeps the one that it had, in any panel,
    unless another run has it there already; a new one gets a number that no panel shows.
    """

    def __init__(self) -> None:
        self._known: dict[Path, int] = {}  # what a run had last
        self._shown: dict[str, dict[Path, int]] = {}  # by panel

    def share(self, panel: str, paths: Sequence[Path]) -> Mapping[Path, int]:
        """Return the numbers of the runs that a panel shows from now on."""
        before = self._shown.get(panel, {})
        now = {path: before[path] for path in paths if path in before}
        for path in paths:
            if path not in now and self._known.get(path, -1) not in (-1, *now.values()):
                now[path] = self._known[path]
        elsewhere = {
            number
            for other, shown in self._shown.items()
            for number in shown.values()
            if other != panel
        }
        for path in paths:
            if path not in now:
                now[path] = _free(now.values(), elsewhere)
        self._shown[panel] = now
        self._known |= now
        return now

    # From one start to the next

    def objectName(self) -> str:
        """Return the name under which the window remembers them."""
        return "run_colors"

    def remembered(self) -> dict[str, object]:
        """Return the colours of the runs that are shown, as plain values of JSON."""
        shown = {path for runs in self._shown.values() for path in runs}
        return {str(path): self._known[path] for path in sorted(shown)}

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Take over what was remembered; whatever makes no sense is ignored."""
        for path, number in remembered.items():
            if not isinstance(number, int) or isinstance(number, bool) or number not in _SENSIBLE:
                continue
            if path and "\0" not in path:
                self._known[run_identity(Path(path))] = number


def _free(taken: Collection[int], elsewhere: Iterable[int]) -> int:
    """Return the first number that is free everywhere, or else here."""
    avoided = {*taken, *elsewhere}
    numbers = range(len(taken) + 1)
    new = (number for number in _FIRST if number not in avoided)
    return next(new, next(number for number in numbers if number not in taken))
