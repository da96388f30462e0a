"""The commands of the panel Evaluation, in menus and in the palette."""

from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance

from leo_studio.ui.widgets.actions import ActionRegistry


class EvaluationView(Protocol):
    """The part of the panel that its commands call."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the plot is to be exported."""

    def start(self) -> None:
        """Start the chosen evaluation."""

    def cancel(self) -> None:
        """End the evaluation that is under way."""

    def copy_result(self) -> None:
        """Put the result on the clipboard."""

    def measure_uncertainty(self) -> None:
        """Measure whether uncertainty tells wrong answers."""

    def start_grid(self) -> None:
        """Evaluate on other ways, shots and stores."""

    def cancel_grid(self) -> None:
        """End the grid that is under way."""


def add_commands(actions: ActionRegistry, panel: EvaluationView) -> None:
    """Add them to the registry."""
    actions.add(
        "evaluation.start",
        "Start evaluation",
        panel.start,
        menu="Runs",
        shortcut="Ctrl+Alt+E",
        glyph=MDI7.bullseye_arrow,
        tip="Evaluate what the panel Evaluation shows",
    )
    actions.add(
        "evaluation.cancel",
        "Cancel evaluation",
        panel.cancel,
        menu="Runs",
        tip="End the evaluation that is under way; nothing is kept of it",
    )
    actions.add(
        "evaluation.uncertainty",
        "Measure uncertainty",
        panel.measure_uncertainty,
        menu="Runs",
        glyph=MDI7.help_circle_outline,
        tip="Measure whether uncertainty tells which answers of the result shown are wrong",
    )
    actions.add(
        "evaluation.grid",
        "Evaluate on other ways, shots and stores",
        panel.start_grid,
        menu="Runs",
        glyph=MDI7.grid,
        tip="Evaluate what the panel Evaluation shows at other numbers of ways and of shots",
    )
    actions.add(
        "evaluation.cancel_grid",
        "Cancel the grid",
        panel.cancel_grid,
        menu="Runs",
        tip="End the evaluation on other ways and shots; nothing is kept of it",
    )
    actions.add(
        "evaluation.copy",
        "Copy result of evaluation",
        panel.copy_result,
        menu="Runs",
        tip="Put the scores that are shown, and what they are of, on the clipboard as text",
    )
    actions.add(
        "evaluation.export",
        "Export evaluation...",
        panel.export_wanted.emit,
        menu="Export",
        glyph=MDI7.bullseye_arrow,
        tip="The plot of the panel Evaluation: a figure, a script, or the numbers behind it",
    )
