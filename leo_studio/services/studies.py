"""Studies that a window asks for: read and carried out in the background."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from engine.runs.library import Library
from engine.studies.carrying_out import Overseer, carried_out, require_stores
from engine.studies.cells import cells_of
from engine.studies.executors.local import LocalExecutor, usual_workers
from leo_studio.services.background import Task
from leo_studio.services.inspection_requests import Start
from leo_studio.services.records import Notice
from leo_studio.services.study_reading import StudyReader
from leo_studio.services.study_records import AddedStudy, StudyEntry, StudyView, StudyWanted

_SECONDS_BETWEEN_LOOKS = 1.0


class StudyRequests:
    """Reads studies, and carries out one at a time; each method returns its task.

    Parameters
    ----------
    library
        Where studies are.
    start
        How work is started.
    tasks
        Returns what is under way.
    tell
        Gets what a person is to know.
    fail
        Gets what went wrong with a study that was carried out.
    """

    def __init__(
        self,
        library: Library,
        start: Start,
        tasks: Callable[[], Sequence[Task]],
        tell: Callable[[Notice], object],
        fail: Callable[[BaseException, str], None],
    ) -> None:
        self._library = library
        self._start = start
        self._tasks = tasks
        self._tell = tell
        self._fail = fail
        self._reader = StudyReader(library, self._is_ours)
        self._task: Task | None = None
        self._folder: Path | None = None  # of the study that is carried out
        self._name = ""  # of the study that was begun last

    @property
    def task(self) -> Task | None:
        """The study that is carried out; None where there is none."""
        return self._task if self._task in self._tasks() else None

    @property
    def under_way(self) -> str:
        """The name of that study; "" where there is none."""
        return self._name if self.task is not None else ""

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
        self._name = wanted.name
        self._folder = self._reader.folder(wanted.name).path

        def take(part: StudyView | str) -> None:
            if isinstance(part, str):
                self._tell(Notice("warning", f"Study {wanted.name}: {part}"))
            else:
                show(part)

        def end(view: StudyView) -> None:
            show(view)
            text = f"Study {view.name} is carried out: {view.done:,} of {len(view.standings):,}"
            self._tell(Notice("success", f"{text} runs are done.", stays=True))

        self._task = self._start(
            f"Study {wanted.name}",
            lambda task: self._carried_out(wanted, at_once, task),
            end,
            is_lasting=True,
            part=take,
            failed=lambda error: self._fail(error, f"Study {wanted.name}"),
        )
        return self._task

    def stop(self) -> None:
        """End the study that is carried out; what trains keeps a checkpoint."""
        if self._task is not None:
            self._task.cancel()

    def _carried_out(self, wanted: StudyWanted, at_once: int, task: Task) -> StudyView:
        task.report(None, "looking at its stores")
        reader, name = self._reader, wanted.name
        try:
            study, folder = reader.study(wanted), reader.folder(name)
            cells = cells_of(study, self._library.experiment, wanted.device)
            require_stores(self._library, study, cells)
            reader.keep_own(name)
            overseer = Overseer(study, cells, folder)
            executor = LocalExecutor(folder, self._library.root, wanted.device)
            looks = carried_out(overseer, executor, at_once, task.hand_over)
            # However it ends, workers keep their checkpoints first.
            with closing(looks):
                for standings in looks:
                    view = reader.view_of(name, study, folder, standings)
                    task.hand_over(view)
                    task.report(view.share_done, f"{view.done} of {len(standings)} runs")
                    task.wait(_SECONDS_BETWEEN_LOOKS)
        finally:
            self._folder = None
        return reader.view_of(name, study, folder, overseer.look())

    def _is_ours(self, folder: Path) -> bool:
        return folder == self._folder and self.task is not None
