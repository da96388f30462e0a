"""The row above the plots: which plots, x axis, smoothing, seeds, and what leaves the panel."""

import math

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from leo_studio.analysis.curves.quantities import X_AXES, XAxis
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import DecimalBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

MOST_SMOOTHING = 0.999
# The slider is logarithmic in what is not kept: 0.9, 0.99 and 0.999 are equally far apart.
_SLIDER_PER_DECADE = 100
_AXIS_NAMES = {"step": "Outer step", "time": "Training time", "episodes": "Episodes seen"}


class Controls(QWidget):
    """Emits what a person chooses; the panel tells it what was chosen elsewhere."""

    smoothing_chosen = Signal(float)
    axis_chosen = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("curves_controls")
        self.axis = QComboBox(self)
        self.axis.setObjectName("x_axis")
        for name in X_AXES:
            self.axis.addItem(_AXIS_NAMES[name], name)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("smoothing_slider")
        self.slider.setRange(0, 3 * _SLIDER_PER_DECADE)
        self.slider.setPageStep(_SLIDER_PER_DECADE // 4)
        self.slider.setAccessibleName("Smoothing")
        self.slider.setFixedWidth(self.fontMetrics().horizontalAdvance("0") * 14)
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
        self._menus: list[tuple[QToolButton, str]] = []
        self._flow = FlowLayout(self)
        self._flow.setContentsMargins(0, 0, 0, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.axis.activated.connect(lambda row: self.axis_chosen.emit(X_AXES[row]))
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)

    def arrange(
        self, plots: list[QAction], toggles: list[QAction], export: QAction, reset: QAction
    ) -> None:
        """Lay everything out, with buttons for the panel's actions."""
        self._flow.addWidget(self._menu("Plots", MDI7.chart_line, plots))
        self._flow.addWidget(self._labelled("&X axis", self.axis))
        smoothing = self._labelled("S&moothing", self.slider, self.number)
        self._flow.addWidget(smoothing)
        for action in (*toggles, reset, export):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._flow.addWidget(button)
        self.recolor()

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
        for button, glyph in self._menus:
            button.setIcon(self._themes.icon(glyph))

    def _slid(self, place: int) -> None:
        decay = round(1 - 10 ** (-place / _SLIDER_PER_DECADE), 3)
        with QSignalBlocker(self.number):
            self.number.setValue(decay)
        self.smoothing_chosen.emit(decay)

    def _typed(self, decay: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(slider_of(decay))
        self.smoothing_chosen.emit(decay)

    def _menu(self, text: str, glyph: str, actions: list[QAction]) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"curves_{text.lower()}")
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(button)
        menu.addActions(actions)
        button.setMenu(menu)
        self._menus.append((button, glyph))
        return button

    def _labelled(self, text: str, *widgets: QWidget) -> QWidget:
        group = QWidget(self)
        layout = QHBoxLayout(group)
        layout.setContentsMargins(0, 0, 0, 0)
        label = Label(text, group)
        label.setBuddy(widgets[-1])
        layout.addWidget(label)
        for widget in widgets:
            layout.addWidget(widget)
        return group


def slider_of(decay: float) -> int:
    """Return the slider's place for a decay."""
    return round(-math.log10(1 - decay) * _SLIDER_PER_DECADE)
