"""Studies that a window asks for: read and carried out in the background."""

from collections.abc import Callable
from pathlib import Path

from engine.runs.library import Library
from engine.studies.carrying_out import Overseer, carried_out, require_stores
from engine.studies.cells import cells_of
from engine.studies.executors.local import LocalExecutor, usual_workers
from leo_studio.services.background import Task
from leo_studio.services.carrying_out import CarryingOut, Undertaken, follow
from leo_studio.services.inspection_requests import Start
from leo_studio.services.study_reading import StudyReader
from leo_studio.services.study_records import AddedStudy, StudyEntry, StudyView, StudyWanted

NOUN = "Study"


class StudyRequests:
    """Reads studies, and has them carried out; each method returns its task.

    Parameters
    ----------
    library
        Where studies are.
    start
        How work is started.
    carrying_out
        Carries out one thing at a time.
    """

    def __init__(self, library: Library, start: Start, carrying_out: CarryingOut) -> None:
        self._library = library
        self._start = start
        self._carrying_out = carrying_out
        self._reader = StudyReader(library, carrying_out.is_in)

    @property
    def task(self) -> Task | None:
        """The study that is carried out; None where there is none."""
        return self._carrying_out.task_of(NOUN)

    @property
    def under_way(self) -> str:
        """The name of that study; "" where there is none."""
        return self._carrying_out.name_of(NOUN)

    def is_elsewhere(self, name: str) -> bool:
        """Whether another process carries a study out; a look at one file."""
        return self._reader.is_elsewhere(name)

    def entries(
        self,
        then: Callable[[tuple[StudyEntry, ...]], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Read which studies there are, and how they stand."""
        read = self._reader.entries
        return self._start("Reading studies", lambda _: read(), then, is_shown=False, failed=failed)

    def view(
        self,
        wanted: StudyWanted,
        then: Callable[[StudyView], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Read how a study stands, run by run."""
        title = f"Reading study {wanted.name}"
        return self._start(
            title, lambda _: self._reader.view(wanted), then, is_shown=False, failed=failed
        )

    def add(self, file: Path, then: Callable[[AddedStudy], None]) -> Task:
        """Take a study's file into the library."""
        title = f"Reading {file.name}"
        return self._start(title, lambda _: self._reader.add(file), then, is_shown=False)

    def usual_count(self, device: str) -> int:
        """Return how many runs to train at once."""
        return usual_workers(device)

    def carry_out(
        self, wanted: StudyWanted, at_once: int, show: Callable[[StudyView], None]
    ) -> Task:
        """Carry out what is left of a study; `show` is told how it stands, about once a second.

        A cancel ends it: what trains keeps a checkpoint.
        """
        folder = self._reader.folder(wanted.name).path
        return self._carrying_out.begin(
            Undertaken(NOUN, wanted.name, folder),
            lambda task: self._carried_out(wanted, at_once, task),
            show,
        )

    def stop(self) -> None:
        """End the study that is carried out; what trains keeps a checkpoint."""
        self._carrying_out.stop(NOUN)

    def _carried_out(
        self, wanted: StudyWanted, at_once: int, task: Task
    ) -> Callable[[], StudyView]:
        task.report(None, "looking at its stores")
        reader, name = self._reader, wanted.name
        study, folder = reader.study(wanted), reader.folder(name)
        cells = cells_of(study, self._library.experiment, wanted.device)
        require_stores(self._library, study, cells)
        reader.keep_own(name)
        overseer = Overseer(study, cells, folder)
        executor = LocalExecutor(folder, self._library.root, wanted.device)
        looks = carried_out(overseer, executor, at_once, task.hand_over)
        follow(looks, lambda standings: reader.view_of(name, study, folder, standings), task)
        return lambda: reader.view_of(name, study, folder, overseer.look())
