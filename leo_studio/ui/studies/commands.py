"""The commands of the panel Studies, in menus and in the palette."""

from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAction

from leo_studio.ui.widgets.actions import ActionRegistry

COMMANDS = ("open", "all", "start", "stop", "add")  # they show the panel


class StudiesView(Protocol):
    """The part of the panel that its commands call."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the table is to be exported."""

    def open_selected(self) -> None:
        """Open the study that is selected."""

    def show_all(self) -> None:
        """Go back to the list."""

    def start(self) -> None:
        """Carry out what is left of the study that is shown."""

    def stop(self) -> None:
        """End the study that is carried out."""

    def open_run(self) -> None:
        """Show the run of the selected entry."""

    def add_file(self) -> None:
        """Ask for a study's file."""

    def copy_markdown(self) -> None:
        """Put the table on the clipboard as Markdown."""

    def copy_latex(self) -> None:
        """Put the table on the clipboard as LaTeX."""

    def save_table(self) -> None:
        """Ask where to write the table."""


def add_commands(actions: ActionRegistry, panel: StudiesView) -> list[QAction]:
    """Add them to the registry; returns those of the buttons above a study's table."""
    for name, text, trigger, glyph, tip in (
        ("open", "Open study", panel.open_selected, "", "Show the table of the selected study"),
        ("all", "All studies", panel.show_all, "", "Go back to the list of the panel Studies"),
        (
            "start",
            "Start study, or go on",
            panel.start,
            MDI7.play_outline,
            "Carry out what is left of the study that is shown, several runs at once",
        ),
        (
            "stop",
            "Stop study",
            panel.stop,
            MDI7.stop,
            "End the study that is carried out; what trains keeps a checkpoint, and goes on later",
        ),
        (
            "run",
            "Open the run of an entry",
            panel.open_run,
            MDI7.chart_line,
            "Make the run behind the selected entry of a study's table the current one",
        ),
        (
            "add",
            "Add a study...",
            panel.add_file,
            MDI7.file_plus_outline,
            "Take a study's file of your own (.yaml) into the library",
        ),
    ):
        actions.add(f"studies.{name}", text, trigger, menu="Runs", glyph=glyph, tip=tip)
    return [*_add_copies(actions, panel), _add_export(actions, panel)]


def _add_copies(actions: ActionRegistry, panel: StudiesView) -> list[QAction]:
    found = []
    for name, text, words, trigger, glyph, tip in (
        (
            "markdown",
            "Copy study as Markdown",
            "Copy as Markdown",
            panel.copy_markdown,
            MDI7.language_markdown_outline,
            "Put the study's table and what its numbers are on the clipboard, for notes and issues",
        ),
        (
            "latex",
            "Copy study as LaTeX",
            "Copy as LaTeX",
            panel.copy_latex,
            MDI7.format_superscript,
            "Put the study's table on the clipboard for a paper, with the package booktabs",
        ),
        (
            "save",
            "Save study's table...",
            "Save table...",
            panel.save_table,
            MDI7.content_save_outline,
            "Write the study's table: Markdown, LaTeX, CSV, Parquet or HDF5, by the file's ending",
        ),
    ):
        action = actions.add(f"studies.{name}", text, trigger, menu="Runs", glyph=glyph, tip=tip)
        action.setIconText(words)
        found.append(action)
    return found


def _add_export(actions: ActionRegistry, panel: StudiesView) -> QAction:
    action = actions.add(
        "studies.export",
        "Export study...",
        panel.export_wanted.emit,
        menu="Export",
        glyph=MDI7.file_export_outline,
        tip="The study's accuracies: a figure, a script, or the numbers behind it",
    )
    action.setIconText("Export...")
    return action
