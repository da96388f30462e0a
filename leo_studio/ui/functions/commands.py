"""The commands of the panel Functions, in menus and in the palette."""

from functools import partial
from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance

from leo_studio.analysis.functions.orders import ORDERS, TaskOrder
from leo_studio.ui.functions.plot import FunctionsPlot
from leo_studio.ui.widgets.actions import ActionRegistry

ABOUT_A_TASK = ("next", "previous", "go_to", "add", "posterior", "export", "keep", "open")
"""Commands that need a run whose functions can be looked at."""
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
            "Back to the task",
            panel.go_back,
            MDI7.undo,
            "Bring the task's own points back; all changes of them are forgotten",
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
