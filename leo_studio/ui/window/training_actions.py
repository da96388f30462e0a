"""Train, pause, step, stop and checkpoint: actions that follow what training does."""

from collections.abc import Callable
from typing import NamedTuple

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QAction

from engine.events import State
from leo_studio.services.records import TrainingStatus
from leo_studio.ui.widgets.panel_parts import WindowParts


class _Words(NamedTuple):
    """The looks of an action."""

    text: str
    shortcut: str
    glyph: str
    tip: str


_WORDS = {
    "train.start": _Words(
        "Train",
        "Ctrl+Return",
        MDI7.play,
        "Train the experiment in the form; while a run trains, put it into the queue",
    ),
    "train.pause": _Words(
        "Pause", "Ctrl+P", MDI7.pause, "Hold training between two outer steps, or continue"
    ),
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


def add_training_actions(parts: WindowParts, train_or_queue: Callable[[], object]) -> None:
    """Add them to the registry; they are enabled when they make sense, and say so when not.

    `train_or_queue` trains the experiment in the form, or puts it behind what trains.
    """
    controller = parts.controller

    def hold_or_go_on() -> None:
        if controller.status.state == "paused":
            controller.go_on()
        else:
            controller.pause()

    calls = (train_or_queue, hold_or_go_on, controller.step, controller.stop, controller.checkpoint)
    train, pause, *others = [
        parts.actions.add(
            identifier,
            words.text,
            call,
            menu="Train",
            shortcut=words.shortcut,
            glyph=words.glyph,
            tip=words.tip,
            is_in_toolbar=True,
        )
        for (identifier, words), call in zip(_WORDS.items(), calls, strict=True)
    ]
    _follow(parts, train, pause, others)


def _follow(parts: WindowParts, train: QAction, pause: QAction, others: list[QAction]) -> None:
    """Let the actions say what they would do now."""
    controller, _, themes = parts

    def show_pause(_theme: object = None) -> None:
        is_held = controller.status.state == "paused"
        pause.setIcon(themes.icon(MDI7.play_pause if is_held else MDI7.pause))

    shown: State | None = None

    def follow(status: TrainingStatus) -> None:
        nonlocal shown
        if status.state == shown:
            return
        shown = status.state
        train.setText("Add to queue" if status.is_active else "Train")
        pause.setText("Continue" if status.state == "paused" else "Pause")
        show_pause()
        for action in (pause, *others):
            action.setEnabled(status.is_active and status.state != "stopping")

    controller.status_changed.connect(follow)
    themes.changed.connect(show_pause)
    follow(controller.status)
