"""Everything that the monkey can do to a widget, by what the widget is for."""

from collections.abc import Callable
from functools import partial

import pyqtgraph
from PySide6.QtCore import QAbstractTableModel, QPoint, Qt
from PySide6.QtGui import (
    QGuiApplication,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QSplitterHandle,
    QTabBar,
    QTextEdit,
    QWidget,
)

from tests.hunts.monkey_fingers import CTRL, KEYS, Fingers, name_of
from tests.hunts.monkey_world import HOSTILE_TEXTS

Act = Callable[[], None]


class Pokes(Fingers):
    """Does to a window's widgets what they are for."""

    def poke(self, target: QWidget) -> None:
        """Do to one of a window's widgets what it is for."""
        found: list[Act] = []
        for widget in self.shown(target, QWidget):
            if not widget.isEnabled() or widget.visibleRegion().isEmpty():
                continue
            for kind, act in self._uses():
                if isinstance(widget, kind):
                    found.append(partial(act, widget))
                    break
        if not found:
            return self.say(f"wait: nothing to poke in {name_of(target)}")
        self.chance.choice(found)()

    def _uses(self) -> tuple[tuple[type[QWidget], Callable[..., None]], ...]:
        """Return what is done to each kind of widget; the first kind that fits counts."""
        return (
            (QMenuBar, self._open_menu),
            (QTabBar, self._choose_tab),
            (QAbstractButton, self.press),
            (QAbstractSpinBox, self._spin),
            (QComboBox, self._choose_item),
            (QAbstractSlider, self._slide),
            (QHeaderView, self._use_header),
            (pyqtgraph.GraphicsView, self._use_plot),
            (QAbstractItemView, self.use_list),
            (QLineEdit, self._type),
            (QPlainTextEdit, self._type),
            (QTextEdit, self._type),
            (QSplitterHandle, self.drag),
            (QDockWidget, self._use_dock_title),
        )

    def press(self, button: QAbstractButton) -> None:
        self.say(f"press {name_of(button)}")
        self.click(button, button.rect().center())

    def _open_menu(self, bar: QMenuBar) -> None:
        action = self.chance.choice(bar.actions())
        self.say(f"open menu {action.text()!r}")
        self.click(bar, bar.actionGeometry(action).center())

    def _choose_tab(self, bar: QTabBar) -> None:
        if bar.count() == 0:
            return self.say("wait: no tabs")
        place = self.chance.randrange(bar.count())
        self.say(f"choose tab {bar.tabText(place)!r}")
        self.click(bar, bar.tabRect(place).center())

    def _spin(self, box: QAbstractSpinBox) -> None:
        if self.chance.random() < 0.5:
            return self._type(box)
        key = self.chance.choice((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp))
        self.say(f"press {key.name} in {name_of(box)}")
        box.setFocus()
        QTest.keyClick(box, key)

    def _choose_item(self, box: QComboBox) -> None:
        if box.isEditable() and self.chance.random() < 0.5:
            return self._type(box)
        if self.chance.random() < 0.3:
            self.say(f"open {name_of(box)}")
            return self.click(box, box.rect().center())
        key = self.chance.choice((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_End))
        self.say(f"press {key.name} in {name_of(box)}")
        box.setFocus()
        QTest.keyClick(box, key)

    def _slide(self, slider: QAbstractSlider) -> None:
        place = self.place_in(slider.rect())
        self.say(f"press {name_of(slider)} at {place.x()}, {place.y()}")
        self.click(slider, place)

    def _use_header(self, header: QHeaderView) -> None:
        place = self.place_in(header.rect())
        return self.press_somehow(header, place)

    def use_list(self, view: QAbstractItemView) -> None:
        if self.chance.random() < 0.2:
            key, modifiers = self.chance.choice(KEYS)
            self.say(f"press {key.name} in {name_of(view)}")
            view.setFocus()
            return QTest.keyClick(self.handle(view), key, modifiers)
        area = view.viewport()
        place = self.place_in(area.rect())
        model = view.model()
        if model is not None and model.rowCount(view.rootIndex()) and self.chance.random() < 0.8:
            row = self.chance.randrange(min(model.rowCount(view.rootIndex()), 30))
            index = model.index(row, 0, view.rootIndex())
            if isinstance(model, QAbstractTableModel):
                index = model.index(row, self.chance.randrange(max(1, model.columnCount())))
            rect = view.visualRect(index)
            if rect.isValid() and area.rect().contains(rect.center()):
                place = rect.center()
        return self.press_somehow(area, place, name_of(view))

    def _use_plot(self, plot: QWidget) -> None:
        kind = self.chance.randrange(5)
        place = self.place_in(plot.rect())
        if kind == 0:
            return self.drag(plot)
        if kind == 1:
            return self.wheel(plot, place)
        if kind == 2:
            self.say(f"hover {name_of(plot)} at {place.x()}, {place.y()}")
            return self.move(plot, place)
        return self.press_somehow(plot, place)

    def _use_dock_title(self, dock: QDockWidget) -> None:
        self.say(f"press the title of {name_of(dock)} twice")
        self.double_click(dock, QPoint(dock.width() // 3, 8))

    def _type(self, field: QWidget) -> None:
        """Put a text in place of what a field holds, as by pasting, or letter by letter."""
        text = self.chance.choice(HOSTILE_TEXTS)
        end = self.chance.choice((None, Qt.Key.Key_Return, Qt.Key.Key_Tab))
        self.say(f"type {text[:30]!r} into {name_of(field)}, {end.name if end else 'no end'}")
        field.setFocus()
        if self.chance.random() < 0.8:
            self.key(field, Qt.Key.Key_A, CTRL)
        if (
            len(text) > 20
            or not (text.isascii() and text.isprintable())
            or self.chance.random() < 0.3
        ):
            QGuiApplication.clipboard().setText(text)
            self.key(field, Qt.Key.Key_V, CTRL)
        elif text:
            self.write(field, text)
        else:
            self.key(field, Qt.Key.Key_Delete)
        if end is not None:
            self.key(field, end)

    def hover(self, target: QWidget) -> None:
        place = self.place_in(target.rect())
        if self.chance.random() < 0.5:
            return self.wheel(target, place)
        self.say(f"hover {name_of(target)} at {place.x()}, {place.y()}")
        self.move(target, place)
