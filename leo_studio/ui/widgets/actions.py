"""The registry of all actions, for menus, toolbar, shortcuts, palette and sheet."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

MENUS = ("File", "Edit", "Train", "Runs", "Curves", "Episodes", "Export", "View", "Help")


@dataclass(frozen=True, slots=True)
class Registered:
    """An action and where it belongs."""

    identifier: str  # such as "train.pause"
    action: QAction
    menu: str  # one of `MENUS`
    glyph: str  # of Material Design Icons; "" for none
    is_in_toolbar: bool


class ActionRegistry(QObject):
    """Knows every action; panels add theirs when they are made.

    `added` is emitted for each, so that menus have those of panels that are made later.

    Parameters
    ----------
    themes
        Gives icons their colour, and again when it changes.
    parent
        The window: shortcuts of all actions work inside it.
    """

    added = Signal(object)  # `Registered`

    def __init__(self, themes: ThemeManager, parent: QObject) -> None:
        super().__init__(parent)
        self._themes = themes
        self._actions: dict[str, Registered] = {}
        themes.changed.connect(self._recolor)

    @property
    def all(self) -> tuple[Registered, ...]:
        """Every action, in the order in which they were added."""
        return tuple(self._actions.values())

    def __getitem__(self, identifier: str) -> QAction:
        return self._actions[identifier].action

    def add(
        self,
        identifier: str,
        text: str,
        trigger: Callable[[], object] | None = None,
        *,
        menu: str,
        shortcut: str | QKeySequence.StandardKey = "",
        glyph: str = "",
        tip: str = "",
        is_in_toolbar: bool = False,
        toggled: Callable[[bool], object] | None = None,
        is_checked: bool = False,
    ) -> QAction:
        """Add an action.

        Parameters
        ----------
        identifier
            Unique, such as "train.pause".
        text
            As in a menu; "..." where it asks for more.
        trigger
            Called when it is chosen.
        menu
            One of `MENUS`.
        shortcut
            Such as "Ctrl+P", or one of Qt's standard keys.
        glyph
            An icon, such as `MDI7.pause`.
        tip
            A sentence for the status bar and the tooltip.
        is_in_toolbar
            Whether it has a button.
        toggled, is_checked
            For an action that is on or off: called with its new state, and how it begins.
        """
        if identifier in self._actions or menu not in MENUS:
            raise ValueError(f"{identifier} is registered twice, or {menu} is no menu")
        action = QAction(text, self)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        label = tip or text.removesuffix("...")
        action.setStatusTip(label)
        action.setToolTip(as_tip(f"{label} ({keys})" if keys else label))
        if trigger is not None:
            action.triggered.connect(lambda _checked=False: trigger())
        if toggled is not None:
            action.setCheckable(True)
            action.setChecked(is_checked)
            action.toggled.connect(toggled)
        if glyph:
            action.setIcon(self._themes.icon(glyph))
        registered = Registered(identifier, action, menu, glyph, is_in_toolbar)
        self._actions[identifier] = registered
        self.added.emit(registered)
        return action

    def _recolor(self, _theme: Theme) -> None:
        for registered in self._actions.values():
            if registered.glyph:
                registered.action.setIcon(self._themes.icon(registered.glyph))
