"""Gives all widgets another look in linear time, those on the screen first.

Qt's own way, a new style sheet for the application, styles every widget once for each of its
ancestors: a window of a thousand widgets stands still for seconds. Here those that nobody sees are
left out, and styled a few at a time while the window answers; what comes into sight before its
turn is styled at once, before it is painted.
"""

import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget
from shiboken6 import Shiboken

_SLICE_SECONDS = 0.008  # of styling what is hidden, between two turns of the event loop
_DEEPEST = 20  # a widget within others, of which each may have to be mended before the next
_COMES = (QEvent.Type.Show, QEvent.Type.Move)  # a dock in front of others is moved there
_POLISHED = Qt.WidgetAttribute.WA_WState_Polished


class Restyling(QObject):
    """Styles the widgets of an application anew.

    Parameters
    ----------
    application
        Whose widgets they are; the restyling ends with it.
    """

    done = Signal()  # the last of those that nobody sees has the new look

    def __init__(self, application: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._application = application
        # Addresses, and no widgets: one may be gone when its turn comes. Where another has its
        # address by then, it is styled once more than it needs.
        self._waiting: set[int] = set()
        self._watched: set[int] = set()  # of those, what comes into sight by itself
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._style_some)

    @property
    def is_done(self) -> bool:
        """Whether all widgets have the new look, also those that nobody sees."""
        return not self._waiting

    def restyle(self, change: Callable[[], None]) -> None:
        """Change the application's look, and give it to every widget that has one."""
        hidden = _leave_out_hidden(self._application)
        # What is left is styled twice, which is little; a new sheet in place of an old one would
        # style every widget once for each of its ancestors.
        _forget_styles(self._application)
        self._application.setStyleSheet("")
        change()
        # Those that there are now: a part that Qt made itself may be gone, and nobody would know.
        for widget in self._application.allWidgets():
            if _address(widget) in hidden:
                widget.setAttribute(Qt.WidgetAttribute.WA_SetStyle, False)
        _mend_fonts(self._application, _styled_widgets(self._application))
        self._waiting |= hidden  # beside those that wait since the last change
        if self._waiting:
            self._watch()
            self._slices.start()

    def _watch(self) -> None:
        """Notice when something that waits comes into sight."""
        for widget in self._application.allWidgets():
            address = _address(widget)
            # The events of all widgets would cost more than styling them.
            is_hidden = widget.isHidden() and address in self._waiting
            if (is_hidden or isinstance(widget, QDockWidget)) and address not in self._watched:
                self._watched.add(address)
                widget.installEventFilter(self)

    def _watch_no_more(self) -> None:
        for widget in self._application.allWidgets():
            if _address(widget) in self._watched:
                widget.removeEventFilter(self)
        self._watched.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Style what comes into sight, at once."""
        if event.type() in _COMES and isinstance(watched, QWidget) and self._waiting:
            is_dock = isinstance(watched, QDockWidget)
            if event.type() == QEvent.Type.Show or (is_dock and _is_in_front(watched)):
                self._style_now(watched)
        return False

    def _style_now(self, shown: QWidget) -> None:
        """Give the new look to a widget that waits for it, and to all that is seen in it."""
        inside = [shown, *shown.findChildren(QWidget)]
        waiting = [each for each in inside if _address(each) in self._waiting and each.isVisible()]
        self._waiting -= set(map(_address, waiting))
        for widget in waiting:
            _give_look(widget)
        if waiting:
            _mend_fonts(self._application, inside)

    def _style_some(self) -> None:
        waiting = [
            (address, widget)
            for widget in self._application.allWidgets()
            if (address := _address(widget)) in self._waiting
        ]
        # Finding them takes as long as styling a few: its time is not taken from theirs.
        end = time.perf_counter() + _SLICE_SECONDS
        for address, widget in waiting:
            if address in self._waiting:  # else the look of another one has shown it
                self._waiting.discard(address)
                _give_look(widget)
                if time.perf_counter() > end:
                    return
        self._waiting.clear()  # the rest is gone
        self._slices.stop()
        self._watch_no_more()
        _mend_fonts(self._application, _styled_widgets(self._application))
        self.done.emit()


def _styled_widgets(application: QApplication) -> list[QWidget]:
    """Return the widgets that have a look; the others get theirs when they are first shown."""
    return [widget for widget in application.allWidgets() if widget.testAttribute(_POLISHED)]


def _out_of_sight(widgets: list[QWidget]) -> set[int]:
    """Return the addresses of what is in docks that stand behind others; Qt calls it visible."""
    return {
        _address(inside)
        for dock in widgets
        if isinstance(dock, QDockWidget) and not _is_in_front(dock)
        for inside in dock.findChildren(QWidget)
    }


def _is_in_front(dock: QWidget) -> bool:
    """Whether a dock is the one of its tabs that is seen."""
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def _forget_styles(application: QApplication) -> None:
    """Let Python forget the styles of sheets, which Qt is about to delete without telling it.

    Where another object came to lie in the same place, Python would take it for the style.
    """
    Shiboken.invalidate(application.style())
    for widget in application.allWidgets():
        if widget.styleSheet():  # it has a style of its own
            Shiboken.invalidate(widget.style())


def _leave_out_hidden(application: QApplication) -> set[int]:
    """Leave out all that nobody sees, and return the addresses."""
    styled = _styled_widgets(application)
    behind = _out_of_sight(styled)
    hidden = [each for each in styled if not each.isVisible() or _address(each) in behind]
    for widget in hidden:
        _leave_out(widget)
    return set(map(_address, hidden))


def _leave_out(widget: QWidget) -> None:
    """Let a widget have no look until its turn comes: a new sheet leaves it out."""
    if widget.testAttribute(Qt.WidgetAttribute.WA_SetPalette):
        widget.style().unpolish(widget)  # takes colours back that the sheet has given
    widget.setAttribute(_POLISHED, False)
    # Qt tells of a new style those widgets alone that have none of their own.
    widget.setAttribute(Qt.WidgetAttribute.WA_SetStyle)


def _give_look(widget: QWidget) -> None:
    widget.style().polish(widget)
    widget.setAttribute(_POLISHED)
    QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))


def _mend_fonts(application: QApplication, widgets: Iterable[QWidget]) -> None:
    """Give widgets the application's font where Qt has left them out, parents before children."""
    size = application.font().pointSizeF()
    for _ in range(_DEEPEST):
        left_out = [
            widget
            for widget in widgets
            if not widget.testAttribute(Qt.WidgetAttribute.WA_SetFont)
            and widget.font().pointSizeF() != size
        ]
        highest = min(map(_depth, left_out), default=0)
        for widget in left_out:
            if _depth(widget) == highest:
                widget.setFont(QFont())
                widget.style().polish(widget)  # what the sheet says of its font is lost by this
        if not left_out:
            return


def _depth(widget: QWidget) -> int:
    parent, depth = widget.parentWidget(), 0
    while parent is not None:
        parent, depth = parent.parentWidget(), depth + 1
    return depth


def _address(widget: QWidget) -> int:
    address, *_others = Shiboken.getCppPointer(widget)  # one for each base class that is of Qt
    return int(address)
