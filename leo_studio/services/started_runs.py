"""Notices of runs of the queue that have started, while something else is looked at."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from engine.runs.folders import run_identity
from leo_studio.services.records import Notice, NoticeAction, RunEntry


class StartedRuns:
    """Tells of runs that have started once they are listed, since then they have a title.

    Parameters
    ----------
    tell
        Shows a notice.
    choose
        Makes a run the current one.
    """

    def __init__(self, tell: Callable[[Notice], None], choose: Callable[[Path], None]) -> None:
        self._tell = tell
        self._choose = choose
        self._untold: set[Path] = set()

    def add(self, run: Path, listed: Sequence[RunEntry]) -> None:
        """Tell of a run, now or as soon as it is listed."""
        self._untold.add(run_identity(run))
        self.follow(listed)

    def follow(self, listed: Sequence[RunEntry]) -> None:
        """Tell of those that are listed by now."""
        for run in [each for each in listed if each.path in self._untold]:
            self._untold.discard(run.path)
            show = NoticeAction("Show", partial(self._choose, run.path))
            words, about = f"{run.title} has started.", str(run.path)
            self._tell(Notice("information", words, actions=(show,), about=about))
