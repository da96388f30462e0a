"""The Curves panel: puts plots, legends and controls together and decides when to draw."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from engine.events import StateChanged
from leo_studio.analysis.curves.quantities import XAxis, every_plot, first_kinds
from leo_studio.analysis.curves.remembered import RememberedRun, read_remembered
from leo_studio.analysis.curves.scene import Range
from leo_studio.analysis.curves.series import RunSeries, measured_by
from leo_studio.analysis.curves.views import View
from leo_studio.figures.records import Exported
from leo_studio.services.current_run import FollowedRun
from leo_studio.ui.curves.composition import Composition
from leo_studio.ui.curves.controls import MOST_SMOOTHING, Controls
from leo_studio.ui.curves.curve_actions import add_curve_actions
from leo_studio.ui.curves.grid import PlotGrid
from leo_studio.ui.curves.hidden_note import HiddenNote
from leo_studio.ui.curves.hint import Hint
from leo_studio.ui.curves.plot_set import PlotSet
from leo_studio.ui.curves.redraw import Redraw
from leo_studio.ui.curves.run_legend import RunLegend
from leo_studio.ui.curves.runs_shown import RunsShown
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.theme import Theme, ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller
    from leo_studio.ui.curves.plot import CurvePlot


class CurvesPanel(QWidget):
    """Shows the metrics of runs as curves.

    `shown_changed` is emitted with the folders of the runs in the plots, `smoothing_changed` with
    the decay that a person chose.

    Parameters
    ----------
    controller
        Events and runs.
    actions
        Takes this panel's actions.
    themes
        Colours.
    """

    shown_changed = Signal(object)  # tuple of Path
    smoothing_changed = Signal(float)
    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("curves_panel")
        self._controller = controller
        self._themes = themes
        self.run = FollowedRun(controller.current, self)
        self.banner = RunBanner(controller, self.run, themes)
        self._runs = RunsShown(controller, self.run, self._warm_up, self)
        self._composition = Composition(self._runs)
        self._announced: tuple[Path, ...] = ()
        self.controls = Controls(themes, self)
        self.run_legend = RunLegend(themes, self)
        self._hidden = HiddenNote(self)
        self.grid = PlotGrid(self)
        self._hint = Hint(themes, self)
        self._kinds = every_plot()
        self._plots = PlotSet(self.grid, self._kinds, themes)
        self._redraw = Redraw(self, self._draw)
        self._actions = add_curve_actions(self, actions, self._kinds)
        self._plots.view_actions = self._actions.view
        self._build()
        self._connect()
        self._recolor(themes.current)
        self._runs_changed()

    @property
    def plots(self) -> Mapping[str, "CurvePlot"]:
        """All plots by name, made when they are first asked for: a start should not wait for them.

        Until there is something to draw, a hint stands in their place.
        """
        return self._plots.all

    # Runs

    def show_run(self, path: Path) -> None:
        """Add a run to the plots; it stays until it is removed."""
        self._runs.show(path)

    def show_only(self, paths: Iterable[Path]) -> None:
        """Show these runs alone."""
        self._runs.show_only(paths)

    def hide_run(self, path: Path) -> None:
        """Remove a run from the plots."""
        self._runs.hide(path)

    def shown_runs(self) -> tuple[Path, ...]:
        """Return the folders of the runs in the plots, the live one first."""
        return tuple(run.path for run in self._runs.all)

    def points_of(self, path: Path) -> int:
        """Return how many outer steps of a run are there to be drawn."""
        return self._runs.points_of(path)

    def clear_overlays(self) -> None:
        """Remove all runs but the live one and the current one."""
        self._runs.clear_overlays()

    # What is drawn

    def visible_plots(self) -> tuple[str, ...]:
        """Return the names of the plots that are shown."""
        return self._plots.visible

    def set_visible_plots(self, names: Iterable[str]) -> None:
        """Show these plots alone, by their names; see `quantities.every_plot`."""
        wanted = set(names)
        for name, action in self._actions.plots.items():
            action.setChecked(name in wanted)

    def set_plot_visible(self, name: str, is_visible: bool) -> None:
        """Show or hide a plot."""
        self._plots.set_visible(name, is_visible)

    def set_axis(self, axis: XAxis) -> None:
        """Choose the quantity on the x axis."""
        if axis != self._composition.axis:
            self._composition.axis = axis
            self._actions.axes[axis].setChecked(True)
            self.controls.set_axis(axis)
            self._forget_views()

    def set_log_x(self, is_log: bool) -> None:
        """Make the x axes logarithmic, or linear."""
        self._composition.is_log_x = is_log
        self._actions.log_x.setChecked(is_log)
        self._forget_views()

    def toggle_log_y(self) -> None:
        """Make the y axes of the visible plots logarithmic, or linear if all of them are."""
        plots = self._plots.on_screen
        is_log = not all(plot.is_log_y for plot in plots)
        for plot in plots:
            plot.set_log_y(is_log)

    def set_smoothing(self, decay: float) -> None:
        """Choose how much is smoothed, from 0 for not at all up to 0.999."""
        decay = min(MOST_SMOOTHING, max(0.0, decay))
        self.controls.set_smoothing(decay)
        if decay != self._composition.decay:
            self._composition.decay = decay
            self.smoothing_changed.emit(decay)
            self._redraw.now()

    def change_smoothing(self, steps: int) -> None:
        """Smooth more or less, by a quarter of the way from 0.9 to 0.99."""
        slider = self.controls.slider
        slider.setValue(slider.value() + steps * slider.pageStep())

    def set_average_seeds(self, is_on: bool) -> None:
        """Draw runs that differ in their seed alone as their mean, or each by itself."""
        self._composition.averages_seeds = is_on
        self._actions.average.setChecked(is_on)
        self._runs_changed()

    # What of it is seen

    def fit(self) -> None:
        """Show everything, and follow new points."""
        self._composition.views.choose(View())
        self._view_changed()

    def go_back(self) -> None:
        """Show what was seen before the last zoom or movement."""
        self._composition.views.go_back()
        self._view_changed()

    def _choose(self, name: str, x: Range | None, y: Range | None, goes_on: bool) -> None:
        """Show ranges that a person chose in a plot; None for one that stays as it is."""
        views, whole = self._composition.views, self._plots.existing[name].canvas.whole
        views.choose(views.current.changed(name, x, y, whole), goes_on=goes_on)
        self._view_changed()

    def _forget_views(self) -> None:
        self._composition.views.clear()
        self._view_changed()

    def _forget_y(self, name: str) -> None:
        self._composition.views.forget_y(name)
        self._view_changed()

    def _view_changed(self) -> None:
        self._plots.fit_exactly()
        self._say_view()
        self._redraw.now()

    def _say_view(self) -> None:
        """Offer the way back, and to follow what is trained."""
        views, is_growing = self._composition.views, self._is_growing()
        is_everything = views.current.is_everything
        self._actions.say_view(
            has_earlier=views.has_earlier, is_everything=is_everything, is_growing=is_growing
        )
        self.controls.emphasise_fit(is_growing and not is_everything)

    # From one start to the next

    def remembered(self) -> dict[str, object]:
        """Return the panel's options and its runs, as plain values that JSON has."""
        composition = self._composition
        runs = (RememberedRun(run.path, run.is_pinned) for run in self._runs.all)
        known = replace(
            self._plots.settings(),
            axis=composition.axis,
            is_log_x=composition.is_log_x,
            smoothing=composition.decay,
            averages_seeds=composition.averages_seeds,
            runs=tuple(runs),
        )
        return known.as_plain()

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Take over what was remembered, but for runs that are gone and what makes no sense."""
        known = read_remembered(remembered)
        if known.plots is not None and {kind.name for kind in self._kinds} & set(known.plots):
            self.set_visible_plots(known.plots)
        if known.axis is not None:
            self.set_axis(known.axis)
        if known.is_log_x is not None:
            self.set_log_x(known.is_log_x)
        if known.smoothing is not None:
            self.set_smoothing(known.smoothing)
        if known.averages_seeds is not None:
            self.set_average_seeds(known.averages_seeds)
        self._plots.restore(known)
        self._runs.restore(known.runs)

    # Out of the panel

    def exported(self) -> Exported | None:
        """Return the plots as they are seen, and all numbers of the runs in them."""
        plots = [plot.state for plot in self._plots.on_screen]
        return self._composition.exported(plots, self._is_growing())

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the points that arrived while the panel was hidden."""
        super().showEvent(event)
        self._redraw.now()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop drawing while the panel is hidden."""
        super().hideEvent(event)
        self._redraw.stop()

    def _draw(self, plot: "CurvePlot") -> None:
        plot.draw(self._composition.scene(self._is_growing()), self._themes.current)

    def _warm_up(self, series: RunSeries) -> None:
        """Smooth what is drawn at first; this is called in the background."""
        for kind in self._kinds:
            for quantity in kind.quantities if kind.is_shown else ():
                if quantity.is_on and series.measures(quantity):
                    series.smoothed(quantity, self._composition.decay)

    def _runs_changed(self) -> None:
        self._composition.regroup()
        if self._composition.fit_to_newcomers():
            self._view_changed()
        self.run_legend.show_labels(self._composition.labels())
        shown = self.shown_runs()
        self._show_hint()
        self.run_legend.setVisible(bool(shown))
        self._color_chips()
        self._offer_plots()
        self._redraw.now()
        if shown != self._announced:
            self._announced = shown
            self.shown_changed.emit(shown)

    def _show_hint(self) -> None:
        """Say why there is nothing to draw, where no run is shown or none is trained."""
        runs = self._runs.all
        is_drawn = any(run.series.experiment is None or run.series.columns for run in runs)
        name = runs[0].name if len(runs) == 1 else "what is shown"
        is_hidden = self._runs.hides_current and not runs
        self._hint.explain(name if runs and not is_drawn else "", is_hidden=is_hidden)
        self._hidden.setVisible(self._runs.hides_current and not is_hidden)
        if is_drawn:
            _ = self.plots  # made now, if they were not
        self._pages.setCurrentWidget(self.grid if is_drawn else self._hint)

    def _offer_plots(self) -> None:
        """Offer the plots and curves that one at least has numbers for, the current run's first."""
        runs = [run.series for run in self._runs.current_first if run.series.scores]
        offered = measured_by(self._kinds, runs or [RunSeries(Path(), *first_kinds())])
        if self._plots.offer(offered):
            self._actions.offer(offered)
        columns = [column for run in runs for column in run.columns if column.is_log]
        self._plots.begin_logarithmic(frozenset(column.quantity.name for column in columns))

    def _is_growing(self) -> bool:
        return self._runs.live is not None and self._controller.status.is_active

    def _happened(self, event: object) -> None:
        if isinstance(event, StateChanged):
            self._say_view()
            self._redraw.now()

    def _hovered(self, name: str, x: object) -> None:
        place = x if isinstance(x, float) else None
        text = self._composition.place_text(place)
        for plot in self._plots.on_screen:
            plot.show_crosshair(place, text if plot.kind.name == name else "")

    def _point_at(self, key: str) -> None:
        self._composition.pointed_at = key
        self._redraw.now()

    def _remove(self, key: str) -> None:
        for path in self._composition.paths_of(key):
            self.hide_run(path)

    def _recolor(self, theme: Theme) -> None:
        self._plots.recolor(theme)
        self.controls.recolor()
        self.run_legend.recolor()
        self._hint.recolor()
        self._color_chips()
        self._redraw.now()

    def _color_chips(self) -> None:
        self._plots.color_chips(self._composition.color_alone)

    def _plots_made(self) -> None:
        self._color_chips()
        self._redraw.add(self._plots.existing.values())

    def _build(self) -> None:
        pages = QWidget(self)
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self.grid)
        layout = QVBoxLayout(self)
        edge = self.fontMetrics().height() // 2
        layout.setContentsMargins(edge, edge // 2, edge, edge)
        layout.setSpacing(edge // 2)
        for widget in (self.banner, self._hidden, self.controls, self.run_legend):
            layout.addWidget(widget)
        layout.addWidget(pages, 1)
        made = self._actions
        self.controls.arrange(list(made.plots.values()), made.view, made.others)
        self._say_view()
        self.controls.set_smoothing(self._composition.decay)

    def _connect(self) -> None:
        self._runs.changed.connect(self._runs_changed)
        for note in (self._hidden, self._hint):
            note.show_wanted.connect(self._runs.show_current)
        self._runs.grew.connect(self._redraw.soon)
        self._runs.begun.connect(self.fit)
        self._controller.happened.connect(self._happened)
        self._themes.changed.connect(self._recolor)
        self.controls.smoothing_chosen.connect(self.set_smoothing)
        self.controls.axis_chosen.connect(self.set_axis)
        self.run_legend.remove_wanted.connect(self._remove)
        self.run_legend.pointed_at.connect(self._point_at)
        self.grid.rearranged.connect(self._redraw.now)
        plots = self._plots
        plots.made.connect(self._plots_made)
        plots.changed.connect(self._redraw.now)
        plots.hovered.connect(self._hovered)
        plots.range_chosen.connect(self._choose)
        plots.y_units_changed.connect(self._forget_y)
        plots.reset_wanted.connect(self.fit)
        for key, called in (("A", self.fit), ("Backspace", self.go_back)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(called)
