"""Train, pause, step, stop and checkpoint: actions that follow what training does."""

from collections.abc import Callable

from fonticon_mdi7 import MDI7

from engine.events import State
from leo_studio.services.records import TrainingStatus
from leo_studio.ui.widgets.panel_parts import WindowParts


def add_training_actions(parts: WindowParts, train_or_queue: Callable[[], object]) -> None:
    """Add them to the registry; they are enabled when they make sense, and say so when not.

    `train_or_queue` trains the experiment in the form, or puts it behind what trains.
    """
    controller, actions, themes = parts
    train = actions.add(
        "train.start",
        "Train",
        train_or_queue,
        menu="Train",
        shortcut="Ctrl+Return",
        glyph=MDI7.play,
        tip="Train the experiment in the form; while a run trains, put it into the queue",
        is_in_toolbar=True,
    )

    def hold_or_go_on() -> None:
        if controller.status.state == "paused":
            controller.go_on()
        else:
            controller.pause()

    pause = actions.add(
        "train.pause",
        "Pause",
        hold_or_go_on,
        menu="Train",
        shortcut="Ctrl+P",
        glyph=MDI7.pause,
        tip="Hold training between two outer steps, or continue",
        is_in_toolbar=True,
    )
    step = actions.add(
        "train.step",
        "Step",
        controller.step,
        menu="Train",
        shortcut="Ctrl+.",
        glyph=MDI7.debug_step_over,
        tip="Take one outer step and hold",
        is_in_toolbar=True,
    )
    stop = actions.add(
        "train.stop",
        "Stop",
        controller.stop,
        menu="Train",
        shortcut="Ctrl+Shift+Return",
        glyph=MDI7.stop,
        tip="Stop the run; it keeps a checkpoint and can be resumed",
        is_in_toolbar=True,
    )
    checkpoint = actions.add(
        "train.checkpoint",
        "Checkpoint now",
        controller.checkpoint,
        menu="Train",
        shortcut="Ctrl+Alt+S",
        glyph=MDI7.content_save_outline,
        tip="Save a checkpoint after the step under way",
        is_in_toolbar=True,
    )

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
        for action in (pause, step, checkpoint):
            action.setEnabled(status.is_active and status.state != "stopping")
        stop.setEnabled(status.is_active and status.state != "stopping")

    controller.status_changed.connect(follow)
    themes.changed.connect(show_pause)
    follow(controller.status)
