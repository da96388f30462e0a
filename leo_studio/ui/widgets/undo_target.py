"""What the menu's undo and redo are about: the panel that somebody worked in last."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.panel_keys import REDO, UNDO, PanelWithKeys
from leo_studio.ui.widgets.people import without_keys

NOTHING = "There is nothing to {}."


class UndoTarget(QObject):
    """Lets two actions take back and make again what was done in the form, or in another panel.

    A panel that has undo of its own is meant from the moment when the keyboard goes there, or
    something is changed there, until the same happens elsewhere. Dialogs and menus in between
    change nothing, wherever the keyboard is after them. A panel that nobody sees is not meant.

    Parameters
    ----------
    actions
        Where both actions are.
    undo, redo
        Their identifiers.
    form
        The panel that is meant while no other is.
    undo_form, redo_form
        Take back and make again what was done there.
    """

    def __init__(
        self,
        actions: ActionRegistry,
        undo: str,
        redo: str,
        form: QWidget,
        undo_form: Callable[[], object],
        redo_form: Callable[[], object],
    ) -> None:
        super().__init__(form)
        self._actions = actions
        self._identifiers = undo, redo
        self._form = form
        self._of_form = {UNDO: undo_form, REDO: redo_form}
        self._form_words = "", ""
        self._last: PanelWithKeys | None = None  # None: the form
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._follow_keyboard)

    @property
    def panel(self) -> PanelWithKeys | None:
        """The panel that is meant; None for the form."""
        panel = self._last
        is_meant = panel is not None and panel.isVisible() and UNDO in panel.own_keys()
        return panel if is_meant else None

    def add(self, panel: PanelWithKeys) -> None:
        """Let a panel be one that may be meant."""
        panel.installEventFilter(self)
        panel.undo_changed.connect(self.show)
        panel.worked_in.connect(self._follow_work)

    def undo(self) -> None:
        """Take back what was done last in the panel that is meant."""
        self._act(UNDO)

    def redo(self) -> None:
        """Make again what was taken back there."""
        self._act(REDO)

    def say_form(self, undo: str, redo: str) -> None:
        """Take notice of what can be taken back and made again in the form; "" for nothing."""
        if (undo, redo) != self._form_words:
            self._form_words = undo, redo
            self._last = None  # something was changed there
        self.show()

    def show(self) -> None:
        """Let the actions say what they would do."""
        panel = self.panel
        words = self._form_words if panel is None else panel.undo_words()
        for identifier, verb, text in zip(self._identifiers, ("Undo", "Redo"), words, strict=True):
            self._actions[identifier].setText(f"{verb} {without_keys(text)}" if text else verb)
            nothing = "" if text else NOTHING.format(verb.casefold())
            self._actions.set_reason(identifier, nothing)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow panels that come to the front, and that go behind others."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide) and watched is self._last:
            self.show()
        return False

    def _act(self, key: str) -> None:
        panel = self.panel
        keys = self._of_form if panel is None else panel.own_keys()
        if key in keys:
            keys[key]()

    def _follow_work(self) -> None:
        panel = self.sender()
        assert isinstance(panel, PanelWithKeys)
        self._last = panel
        self.show()

    def _follow_keyboard(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is None or (_is_moved_by_qt(old) and not QApplication.mouseButtons()):
            return
        widget: QWidget | None = new
        while widget is not None and not isinstance(widget, PanelWithKeys):
            if widget is self._form:
                break
            widget = widget.parentWidget()
        if widget is None or (isinstance(widget, PanelWithKeys) and UNDO not in widget.own_keys()):
            return
        self._last = widget if isinstance(widget, PanelWithKeys) else None
        self.show()


def _is_moved_by_qt(old: QWidget | None) -> bool:
    """Whether the keyboard left a widget for one that Qt thinks fit: nobody has worked there.

    So it is in a window that becomes active, after a dialog or a menu, and where what had the
    keyboard is hidden or disabled.
    """
    if old is None or not old.isVisible() or not old.isEnabled():
        return True
    return isinstance(old.window(), QDialog | QMenu)
