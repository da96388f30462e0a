"""What the menus offer to do with the experiment in the form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QAction

from leo_studio.ui.actions import ActionRegistry
from leo_studio.ui.experiment.history import History

if TYPE_CHECKING:
    from leo_studio.ui.experiment.panel import ExperimentPanel


@dataclass(frozen=True, slots=True)
class Commands:
    """The actions whose state follows the draft."""

    undo: QAction
    redo: QAction
    reset_all: QAction
    save: QAction
    yaml: QAction
    copy: QAction

    def follow(self, history: History, *, is_valid: bool) -> None:
        """Say what undo and redo would do, and enable what can be done."""
        for action, verb, words in (
            (self.undo, "Undo", history.undo_words),
            (self.redo, "Redo", history.redo_words),
        ):
            action.setText(f"{verb} {words}" if words else verb)
            action.setEnabled(words is not None)
        self.reset_all.setEnabled(bool(history.draft.changed))
        for action in (self.save, self.yaml, self.copy):
            action.setEnabled(is_valid)


def add_commands(panel: "ExperimentPanel", actions: ActionRegistry) -> Commands:
    """Add the panel's actions to the registry."""
    add = actions.add
    undo = add(
        "experiment.undo", "Undo", panel.undo, menu="Edit", shortcut="Ctrl+Z", glyph=MDI7.undo
    )
    redo = add(
        "experiment.redo", "Redo", panel.redo, menu="Edit", shortcut="Ctrl+Shift+Z", glyph=MDI7.redo
    )
    reset_all = add(
        "experiment.reset_all",
        "Reset all settings",
        panel.reset_all,
        menu="Edit",
        glyph=MDI7.restore,
        tip="Take back everything that differs from the preset",
    )
    add("experiment.find", "Find a setting", panel.find_setting, menu="Edit", glyph=MDI7.magnify)
    add("experiment.choose", "Choose a preset...", panel.choose_preset, menu="Edit")
    save = add(
        "experiment.save",
        "Save as preset...",
        panel.ask_for_preset_name,
        menu="File",
        shortcut="Ctrl+S",
        glyph=MDI7.content_save_outline,
        tip="Keep these settings as a preset of your own",
    )
    yaml = add(
        "experiment.yaml",
        "Show as YAML",
        panel.show_yaml,
        menu="File",
        glyph=MDI7.code_braces,
        tip="Show the whole experiment as a preset's file has it",
    )
    copy = add(
        "experiment.copy_command",
        "Copy command line",
        panel.copy_command,
        menu="Edit",
        glyph=MDI7.console,
        tip="Copy the command that trains the same experiment in a terminal",
    )
    return Commands(undo, redo, reset_all, save, yaml, copy)
