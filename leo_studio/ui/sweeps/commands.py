"""The commands of the panel Sweeps, in menus and in the palette."""

from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAction

from leo_studio.ui.widgets.actions import ActionRegistry

COMMANDS = ("open", "new", "all", "start", "stop", "add")  # they show the panel


class SweepsView(Protocol):
    """The part of the panel that its commands call."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the sweep is to be exported."""

    def open_selected(self) -> None:
        """Open the sweep that is selected."""

    def open_new(self) -> None:
        """Show the page of a new sweep of the preset and the space that are chosen."""

    def show_all(self) -> None:
        """Go back to the list."""

    def start(self) -> None:
        """Carry out what is left of the sweep that is shown."""

    def stop(self) -> None:
        """End the sweep that is carried out."""

    def open_run(self) -> None:
        """Show the run of the chosen trial."""

    def add_file(self) -> None:
        """Ask for a space's file."""

    def copy_markdown(self) -> None:
        """Put the table on the clipboard as Markdown."""

    def save_table(self) -> None:
        """Ask where to write the table."""


def add_commands(actions: ActionRegistry, panel: SweepsView) -> list[QAction]:
    """Add them to the registry; returns those of the buttons above a sweep's views."""
    for name, text, trigger, glyph, tip in (
        ("open", "Open sweep", panel.open_selected, "", "Show the trials of the selected sweep"),
        (
            "new",
            "New sweep",
            panel.open_new,
            MDI7.tune_variant,
            "Show a new sweep of the preset and the space that are chosen in the panel Sweeps",
        ),
        ("all", "All sweeps", panel.show_all, "", "Go back to the list of the panel Sweeps"),
        (
            "start",
            "Start sweep, or go on",
            panel.start,
            MDI7.play_outline,
            "Carry out what is left of the sweep that is shown, several trials at once",
        ),
        (
            "stop",
            "Stop sweep",
            panel.stop,
            MDI7.stop,
            "End the sweep that is carried out; what trains keeps a checkpoint, and goes on later",
        ),
        (
            "add",
            "Add a space...",
            panel.add_file,
            MDI7.file_plus_outline,
            "Take a file of your own (.yaml), which says what varies in sweeps, into the library",
        ),
    ):
        actions.add(f"sweeps.{name}", text, trigger, menu="Runs", glyph=glyph, tip=tip)
    return [*_add_for_trials(actions, panel), _add_export(actions, panel)]


def _add_for_trials(actions: ActionRegistry, panel: SweepsView) -> list[QAction]:
    found = []
    for name, text, words, trigger, glyph, tip in (
        (
            "run",
            "Open the run of a trial",
            "Open run",
            panel.open_run,
            MDI7.chart_line,
            "Make the run of the chosen trial the current one",
        ),
        (
            "markdown",
            "Copy sweep as Markdown",
            "Copy as Markdown",
            panel.copy_markdown,
            MDI7.language_markdown_outline,
            "Put the table of trials and what came of it on the clipboard, for notes and issues",
        ),
        (
            "save",
            "Save sweep's table...",
            "Save table...",
            panel.save_table,
            MDI7.content_save_outline,
            "Write the table of trials: Markdown, CSV, Parquet or HDF5, by the file's ending",
        ),
    ):
        action = actions.add(f"sweeps.{name}", text, trigger, menu="Runs", glyph=glyph, tip=tip)
        action.setIconText(words)
        found.append(action)
    return found


def _add_export(actions: ActionRegistry, panel: SweepsView) -> QAction:
    action = actions.add(
        "sweeps.export",
        "Export sweep...",
        panel.export_wanted.emit,
        menu="Export",
        glyph=MDI7.file_export_outline,
        tip="The sweep's trials: a figure, a script, or the numbers behind it",
    )
    action.setIconText("Export...")
    return action
