"""Everything that the monkey can do to a window: presses, keys, text, drops, docks.

Events go through the window's handle, as the system delivers them: what lies on top gets them, and
a modal dialog keeps them from the window behind.
"""

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pyqtgraph
from PySide6.QtCore import QAbstractTableModel, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QWheelEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDockWidget,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QMenu,
    QMenuBar,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSplitterHandle,
    QTabBar,
    QTextEdit,
    QWidget,
)
from shiboken6 import Shiboken

from tests.hunts.monkey_world import HOSTILE_TEXTS, World

if TYPE_CHECKING:
    from leo_studio.ui.window.main_window import MainWindow

_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
_NONE, _CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
_KEYS = (
    (Qt.Key.Key_Tab, _NONE),
    (Qt.Key.Key_Backtab, _SHIFT),
    (Qt.Key.Key_Escape, _NONE),
    (Qt.Key.Key_Return, _NONE),
    (Qt.Key.Key_Space, _NONE),
    (Qt.Key.Key_Up, _NONE),
    (Qt.Key.Key_Down, _NONE),
    (Qt.Key.Key_Left, _NONE),
    (Qt.Key.Key_Right, _NONE),
    (Qt.Key.Key_Home, _NONE),
    (Qt.Key.Key_End, _NONE),
    (Qt.Key.Key_PageDown, _NONE),
    (Qt.Key.Key_PageUp, _NONE),
    (Qt.Key.Key_Delete, _NONE),
    (Qt.Key.Key_Backspace, _NONE),
    (Qt.Key.Key_F1, _NONE),
    (Qt.Key.Key_F2, _NONE),
    (Qt.Key.Key_Down, _SHIFT),
    (Qt.Key.Key_Down, _ALT),
    (Qt.Key.Key_A, _CTRL),
    (Qt.Key.Key_C, _CTRL),
    (Qt.Key.Key_V, _CTRL),
    (Qt.Key.Key_X, _CTRL),
    (Qt.Key.Key_Z, _CTRL),
    (Qt.Key.Key_Z, _CTRL | _SHIFT),
    (Qt.Key.Key_F, _CTRL),
    (Qt.Key.Key_Question, _SHIFT),
)
# What a person presses to train; chosen more often than by chance, or little would be trained.
_TRAINING = ("start", "start", "pause", "pause", "stop", "step", "checkpoint")
_EVALUATING = ("runs.evaluate", "runs.episodes", "runs.resume", "runs.trash", "runs.compare")
_CLOSING = ("window.quit",)
_FOREIGN_URLS = ("https://example.org/embeddings.zip", "file:///nowhere/at all.h5", "mailto:a@b.c")

Act = Callable[[], None]


class Hands:
    """The monkey's hands: each method says in one line what it is about to do, and does it.

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

    def act(self) -> None:
        """Do something that is possible now."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            return self._in_popup(popup)
        modal = QApplication.activeModalWidget()
        if isinstance(modal, QFileDialog):
            return self._choose_file(modal)
        if isinstance(modal, QDialog) and self.chance.random() < 0.45:
            return self._answer(modal)
        target = modal or self._some_window()
        if target is None:
            return self.say("wait: there is no window")
        if modal is not None:
            return self._poke(target)
        kinds: Sequence[tuple[Act, float]] = (
            (lambda: self._poke(target), 42),
            (self._trigger, 12),
            (self._train, 10),
            (self._press_key, 8),
            (self._drop, 6),
            (self._use_palette, 4),
            (self._move_dock, 4),
            (self._resize, 2),
            (lambda: self._hover(target), 6),
            (lambda: self.say("wait"), 6),
        )
        acts, weights = zip(*kinds, strict=True)
        (act,) = self.chance.choices(acts, weights)
        return act()

    def dismiss(self) -> bool:
        """Close what is open above the window, one thing at a time; returns whether one was."""
        popup = QApplication.activePopupWidget()
        modal = QApplication.activeModalWidget()
        if popup is not None:
            self.say(f"close {_name(popup)}")
            popup.close()
        elif isinstance(modal, QMessageBox):
            self.say(f"agree to {_name(modal)}")
            modal.buttons()[0].click()
        elif isinstance(modal, QDialog):
            self.say(f"reject {_name(modal)}")
            modal.reject()
        return popup is not None or modal is not None

    # What stands above the window

    def _in_popup(self, popup: QWidget) -> None:
        if isinstance(popup, QMenu) and self.chance.random() < 0.7:
            actions = [each for each in popup.actions() if _can_be_chosen(each)]
            if actions:
                action = self.chance.choice(actions)
                self.say(f"choose {action.text()!r} in {_name(popup)}")
                return self._click(popup, popup.actionGeometry(action).center())
        key = self.chance.choice(
            (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Escape)
        )
        views = _shown(popup, QAbstractItemView)
        if views and self.chance.random() < 0.5:
            return self._use_list(views[0])
        self.say(f"press {key.name} in {_name(popup)}")
        QTest.keyClick(self._handle(popup), key)

    def _choose_file(self, dialog: QFileDialog) -> None:
        """Choose a file as the dialog asks for one; never play with its list, which can delete."""
        if self.chance.random() < 0.25:
            self.say(f"reject {_name(dialog)}")
            return dialog.reject()
        if dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave:
            path = self.world.out / self.chance.choice(("one", "two", "three.png", "with space"))
        elif dialog.fileMode() == QFileDialog.FileMode.Directory:
            path = self.chance.choice(
                [self.world.out, *(each for each in self.world.openable if each.is_dir())]
            )
        else:
            path = self.chance.choice(self.world.openable)
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        box = dialog.findChild(QDialogButtonBox, "buttonBox")
        if field is None or box is None:
            return self.say("wait: a strange file dialog")
        field.setText(str(path))
        accept = [
            each for each in box.buttons() if box.buttonRole(each) == box.ButtonRole.AcceptRole
        ]
        if not accept or not accept[0].isEnabled():
            self.say(f"reject {_name(dialog)}, which does not take {path.name}")
            return dialog.reject()
        self.say(f"choose {path.name} in {_name(dialog)}")
        accept[0].click()

    def _answer(self, dialog: QDialog) -> None:
        buttons = [each for each in _shown(dialog, QPushButton) if each.isEnabled()]
        if not buttons or self.chance.random() < 0.2:
            self.say(f"press Escape in {_name(dialog)}")
            return QTest.keyClick(dialog, Qt.Key.Key_Escape)
        self._press(self.chance.choice(buttons))

    # The window as a whole

    def _some_window(self) -> QWidget | None:
        shown = [
            each
            for each in QApplication.topLevelWidgets()
            if each.isVisible() and each.isEnabled() and each.windowType() != Qt.WindowType.ToolTip
        ]
        others = [each for each in shown if each is not self.window]
        if others and (self.window not in shown or self.chance.random() < 0.3):
            return self.chance.choice(others)
        return self.window if self.window in shown else None

    def _trigger(self) -> None:
        actions = [
            each
            for each in self.window.actions_registry.all
            if each.action.isEnabled() and each.identifier not in _CLOSING
        ]
        chosen = self.chance.choice(actions)
        self.say(f"trigger {chosen.identifier}")
        chosen.action.trigger()

    def _train(self) -> None:
        """Do what people come for."""
        kind = self.chance.randrange(4)
        if kind == 0:
            path = self.chance.choice(self.world.experiments)
            return self._drop_on_window([QUrl.fromLocalFile(str(path))], path.name)
        if kind == 1 and self.window.controller.runs:
            run = self.chance.choice(self.window.controller.runs)
            self.say(f"select the run {run.name}")
            self.window.runs.select(run.path)
            name = self.chance.choice(_EVALUATING)
        else:
            name = f"train.{self.chance.choice(_TRAINING)}"
        action = self.window.actions_registry[name]
        if not action.isEnabled():
            return self.say(f"wait: {name} is not possible")
        self.say(f"trigger {name}")
        action.trigger()

    def _press_key(self) -> None:
        key, modifiers = self.chance.choice(_KEYS)
        shortcut = ""
        if self.chance.random() < 0.4:
            keys = [
                (each.identifier, each.action.shortcut())
                for each in self.window.actions_registry.all
                if not each.action.shortcut().isEmpty() and each.identifier not in _CLOSING
            ]
            shortcut, sequence = self.chance.choice(keys)
            key, modifiers = sequence[0].key(), sequence[0].keyboardModifiers()
        focused = QApplication.focusWidget()
        self.say(f"press {shortcut or key.name} in {_name(focused)}")
        QTest.keyClick(self._handle(focused or self.window), key, modifiers)

    def _use_palette(self) -> None:
        text = self.chance.choice(("load", "show", "text", "lat", "exp", "zzz", "ep", "run"))
        key = self.chance.choice((Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_Escape))
        self.say(f"type {text!r} into the palette and press {key.name}")
        if not self.window.palette_popup.isVisible():
            self.window.actions_registry["view.command_palette"].trigger()
        self._write(self.window, text)
        for _ in range(self.chance.randrange(4)):
            QTest.keyClick(self.window.windowHandle(), Qt.Key.Key_Down)
        QTest.keyClick(self.window.windowHandle(), key)

    def _move_dock(self) -> None:
        docks = [self.window.docks[name] for name in self.window.docks.names]
        dock, other = self.chance.sample(docks, 2)
        kind = self.chance.choice(("float", "close", "show", "tab", "move", "size"))
        self.say(f"{kind} {dock.objectName()} ({other.objectName()})")
        if kind == "float":
            dock.setFloating(not dock.isFloating())
        elif kind == "close":
            dock.close()
        elif kind == "show":
            dock.show()
            dock.raise_()
        elif kind == "tab":
            dock.setFloating(False)
            other.setFloating(False)
            self.window.tabifyDockWidget(dock, other)
        elif kind == "move":
            dock.setFloating(False)
            area = self.chance.choice(
                (
                    Qt.DockWidgetArea.LeftDockWidgetArea,
                    Qt.DockWidgetArea.RightDockWidgetArea,
                    Qt.DockWidgetArea.BottomDockWidgetArea,
                )
            )
            self.window.addDockWidget(area, dock)
        else:
            length = self.chance.randrange(50, 900)
            self.window.resizeDocks([dock], [length], Qt.Orientation.Horizontal)

    def _resize(self) -> None:
        width, height = self.chance.randrange(200, 2600), self.chance.randrange(150, 1600)
        self.say(f"resize to {width} x {height}")
        self.window.resize(width, height)

    # Drops

    def _drop(self) -> None:
        paths = self.chance.sample(self.world.openable, self.chance.choice((1, 1, 1, 1, 2, 3)))
        urls = [QUrl.fromLocalFile(str(path)) for path in paths]
        names = ", ".join(path.name for path in paths)
        kind = self.chance.randrange(8)
        if kind == 0:
            names = self.chance.choice(_FOREIGN_URLS)
            urls = [QUrl(names)]
        if kind == 1:
            return self._drop_on_window(urls, names, leaves=True)
        if kind == 2:
            mime = QMimeData()
            mime.setText(self.chance.choice(HOSTILE_TEXTS))
            return self._send_drop(mime, "text")
        return self._drop_on_window(urls, names)

    def _drop_on_window(self, urls: list[QUrl], names: str, *, leaves: bool = False) -> None:
        mime = QMimeData()
        mime.setUrls(urls)
        return self._send_drop(mime, names, leaves=leaves)

    def _send_drop(self, mime: QMimeData, what: str, *, leaves: bool = False) -> None:
        handle = self.window.windowHandle()
        copy = Qt.DropAction.CopyAction
        place = self._place_in(self.window.rect())
        self.say(f"{'drag' if leaves else 'drop'} {what}")
        enter = QDragEnterEvent(place, copy, mime, _LEFT, _NONE)
        QApplication.sendEvent(handle, enter)
        move = QDragMoveEvent(place, copy, mime, _LEFT, _NONE)
        QApplication.sendEvent(handle, move)
        if leaves or not (enter.isAccepted() or move.isAccepted()):
            QApplication.sendEvent(handle, QDragLeaveEvent())
            return
        QApplication.sendEvent(handle, QDropEvent(QPointF(place), copy, mime, _LEFT, _NONE))

    # Widgets

    def _poke(self, target: QWidget) -> None:
        """Do to one of a window's widgets what it is for."""
        found: dict[Act, float] = {}
        for widget in _shown(target, QWidget):
            if not widget.isEnabled() or widget.visibleRegion().isEmpty():
                continue
            for kind, act in self._uses():
                if isinstance(widget, kind):
                    found[lambda act=act, widget=widget: act(widget)] = 1.0
                    break
        if not found:
            return self.say(f"wait: nothing to poke in {_name(target)}")
        self.chance.choice(list(found))()

    def _uses(self) -> tuple[tuple[type[QWidget], Callable[..., str]], ...]:
        """Return what is done to each kind of widget; the first kind that fits counts."""
        return (
            (QMenuBar, self._open_menu),
            (QTabBar, self._choose_tab),
            (QAbstractButton, self._press),
            (QAbstractSpinBox, self._spin),
            (QComboBox, self._choose_item),
            (QAbstractSlider, self._slide),
            (QHeaderView, self._use_header),
            (pyqtgraph.GraphicsView, self._use_plot),
            (QAbstractItemView, self._use_list),
            (QLineEdit, self._type),
            (QPlainTextEdit, self._type),
            (QTextEdit, self._type),
            (QSplitterHandle, self._drag),
            (QDockWidget, self._use_dock_title),
        )

    def _press(self, button: QAbstractButton) -> None:
        self.say(f"press {_name(button)}")
        self._click(button, button.rect().center())

    def _open_menu(self, bar: QMenuBar) -> None:
        action = self.chance.choice(bar.actions())
        self.say(f"open menu {action.text()!r}")
        self._click(bar, bar.actionGeometry(action).center())

    def _choose_tab(self, bar: QTabBar) -> None:
        if bar.count() == 0:
            return self.say("wait: no tabs")
        place = self.chance.randrange(bar.count())
        self.say(f"choose tab {bar.tabText(place)!r}")
        self._click(bar, bar.tabRect(place).center())

    def _spin(self, box: QAbstractSpinBox) -> None:
        if self.chance.random() < 0.5:
            return self._type(box)
        key = self.chance.choice((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp))
        self.say(f"press {key.name} in {_name(box)}")
        box.setFocus()
        QTest.keyClick(box, key)

    def _choose_item(self, box: QComboBox) -> None:
        if box.isEditable() and self.chance.random() < 0.5:
            return self._type(box)
        if self.chance.random() < 0.3:
            self.say(f"open {_name(box)}")
            return self._click(box, box.rect().center())
        key = self.chance.choice((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_End))
        self.say(f"press {key.name} in {_name(box)}")
        box.setFocus()
        QTest.keyClick(box, key)

    def _slide(self, slider: QAbstractSlider) -> None:
        place = self._place_in(slider.rect())
        self.say(f"press {_name(slider)} at {place.x()}, {place.y()}")
        self._click(slider, place)

    def _use_header(self, header: QHeaderView) -> None:
        place = self._place_in(header.rect())
        return self._press_somehow(header, place)

    def _use_list(self, view: QAbstractItemView) -> None:
        if self.chance.random() < 0.2:
            key, modifiers = self.chance.choice(_KEYS)
            self.say(f"press {key.name} in {_name(view)}")
            view.setFocus()
            return QTest.keyClick(self._handle(view), key, modifiers)
        area = view.viewport()
        place = self._place_in(area.rect())
        model = view.model()
        if model is not None and model.rowCount(view.rootIndex()) and self.chance.random() < 0.8:
            row = self.chance.randrange(min(model.rowCount(view.rootIndex()), 30))
            index = model.index(row, 0, view.rootIndex())
            if isinstance(model, QAbstractTableModel):
                index = model.index(row, self.chance.randrange(max(1, model.columnCount())))
            rect = view.visualRect(index)
            if rect.isValid() and area.rect().contains(rect.center()):
                place = rect.center()
        return self._press_somehow(area, place, _name(view))

    def _use_plot(self, plot: QWidget) -> None:
        kind = self.chance.randrange(5)
        place = self._place_in(plot.rect())
        if kind == 0:
            return self._drag(plot)
        if kind == 1:
            return self._wheel(plot, place)
        if kind == 2:
            self.say(f"hover {_name(plot)} at {place.x()}, {place.y()}")
            return self._move(plot, place)
        return self._press_somehow(plot, place)

    def _use_dock_title(self, dock: QDockWidget) -> None:
        self.say(f"press the title of {_name(dock)} twice")
        self._double_click(dock, QPoint(dock.width() // 3, 8))

    def _type(self, field: QWidget) -> None:
        """Put a text in place of what a field holds, as by pasting, or letter by letter."""
        text = self.chance.choice(HOSTILE_TEXTS)
        end = self.chance.choice((None, Qt.Key.Key_Return, Qt.Key.Key_Tab))
        self.say(f"type {text[:30]!r} into {_name(field)}, {end.name if end else 'no end'}")
        field.setFocus()
        if self.chance.random() < 0.8:
            self._key(field, Qt.Key.Key_A, _CTRL)
        if (
            len(text) > 20
            or not (text.isascii() and text.isprintable())
            or self.chance.random() < 0.3
        ):
            QGuiApplication.clipboard().setText(text)
            self._key(field, Qt.Key.Key_V, _CTRL)
        elif text:
            self._write(field, text)
        else:
            self._key(field, Qt.Key.Key_Delete)
        if end is not None:
            self._key(field, end)

    def _hover(self, target: QWidget) -> None:
        place = self._place_in(target.rect())
        if self.chance.random() < 0.5:
            return self._wheel(target, place)
        self.say(f"hover {_name(target)} at {place.x()}, {place.y()}")
        self._move(target, place)

    # Mouse and its ways

    def _press_somehow(self, widget: QWidget, place: QPoint, name: str = "") -> None:
        kind = self.chance.choice(("press", "press", "press", "double", "ctrl", "shift", "menu"))
        self.say(f"{kind} {name or _name(widget)} at {place.x()}, {place.y()}")
        if kind == "double":
            self._double_click(widget, place)
        elif kind == "menu":
            self._click(widget, place, _RIGHT)
            event = QContextMenuEvent(
                QContextMenuEvent.Reason.Mouse, place, widget.mapToGlobal(place)
            )
            QApplication.sendEvent(widget, event)
        else:
            keys = {"press": _NONE, "ctrl": _CTRL, "shift": _SHIFT}[kind]
            self._click(widget, place, _LEFT, keys)

    def _click(
        self,
        widget: QWidget,
        place: QPoint,
        button: Qt.MouseButton = _LEFT,
        keys: Qt.KeyboardModifier = _NONE,
    ) -> None:
        QTest.mouseClick(self._handle(widget), button, keys, _in_window(widget, place))

    def _double_click(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseDClick(self._handle(widget), _LEFT, _NONE, _in_window(widget, place))

    def _move(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseMove(self._handle(widget), _in_window(widget, place))

    def _drag(self, widget: QWidget) -> None:
        first, last = self._place_in(widget.rect()), self._place_in(widget.rect())
        if isinstance(widget, QSplitterHandle):
            last = first + QPoint(
                self.chance.randrange(-200, 200), self.chance.randrange(-200, 200)
            )
        button, keys = self.chance.choice(((_LEFT, _NONE), (_RIGHT, _NONE), (_LEFT, _SHIFT)))
        places = f"from {first.x()}, {first.y()} to {last.x()}, {last.y()}"
        self.say(f"drag {_name(widget)} {places}")
        handle = self._handle(widget)
        QTest.mousePress(handle, button, keys, _in_window(widget, first))
        for part in (0.3, 0.7, 1.0):
            spot = QPointF(first) + part * (QPointF(last) - QPointF(first))
            QTest.mouseMove(handle, _in_window(widget, spot.toPoint()))
        QTest.mouseRelease(handle, button, keys, _in_window(widget, last))

    def _wheel(self, widget: QWidget, place: QPoint) -> None:
        turned = self.chance.choice((-1200, -120, 120, 1200))
        keys = self.chance.choice((_NONE, _NONE, _CTRL, _SHIFT))
        self.say(f"turn the wheel by {turned} over {_name(widget)} at {place.x()}, {place.y()}")
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
        QApplication.sendEvent(self._handle(widget), event)

    def _place_in(self, rect: QRect) -> QPoint:
        return QPoint(
            self.chance.randrange(max(1, rect.width())),
            self.chance.randrange(max(1, rect.height())),
        )

    def _write(self, widget: QWidget, text: str) -> None:
        for letter in text:
            self._key(widget, letter)

    def _key(
        self, widget: QWidget, key: Qt.Key | str, modifiers: Qt.KeyboardModifier = _NONE
    ) -> None:
        if Shiboken.isValid(widget):  # else what was typed before has closed it
            QTest.keyClick(self._handle(widget), key, modifiers)

    def _handle(self, widget: QWidget) -> QWindow:
        """Return the window of the system that a widget lies in."""
        return widget.window().windowHandle() or self.window.windowHandle()


def _in_window(widget: QWidget, place: QPoint) -> QPoint:
    return widget.mapTo(widget.window(), place)


def _shown(target: QWidget, kind: type) -> list:
    """Return the visible widgets of a kind in a window, without those of other windows."""
    return [
        each
        for each in target.findChildren(kind)
        if each.isVisible() and each.window() is target.window()
    ]


def _can_be_chosen(action: QAction) -> bool:
    # The window is closed where the session says so.
    return (
        action.isEnabled()
        and action.isVisible()
        and not action.isSeparator()
        and action.text().replace("&", "") != "Quit"
    )


def _name(widget: QWidget | None) -> str:
    """Return what a widget is, and what tells it from others."""
    if widget is None:
        return "nothing"
    words = [type(widget).__name__]
    at: QWidget | None = widget
    names = []
    while at is not None and len(names) < 2:
        if at.objectName():
            names.append(at.objectName())
        at = at.parentWidget()
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return " ".join([*words, *([repr(text)] if text else []), " of ".join(names)]).strip()
