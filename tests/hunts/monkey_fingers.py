"""The fingers of the monkey: presses, keys, drags and the wheel, as the system delivers them.

Events go through the window's handle: what lies on top gets them, and a modal dialog keeps them
from the window behind.
"""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QWheelEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QSplitterHandle,
    QWidget,
)
from shiboken6 import Shiboken

from tests.hunts.monkey_world import World

if TYPE_CHECKING:
    from leo_studio.ui.window.main_window import MainWindow


LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
KEYS = (
    (Qt.Key.Key_Tab, NONE),
    (Qt.Key.Key_Backtab, SHIFT),
    (Qt.Key.Key_Escape, NONE),
    (Qt.Key.Key_Return, NONE),
    (Qt.Key.Key_Space, NONE),
    (Qt.Key.Key_Up, NONE),
    (Qt.Key.Key_Down, NONE),
    (Qt.Key.Key_Left, NONE),
    (Qt.Key.Key_Right, NONE),
    (Qt.Key.Key_Home, NONE),
    (Qt.Key.Key_End, NONE),
    (Qt.Key.Key_PageDown, NONE),
    (Qt.Key.Key_PageUp, NONE),
    (Qt.Key.Key_Delete, NONE),
    (Qt.Key.Key_Backspace, NONE),
    (Qt.Key.Key_F1, NONE),
    (Qt.Key.Key_F2, NONE),
    (Qt.Key.Key_Down, SHIFT),
    (Qt.Key.Key_Down, ALT),
    (Qt.Key.Key_A, CTRL),
    (Qt.Key.Key_C, CTRL),
    (Qt.Key.Key_V, CTRL),
    (Qt.Key.Key_X, CTRL),
    (Qt.Key.Key_Z, CTRL),
    (Qt.Key.Key_Z, CTRL | SHIFT),
    (Qt.Key.Key_F, CTRL),
    (Qt.Key.Key_Question, SHIFT),
)

W = TypeVar("W", bound=QWidget)


class Fingers:
    """Presses and types; each method that is told of says in one line what it is about to do.

    Parameters
    ----------
    window
        What is played with.
    world
        What may be opened and written.
    chance
        Where every choice comes from; set anew before each action.
    say
        Called with a line before something is done.
    """

    def __init__(
        self,
        window: "MainWindow",
        world: World,
        chance: random.Random,
        say: Callable[[str], None],
    ) -> None:
        self.window = window
        self.world = world
        self.chance = chance
        self.say = say
        self._seen: dict[int, QWidget] = {}

    def shown(self, target: QWidget, kind: type[W]) -> list[W]:
        """Return the visible widgets of a kind in a window, without those of other windows.

        Their Python objects are kept as long as the window: the bindings do not always notice that
        one which they made for a widget of C++ goes, and trip over it when the widget goes later.
        """
        found = [
            each
            for each in target.findChildren(kind)
            if each.isVisible() and each.window() is target.window()
        ]
        self._seen |= {id(each): each for each in found}
        return found

    def press_somehow(self, widget: QWidget, place: QPoint, name: str = "") -> None:
        kind = self.chance.choice(("press", "press", "press", "double", "ctrl", "shift", "menu"))
        self.say(f"{kind} {name or name_of(widget)} at {place.x()}, {place.y()}")
        if kind == "double":
            self.double_click(widget, place)
        elif kind == "menu":
            self.click(widget, place, RIGHT)
            event = QContextMenuEvent(
                QContextMenuEvent.Reason.Mouse, place, widget.mapToGlobal(place)
            )
            QApplication.sendEvent(widget, event)
        else:
            keys = {"press": NONE, "ctrl": CTRL, "shift": SHIFT}[kind]
            self.click(widget, place, LEFT, keys)

    def click(
        self,
        widget: QWidget,
        place: QPoint,
        button: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = NONE,
    ) -> None:
        QTest.mouseClick(self.handle(widget), button, keys, _in_window(widget, place))

    def double_click(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseDClick(self.handle(widget), LEFT, NONE, _in_window(widget, place))

    def move(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseMove(self.handle(widget), _in_window(widget, place))

    def drag(self, widget: QWidget) -> None:
        first, last = self.place_in(widget.rect()), self.place_in(widget.rect())
        if isinstance(widget, QSplitterHandle):
            last = first + QPoint(
                self.chance.randrange(-200, 200), self.chance.randrange(-200, 200)
            )
        button, keys = self.chance.choice(((LEFT, NONE), (RIGHT, NONE), (LEFT, SHIFT)))
        places = f"from {first.x()}, {first.y()} to {last.x()}, {last.y()}"
        self.say(f"drag {name_of(widget)} {places}")
        handle = self.handle(widget)
        QTest.mousePress(handle, button, keys, _in_window(widget, first))
        for part in (0.3, 0.7, 1.0):
            way = last - first
            spot = first + QPoint(round(part * way.x()), round(part * way.y()))
            QTest.mouseMove(handle, _in_window(widget, spot))
        QTest.mouseRelease(handle, button, keys, _in_window(widget, last))

    def wheel(self, widget: QWidget, place: QPoint) -> None:
        turned = self.chance.choice((-1200, -120, 120, 1200))
        keys = self.chance.choice((NONE, NONE, CTRL, SHIFT))
        self.say(f"turn the wheel by {turned} over {name_of(widget)} at {place.x()}, {place.y()}")
        event = QWheelEvent(
            QPointF(_in_window(widget, place)),
            QPointF(widget.mapToGlobal(place)),
            QPoint(),
            QPoint(0, turned),
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.handle(widget), event)

    def place_in(self, rect: QRect) -> QPoint:
        return QPoint(
            self.chance.randrange(max(1, rect.width())),
            self.chance.randrange(max(1, rect.height())),
        )

    def write(self, widget: QWidget, text: str) -> None:
        for letter in text:
            if Shiboken.isValid(widget):
                QTest.keyClick(self.handle(widget), ord(letter))

    def key(self, widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        if Shiboken.isValid(widget):  # else what was typed before has closed it
            QTest.keyClick(self.handle(widget), key, modifiers)

    def handle(self, widget: QWidget) -> QWindow:
        """Return the window of the system that a widget lies in."""
        return widget.window().windowHandle() or self.window.windowHandle()


def _in_window(widget: QWidget, place: QPoint) -> QPoint:
    return widget.mapTo(widget.window(), place)


def name_of(widget: QWidget | None) -> str:
    """Return what a widget is, and what tells it from others."""
    if widget is None:
        return "nothing"
    words = [type(widget).__name__]
    at: QWidget | None = widget
    names: list[str] = []
    while at is not None and len(names) < 2:
        if at.objectName():
            names.append(at.objectName())
        at = at.parentWidget()
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return " ".join([*words, *([repr(text)] if text else []), " of ".join(names)]).strip()
