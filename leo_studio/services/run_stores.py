"""The stores of runs, as windows ask for them: where one is now, and where a person says it is."""

from collections.abc import Callable
from pathlib import Path

from engine.errors import BadInput
from engine.io.paths import is_file
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_functions import functions_of
from engine.runs.run_store import StoreNotFound, located, store_of
from leo_studio.services.background import Task
from leo_studio.services.catalogue import store_entry
from leo_studio.services.inspection_requests import Start
from leo_studio.services.records import Notice, NoticeAction, RunEntry, StoreEntry

LOCATE = "Locate..."


class RunStores:
    """Finds the stores that runs were trained on.

    Parameters
    ----------
    library
        Where they are looked for.
    start
        How work in the background is started.
    tell
        Gets what a person is to know.
    changed
        Called when the store of a run was found at another place.
    wanted
        Called with a run's folder, where a person is to say where its store is.
    """

    def __init__(
        self,
        library: Library,
        start: Start,
        tell: Callable[[Notice], object],
        changed: Callable[[], object],
        wanted: Callable[[Path], None],
    ) -> None:
        self._library = library
        self._start = start
        self._tell = tell
        self._changed = changed
        self._wanted = wanted
        self._looked_for: set[tuple[Path, str]] = set()

    def entry(self, run: RunEntry) -> StoreEntry:
        """Return what a run's store holds; looks for one that is not in its place, once."""
        named = run.experiment.data.store if run.experiment else run.store
        if run.experiment is not None and not run.experiment.task.needs_store:
            task = run.experiment.task.title.lower()
            return StoreEntry(named, Path(), problem=f"{run.title} learns {task} and has no store.")
        places = [located(run.id), Path(run.store_path) if run.store_path else None]
        for place in places:
            if place is not None and is_file(place):
                return store_entry(named, place)
        try:
            path = self._library.store_path(named)
        except OSError as error:
            return StoreEntry(named, Path(named), problem=f"{named}: {error.strerror or error}.")
        if is_file(path):
            return store_entry(named, path)
        self._look(run)
        what = run.store_path or path
        return StoreEntry(named, path, problem=f"There is no store at {what} any more.")

    def ask(self, run: Path) -> None:
        """Ask a person where a run's store is."""
        self._wanted(run)

    def locate(self, run: Path, store: Path) -> None:
        """Take a file for a run's store, if its contents are those; the run remembers it."""
        what = "file" if self.is_of_functions(run) else "store"

        def work(_: Task) -> Path:
            if what == "store":
                return store_of(self._library, Run(run), str(store)).path
            functions_of(Run(run), str(store))
            return store

        def tell(found: Path) -> None:
            self._changed()
            self._tell(Notice("success", f"The {what} of {run.name} is {found} now; try again."))

        self._start(f"Looking at {store.name}", work, tell, is_shown=False)

    def is_of_functions(self, run: Path) -> bool:
        """Whether a run was trained on functions, and so on no store."""
        return not Run(run).experiment.task.needs_store

    def actions(self, error: BaseException) -> tuple[NoticeAction, ...]:
        """Return what a person can do about an error: say where a store is, where one is missed."""
        return self.actions_for(error.run) if isinstance(error, StoreNotFound) else ()

    def actions_for(self, run: Path) -> tuple[NoticeAction, ...]:
        """Return the action that asks where a run's store is."""
        return (NoticeAction(LOCATE, lambda: self._wanted(run)),)

    def _look(self, run: RunEntry) -> None:
        """Look for a store in the library by its contents, in the background."""
        key = (run.path, run.store_path)
        if key in self._looked_for or run.problem:
            return
        self._looked_for.add(key)

        def work(_: Task) -> str:
            said: list[str] = []
            try:
                store_of(self._library, Run(run.path), say=said.append)
            except StoreNotFound:
                return ""  # as the entry says already; nobody asked for more
            return " ".join(said)

        def tell(said: str) -> None:
            if said:
                self._tell(Notice("information", said))
            self._changed()

        self._start(
            f"Looking for the store of {run.title}", work, tell, is_shown=False, failed=_ignore
        )


def _ignore(error: BaseException) -> None:
    """Leave what is missing to the sentence that is shown already; anything else is a bug."""
    if not isinstance(error, BadInput):
        raise error
