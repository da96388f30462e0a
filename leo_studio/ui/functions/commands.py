"""The commands of the panel Functions, in menus and in the palette."""

from functools import partial
from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance

from engine.inspection.function_records import FunctionRecord, FunctionTable
from leo_studio.analysis.functions.edited_points import EditedPoints
from leo_studio.analysis.functions.orders import NO_LIMIT, ORDERS, TaskOrder
from leo_studio.analysis.functions.sources import has_known_limit, why_no_functions
from leo_studio.services.records import RunEntry
from leo_studio.ui.functions.plot import FunctionsPlot
from leo_studio.ui.widgets.actions import ActionRegistry

# Commands that need nothing but a task that is shown.
_ABOUT_A_TASK = ("next", "previous", "go_to", "add", "export", "keep", "kept", "save")
CHANGE = "change of points"
_GLYPHS = {
    "ambiguous": MDI7.help_rhombus_outline,
    "uncertain": MDI7.arrow_expand_vertical,
    "overconfident": MDI7.alert_outline,
}


class FunctionsView(Protocol):
    """The part of the panel that its commands call."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the plot is to be exported."""

    @property
    def plot(self) -> FunctionsPlot:
        """The plot, to which points are added."""

    def ask(self, order: TaskOrder) -> None:
        """Put the tasks in an order, and look at the first."""

    def go_on(self, step: int) -> None:
        """Look at the next task of the table, or at the one before."""

    def ask_number(self) -> None:
        """Put the keyboard where the number of a task is written."""

    def go_back(self) -> None:
        """Undo all changes of points."""

    def show_codes(self, is_wanted: bool) -> None:
        """Show the way of the code, or fold it away."""

    def show_posterior(self, is_wanted: bool) -> None:
        """Draw functions of the limit's posterior, or no more."""


def add_commands(actions: ActionRegistry, panel: FunctionsView) -> None:
    """Add them to the registry."""
    actions.add(
        "functions.export",
        "Export functions...",
        panel.export_wanted.emit,
        menu="Export",
        glyph=MDI7.chart_bell_curve,
        tip="The plot of the panel Functions: a figure, a script, or the numbers behind it",
    )
    for order in ORDERS:
        actions.add(
            f"functions.{order.name}",
            f"{order.title} tasks",
            partial(panel.ask, order),
            menu="Episodes",
            glyph=_GLYPHS[order.name],
            tip=order.tip,
        )
    _add_for_tasks_and_points(actions, panel)
    _add_for_looks(actions, panel)


def why_not_done(
    entry: RunEntry | None,
    record: FunctionRecord | None,
    points: EditedPoints,
    table: FunctionTable | None,
    learner: str,
) -> dict[str, str]:
    """Say of each command by its name why it cannot be done; "" where it can.

    Parameters
    ----------
    entry
        The run that is followed.
    record, points, table
        What is shown of it; None where nothing is yet.
    learner
        What people call what has learned.
    """
    why_none = why_no_functions(entry).partition("\n")[0]
    if not why_none and record is None:
        why_none = "The panel Functions shows no task yet."
    has_no_codes = record is not None and record.codes is None
    has_limit = has_known_limit(entry)
    families = 2 if table is None else len(table.families)
    own = {
        "back": "" if points.is_changed else "No point was changed.",
        "remove": points.why_not_removed(),
        "undo": "" if points.undo_words else "No change of points is left to undo.",
        "redo": "" if points.redo_words else "No change of points was undone.",
        "codes": f"{learner} has no latent code." if has_no_codes else "",
        "posterior": "" if has_limit else NO_LIMIT,
        **{each.name: each.why_not(families=families, has_limit=has_limit) for each in ORDERS},
    }
    return {name: why_none or own.get(name, "") for name in (*_ABOUT_A_TASK, *own)}


def name_changes(actions: ActionRegistry, points: EditedPoints) -> None:
    """Let undo and redo say what they take back and make again."""
    for name, verb, words in (
        ("undo", "Undo", points.undo_words),
        ("redo", "Redo", points.redo_words),
    ):
        actions[f"functions.{name}"].setText(f"{verb} {words or CHANGE}")


def _add_for_tasks_and_points(actions: ActionRegistry, panel: FunctionsView) -> None:
    for name, text, trigger, glyph, tip in (
        (
            "next",
            "Next task",
            partial(panel.go_on, 1),
            MDI7.chevron_right,
            "Look at the task of regression in the row below, as the table is sorted",
        ),
        (
            "previous",
            "Previous task",
            partial(panel.go_on, -1),
            MDI7.chevron_left,
            "Look at the task of regression in the row above, as the table is sorted",
        ),
        (
            "go_to",
            "Go to task...",
            panel.ask_number,
            MDI7.numeric,
            "Look at the task of regression that has a number",
        ),
        (
            "back",
            "Back to the task's own points",
            panel.go_back,
            MDI7.restore,
            "Back to the task's own points: all changes are taken back; Undo brings them again",
        ),
        (
            "undo",
            f"Undo {CHANGE}",
            panel.plot.undo,
            MDI7.undo_variant,
            "Take back the last change of a point in Functions (Ctrl+Z there)",
        ),
        (
            "redo",
            f"Redo {CHANGE}",
            panel.plot.redo,
            MDI7.redo_variant,
            "Make the change of a point again that was taken back last (Ctrl+Shift+Z there)",
        ),
        (
            "add",
            "Add point",
            panel.plot.add_in_the_middle,
            MDI7.plus,
            "Add a point where the others are farthest; a double click adds one anywhere",
        ),
        (
            "remove",
            "Remove point",
            panel.plot.remove_chosen,
            MDI7.minus,
            "Remove the point that was clicked last; a right click removes any",
        ),
    ):
        actions.add(f"functions.{name}", text, trigger, menu="Episodes", glyph=glyph, tip=tip)


def _add_for_looks(actions: ActionRegistry, panel: FunctionsView) -> None:
    actions.add(
        "functions.codes",
        "Way of the latent code",
        menu="Episodes",
        glyph=MDI7.vector_polyline,
        tip="Show beside the functions where the inner loop takes the latent code, or fold it away",
        toggled=panel.show_codes,
        is_checked=True,
    )
    actions.add(
        "functions.posterior",
        "Functions of the limit",
        menu="Episodes",
        glyph=MDI7.chart_multiline,
        tip="Draw some functions of the exact posterior behind those of the run",
        toggled=panel.show_posterior,
    )
