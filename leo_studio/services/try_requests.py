"""Requests of the panel "Try it", which are worked on in the background."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from leo_studio.services.background import Task
from leo_studio.services.inspection_requests import Start
from leo_studio.services.try_records import ReadExamples, TryRequest, TryResult, TryTools

if TYPE_CHECKING:
    from engine.export.formats import Check
    from engine.runs.library import Library
    from leo_studio.services.try_it import Trier


class TryRequests:
    """Asks in the background; each method returns its task, which can be cancelled.

    Parameters
    ----------
    library
        Where runs and their stores are.
    start
        How work is started.
    """

    def __init__(self, library: "Library", start: Start) -> None:
        self._library = library
        self._start = start

    @cached_property
    def _trier(self) -> "Trier":
        """What does the work; made by the first of it, since it loads what reads pictures."""
        from leo_studio.services.try_it import Trier

        return Trier(self._library)

    def tools(
        self,
        run: Path,
        then: Callable[[TryTools], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Find out what can be done with a run."""
        return self._start(
            f"Looking at {run.name}",
            lambda _: self._trier.tools(run),
            then,
            is_shown=False,
            failed=failed,
        )

    def read(self, paths: Sequence[Path], then: Callable[[ReadExamples], None]) -> Task:
        """Read picture files, and those in folders."""
        return self._start(
            "Reading pictures", lambda _: self._trier.read(paths), then, is_shown=False
        )

    def of_store(
        self, run: Path, split: str, label: int, count: int, then: Callable[[ReadExamples], None]
    ) -> Task:
        """Take some examples of a class of a run's store."""
        return self._start(
            "Fetching examples",
            lambda _: self._trier.of_store(run, split, label, count),
            then,
            is_shown=False,
        )

    def answer(
        self,
        request: TryRequest,
        then: Callable[[TryResult], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Ask a run."""
        return self._start(
            f"Asking {request.run.name}",
            lambda _: self._trier.answer(request),
            then,
            is_shown=False,
            failed=failed,
        )

    def export(self, request: TryRequest, path: Path, then: "Callable[[Check], None]") -> Task:
        """Export the classifier of what is shown, in another process; `then` gets its check."""

        def work(task: Task) -> "Check":
            from leo_studio.services.classifier_export import export_elsewhere

            task.report(None, "embedding what is shown")
            return export_elsewhere(self._library, self._trier.shown(request), path, task)

        return self._start(f"Exporting {path.name}", work, then)
