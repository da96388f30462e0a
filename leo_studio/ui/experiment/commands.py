"""Commands of the menus on the experiment in the form."""

from dataclasses import dataclass
from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from leo_studio.analysis.experiment.draft_history import History
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.undo_target import UndoTarget


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

    def choose_store(self) -> None:
        """Ask for the file of a store to train on."""

    def tell_how_to_get_data(self) -> None:
        """Say how embeddings are got."""

    def ask_for_preset_name(self) -> None:
        """Ask for a name and keep the settings as a preset."""

    def show_yaml(self) -> None:
        """Show the whole experiment as YAML."""

    def copy_command(self) -> None:
        """Copy the command that trains the same experiment in a terminal."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The actions whose state follows the draft."""

    registry: ActionRegistry
    undo_target: UndoTarget
    reset_all: QAction
    save: QAction
    yaml: QAction
    copy: QAction

    def follow(self, history: History, mistake: str) -> None:
        """Say what can be taken back and made again, and enable the actions that are possible.

        `mistake` says what keeps the settings from being an experiment; "" for nothing.
        """
        self.undo_target.say_form(history.undo_words or "", history.redo_words or "")
        nothing = (
            "" if history.draft.changed else f"All settings are those of {history.draft.title}."
        )
        self.registry.set_reason(self.reset_all.objectName(), nothing)
        for action in (self.save, self.yaml, self.copy):
            self.registry.set_reason(action.objectName(), mistake)


def add_commands(editor: ExperimentEditor, panel: QWidget, actions: ActionRegistry) -> Commands:
    """Add the editor's actions to the registry; `panel` is where the editor is."""
    add = actions.add
    undo, redo = "experiment.undo", "experiment.redo"
    target = UndoTarget(actions, undo, redo, panel, editor.undo, editor.redo)
    add(
        undo,
        "Undo",
        target.undo,
        menu="Edit",
        shortcut="Ctrl+Z",
        glyph=MDI7.undo,
        tip="Take back the last change where you worked last: in the form, or in another panel",
    )
    add(
        redo,
        "Redo",
        target.redo,
        menu="Edit",
        shortcut="Ctrl+Shift+Z",
        glyph=MDI7.redo,
        tip="Make the change again that was taken back last",
    )
    reset_all = add(
        "experiment.reset_all",
        "Reset all settings",
        editor.reset_all,
        menu="Edit",
        glyph=MDI7.restore,
        tip="Take back everything that differs from the preset",
    )
    add(
        "experiment.find",
        "Find a setting",
        editor.find_setting,
        menu="Edit",
        glyph=MDI7.magnify,
        tip="Search the form by a setting's name, symbol or description",
    )
    add(
        "experiment.choose",
        "Choose a preset...",
        editor.choose_preset,
        menu="Edit",
        tip="Load an experiment into the form: built in, your own, or a recent one",
    )
    add(
        "data.choose",
        "Choose a store's file...",
        editor.choose_store,
        menu="File",
        tip="Train on a store that lies outside of the library, an .h5 file",
    )
    add(
        "data.how",
        "How to get data",
        editor.tell_how_to_get_data,
        menu="Help",
        tip="Read where the released embeddings are, and how data of your own is imported",
    )
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
    return Commands(actions, target, reset_all, save, yaml, copy)
