"""The notice at the end of a run: how well it did, and what can be done with it next."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.config import Backbone
from engine.events import Event, StateChanged
from engine.runs.folders import run_identity
from leo_studio.analysis.evaluation.choices import learns_functions
from leo_studio.analysis.runs.naming import why_no_checkpoint
from leo_studio.services.records import Notice, NoticeAction, RunEntry

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

Act = Callable[[RunEntry], object]


class EndOfRun(QObject):
    """Tells of each run that finishes, as soon as its record says how well it did.

    Parameters
    ----------
    controller
        Tells what trains, and has the records of runs.
    evaluate, look_at_episodes, embed, export
        What the notice offers; each is called with the run of the notice.
    parent
        The window.
    """

    def __init__(
        self,
        controller: "Controller",
        evaluate: Act,
        look_at_episodes: Act,
        embed: Act,
        export: Act,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._evaluate = evaluate
        self._look_at_episodes = look_at_episodes
        self._embed = embed
        self._export = export
        self._finished: dict[Path, int] = {}  # and at which step, of those not told of yet
        controller.happened.connect(self._hear)
        controller.runs_changed.connect(lambda _: self._tell())

    def _hear(self, event: Event) -> None:
        if isinstance(event, StateChanged) and event.state == "finished" and event.run:
            self._finished[run_identity(Path(event.run))] = self._controller.status.step
            self._tell()

    def _tell(self) -> None:
        runs = {run.path: run for run in self._controller.runs}
        for path, step in list(self._finished.items()):  # in the order in which they finished
            run = runs.get(path)
            # Until then the record is of before its end, also of one that was finished once before.
            if run is not None and run.status == "finished" and run.step >= step:
                del self._finished[path]
                self._controller.notified.emit(self._notice(run))

    def _notice(self, run: RunEntry) -> Notice:
        score = f": {run.named_best_text} on validation" if run.best is not None else ""
        offered = self._offered(run)
        text = f"{run.title} is finished{score}."
        # In the place of what said that it has started.
        return Notice("success", text, actions=offered, about=str(run.path))

    def _offered(self, run: RunEntry) -> tuple[NoticeAction, ...]:
        """Return what can be done with a run."""
        if why_no_checkpoint(run):
            return ()
        offers = [("Evaluate", self._evaluate)]
        if learns_functions(run):
            offers.append(("Look at functions", self._look_at_episodes))
        elif not run.why_no_latent_space:
            offers.append(("Look at episodes", self._look_at_episodes))
        if run.experiment is not None and isinstance(run.experiment.learner, Backbone):
            offers.append(("Embed pictures with it", self._embed))
        offers.append(("Export", self._export))
        return tuple(NoticeAction(label, self._on(run, act)) for label, act in offers)

    def _on(self, run: RunEntry, act: Act) -> Callable[[], None]:
        """Return what acts on a run as it is listed then: it may have another name by then."""

        def do() -> None:
            listed = next((each for each in self._controller.runs if each.id == run.id), None)
            if listed is None:
                text = f"{run.title} is no longer among the runs."
                self._controller.notified.emit(Notice("warning", text))
            else:
                act(listed)

        return do
