"""Everything that the monkey can do to a window: actions, dialogs, drops, docks, the palette."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QWidget,
)

from tests.hunts.monkey_fingers import KEYS, LEFT, NONE, name_of
from tests.hunts.monkey_widgets import Act, Pokes
from tests.hunts.monkey_world import HOSTILE_TEXTS

# What a person presses to train; chosen more often than by chance, or little would be trained.
_TRAINING = ("start", "start", "pause", "pause", "stop", "step", "checkpoint")
_EVALUATING = ("runs.evaluate", "runs.episodes", "runs.resume", "runs.trash", "runs.compare")
_CLOSING = ("window.quit",)
_FOREIGN_URLS = ("https://example.org/embeddings.zip", "file:///nowhere/at all.h5", "mailto:a@b.c")


class Hands(Pokes):
    """The monkey's hands: each method says in one line what it is about to do, and does it."""

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
            return self.poke(target)
        kinds: Sequence[tuple[Act, float]] = (
            (lambda: self.poke(target), 42),
            (self._trigger, 12),
            (self._train, 10),
            (self._press_key, 8),
            (self._drop, 6),
            (self._use_palette, 4),
            (self._move_dock, 4),
            (self._resize, 2),
            (lambda: self.hover(target), 6),
            (lambda: self.say("wait"), 6),
        )
        acts, weights = zip(*kinds, strict=True)
        (act,) = self.chance.choices(acts, weights)
        act()

    def dismiss(self) -> bool:
        """Close what is open above the window, one thing at a time; returns whether one was."""
        popup = QApplication.activePopupWidget()
        modal = QApplication.activeModalWidget()
        if popup is not None:
            self.say(f"close {name_of(popup)}")
            popup.close()
        elif isinstance(modal, QMessageBox):
            self.say(f"agree to {name_of(modal)}")
            modal.buttons()[0].click()
        elif isinstance(modal, QDialog):
            self.say(f"reject {name_of(modal)}")
            modal.reject()
        return popup is not None or modal is not None

    def _in_popup(self, popup: QWidget) -> None:
        if isinstance(popup, QMenu) and self.chance.random() < 0.7:
            actions = [each for each in popup.actions() if _can_be_chosen(each)]
            if actions:
                action = self.chance.choice(actions)
                self.say(f"choose {action.text()!r} in {name_of(popup)}")
                return self.click(popup, popup.actionGeometry(action).center())
        key = self.chance.choice(
            (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Escape)
        )
        views = self.shown(popup, QAbstractItemView)
        if views and self.chance.random() < 0.5:
            return self.use_list(views[0])
        self.say(f"press {key.name} in {name_of(popup)}")
        QTest.keyClick(self.handle(popup), key)

    def _choose_file(self, dialog: QFileDialog) -> None:
        """Choose a file as the dialog asks for one; never play with its list, which can delete."""
        if self.chance.random() < 0.25:
            self.say(f"reject {name_of(dialog)}")
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
        for view in dialog.findChildren(QAbstractItemView):
            view.clearSelection()  # as typing does: else what the list has selected is taken
        accept = [
            each for each in box.buttons() if box.buttonRole(each) == box.ButtonRole.AcceptRole
        ]
        if not accept or not accept[0].isEnabled():
            self.say(f"reject {name_of(dialog)}, which does not take {path.name}")
            return dialog.reject()
        self.say(f"choose {path.name} in {name_of(dialog)}")
        accept[0].click()

    def _answer(self, dialog: QDialog) -> None:
        buttons = [each for each in self.shown(dialog, QPushButton) if each.isEnabled()]
        if not buttons or self.chance.random() < 0.2:
            self.say(f"press Escape in {name_of(dialog)}")
            return QTest.keyClick(dialog, Qt.Key.Key_Escape)
        self.press(self.chance.choice(buttons))

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
        focused = QApplication.focusWidget()
        handle = self.handle(focused or self.window)
        if self.chance.random() < 0.6:
            key, modifiers = self.chance.choice(KEYS)
            self.say(f"press {key.name} in {name_of(focused)}")
            QTest.keyClick(handle, key, modifiers)
            return
        chosen = self.chance.choice(
            [
                each
                for each in self.window.actions_registry.all
                if not each.action.shortcut().isEmpty() and each.identifier not in _CLOSING
            ]
        )
        self.say(f"press the keys of {chosen.identifier} in {name_of(focused)}")
        QTest.keySequence(handle, chosen.action.shortcut())

    def _use_palette(self) -> None:
        text = self.chance.choice(("load", "show", "text", "lat", "exp", "zzz", "ep", "run"))
        key = self.chance.choice((Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_Escape))
        self.say(f"type {text!r} into the palette and press {key.name}")
        if not self.window.palette_popup.isVisible():
            self.window.actions_registry["view.command_palette"].trigger()
        self.write(self.window, text)
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
        place = self.place_in(self.window.rect())
        self.say(f"{'drag' if leaves else 'drop'} {what}")
        enter = QDragEnterEvent(place, copy, mime, LEFT, NONE)
        QApplication.sendEvent(handle, enter)
        move = QDragMoveEvent(place, copy, mime, LEFT, NONE)
        QApplication.sendEvent(handle, move)
        if leaves or not (enter.isAccepted() or move.isAccepted()):
            QApplication.sendEvent(handle, QDragLeaveEvent())
            return
        QApplication.sendEvent(handle, QDropEvent(QPointF(place), copy, mime, LEFT, NONE))


def _can_be_chosen(action: QAction) -> bool:
    # The window is closed where the session says so.
    return (
        action.isEnabled()
        and action.isVisible()
        and not action.isSeparator()
        and action.text().replace("&", "") != "Quit"
    )
