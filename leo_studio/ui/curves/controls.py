"""The row above the plots: which plots, x axis, smoothing, the view, and a menu of the rest."""

import math
from collections.abc import Iterable, Sequence

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSlider,
    QToolButton,
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


class Controls(QWidget):
    """Emits what a person chooses; the panel tells it what was chosen elsewhere.

    All in one row. Where there is little room, what can be done elsewhere leaves it: the slider and
    labels first, then the number, which the menu's "Smooth more" and "less" change, too.
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
        self._spare: list[QWidget] = []  # what leaves the row, the first one first
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(self.fontMetrics().height() // 3)
        # The row leaves things out by itself; it must not keep the window from being narrow.
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
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
        widgets = [self._menu("plots", "Plots", MDI7.chart_line, plots), x_label, self.axis]
        for widget in (*widgets, smoothing, self.slider, self.number):
            self._row.addWidget(widget)
        self._row.addStretch()
        for widget in (back, fit, more):
            self._row.addWidget(widget)
        self._fit = fit
        self._spare = [self.slider, x_label, smoothing, self.number]
        self._measure()
        self._themes.changed.connect(self._follow_text)
        self._themes.settled.connect(self._follow_text)
        self.recolor()

    def emphasise_fit(self, is_wanted: bool) -> None:
        """Make the button that follows the training stand out, or not."""
        if self._fit is not None and self._fit.property("follows") != is_wanted:
            self._fit.setProperty("follows", is_wanted)
            self._color_fit()

    def sizeHint(self) -> QSize:
        """Return the size of the whole row."""
        return QSize(self._width_of(self._parts()), self._row.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the size of what never leaves the row."""
        kept = [widget for widget in self._parts() if widget not in self._spare]
        return QSize(self._width_of(kept), self._row.sizeHint().height())

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
        self._row.setSpacing(metrics.height() // 3)
        if self._fit is not None:
            # Wide enough for either of its texts: nothing moves when it changes.
            text, widest = self._fit.text(), max(_FIT_TEXTS, key=metrics.horizontalAdvance)
            more = metrics.horizontalAdvance(widest) - metrics.horizontalAdvance(text)
            self._fit.setMinimumWidth(self._fit.sizeHint().width() + more)

    def _fit_in(self) -> None:
        kept = self._parts()
        for widget in self._spare:
            is_out = self._width_of(kept) > self.width()
            widget.setVisible(not is_out)
            if is_out:
                kept.remove(widget)
        self._row.activate()  # at once: else the rest is squeezed until the next event

    def _parts(self) -> list[QWidget]:
        """Return all widgets of the row, also those that are out at present."""
        items = (self._row.itemAt(place) for place in range(self._row.count()))
        return [widget for item in items if item is not None and (widget := item.widget())]

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
