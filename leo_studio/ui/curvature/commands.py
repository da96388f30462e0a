"""The commands of the panel Curvature, in menus and in the palette."""

from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance

from leo_studio.ui.widgets.actions import ActionRegistry


class CurvatureView(Protocol):
    """The part of the panel that its commands call."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the plots are to be exported."""

    def start(self) -> None:
        """Measure the curvature of the run that is shown."""

    def show_by_step(self, is_wanted: bool) -> None:
        """Show runs step by step, or all steps of a run together."""


def add_commands(actions: ActionRegistry, panel: CurvatureView) -> None:
    """Add them to the registry."""
    actions.add(
        "curvature.analyse",
        "Measure curvature",
        panel.start,
        menu="Runs",
        glyph=MDI7.chart_box_outline,
        tip="Measure how the loss bends along the adaptation of the run that is shown",
    )
    actions.add(
        "curvature.by_step",
        "Curvature step by step",
        menu="Runs",
        tip="Show curvature at each step of adaptation, instead of over all of it",
        toggled=panel.show_by_step,
    )
    actions.add(
        "curvature.export",
        "Export curvature...",
        panel.export_wanted.emit,
        menu="Export",
        glyph=MDI7.chart_box_outline,
        tip="The plots of the panel Curvature: a figure, a script, or the numbers behind them",
    )
