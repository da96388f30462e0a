"""The Curves panel: puts plots, legends and controls together and decides when to draw."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from engine.events import StateChanged
from leo_studio.analysis.curves.exported import exported_curves
from leo_studio.analysis.curves.quantities import XAxis, every_plot, first_kinds
from leo_studio.analysis.curves.series import RunSeries
from leo_studio.figures.records import Exported
from leo_studio.ui.curves.composition import Composition
from leo_studio.ui.curves.controls import MOST_SMOOTHING, Controls
from leo_studio.ui.curves.curve_actions import add_curve_actions
from leo_studio.ui.curves.grid import PlotGrid
from leo_studio.ui.curves.redraw import Redraw
from leo_studio.ui.curves.run_legend import RunLegend
from leo_studio.ui.curves.runs_shown import RunsShown
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import Theme, ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller
    from leo_studio.ui.curves.plot import CurvePlot

_HINT = (
    "Curves appear here when training starts.\n"
    "Press Train (Ctrl+Return), or show a finished run from the Runs panel."
)
_NOT_TRAINED = (
    "There is nothing to draw: {name} is not trained, as its learner needs no training.\n"
    "Compare it, or look at its accuracy in the Evaluation panel."
)


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
        self._runs = RunsShown(controller, self._warm_up, self)
        self._composition = Composition(self._runs)
        self._announced: tuple[Path, ...] = ()
        self._maximised: str | None = None
        self.controls = Controls(themes, self)
        self.run_legend = RunLegend(themes, self)
        self.grid = PlotGrid(self)
        self._kinds = every_plot()
        self._plots: dict[str, CurvePlot] = {}  # those that are made: all, or none
        self._redraw = Redraw(self, self._draw)
        self._visible = {kind.name for kind in self._kinds if kind.is_shown}
        self._offered: dict[str, frozenset[str]] = {}  # keys of quantities, by plot
        self._actions = add_curve_actions(self, actions, self._kinds)
        self._build()
        self._connect()
        self._recolor(themes.current)
        self._runs_changed()

    @property
    def plots(self) -> Mapping[str, "CurvePlot"]:
        """All plots by name, made when they are first asked for: a start should not wait for them.

        Until there is something to draw, a hint stands in their place.
        """
        if not self._plots:
            self._make_plots()
        return self._plots

    # Runs

    def show_run(self, curves_path: Path, name: str) -> None:
        """Add a run to the plots; it stays until it is removed."""
        self._runs.show(curves_path, name)

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
        """Remove all runs but the live one."""
        self._runs.clear_overlays()

    # What is drawn

    def visible_plots(self) -> tuple[str, ...]:
        """Return the names of the plots that are shown."""
        return tuple(name for name in self._offered if name in self._visible)

    def set_visible_plots(self, names: Iterable[str]) -> None:
        """Show these plots alone, by their names; see `quantities.every_plot`."""
        wanted = set(names)
        for name, action in self._actions.plots.items():
            action.setChecked(name in wanted)

    def set_plot_visible(self, name: str, is_visible: bool) -> None:
        """Show or hide a plot."""
        (self._visible.add if is_visible else self._visible.discard)(name)
        if self._maximised is not None:
            self._maximise(self._maximised)
        self._show_plots()

    def set_axis(self, axis: XAxis) -> None:
        """Choose the quantity on the x axis."""
        if axis != self._composition.axis:
            self._composition.axis = axis
            self._actions.axes[axis].setChecked(True)
            self.controls.set_axis(axis)
            self.reset_zoom()

    def set_log_x(self, is_log: bool) -> None:
        """Make the x axes logarithmic, or linear."""
        self._composition.is_log_x = is_log
        self._actions.log_x.setChecked(is_log)
        self.reset_zoom()

    def toggle_log_y(self) -> None:
        """Make the y axes of the visible plots logarithmic, or linear if all of them are."""
        plots = self._plots_on_screen()
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
        self._runs_changed()

    def reset_zoom(self) -> None:
        """Show everything, and follow new points."""
        self._composition.x_range = None
        for plot in self._plots.values():
            plot.fit()
        self._redraw.now()

    # Out of the panel

    def exported(self) -> Exported | None:
        """Return the plots as they are seen, and all numbers of the runs in them."""
        scene = self._composition.scene(self._is_growing())
        plots = [plot.state for plot in self._plots_on_screen()]
        runs = [(run.name, run.series) for run in self._runs.all]
        return exported_curves(self._file_name(), plots, scene, runs)

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
        self.run_legend.show_labels(self._composition.labels())
        shown = self.shown_runs()
        self._show_hint()
        self.run_legend.setVisible(bool(shown))
        self._recolor_chips()
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
        self._hint.setText(_NOT_TRAINED.format(name=name) if runs and not is_drawn else _HINT)
        if is_drawn and not self._plots:
            self._make_plots()
        self._pages.setCurrentIndex(1 if is_drawn else 0)

    def _offer_plots(self) -> None:
        """Offer the plots and curves that one at least of the runs has numbers for."""
        runs = [run.series for run in self._runs.all if run.series.scores]
        runs = runs or [RunSeries(Path(), *first_kinds())]
        offered = {}
        for kind in self._kinds:
            curves = kind.quantities
            keys = {each.key for each in curves if any(run.measures(each) for run in runs)}
            if keys:
                offered[kind.name] = frozenset(keys)
        if offered == self._offered:
            return
        self._offered = offered
        for name, plot in self._plots.items():
            plot.offer(offered.get(name, frozenset()))
        for name, action in self._actions.plots.items():
            action.setVisible(name in offered)
        if self._maximised is not None and self._maximised not in offered:
            self._maximise(self._maximised)
        self._show_plots()

    def _is_growing(self) -> bool:
        return self._runs.live is not None and self._controller.status.is_active

    def _happened(self, event: object) -> None:
        if isinstance(event, StateChanged):
            self._redraw.now()

    def _plots_on_screen(self) -> list["CurvePlot"]:
        if self._maximised is not None:
            return [self.plots[self._maximised]]
        return [self.plots[name] for name in self.visible_plots()]

    def _show_plots(self) -> None:
        if not self._plots:
            return
        plots = self._plots_on_screen()
        for plot in self._plots.values():
            plot.setVisible(plot in plots)
        self.grid.show_widgets(plots)
        self._redraw.now()

    def _maximise(self, name: str) -> None:
        """Show one plot alone, or all again."""
        self._maximised = None if self._maximised == name else name
        for plot in self._plots.values():
            plot.size_button.setChecked(plot.kind.name == self._maximised)
        self._show_plots()

    def _zoomed(self, low: float, high: float) -> None:
        self._composition.x_range = (low, high)
        self._redraw.now()

    def _hovered(self, name: str, x: object) -> None:
        place = x if isinstance(x, float) else None
        text = self._composition.place_text(place)
        for plot in self._plots_on_screen():
            plot.show_crosshair(place, text if plot.kind.name == name else "")

    def _point_at(self, key: str) -> None:
        self._composition.pointed_at = key
        self._redraw.now()

    def _remove(self, key: str) -> None:
        for path in self._composition.paths_of(key):
            self.hide_run(path)

    def _recolor(self, theme: Theme) -> None:
        for plot in self._plots.values():
            plot.set_theme(theme, QApplication.font())
        self.controls.recolor()
        self.run_legend.recolor()
        self._hint_icon.setPixmap(
            self._themes.icon(MDI7.chart_line, theme.muted).pixmap(self.fontMetrics().height() * 4)
        )
        self._recolor_chips()
        self._redraw.now()

    def _recolor_chips(self) -> None:
        has_many = len(self._composition.labels()) > 1
        for plot in self._plots.values():
            plot.color_chips(self._themes.current, has_many=has_many)

    def _file_name(self) -> str:
        runs = self._runs.all
        return runs[0].name if len(runs) == 1 else "curves"

    def _make_plots(self) -> None:
        from leo_studio.ui.curves.plot import CurvePlot

        for kind in self._kinds:
            plot = CurvePlot(kind, self._themes, self.grid.page)
            plot.offer(self._offered.get(kind.name, frozenset()))
            plot.set_theme(self._themes.current, QApplication.font())
            plot.changed.connect(self._redraw.now)
            plot.hovered.connect(partial(self._hovered, kind.name))
            plot.x_range_chosen.connect(self._zoomed)
            plot.reset_wanted.connect(self.reset_zoom)
            plot.maximise_wanted.connect(partial(self._maximise, kind.name))
            self._plots[kind.name] = plot
        self._recolor_chips()
        self._redraw.add(self._plots.values())
        self._show_plots()

    def _build(self) -> None:
        hint = QWidget(self)
        hint.setObjectName("curves_hint")
        column = QVBoxLayout(hint)
        self._hint_icon = Label(parent=hint)
        text = self._hint = Label(_HINT, hint)
        text.setProperty("role", "muted")
        text.setWordWrap(True)
        column.addStretch()
        for label in (self._hint_icon, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch()
        pages = QWidget(self)
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(hint)
        self._pages.addWidget(self.grid)
        layout = QVBoxLayout(self)
        edge = self.fontMetrics().height() // 2
        layout.setContentsMargins(edge, edge // 2, edge, edge)
        for widget in (self.controls, self.run_legend):
            layout.addWidget(widget)
        layout.addWidget(pages, 1)
        made = self._actions
        self.controls.arrange(list(made.plots.values()), [made.average], made.export, made.reset)
        self.controls.set_smoothing(self._composition.decay)

    def _connect(self) -> None:
        self._runs.changed.connect(self._runs_changed)
        self._runs.grew.connect(self._redraw.soon)
        self._controller.happened.connect(self._happened)
        self._themes.changed.connect(self._recolor)
        self.controls.smoothing_chosen.connect(self.set_smoothing)
        self.controls.axis_chosen.connect(self.set_axis)
        self.run_legend.remove_wanted.connect(self._remove)
        self.run_legend.pointed_at.connect(self._point_at)
        self.grid.rearranged.connect(self._redraw.now)
        shortcut = QShortcut(QKeySequence("A"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.reset_zoom)
