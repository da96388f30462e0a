"""Train, pause, step, stop and checkpoint: actions that follow what training does."""

from collections.abc import Callable
from typing import NamedTuple

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QObject

from engine.events import State
from leo_studio.analysis.runs.naming import why_resume_is_over
from leo_studio.services.records import RunEntry, TrainingStatus
from leo_studio.ui.widgets.panel_parts import WindowParts

_NOTHING = "Nothing is being trained."
_STOPPING = "The run is stopping; it keeps a checkpoint."


class _Words(NamedTuple):
    """The looks of an action."""

    text: str
    shortcut: str
    glyph: str
    tip: str


_WORDS = {
    "train.start": _Words("Train", "Ctrl+Return", MDI7.play, "Train the experiment in the form"),
    "train.pause": _Words("Pause", "Ctrl+P", MDI7.pause, "Hold training between two outer steps"),
    "train.step": _Words("Step", "Ctrl+.", MDI7.debug_step_over, "Take one outer step and hold"),
    "train.stop": _Words(
        "Stop",
        "Ctrl+Shift+Return",
        MDI7.stop,
        "Stop the run; it keeps a checkpoint and can be resumed",
    ),
    "train.checkpoint": _Words(
        "Checkpoint now",
        "Ctrl+Alt+S",
        MDI7.content_save_outline,
        "Save a checkpoint after the step under way",
    ),
}
# What else the first two do, in the same place and by the same keys.
_QUEUE = _Words("Add to queue", "", MDI7.tray_plus, "Train the experiment in the form after these")
_CONTINUE = _Words("Continue", "", MDI7.play_pause, "Go on where training was held")
_RESUME = _Words("Resume", "", MDI7.play_circle_outline, "Go on with the run that was stopped")
_OTHER_TEXTS = {
    "train.start": (_QUEUE.text,),
    "train.pause": (_CONTINUE.text, _RESUME.text),
}
_OF_A_RUN = ("train.pause", "train.step", "train.stop", "train.checkpoint")


class TrainingActions(QObject):
    """The actions on training; each is enabled when it makes sense, and says why when not.

    While nothing trains, the place and the keys of Pause resume the current run, if it was stopped.

    Parameters
    ----------
    parts
        What every panel is made of.
    train_or_queue
        Trains the experiment in the form, or puts it behind what trains.
    parent
        The window.
    """

    def __init__(
        self, parts: WindowParts, train_or_queue: Callable[[], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        controller = self._controller = parts.controller
        self._actions = parts.actions
        self._shown: tuple[State, RunEntry | None] | None = None
        calls = (
            train_or_queue,
            self._hold_or_go_on,
            controller.step,
            controller.stop,
            controller.checkpoint,
        )
        for (identifier, words), call in zip(_WORDS.items(), calls, strict=True):
            self._actions.add(
                identifier,
                words.text,
                call,
                menu="Train",
                shortcut=words.shortcut,
                glyph=words.glyph,
                tip=words.tip,
                is_in_toolbar=True,
                other_texts=_OTHER_TEXTS.get(identifier, ()),
            )
        controller.imports.train = self._actions["train.start"].trigger
        controller.status_changed.connect(self._follow)
        controller.current.changed.connect(lambda: self._follow(controller.status))
        self._follow(controller.status)

    def show_why_not(self, why: str) -> None:
        """Say why the experiment in the form cannot be trained; "" where it can."""
        self._actions.set_reason("train.start", why)

    def _hold_or_go_on(self) -> None:
        stopped = self._stopped_run()
        if stopped is not None:
            self._controller.resume_run(stopped.path)
        elif self._controller.status.state == "paused":
            self._controller.go_on()
        else:
            self._controller.pause()

    def _stopped_run(self) -> RunEntry | None:
        """Return the current run, if nothing trains and it was stopped and can go on."""
        run = self._controller.current.entry
        if self._controller.status.is_active or run is None or run.problem:
            return None
        is_stopped = run.status in ("stopped", "interrupted")
        return run if is_stopped and not why_resume_is_over(run) else None

    def _follow(self, status: TrainingStatus) -> None:
        """Let the actions say what they would do now."""
        stopped = self._stopped_run()
        if (status.state, stopped) == self._shown:
            return
        self._shown = (status.state, stopped)
        self._show("train.start", _QUEUE if status.is_active else _WORDS["train.start"])
        if stopped is not None:
            self._show("train.pause", _RESUME._replace(tip=f"Go on with {stopped.title}"))
        else:
            is_held = status.state == "paused"
            self._show("train.pause", _CONTINUE if is_held else _WORDS["train.pause"])
        why_not = _STOPPING if status.state == "stopping" else "" if status.is_active else _NOTHING
        for identifier in _OF_A_RUN:
            is_possible = identifier == "train.pause" and stopped is not None
            self._actions.set_reason(identifier, "" if is_possible else why_not)
        self._actions.set_prominent("train.start", not status.is_active)
        for identifier in ("train.pause", "train.stop"):
            self._actions.set_prominent(identifier, status.is_active)

    def _show(self, identifier: str, words: _Words) -> None:
        if self._actions[identifier].text() != words.text:
            self._actions[identifier].setText(words.text)
            self._actions.set_glyph(identifier, words.glyph)
        self._actions.set_tip(identifier, words.tip)
