"""All plots of the panel: made when they are first needed, and which of them are on the screen."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication

from leo_studio.analysis.curves.quantities import PlotKind
from leo_studio.analysis.curves.remembered import RememberedCurves
from leo_studio.ui.curves.grid import PlotGrid
from leo_studio.ui.widgets.theme import Theme, ThemeManager

if TYPE_CHECKING:
    from leo_studio.ui.curves.plot import CurvePlot


class PlotSet(QObject):
    """Holds the plots, in a grid.

    `made` is emitted when there are plots, `changed` when they are to be drawn anew, and what a
    plot tells with the plot's name before it.

    Parameters
    ----------
    grid
        Shows them.
    kinds
        Which there are.
    themes
        Colours.
    """

    made = Signal()
    changed = Signal()
    range_chosen = Signal(str, object, object, bool)
    y_units_changed = Signal(str)
    hovered = Signal(str, object)
    reset_wanted = Signal()

    def __init__(self, grid: PlotGrid, kinds: Sequence[PlotKind], themes: ThemeManager) -> None:
        super().__init__(grid)
        self._grid = grid
        self._kinds = kinds
        self._themes = themes
        self._plots: dict[str, CurvePlot] = {}
        self._visible = {kind.name for kind in kinds if kind.is_shown}
        self._offered: Mapping[str, frozenset[str]] = {}  # keys of quantities, by plot
        self._enlarged: str | None = None
        self._begun: frozenset[str] = frozenset()  # plots that begin logarithmic for these runs
        self._raised: set[str] = set()  # those of them that a person had not made so
        self._settings = RememberedCurves()  # for the plots, until they are made
        self.view_actions: Sequence[QAction] = ()
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), grid)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.setEnabled(False)  # else Esc is for what the panel stands in
        self._escape.activated.connect(lambda: self._enlarge(None))

    @property
    def existing(self) -> Mapping[str, "CurvePlot"]:
        """The plots that are made: all, or none."""
        return self._plots

    @property
    def all(self) -> Mapping[str, "CurvePlot"]:
        """All plots by name."""
        if not self._plots:
            self._make()
        return self._plots

    @property
    def visible(self) -> tuple[str, ...]:
        """Names of the plots that are shown and that there are numbers for."""
        return tuple(name for name in self._offered if name in self._visible)

    @property
    def on_screen(self) -> list["CurvePlot"]:
        """The plots that can be seen: one that is enlarged, or all that are visible."""
        if self._enlarged is not None:
            return [self.all[self._enlarged]]
        return [self.all[name] for name in self.visible]

    def set_visible(self, name: str, is_visible: bool) -> None:
        """Show or hide a plot."""
        (self._visible.add if is_visible else self._visible.discard)(name)
        self._enlarge(None)

    def offer(self, offered: Mapping[str, frozenset[str]]) -> bool:
        """Offer these quantities alone, by the plot's name; returns whether that is new."""
        if list(offered.items()) == list(self._offered.items()):  # in this order, too
            return False
        self._offered = offered
        for name, plot in self._plots.items():
            plot.offer(offered.get(name, frozenset()))
        self._enlarge(self._enlarged if self._enlarged in offered else None)
        return True

    def begin_logarithmic(self, names: frozenset[str]) -> None:
        """Begin these plots with logarithmic axes as long as runs are shown that want it."""
        if names != self._begun:
            self._begun = names
            self._follow_begun()

    def _follow_begun(self) -> None:
        for name, plot in self._plots.items():
            if name in self._begun and name not in self._raised and not plot.is_log_y:
                self._raised.add(name)
                plot.set_log_y(True)
            elif name in self._raised and name not in self._begun:
                self._raised.remove(name)
                plot.set_log_y(plot.kind.is_log)

    def fit_exactly(self) -> None:
        """Give all curves neither more nor less room than they need, at the next drawing."""
        for plot in self._plots.values():
            plot.fit_exactly()

    def recolor(self, theme: Theme) -> None:
        """Take other colours."""
        for plot in self._plots.values():
            plot.set_theme(theme, QApplication.font())

    def color_chips(self, alone: int | None) -> None:
        """Give the legends the curves' looks; see `CurvePlot.color_chips`."""
        for plot in self._plots.values():
            plot.color_chips(self._themes.current, alone)

    def settings(self) -> RememberedCurves:
        """Return what a person has set in the plots."""
        plots = tuple(kind.name for kind in self._kinds if kind.name in self._visible)
        if not self._plots:
            return RememberedCurves(plots, self._settings.curves, self._settings.logarithmic)
        curves = {
            name: tuple(quantity.key for quantity in plot.quantities)
            for name, plot in self._plots.items()
        }
        logarithmic = tuple(
            name
            for name, plot in self._plots.items()
            if plot.is_log_y and name not in self._raised  # else other runs would have it, too
        )
        return RememberedCurves(plots, curves, logarithmic)

    def restore(self, settings: RememberedCurves) -> None:
        """Set the plots as they were; those that are not made yet will be."""
        self._settings = settings
        for name, plot in self._plots.items():
            if name in settings.curves:
                plot.draw_quantities(settings.curves[name])
            if settings.logarithmic is not None:
                plot.set_log_y(name in settings.logarithmic)
        self._raised.clear()
        self._follow_begun()

    def _make(self) -> None:
        from leo_studio.ui.curves.plot import CurvePlot

        for kind in self._kinds:
            plot = CurvePlot(kind, self._themes, self.view_actions, self._grid.page)
            plot.offer(self._offered.get(kind.name, frozenset()))
            plot.set_theme(self._themes.current, QApplication.font())
            plot.changed.connect(self.changed)
            plot.hovered.connect(partial(self.hovered.emit, kind.name))
            plot.range_chosen.connect(partial(self.range_chosen.emit, kind.name))
            plot.y_units_changed.connect(partial(self.y_units_changed.emit, kind.name))
            plot.reset_wanted.connect(self.reset_wanted)
            plot.maximise_wanted.connect(partial(self._enlarge_or_not, kind.name))
            self._plots[kind.name] = plot
        self.restore(self._settings)
        self.made.emit()
        self._arrange()

    def _enlarge_or_not(self, name: str) -> None:
        self._enlarge(None if self._enlarged == name else name)
        focused = QApplication.focusWidget()
        if self._enlarged and not (focused and self._grid.isAncestorOf(focused)):
            self._plots[name].canvas.view.setFocus()  # so that Esc means this plot

    def _enlarge(self, name: str | None) -> None:
        """Show one plot alone, or all."""
        self._enlarged = name
        self._escape.setEnabled(name is not None)
        for plot in self._plots.values():
            plot.size_button.setChecked(plot.kind.name == name)
        self._arrange()

    def _arrange(self) -> None:
        if not self._plots:
            return
        plots = self.on_screen
        for plot in self._plots.values():
            plot.setVisible(plot in plots)
        self._grid.show_widgets(plots)
        self.changed.emit()
