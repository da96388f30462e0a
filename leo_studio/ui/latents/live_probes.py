"""Live latent codes of the probe episodes while a run trains."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.events import Event, ProbesInspected
from leo_studio.services.records import EpisodeSource, TrainingStatus

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class LiveProbes(QObject):
    """Asks training for its probes while somebody sees them.

    `arrived` is emitted for each, while it is on and seen; `explained` when `why_nothing` or
    `has_run` changes.

    Parameters
    ----------
    controller
        The way to training.
    parent
        The panel.
    """

    arrived = Signal(object)  # `ProbesInspected`
    explained = Signal()

    def __init__(self, controller: "Controller", parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self.is_on = False
        self._is_seen = False
        self._trained = ""  # the run that trains; "" for none
        self.newest: ProbesInspected | None = None
        self.why_nothing = ""  # of the run that trains, which may have no codes to show
        controller.happened.connect(self._hear)
        controller.status_changed.connect(self._follow)
        controller.runs_changed.connect(self._judge)
        self._follow(controller.status)

    @property
    def has_run(self) -> bool:
        """Whether a run trains now."""
        return bool(self._trained)

    @property
    def step(self) -> int | None:
        """The outer step of the newest probes."""
        return None if self.newest is None else self.newest.step

    @property
    def words(self) -> str:
        """What stands in place of a checkpoint; "" while it is off."""
        if not self.is_on:
            return ""
        return "live" if self.step is None else f"live, step {self.step:,}"

    def switch(self, is_on: bool) -> None:
        """Follow training, or do no more."""
        self.is_on, self.newest = is_on, None
        self._watch()

    def set_seen(self, is_seen: bool) -> None:
        """Say whether the panel is seen; otherwise training does not compute probes."""
        self._is_seen = is_seen
        self._watch()

    def source(self, event: ProbesInspected) -> EpisodeSource:
        """Return the source of the probes; there may be no such checkpoint on disk."""
        run = Path(self._controller.status.run)
        return EpisodeSource(run, event.step, event.latents.provenance.split)

    def _follow(self, status: TrainingStatus) -> None:
        trained = status.run if status.is_active else ""
        if trained != self._trained:
            self._trained = trained
            self._judge()
            self.explained.emit()

    def _judge(self, *_: object) -> None:
        """Find out whether the run that trains has codes; a new one is soon among the runs."""
        runs = (run for run in self._controller.runs if run.path == Path(self._trained))
        run = next(runs, None) if self._trained else None
        why_nothing = "" if run is None else run.why_no_latent_space
        if why_nothing != self.why_nothing:
            self.why_nothing = why_nothing
            self._watch()
            self.explained.emit()

    def _watch(self) -> None:
        self._controller.watch_probes(self.is_on and self._is_seen and not self.why_nothing)

    def _hear(self, event: Event) -> None:
        if isinstance(event, ProbesInspected) and self.is_on and self._is_seen:
            self.newest = event
            self.arrived.emit(event)
