"""The controls above the plots: which plots, x axis, smoothing, the view, a menu of the rest."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.curves.quantities import X_AXES, XAxis
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import DecimalBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.widgets.wheel import ComboBox

MOST_SMOOTHING = 0.999
# The slider is logarithmic in what is not kept: 0.9, 0.99 and 0.999 are equally far apart.
_SLIDER_PER_DECADE = 100
_AXIS_NAMES = {"step": "Outer step", "time": "Training time", "episodes": "Episodes seen"}
_FIT_TEXTS = ("Fit", "Follow")  # of the button that shows everything


class _Arrangement(NamedTuple):
    """What stands in the first row beside what always does, and what in a row below."""

    beside: tuple[QWidget, ...]
    below: tuple[QWidget, ...]


class Controls(QWidget):
    """Emits what a person chooses; the panel tells it what was chosen elsewhere.

    All in one row. Where there is little room, the slider leaves it; then smoothing and, where that
    is not enough, the x axis go to a row below, each with its label: alone it would say nothing. At
    last smoothing goes, which the menu's "Smooth more" and "less" change, too.
    """

    smoothing_chosen = Signal(float)
    axis_chosen = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("curves_controls")
        self.axis = ComboBox(self)
        self.axis.setObjectName("x_axis")
        for name in X_AXES:
            self.axis.addItem(_AXIS_NAMES[name], name)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("smoothing_slider")
        self.slider.setRange(0, 3 * _SLIDER_PER_DECADE)
        self.slider.setPageStep(_SLIDER_PER_DECADE // 4)
        self.slider.setAccessibleName("Smoothing")
        self.slider.setFixedWidth(self.fontMetrics().horizontalAdvance("0") * 12)
        self.number = DecimalBox(self)
        self.number.setObjectName("smoothing")
        self.number.setRange(0.0, MOST_SMOOTHING)
        self.number.setSingleStep(0.01)
        tip = (
            "Weight that the past keeps from one step to the next, 0 for none. The whole series is "
            "smoothed, debiased, before anything is left out for drawing."
        )
        self.slider.setToolTip(as_tip(tip))
        self.number.setToolTip(as_tip(tip))
        self._buttons: dict[str, tuple[QToolButton, str]] = {}
        self._fit: QToolButton | None = None
        self._kept: list[QWidget] = []  # what never leaves the first row
        self._axis_parts: list[QWidget] = []
        self._smoothing_parts: list[QWidget] = []
        self._arranged: _Arrangement | None = None
        self._row, self._below = QHBoxLayout(), QHBoxLayout()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        for row in (self._row, self._below):
            rows.addLayout(row)
        # The rows leave things out by themselves; they must not keep the window from being narrow.
        rows.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self.axis.activated.connect(lambda row: self.axis_chosen.emit(X_AXES[row]))
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)

    def arrange(
        self, plots: Sequence[QAction], view: Sequence[QAction], others: Sequence[QAction]
    ) -> None:
        """Lay everything out, with buttons for the panel's actions; the others are in a menu."""
        x_label, smoothing = Label("&X axis", self), Label("S&moothing", self)
        x_label.setBuddy(self.axis)
        smoothing.setBuddy(self.number)
        back, fit = (self._view_button(action) for action in view)
        more = self._menu("more", "", MDI7.dots_horizontal, others)
        more.setToolTip("More: logarithmic axes, average seeds, smoothing, export")
        more.setAccessibleName("More")
        which = self._menu("plots", "Plots", MDI7.chart_line, plots)
        self._kept = [which, back, fit, more]
        self._axis_parts = [x_label, self.axis]
        self._smoothing_parts = [smoothing, self.slider, self.number]
        self._row.addWidget(which)
        for layout in (self._row, self._below):
            layout.addStretch()
        for widget in (back, fit, more):
            self._row.addWidget(widget)
        self._fit = fit
        self._measure()
        self._fit_in()
        self._themes.changed.connect(self._follow_text)
        self._themes.settled.connect(self._follow_text)
        self.recolor()

    def emphasise_fit(self, is_wanted: bool) -> None:
        """Make the button that follows the training stand out, or not."""
        if self._fit is not None and self._fit.property("follows") != is_wanted:
            self._fit.setProperty("follows", is_wanted)
            self._color_fit()

    def sizeHint(self) -> QSize:
        """Return the width of all in one row, and the height of the rows that there are."""
        parts = (*self._kept, *self._axis_parts, *self._smoothing_parts)
        return QSize(self._width_of(parts), self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the size of what is never left out."""
        width = max(self._width_of(self._kept), self._width_of(self._axis_parts))
        return QSize(width, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        self._fit_in()

    def _follow_text(self) -> None:
        self._measure()
        self._fit_in()

    def _measure(self) -> None:
        """Give what does not follow the text by itself its size."""
        metrics = self.fontMetrics()
        self.slider.setFixedWidth(metrics.horizontalAdvance("0") * 12)
        for layout in (self._row, self._below):
            layout.setSpacing(metrics.height() // 3)
        if self._fit is not None:
            # Wide enough for either of its texts: nothing moves when it changes.
            text, widest = self._fit.text(), max(_FIT_TEXTS, key=metrics.horizontalAdvance)
            more = metrics.horizontalAdvance(widest) - metrics.horizontalAdvance(text)
            self._fit.setMinimumWidth(self._fit.sizeHint().width() + more)

    def _fit_in(self) -> None:
        """Arrange the rows for the width, at once: else all is squeezed until the next event."""
        room, choices = self.width(), self._arrangements()
        fitting = (
            each
            for each in choices
            if self._width_of([*self._kept, *each.beside]) <= room
            and self._width_of(each.below) <= room
        )
        chosen = next(fitting, choices[-1])
        if chosen != self._arranged:
            self._arranged = chosen
            for widget in (*self._axis_parts, *self._smoothing_parts):
                self._row.removeWidget(widget)
                self._below.removeWidget(widget)
                widget.setVisible(widget in (*chosen.beside, *chosen.below))
            for layout, widgets, first in (
                (self._row, chosen.beside, 1),
                (self._below, chosen.below, 0),
            ):
                for place, widget in enumerate(widgets, first):
                    layout.insertWidget(place, widget)
            self.updateGeometry()
        if (rows := self.layout()) is not None:
            rows.activate()

    def _arrangements(self) -> list[_Arrangement]:
        """Return how the rows can be, that of the most room first."""
        axis, smoothing = tuple(self._axis_parts), tuple(self._smoothing_parts)
        short = tuple(widget for widget in smoothing if widget is not self.slider)
        return [
            _Arrangement((*axis, *smoothing), ()),
            _Arrangement((*axis, *short), ()),
            _Arrangement(axis, smoothing),
            _Arrangement((), (*axis, *smoothing)),
            _Arrangement((), (*axis, *short)),
            _Arrangement((), axis),
        ]

    def _height(self) -> int:
        """Return the height of the rows that hold something."""
        rows = self.layout()
        return 0 if rows is None else rows.sizeHint().height()

    def _width_of(self, widgets: Iterable[QWidget]) -> int:
        widths = [max(each.sizeHint().width(), each.minimumWidth()) for each in widgets]
        return sum(widths) + self._row.spacing() * (len(widths) + 1)

    def set_smoothing(self, decay: float) -> None:
        """Show how much is smoothed."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.number.setValue(decay)
            self.slider.setValue(slider_of(decay))

    def set_axis(self, axis: XAxis) -> None:
        """Show the quantity on the x axis."""
        self.axis.setCurrentIndex(X_AXES.index(axis))

    def recolor(self) -> None:
        """Take the theme's colours."""
        for button, glyph in self._buttons.values():
            button.setIcon(self._themes.icon(glyph))
        self._color_fit()

    def _color_fit(self) -> None:
        if self._fit is None:
            return
        theme = self._themes.current
        color = f"background: {theme.accent}; color: {theme.on_accent};"
        follows = bool(self._fit.property("follows"))
        self._fit.setStyleSheet(f"QToolButton {{ {color} }}" if follows else "")

    def _slid(self, place: int) -> None:
        decay = round(1 - 10 ** (-place / _SLIDER_PER_DECADE), 3)
        with QSignalBlocker(self.number):
            self.number.setValue(decay)
        self.smoothing_chosen.emit(decay)

    def _typed(self, decay: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(slider_of(decay))
        self.smoothing_chosen.emit(decay)

    def _menu(self, name: str, text: str, glyph: str, actions: Sequence[QAction]) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"curves_{name}")
        button.setText(text)
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        )
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(button)
        menu.addActions(actions)
        button.setMenu(menu)
        self._buttons[name] = (button, glyph)
        return button

    def _view_button(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(action.iconText().lower())
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button


def slider_of(decay: float) -> int:
    """Return the slider's place for a decay."""
    return round(-math.log10(1 - decay) * _SLIDER_PER_DECADE)
