"""The registry of all actions, for menus, toolbar, shortcuts, palette and sheet."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

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
    within: QWidget | None  # where alone its keys work; None for the whole window
    sentence: str = ""  # what it does, also while a reason stands in the action's own tip
    other_texts: tuple[str, ...] = ()  # what it is called at other times


class ActionRegistry(QObject):
    """Knows every action; panels add theirs when they are made.

    `added` is emitted for each, so that menus have those of panels that are made later; `refused`
    when somebody presses the keys of an action that is disabled, with the reason; `explained` with
    what stood in an action's tip and what stands there now.

    Parameters
    ----------
    themes
        Gives icons their colour, and again when it changes.
    parent
        The window: shortcuts of all actions work inside it.
    """

    added = Signal(object)  # `Registered`
    prominence_changed = Signal(str)  # the identifier
    refused = Signal(str)
    explained = Signal(str, str)

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._themes = themes
        self._actions: dict[str, Registered] = {}
        self._tips: dict[str, str] = {}
        self._reasons: dict[str, str] = {}  # of those that are disabled
        self._refusals: dict[str, QShortcut] = {}  # have an action's keys while it is disabled
        self._prominent: set[str] = set()
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
        other_texts: tuple[str, ...] = (),
        toggled: Callable[[bool], object] | None = None,
        is_checked: bool = False,
        within: QWidget | None = None,
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
        other_texts
            What it is called at other times; its button has room for them from the beginning.
        toggled, is_checked
            For an action that is on or off: called with its new state, and how it begins.
        within
            Where alone its keys work; the whole window by default.
        """
        if identifier in self._actions or menu not in MENUS:
            raise ValueError(f"{identifier} is registered twice, or {menu} is no menu")
        action = QAction(text, self)
        action.setObjectName(identifier)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        if within is not None:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            within.addAction(action)
        if trigger is not None:
            action.triggered.connect(lambda _checked=False: trigger())
        if toggled is not None:
            action.setCheckable(True)
            action.setChecked(is_checked)
            action.toggled.connect(toggled)
        if glyph:
            action.setIcon(self._themes.icon(glyph))
        registered = Registered(
            identifier, action, menu, glyph, is_in_toolbar, within, tip, other_texts
        )
        self._actions[identifier] = registered
        self._tips[identifier] = tip or text.removesuffix("...")
        self._explain(identifier)
        self.added.emit(registered)
        return action

    def set_reason(self, identifier: str, why: str) -> None:
        """Disable an action, and say why in its tip and when its keys are pressed.

        Parameters
        ----------
        identifier
            Of the action.
        why
            A sentence; "" enables the action.
        """
        if why == self._reasons.get(identifier, ""):
            return
        action = self[identifier]
        self._reasons[identifier] = why
        # One after the other: where both had the keys, Qt would call neither.
        if why:
            action.setEnabled(False)
            self._refusal(identifier).setEnabled(True)
        else:
            self._refusal(identifier).setEnabled(False)
            action.setEnabled(True)
        self._explain(identifier)

    def reason(self, identifier: str) -> str:
        """Return why an action is disabled; "" where it is not."""
        return self._reasons.get(identifier, "")

    def set_tip(self, identifier: str, tip: str) -> None:
        """Set what an action does, for one that does now this and now that."""
        self._tips[identifier] = tip
        self._actions[identifier] = replace(self._actions[identifier], sentence=tip)
        self._explain(identifier)

    def set_glyph(self, identifier: str, glyph: str) -> None:
        """Give an action another icon."""
        registered = self._actions[identifier] = replace(self._actions[identifier], glyph=glyph)
        registered.action.setIcon(self._themes.icon(glyph))

    def icon(self, identifier: str, color: str) -> QIcon:
        """Return an action's icon in another colour, such as on a coloured button."""
        return self._themes.icon(self._actions[identifier].glyph, color)

    def set_prominent(self, identifier: str, is_prominent: bool) -> None:
        """Say whether an action is what somebody most likely wants next."""
        if is_prominent != self.is_prominent(identifier):
            self._prominent ^= {identifier}
            self.prominence_changed.emit(identifier)

    def is_prominent(self, identifier: str) -> bool:
        """Whether an action is what somebody most likely wants next."""
        return identifier in self._prominent

    def _explain(self, identifier: str) -> None:
        """Put into an action's tips what it does, or why it is disabled."""
        action, why = self[identifier], self.reason(identifier)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        before, label = action.statusTip(), why or self._tips[identifier]
        action.setStatusTip(label)
        action.setToolTip(as_tip(f"{label} ({keys})" if keys and not why else label))
        if before not in ("", label):
            self.explained.emit(before, label)

    def _refusal(self, identifier: str) -> QShortcut:
        """Return what answers an action's keys while the action does not."""
        registered = self._actions[identifier]
        if identifier not in self._refusals:
            refusal = QShortcut(registered.action.shortcut(), registered.within or self._window)
            if registered.within is not None:
                refusal.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            refusal.setAutoRepeat(False)
            refusal.activated.connect(lambda: self.refused.emit(self.reason(identifier)))
            self._refusals[identifier] = refusal
        return self._refusals[identifier]

    def _recolor(self, _theme: Theme) -> None:
        for registered in self._actions.values():
            if registered.glyph:
                registered.action.setIcon(self._themes.icon(registered.glyph))
