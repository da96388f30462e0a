"""Commands of the menus on the experiment in the form."""

from dataclasses import dataclass
from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QAction

from leo_studio.analysis.experiment.draft_history import History
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.people import without_keys


class ExperimentEditor(Protocol):
    """The editor of an experiment, as far as menus call it."""

    def undo(self) -> None:
        """Take the last edit back."""

    def redo(self) -> None:
        """Make again what was taken back."""

    def reset_all(self) -> None:
        """Take everything back that differs from the preset."""

    def find_setting(self) -> None:
        """Put the keyboard where settings are looked for."""

    def choose_preset(self) -> None:
        """Open the list of presets."""

    def ask_for_preset_name(self) -> None:
        """Ask for a name and keep the settings as a preset."""

    def show_yaml(self) -> None:
        """Show the whole experiment as YAML."""

    def copy_command(self) -> None:
        """Copy the command that trains the same experiment in a terminal."""


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
        """Update the texts of undo and redo, and enable the actions that are possible."""
        for action, verb, words in (
            (self.undo, "Undo", history.undo_words),
            (self.redo, "Redo", history.redo_words),
        ):
            action.setText(f"{verb} {without_keys(words)}" if words else verb)
            action.setEnabled(words is not None)
        self.reset_all.setEnabled(bool(history.draft.changed))
        for action in (self.save, self.yaml, self.copy):
            action.setEnabled(is_valid)


def add_commands(editor: ExperimentEditor, actions: ActionRegistry) -> Commands:
    """Add the editor's actions to the registry."""
    add = actions.add
    undo = add(
        "experiment.undo", "Undo", editor.undo, menu="Edit", shortcut="Ctrl+Z", glyph=MDI7.undo
    )
    redo = add(
        "experiment.redo",
        "Redo",
        editor.redo,
        menu="Edit",
        shortcut="Ctrl+Shift+Z",
        glyph=MDI7.redo,
    )
    reset_all = add(
        "experiment.reset_all",
        "Reset all settings",
        editor.reset_all,
        menu="Edit",
        glyph=MDI7.restore,
        tip="Take back everything that differs from the preset",
    )
    add("experiment.find", "Find a setting", editor.find_setting, menu="Edit", glyph=MDI7.magnify)
    add("experiment.choose", "Choose a preset...", editor.choose_preset, menu="Edit")
    save = add(
        "experiment.save",
        "Save as preset...",
        editor.ask_for_preset_name,
        menu="File",
        shortcut="Ctrl+S",
        glyph=MDI7.content_save_outline,
        tip="Keep these settings as a preset of your own",
    )
    yaml = add(
        "experiment.yaml",
        "Show as YAML",
        editor.show_yaml,
        menu="File",
        glyph=MDI7.code_braces,
        tip="Show the whole experiment as a preset's file has it",
    )
    copy = add(
        "experiment.copy_command",
        "Copy command line",
        editor.copy_command,
        menu="Edit",
        glyph=MDI7.console,
        tip="Copy the command that trains the same experiment in a terminal",
    )
    return Commands(undo, redo, reset_all, save, yaml, copy)
