"""Points of functions that a person keeps in the library: written, listed, renamed, deleted."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from engine.errors import BadInput
from engine.inspection.kept_points import ENDING, KeptPoints, PointsFile, keep_points, read_points
from engine.runs.library import Library
from leo_studio.services.background import Task
from leo_studio.services.export_plan import points_stem
from leo_studio.services.inspection_requests import Start
from leo_studio.services.kept_files import restore_kept, throw_away_kept


class PointRequests:
    """Keeps points in the library; each request returns its task.

    Parameters
    ----------
    library
        Where they are kept.
    start
        How work is started.
    """

    def __init__(self, library: Library, start: Start) -> None:
        self._library = library
        self._start = start

    def keep(self, points: KeptPoints, then: Callable[[Path], None]) -> Task:
        """Write points into a file of their own, which is named after their note."""
        work = partial(_keep, self._library.points, points)
        return self._start("Keeping points", lambda _: work(), then, is_shown=False)

    def listed(self, then: Callable[[Sequence[PointsFile]], None]) -> Task:
        """List what is kept, the newest first."""
        work = partial(kept_files, self._library.points)
        return self._start("Listing kept points", lambda _: work(), then, is_shown=False)

    def rename(self, path: Path, note: str, then: Callable[[None], None]) -> Task:
        """Give kept points another name."""
        work = partial(_rename, path, note)
        title = "Renaming kept points"
        return self._start(title, lambda _: work(), then, is_shown=False)

    def throw_away(self, path: Path, then: Callable[[Path], None]) -> Task:
        """Move kept points to the trash; `then` gets where they are now."""
        work = partial(throw_away_kept, self._library.trash, path, "points")
        title = "Moving kept points to the trash"
        return self._start(title, lambda _: work(), then, is_shown=False)

    def restore(self, thrown_away: Path, path: Path, then: Callable[[None], None]) -> Task:
        """Take kept points back out of the trash."""
        work = partial(restore_kept, thrown_away, path)
        title = "Taking kept points back"
        return self._start(title, lambda _: work(), then, is_shown=False)


def kept_files(folder: Path) -> tuple[PointsFile, ...]:
    """Return the points that are kept in a folder, the newest first; files that are none say so."""
    files = map(_read, sorted(folder.glob(f"*{ENDING}"), reverse=True))

    def moment(file: PointsFile) -> str:
        return "" if file.points is None else file.points.kept

    return tuple(sorted(files, key=moment, reverse=True))


def _keep(folder: Path, points: KeptPoints) -> Path:
    # The moment keeps points of one name apart; to the microsecond, as two may be kept at once.
    moment = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    path = folder / f"{points_stem(points.note, points.number)}-{moment}{ENDING}"
    keep_points(path, points)
    return path


def _rename(path: Path, note: str) -> None:
    keep_points(path, read_points(path).model_copy(update={"note": note}))


def _read(path: Path) -> PointsFile:
    try:
        return PointsFile(path, read_points(path))
    except BadInput as error:
        return PointsFile(path, None, str(error))
