"""One plot: title, legend, canvas, and a note on what a logarithm hides."""

import math
from collections.abc import Collection, Sequence
from html import escape

import numpy as np
from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QCursor, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from leo_studio.analysis.curves.aggregation import Curve
from leo_studio.analysis.curves.exported import PlotState
from leo_studio.analysis.curves.quantities import PlotKind, Quantity
from leo_studio.analysis.curves.scene import Range, Scene, Shown, x_label
from leo_studio.analysis.formats import format_percentage, format_value
from leo_studio.ui.curves.legend import Legend
from leo_studio.ui.curves.marks import STAR_RADIUS, TIP, DrawnMarks, words_on_best
from leo_studio.ui.curves.outside_note import OutsideNote
from leo_studio.ui.curves.reading import row_of, step_words
from leo_studio.ui.curves.traces import Drawn, Trace, Window, part_labels
from leo_studio.ui.widgets.canvas import Canvas
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.pens import LINE_STYLES
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LEAST_LINES, _LEAST_DIGITS = 12, 30  # of a plot's height and width


class CurvePlot(QFrame):
    """Draws some quantities of the runs that are shown.

    `range_chosen` is emitted when a person zoomed or moved what is seen, with the x range or None,
    the y range or None, and whether that goes on with the choice before; `hovered` with the x under
    the mouse or None, `changed` when a person changed what is drawn, `y_units_changed` when the y
    axis became logarithmic or linear, `maximise_wanted` and `reset_wanted` when one asked for it.

    Parameters
    ----------
    kind
        What it draws.
    themes
        Colours.
    view_actions
        For its context menu: what a person can do about the view, in all plots.
    """

    range_chosen = Signal(object, object, bool)
    y_units_changed = Signal()
    hovered = Signal(object)
    changed = Signal()
    maximise_wanted = Signal()
    reset_wanted = Signal()

    def __init__(
        self,
        kind: PlotKind,
        themes: ThemeManager,
        view_actions: Sequence[QAction],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._themes = themes
        self._view_actions = view_actions
        self.setObjectName(f"plot_{kind.name}")
        self.setProperty("role", "card")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.is_log_y = kind.is_log
        self._is_exact_wanted = True
        self._scene = Scene()
        self._curves: dict[tuple[str, str], Curve] = {}
        self._traces: dict[tuple[str, str], Trace] = {}
        self._crosshair: float | None = None
        self._place_text = ""
        self.canvas = Canvas(kind.name, self)
        self._marks_drawn = DrawnMarks(self.canvas)
        self.outside = OutsideNote(kind.name, kind.title, self.canvas.view.viewport())
        self.legend = Legend(kind, themes.current, self)
        themes.changed.connect(self.legend.follow_text)
        themes.settled.connect(self.legend.follow_text)
        self.chips = self.legend.chips
        self.note = self.canvas.note
        self.note.setObjectName(f"note_{kind.name}")
        self._build()
        self._connect()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What is drawn, as the legend has it."""
        return tuple(each for each in self.kind.quantities if self.chips[each.key].isChecked())

    def offer(self, keys: Collection[str]) -> None:
        """Offer these quantities alone in the legend, by their keys."""
        self.legend.offer(keys)

    @property
    def drawn(self) -> dict[tuple[str, str], Curve]:
        """The curves that are drawn, by run and quantity."""
        return dict(self._curves)

    @property
    def state(self) -> PlotState:
        """How a person has set it."""
        y_range = self._scene.y_ranges.get(self.kind.name)
        return PlotState(self.kind, self.quantities, self.is_log_y, y_range)

    def draw_quantities(self, keys: Collection[str]) -> None:
        """Draw these quantities alone, by their keys."""
        for key, chip in self.chips.items():
            chip.setChecked(key in keys)

    def set_log_y(self, is_log: bool) -> None:
        """Draw exponents of ten, or the values."""
        if is_log != self.is_log_y:
            self.is_log_y = is_log
            self.log_button.setChecked(is_log)
            self.fit_exactly()
            self.y_units_changed.emit()

    def fit_exactly(self) -> None:
        """Give the curves neither more nor less room than they need, at the next drawing."""
        self._is_exact_wanted = True

    def draw(self, scene: Scene, theme: Theme) -> None:
        """Draw everything."""
        before, self._scene = self._scene, scene
        if scene.axis != before.axis or scene.shown != before.shown:
            self.fit_exactly()
        label, scale = x_label(scene)
        # Exponents are shifted by the unit's logarithm, so the axis takes the same scale.
        self.canvas.set_axis("bottom", label, scale, scene.is_log_x)
        percent = 100.0 if self.kind.is_percentage else 1.0
        self.canvas.set_axis("left", self.kind.y_label, percent, self.is_log_y)
        whole = self._with_room_for_numbers(scene)
        self.canvas.whole = whole
        self.canvas.set_x_range(*(whole if scene.x_range == scene.x_whole else scene.x_range))
        window = Window(self.canvas.ranges[0], self.canvas.columns, scene.is_log_x, self.is_log_y)
        drawn = self._draw_curves(scene, window, theme)
        chosen = scene.y_ranges.get(self.kind.name)
        self.canvas.is_y_chosen = chosen is not None
        if chosen is not None:
            self.canvas.set_y_range(*chosen)
        else:
            low = min((each.low for each in drawn), default=math.inf)
            high = max((each.high for each in drawn), default=-math.inf)
            is_exact = self._is_exact_wanted or not scene.is_growing
            self.canvas.fit_y(low, high, is_exact=is_exact)
            self._is_exact_wanted = False
        self.canvas.draw_grid()
        self.outside.show_if(self._is_all_outside(drawn))
        best = self._draw_marks(scene, theme)
        part_labels(self._traces.values(), self.canvas, self._marks_drawn.stars)
        self._show_note(sum(each.hidden for each in drawn), best)
        self._show_values()

    def _is_all_outside(self, drawn: Sequence[Drawn]) -> bool:
        """Whether there are curves, and none of them can be seen in the ranges."""
        low, high = self.canvas.ranges[1]
        if any(each.hidden or (each.low <= high and each.high >= low) for each in drawn):
            return False
        return any(bool(np.isfinite(curve.line).any()) for curve in self._curves.values())

    def show_crosshair(self, x: float | None, place: str = "") -> None:
        """Draw a line at x, in the units of the axis, and show the values there.

        `place` says in words where that is, in the plot that the mouse is in.
        """
        self._crosshair, self._place_text = x, place
        self.canvas.show_crosshair(x)
        self._show_values()

    def set_theme(self, theme: Theme, font: QFont) -> None:
        """Take other colours; the next drawing has them."""
        self.canvas.set_theme(theme, font)
        self.log_button.setIcon(self._themes.icon(MDI7.math_log, theme.text))
        self.size_button.setIcon(self._themes.icon(MDI7.arrow_expand, theme.text))

    def color_chips(self, theme: Theme, alone: int | None) -> None:
        """Give the legend the curves' looks: colours from that of a run alone on, or none."""
        for row, quantity in enumerate(self.kind.quantities):
            color = theme.text if alone is None else theme.series_color(alone + row)
            self.chips[quantity.key].set_look(color, self.line_style(quantity), theme)

    def line_style(self, quantity: Quantity) -> Qt.PenStyle:
        """Return how a quantity's curves are dashed."""
        return LINE_STYLES[self.kind.quantities.index(quantity) % len(LINE_STYLES)]

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Maximise by a double click on the title."""
        if watched is self.title and event.type() == QEvent.Type.MouseButtonDblClick:
            self.maximise_wanted.emit()
            return True
        return super().eventFilter(watched, event)

    def _draw_curves(self, scene: Scene, window: Window, theme: Theme) -> list[Drawn]:
        self._curves.clear()
        drawn, wanted = [], set()
        for shown in scene.shown:
            is_labelled = False
            for quantity in self.quantities:
                curve = shown.drawable.curve(quantity, scene.axis, scene.decay)
                if curve is None:
                    continue
                key = (shown.key, quantity.key)
                wanted.add(key)
                self._curves[key] = curve
                trace = self._traces.get(key)
                if trace is None:
                    trace = self._traces[key] = Trace(self.canvas)
                row = self.kind.quantities.index(quantity)
                color = theme.series_color(scene.color_of(shown, row))
                style = self.line_style(quantity)
                trace.set_style(color, style, theme.raised, is_dimmed=shown.is_dimmed)
                version = (shown.drawable.version, scene.axis, scene.decay)
                drawn.append(trace.draw(curve, window, version))
                trace.show_label(str(shown.number) if scene.has_many and not is_labelled else "")
                is_labelled = True
        kept = {shown.key for shown in scene.shown}
        for key in [key for key in self._traces if key not in wanted]:
            self._traces[key].hide()
            if key[0] not in kept:
                self._traces.pop(key).close()
        return drawn

    def _with_room_for_numbers(self, scene: Scene) -> Range:
        """Return the x range that shows everything, also the runs' numbers behind their curves."""
        end = scene.x_extent[1]
        if scene.is_log_x:
            end = math.log10(end) if end > 0 else -math.inf
        if not scene.has_many or not math.isfinite(end):
            return scene.x_whole
        most = max(shown.number for shown in scene.shown)
        return self.canvas.with_room_for(str(most), scene.x_whole, end=end, beside=STAR_RADIUS)

    def _draw_marks(self, scene: Scene, theme: Theme) -> str:
        """Draw what is marked; returns what is best, in words, of a single run."""
        mark = self._marks_drawn.draw_scene(scene, self.state, theme)
        return "" if mark.best is None else words_on_best(mark, self._written(mark.best[1]))

    def _show_note(self, hidden: int, best: str) -> None:
        points = "point at or below 0 is" if hidden == 1 else "points at or below 0 are"
        text = f"{hidden:,} {points} not shown" if hidden else best
        self.canvas.show_note(text, (trace.points_drawn for trace in self._traces.values()))

    def _show_values(self) -> None:
        """Write values at the crosshair, or the last ones, into the legend or beside the mouse."""
        scene = self._scene
        lines = [escape(self._place_text)]
        for quantity in self.quantities:
            for shown in scene.shown:
                curve = self._curves.get((shown.key, quantity.key))
                value, details = ("", "") if curve is None else self._value(curve)
                if not scene.has_many:
                    self.chips[quantity.key].set_value(value, details)
                # Beside the mouse in any case: what stands above a small plot covers the legend.
                if curve is not None and value:
                    value += step_words(curve, self._row_of(curve), scene.axis)
                    lines.append(self._readout_line(shown, quantity, value))
            if scene.has_many or not scene.shown:
                self.chips[quantity.key].set_value("")
        if saved := self._saved_at():
            lines.append(f"<i>a checkpoint was saved at {saved}</i>")
        lines += self._marks_drawn.words_on_phase(self._crosshair)
        self.canvas.show_readout("<br>".join(lines) if self._place_text else "")

    def _saved_at(self) -> str:
        """Return where the checkpoint was saved that the crosshair is at; "" for none."""
        place = self._crosshair
        if place is None or (tick := self._marks_drawn.checkpoint_at(place)) is None:
            return ""
        x = 10**tick if self._scene.is_log_x else tick
        return f"step {round(x):,}" if self._scene.axis == "step" else "this time"

    def _readout_line(self, shown: Shown, quantity: Quantity, value: str) -> str:
        theme, has_many = self._themes.current, self._scene.has_many
        row = self._scene.color_of(shown, self.kind.quantities.index(quantity))
        number = f" <b>{shown.number}</b>" if has_many else ""
        label = f" {escape(quantity.label)}" if len(self.quantities) > 1 or not has_many else ""
        square = f'<span style="color:{theme.series_color(row)}">■{number}</span>'
        return f"{square}{label} <b>{value}</b>"

    def _value(self, curve: Curve) -> tuple[str, str]:
        """Return the value to show, and how it came about."""
        row = self._row_of(curve)
        if row is None:
            return "", "nothing here"
        text = self._written(float(curve.line[row]))
        details = ""
        if curve.raw is not None:
            raw = self._written(float(curve.raw[row]))
            details = f"{raw} as measured; {text} smoothed by {self._scene.decay:g}"
        elif curve.upper is not None:
            half = float(curve.upper[row] - curve.line[row])
            details = f"{text} ± {self._written(half)}"
        if curve.has_points and self._scene.axis == "step":
            details += f" at step {int(curve.x[row]):,}"
        return text, details

    def _row_of(self, curve: Curve) -> int | None:
        return row_of(curve, self._crosshair, is_log_x=self._scene.is_log_x)

    def _written(self, value: float) -> str:
        return format_percentage(value) if self.kind.is_percentage else format_value(value)

    def _build(self) -> None:
        self.title = Label(self.kind.title, self)
        self.title.setProperty("role", "title")
        tip = "Double-click to enlarge, and again (or Esc) to go back"
        is_marked = any(each.source == "validation" for each in self.kind.quantities)
        self.title.setToolTip(as_tip(f"{TIP}\n{tip}" if is_marked else tip))
        self.title.installEventFilter(self)
        self.log_button = self._button(
            "log", "Logarithmic y axis", MDI7.math_log, is_checkable=True
        )
        self.log_button.setChecked(self.is_log_y)
        self.size_button = self._button(
            "maximise",
            "Enlarge this plot, or show all again (Esc)",
            MDI7.arrow_expand,
            is_checkable=True,
        )
        top = QHBoxLayout()
        top.setSpacing(self.fontMetrics().height() // 4)
        top.addWidget(self.title)
        top.addWidget(self.legend, 1)
        top.addWidget(self.log_button)
        top.addWidget(self.size_button)
        layout = QVBoxLayout(self)
        edge = self.fontMetrics().height() // 4
        layout.setContentsMargins(2 * edge, edge, edge, edge)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.canvas.view, 1)
        self.canvas.view.setAccessibleName(f"{self.kind.title}, plot")
        self._make_room()

    def _make_room(self) -> None:
        self.setMinimumHeight(self.fontMetrics().height() * _LEAST_LINES)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("0") * _LEAST_DIGITS)

    def _button(self, name: str, tip: str, glyph: str, *, is_checkable: bool) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{name}_{self.kind.name}")
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(f"{tip}: {self.kind.title}")
        button.setCheckable(is_checkable)
        button.setIcon(self._themes.icon(glyph))
        button.setAutoRaise(True)
        return button

    def _connect(self) -> None:
        self.legend.toggled.connect(self._chip_toggled)
        self.log_button.toggled.connect(self.set_log_y)
        self.size_button.clicked.connect(lambda _checked: self.maximise_wanted.emit())
        self.canvas.hovered.connect(self.hovered)
        self.canvas.reset_wanted.connect(self.reset_wanted)
        self.outside.fit_wanted.connect(self.reset_wanted)
        self.canvas.range_chosen.connect(self.range_chosen)
        self.canvas.menu_wanted.connect(self._show_menu)

    def _chip_toggled(self) -> None:
        self.fit_exactly()
        self.changed.emit()

    def _show_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._view_actions)
        menu.addSeparator()
        logarithmic = menu.addAction("Logarithmic y axis")
        logarithmic.setCheckable(True)
        logarithmic.setChecked(self.is_log_y)
        logarithmic.toggled.connect(self.set_log_y)
        menu.addAction("Enlarge or show all", self.maximise_wanted.emit)
        menu.popup(QCursor.pos())
