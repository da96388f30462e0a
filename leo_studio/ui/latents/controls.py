"""The rows above the plot: which episodes, which axes, which colours, and what the mouse does."""

from dataclasses import replace
from typing import get_args

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from leo_studio.analysis.latents.options import COLORS, PATHS, SHAPES, Options
from leo_studio.analysis.latents.projected import METHODS
from leo_studio.analysis.latents.sentences import Scope
from leo_studio.ui.latents.canvas import Tool
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import WholeBox
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

SCOPES: dict[Scope, str] = {
    "first": "the first",
    "selected": "those selected",
    "current": "the current one",
}
FIRST_COUNT, MOST_EPISODES = 200, 5000
_TOOLS: dict[Tool, tuple[str, str, str]] = {
    "pan": ("Pan", "Drag to pan, turn the wheel to zoom; a click shows an episode", MDI7.pan),
    "box": ("Box", "Drag a box around codes (or hold Shift); Ctrl adds to them", MDI7.selection),
    "lasso": ("Lasso", "Draw around codes; Ctrl adds to those selected", MDI7.lasso),
}
_SHOWN = (
    ("shows_before", "Codes before adaptation", ""),
    (
        "shows_samples",
        "Sampled codes",
        "Codes drawn from the distributions; where the inner loop took them, once it is done",
    ),
    ("shows_half", "Ellipses that hold 50 %", "Of the distribution that codes are drawn from"),
    ("shows_most", "Ellipses that hold 95 %", "Of the distribution that codes are drawn from"),
)


class Controls(QWidget):
    """Emits what a person chooses.

    Parameters
    ----------
    themes
        Icons.
    """

    scope_changed = Signal()
    method_chosen = Signal(str)
    options_changed = Signal(object)  # `Options`
    tool_chosen = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.options = Options()
        self.scope = _combo("latent-scope", SCOPES)
        self.count = WholeBox()
        self.method = _combo("latent-method", METHODS)
        self.color = _combo("latent-color", COLORS)
        self.shape = _combo("latent-shape", SHAPES)
        self.paths = _combo("latent-paths", PATHS)
        self.fit_button = QPushButton("Fit again")
        self.fit_button.setObjectName("latent-fit")
        self.shown = {name: QAction(text, self) for name, text, _ in _SHOWN}
        self.tools = {name: QAction(text, self) for name, (text, _, _) in _TOOLS.items()}
        self._icons: list[tuple[QToolButton | QAction, str]] = []
        self._flow = FlowLayout(self)
        self._flow.setContentsMargins(0, 0, 0, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._set_up()
        self._connect()
        themes.changed.connect(self._recolor)

    def _set_up(self) -> None:
        self.count.setObjectName("latent-count")
        self.count.setRange(1, MOST_EPISODES)
        self.count.setValue(FIRST_COUNT)
        self.count.setAccessibleName("How many episodes")
        for name, _, tip in _SHOWN:
            self.shown[name].setCheckable(True)
            self.shown[name].setChecked(getattr(self.options, name))
            self.shown[name].setToolTip(as_tip(tip))
        group = QActionGroup(self)
        for name, (_, tip, glyph) in _TOOLS.items():
            self.tools[name].setCheckable(True)
            self.tools[name].setToolTip(as_tip(tip))
            group.addAction(self.tools[name])
            self._icons.append((self.tools[name], glyph))
        self.tools["pan"].setChecked(True)

    def arrange(self, live: QAction, reset: QAction, export: QAction) -> None:
        """Lay everything out, with buttons for the panel's actions."""
        add = self._flow.addWidget
        add(self._labelled("Episod&es", self.scope, self.count))
        add(self._labelled("A&xes", self.method, self.fit_button))
        add(self._labelled("&Colour", self.color))
        add(self._labelled("&Shape", self.shape))
        add(self._labelled("&Paths", self.paths))
        add(self._menu("Show", MDI7.eye_outline, list(self.shown.values())))
        tools = QWidget(self)
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for action in (*self.tools.values(), reset):
            row.addWidget(self._button(action, is_named=False))
        add(tools)
        add(self._button(live, is_named=True))
        add(self._button(export, is_named=True))
        self._recolor(self._themes.current)

    def _connect(self) -> None:
        self.scope.activated.connect(self._choose_scope)
        self.count.valueChanged.connect(lambda _: self.scope_changed.emit())
        self.method.activated.connect(lambda _: self.method_chosen.emit(self.method.currentData()))
        for combo in (self.color, self.shape, self.paths):
            combo.activated.connect(self._choose_options)
        for action in self.shown.values():
            action.toggled.connect(self._choose_options)
        for name, action in self.tools.items():
            action.triggered.connect(lambda _on=False, tool=name: self.tool_chosen.emit(tool))

    @property
    def chosen_scope(self) -> Scope:
        """Which episodes are shown."""
        scope = self.scope.currentData()
        assert scope in get_args(Scope)
        found: Scope = scope
        return found

    def set_options(self, options: Options) -> None:
        """Set the options of drawing, and emit the signal."""
        for combo, value in (
            (self.color, options.color),
            (self.shape, options.shape),
            (self.paths, options.paths),
        ):
            combo.setCurrentIndex(combo.findData(value))
        for name, action in self.shown.items():
            with QSignalBlocker(action):
                action.setChecked(getattr(options, name))
        self.options = options
        self.options_changed.emit(options)

    def set_scope(self, scope: Scope, count: int) -> None:
        """Show which episodes are shown, without telling of it."""
        with QSignalBlocker(self.count):
            self.scope.setCurrentIndex(self.scope.findData(scope))
            self.count.setValue(count)
            self.count.setEnabled(scope == "first")

    def set_live(self, is_live: bool) -> None:
        """Offer episodes to choose from, unless those of training are shown."""
        self.scope.setEnabled(not is_live)
        self.count.setEnabled(not is_live and self.chosen_scope == "first")

    def set_method(self, method: str, *, has_ellipses: bool) -> None:
        """Show which axes there are, without telling of it."""
        self.method.setCurrentIndex(self.method.findData(method))
        self.fit_button.setText("Fit again" if has_ellipses else "Place again")
        for name in ("shows_half", "shows_most"):
            action = self.shown[name]
            action.setEnabled(has_ellipses)
            tip = (
                "Of the distribution that codes are drawn from"
                if has_ellipses
                else f"{METHODS[method]} bends space, and an ellipse would say nothing true: show "
                "sampled codes, or choose PCA or discriminant axes"
            )
            action.setToolTip(as_tip(tip))

    def _choose_scope(self, _index: int) -> None:
        self.count.setEnabled(self.chosen_scope == "first")
        self.scope_changed.emit()

    def _choose_options(self, *_: object) -> None:
        shown = {name: action.isChecked() for name, action in self.shown.items()}
        self.options = replace(
            self.options,
            color=self.color.currentData(),
            shape=self.shape.currentData(),
            paths=self.paths.currentData(),
            **shown,
        )
        self.options_changed.emit(self.options)

    def _button(self, action: QAction, *, is_named: bool) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        button.setFocusPolicy(button.focusPolicy().StrongFocus)
        if is_named:
            button.setToolButtonStyle(button.toolButtonStyle().ToolButtonTextBesideIcon)
        return button

    def _menu(self, text: str, glyph: str, actions: list[QAction]) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"latent-{text.lower()}")
        button.setText(text)
        button.setToolButtonStyle(button.toolButtonStyle().ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(button.focusPolicy().StrongFocus)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        menu.addActions(actions)
        button.setMenu(menu)
        self._icons.append((button, glyph))
        return button

    def _labelled(self, text: str, *widgets: QWidget) -> QWidget:
        group = QWidget(self)
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        label = Label(text, group)
        label.setBuddy(widgets[0])
        row.addWidget(label)
        for widget in widgets:
            row.addWidget(widget)
        return group

    def _recolor(self, _theme: Theme) -> None:
        for target, glyph in self._icons:
            target.setIcon(self._themes.icon(glyph))


def _combo(name: str, choices: object) -> QComboBox:
    assert isinstance(choices, dict)
    combo = QComboBox()
    combo.setObjectName(name)
    for key, text in choices.items():
        combo.addItem(text, key)
    return combo
