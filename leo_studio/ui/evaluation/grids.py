"""The grids of the panel Evaluation: they are started, followed, and shown when they are there."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject

from leo_studio.analysis.evaluation.grid_choices import why_no_grid
from leo_studio.services.grid_records import EvaluatedGrid
from leo_studio.services.records import EvaluationRequest, Notice, RunEntry, StoreEntry
from leo_studio.ui.evaluation.grid_view import GridView

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller


class Evaluating(Protocol):
    """The part of the form of an evaluation that a grid shares with it."""

    def why_not(self) -> str:
        """Say why nothing can be evaluated; "" where it can."""

    def request(self) -> EvaluationRequest:
        """Return the chosen evaluation: its run, checkpoint, split and episodes."""

    def episodes_of_split(self) -> tuple[int, str]:
        """Return how many episodes are chosen, and of which split; "" where there is none."""


class Grids(QObject):
    """Evaluates grids in the background, and shows those of the run that is shown.

    Parameters
    ----------
    controller
        Starts them.
    view
        Shows them.
    form
        Knows the run, its checkpoint, the split and the number of episodes.
    """

    def __init__(self, controller: "Controller", view: GridView, form: Evaluating) -> None:
        super().__init__(view)
        self._controller = controller
        self._view = view
        self._form = form
        self._task: Task | None = None
        self._run: RunEntry | None = None
        self._newest: dict[Path, str] = {}  # the file of a run's grid that nobody has seen yet
        view.form.start_wanted.connect(self.start)
        view.form.cancel_wanted.connect(self.cancel)
        controller.tasks_changed.connect(self._follow)

    def show_run(self, run: RunEntry | None, own: StoreEntry | None) -> None:
        """Show the grids of a run, and offer what can be evaluated."""
        before, self._run = self._run, run
        is_same = before is not None and run is not None and before.path == run.path
        if not is_same:
            self._view.show_grids(())
        if run is not None and own is not None:
            self._view.form.show_run(run, own, self._controller.stores)
            newest = self._newest.pop(run.path, "")
            self._view.show_grids(run.grids, why_no_grid(run), newest)
        self.refresh()

    def refresh(self) -> None:
        """Say what speaks against a grid now."""
        why_not = "" if self._run is None else why_no_grid(self._run)
        self._view.form.show_episodes(*self._form.episodes_of_split())
        self._view.form.set_reason(why_not or self._form.why_not())

    def start(self) -> None:
        """Start the grid that is chosen, or say why it cannot start."""
        if why_not := self.why_not():
            self._controller.notified.emit(Notice("warning", why_not))
            return
        request = self._view.form.request(self._form.request())
        title = self._controller.title_of(request.run)
        self._task = self._controller.grids.evaluate(request, title, self._finished)
        self._follow()

    def cancel(self) -> None:
        """End the grid that is under way; nothing is kept of it."""
        if self._task is not None:
            self._task.cancel()
            self._follow()

    def why_not(self) -> str:
        """Say why a grid cannot be evaluated now; "" where it can."""
        return self._view.form.why_not()

    @property
    def is_cancellable(self) -> bool:
        """Whether a grid is under way that nobody has cancelled yet."""
        return self._task is not None and not self._task.is_cancelled

    def _finished(self, found: EvaluatedGrid) -> None:
        """Show a grid if its run is shown still; else tell of it."""
        run = self._run
        if run is not None and run.path == found.run:
            others = [each for each in run.grids if each.file_name != found.grid.file_name]
            every = sorted((*others, found.grid), key=lambda each: each.file_name)
            self._view.show_grids(every, wanted=found.grid.file_name)
            return
        self._newest[found.run] = found.grid.file_name
        if not found.why_not_kept:
            text = f"The grid of {self._controller.title_of(Path(found.run))} is kept with it."
            self._controller.notified.emit(Notice("success", text))

    def _follow(self) -> None:
        if self._task is not None and self._task not in self._controller.tasks:
            self._task = None
        self._view.form.show_task(self._task)
