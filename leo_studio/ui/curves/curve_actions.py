"""The panel's actions, in the menu "Curves" and wherever else the registry shows them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAction, QActionGroup

from leo_studio.analysis.curves.quantities import X_AXES, PlotKind, XAxis
from leo_studio.ui.widgets.actions import ActionRegistry

_AXIS_TIPS: dict[XAxis, str] = {
    "step": "Draw curves over the outer steps that were taken",
    "time": "Draw curves over the time that training took",
    "episodes": "Draw curves over the training episodes that were seen",
}
_AXIS_TEXTS: dict[XAxis, str] = {
    "step": "X axis: outer step",
    "time": "X axis: training time",
    "episodes": "X axis: episodes seen",
}


class CurvePlots(Protocol):
    """The plots of curves, as far as actions change them."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the plots are to be exported."""

    def set_plot_visible(self, name: str, is_visible: bool) -> None:
        """Show or hide a plot."""

    def set_axis(self, axis: XAxis) -> None:
        """Choose the quantity on the x axis."""

    def set_log_x(self, is_log: bool) -> None:
        """Make the x axes logarithmic, or linear."""

    def toggle_log_y(self) -> None:
        """Make the y axes logarithmic, or linear if all of them are."""

    def set_average_seeds(self, is_on: bool) -> None:
        """Draw runs that differ in their seed alone as their mean, or each by itself."""

    def change_smoothing(self, steps: int) -> None:
        """Smooth more or less."""

    def fit(self) -> None:
        """Show everything, and follow new points."""

    def go_back(self) -> None:
        """Show what was seen before the last zoom or movement."""

    def clear_overlays(self) -> None:
        """Remove all runs but the one that is trained."""


@dataclass(frozen=True, slots=True)
class CurveActions:
    """Actions that the panel needs again."""

    registry: ActionRegistry
    plots: dict[str, QAction]
    axes: dict[XAxis, QAction]
    log_x: QAction
    average: QAction
    back: QAction
    fit: QAction
    others: tuple[QAction, ...]  # that have no button

    @property
    def view(self) -> tuple[QAction, QAction]:
        """Those about what is seen."""
        return self.back, self.fit

    def offer(self, plots: Container[str]) -> None:
        """Offer to show these plots alone, by their names; of others the palette says why not."""
        for name, action in self.plots.items():
            is_offered = name in plots
            why = "" if is_offered else "No run that is shown has numbers for this plot."
            self.registry.set_reason(action.objectName(), why)
            action.setVisible(is_offered)

    def say_view(self, *, has_earlier: bool, is_everything: bool, is_growing: bool) -> None:
        """Offer what can be done about the view that is seen.

        While curves grow and a person looks at a part, "Fit" reads "Follow".
        """
        nothing = "" if has_earlier else "The view was not changed."
        self.registry.set_reason(self.back.objectName(), nothing)
        nothing = "Everything is shown." if is_everything else ""
        self.registry.set_reason(self.fit.objectName(), nothing)
        follows = is_growing and not is_everything
        text = "Follow the training" if follows else "Show everything"
        if self.fit.text() != text:
            self.fit.setText(text)
            self.fit.setIconText("Follow" if follows else "Fit")


def add_curve_actions(
    plots: CurvePlots, actions: ActionRegistry, kinds: Sequence[PlotKind]
) -> CurveActions:
    """Register everything that a person can do with the plots, which are of these kinds."""
    shown = {
        kind.name: actions.add(
            f"curves.show_{kind.name}",
            f"Show {kind.title.lower()}",
            menu="Curves",
            tip=f"Show or hide the plot {kind.title}",
            toggled=partial(plots.set_plot_visible, kind.name),
            is_checked=kind.is_shown,
        )
        for kind in kinds
    }
    axes = _add_axes(plots, actions)
    log_x = actions.add(
        "curves.log_x",
        "Logarithmic x axis",
        menu="Curves",
        tip="Space powers of ten evenly along x",
        toggled=plots.set_log_x,
    )
    log_y = actions.add(
        "curves.log_y",
        "Logarithmic y axes on or off",
        plots.toggle_log_y,
        menu="Curves",
        tip="Make the y axis of every visible plot logarithmic, or linear if all are",
    )
    average = actions.add(
        "curves.average_seeds",
        "Average seeds",
        menu="Curves",
        glyph=MDI7.chart_bell_curve_cumulative,
        tip="Draw runs that differ in their seed alone as their mean, with a band of one s.d.",
        toggled=plots.set_average_seeds,
    )
    back = actions.add(
        "curves.back",
        "Back to the view before",
        plots.go_back,
        menu="Curves",
        glyph=MDI7.arrow_u_left_top,
        tip="Show what was seen before the last zoom or movement (Backspace, in the plots)",
    )
    fit = actions.add(
        "curves.fit",
        "Show everything",
        plots.fit,
        menu="Curves",
        glyph=MDI7.fit_to_page_outline,
        tip="Show everything, and follow new points (A, or a double click in a plot)",
    )
    back.setIconText("Back")  # on their buttons there is little room
    fit.setIconText("Fit")
    smoothing = _add_smoothing(plots, actions)
    others = (log_x, log_y, average, *smoothing, *_add_export(plots, actions))
    return CurveActions(actions, shown, axes, log_x, average, back, fit, others)


def _add_axes(plots: CurvePlots, actions: ActionRegistry) -> dict[XAxis, QAction]:
    group = QActionGroup(actions)
    axes = {}
    for axis in X_AXES:
        axes[axis] = actions.add(
            f"curves.x_{axis}",
            _AXIS_TEXTS[axis],
            menu="Curves",
            tip=_AXIS_TIPS[axis],
            toggled=partial(_set_axis, plots, axis),
            is_checked=axis == "step",
        )
        group.addAction(axes[axis])
    return axes


def _set_axis(plots: CurvePlots, axis: XAxis, is_on: bool) -> None:
    if is_on:
        plots.set_axis(axis)


def _add_smoothing(plots: CurvePlots, actions: ActionRegistry) -> tuple[QAction, QAction]:
    smoother = actions.add(
        "curves.smoother",
        "Smooth more",
        lambda: plots.change_smoothing(1),
        menu="Curves",
        shortcut="Ctrl+Shift+Up",
        tip="Give the past more weight in the smoothed curves",
    )
    rougher = actions.add(
        "curves.rougher",
        "Smooth less",
        lambda: plots.change_smoothing(-1),
        menu="Curves",
        shortcut="Ctrl+Shift+Down",
        tip="Give the past less weight in the smoothed curves",
    )
    return smoother, rougher


def _add_export(plots: CurvePlots, actions: ActionRegistry) -> tuple[QAction, QAction]:
    clear = actions.add(
        "curves.clear_overlays",
        "Clear overlays",
        plots.clear_overlays,
        menu="Curves",
        tip="Remove all runs from the plots but the one that is trained",
    )
    export = actions.add(
        "curves.export",
        "Export curves...",
        plots.export_wanted.emit,
        menu="Export",
        shortcut="Ctrl+Shift+E",
        glyph=MDI7.file_export_outline,
        tip="The visible plots: a figure, a script, or every number behind them",
    )
    return clear, export
