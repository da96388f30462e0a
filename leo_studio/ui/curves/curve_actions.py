"""The panel's actions, in the menu "Curves" and wherever else the registry shows them."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QAction, QActionGroup

from leo_studio.ui.actions import ActionRegistry
from leo_studio.ui.curves.quantities import PLOTS, X_AXES, XAxis

if TYPE_CHECKING:
    from leo_studio.ui.curves.panel import CurvesPanel

_AXIS_TEXTS: dict[XAxis, str] = {
    "step": "X axis: outer step",
    "time": "X axis: training time",
    "episodes": "X axis: episodes seen",
}


@dataclass(frozen=True, slots=True)
class CurveActions:
    """Actions that the panel needs again."""

    plots: dict[str, QAction]
    axes: dict[XAxis, QAction]
    log_x: QAction
    average: QAction
    reset: QAction
    export: QAction


def add_curve_actions(panel: "CurvesPanel", actions: ActionRegistry) -> CurveActions:
    """Register everything that a person can do with the plots."""
    plots = {
        kind.name: actions.add(
            f"curves.show_{kind.name}",
            f"Show {kind.title.lower()}",
            menu="Curves",
            tip=f"Show or hide the plot {kind.title}",
            toggled=partial(panel.set_plot_visible, kind.name),
            is_checked=kind.is_shown,
        )
        for kind in PLOTS
    }
    axes = _add_axes(panel, actions)
    log_x = actions.add(
        "curves.log_x",
        "Logarithmic x axis",
        menu="Curves",
        tip="Space powers of ten evenly along x",
        toggled=panel.set_log_x,
    )
    actions.add(
        "curves.log_y",
        "Logarithmic y axes on or off",
        panel.toggle_log_y,
        menu="Curves",
        tip="Make the y axis of every visible plot logarithmic, or linear if all are",
    )
    average = actions.add(
        "curves.average_seeds",
        "Average seeds",
        menu="Curves",
        glyph=MDI7.chart_bell_curve_cumulative,
        tip="Draw runs that differ in their seed alone as their mean, with a band of one s.d.",
        toggled=panel.set_average_seeds,
    )
    _add_smoothing(panel, actions)
    reset = actions.add(
        "curves.reset_zoom",
        "Reset zoom",
        panel.reset_zoom,
        menu="Curves",
        glyph=MDI7.fit_to_page_outline,
        tip="Show everything, and follow new points (A, or a double click in a plot)",
    )
    return CurveActions(plots, axes, log_x, average, reset, _add_export(panel, actions))


def _add_axes(panel: "CurvesPanel", actions: ActionRegistry) -> dict[XAxis, QAction]:
    group = QActionGroup(panel)
    axes = {}
    for axis in X_AXES:
        axes[axis] = actions.add(
            f"curves.x_{axis}",
            _AXIS_TEXTS[axis],
            menu="Curves",
            toggled=partial(_set_axis, panel, axis),
            is_checked=axis == "step",
        )
        group.addAction(axes[axis])
    return axes


def _set_axis(panel: "CurvesPanel", axis: XAxis, is_on: bool) -> None:
    if is_on:
        panel.set_axis(axis)


def _add_smoothing(panel: "CurvesPanel", actions: ActionRegistry) -> None:
    actions.add(
        "curves.smoother",
        "Smooth more",
        lambda: panel.change_smoothing(1),
        menu="Curves",
        shortcut="Ctrl+Shift+Up",
        tip="Smooth the curves more",
    )
    actions.add(
        "curves.rougher",
        "Smooth less",
        lambda: panel.change_smoothing(-1),
        menu="Curves",
        shortcut="Ctrl+Shift+Down",
        tip="Smooth the curves less",
    )


def _add_export(panel: "CurvesPanel", actions: ActionRegistry) -> QAction:
    actions.add(
        "curves.clear_overlays",
        "Clear overlays",
        panel.clear_overlays,
        menu="Curves",
        tip="Remove all runs from the plots but the one that is trained",
    )
    export = actions.add(
        "curves.export",
        "Export curves...",
        panel.export_wanted.emit,
        menu="Export",
        shortcut="Ctrl+Shift+E",
        glyph=MDI7.file_export_outline,
        tip="The visible plots: a figure, a script, or every number behind them",
    )
    export.setIconText("Export")  # on its button there is little room
    return export
