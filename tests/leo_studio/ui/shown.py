"""What a window shows, as a person sees it: marks of mnemonics are gone, markup is rendered."""

import re
from collections.abc import Iterator
from typing import Any

import pyqtgraph
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAction, QTextDocument
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QGraphicsTextItem,
    QGraphicsView,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QTreeWidget,
    QWidget,
)

_TIPS = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.WhatsThisRole)
# pyqtgraph makes them anyway.
OF_MENUS_THAT_NO_PLOT_OPENS = ("maxTracesSpin", "downsampleSpin")
_MOST_ROWS = 50
_PLAIN = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


def shown_texts(window: QWidget) -> Iterator[tuple[str, str]]:
    """Yield all that a window shows or would show: who shows it, and the text."""
    for widget in (window, *window.findChildren(QWidget)):
        if widget.objectName() in OF_MENUS_THAT_NO_PLOT_OPENS:
            continue
        for kind, text in _of_widget(widget):
            if text:
                yield f"{type(widget).__name__} {widget.objectName()}, {kind}", text


def _of_widget(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "tip", _rendered(widget.toolTip())
    yield "what is this", _rendered(widget.whatsThis())
    yield "name", widget.accessibleName()
    yield "description", widget.accessibleDescription()
    yield "title of a window", widget.windowTitle()
    for action in widget.actions():
        yield from _of_action(action)
    match widget:
        case QLabel():
            yield "text", _of_label(widget)
        case QMenu():
            yield "title", _without_mnemonic(widget.title())
        case QAbstractButton():
            yield "text", _without_mnemonic(widget.text())
        case QGroupBox():
            yield "title", _without_mnemonic(widget.title())
        case QDockWidget():
            yield "title", _without_mnemonic(widget.windowTitle())
        case QTabBar():
            for place in range(widget.count()):
                yield "tab", _without_mnemonic(widget.tabText(place))
                yield "tip of a tab", _rendered(widget.tabToolTip(place))
        case QLineEdit() if not isinstance(widget.parent(), QAbstractSpinBox):
            yield "text", widget.text()
        case QAbstractSpinBox():
            yield "text", widget.text()
        case QPlainTextEdit() | QTextEdit():
            yield "text", widget.toPlainText()
        case QComboBox():
            yield from _of_model(widget.model())
        case QGraphicsView():
            yield from _of_scene(widget)
        case QAbstractItemView():
            yield from _of_model(widget.model(), is_tree=isinstance(widget, QTreeWidget))
        case _:
            pass


def _of_label(label: QLabel) -> str:
    # Its own text, where a label of ours says more than it has room for.
    text, kind = label.text(), label.textFormat()
    if kind == Qt.TextFormat.PlainText:
        return _without_mnemonic(text) if label.buddy() is not None else text
    if kind == Qt.TextFormat.RichText:
        return _text_of(text)
    return _rendered(text)


def _of_action(action: QAction) -> Iterator[tuple[str, str]]:
    yield "action", _without_mnemonic(action.text())
    yield "tip of an action", _rendered(action.toolTip())
    yield "status tip", action.statusTip()


def _of_model(
    model: QAbstractItemModel | None, *, is_tree: bool = False
) -> Iterator[tuple[str, str]]:
    if model is None:
        return
    for section in range(_columns(model, QModelIndex())):
        for role in (*_PLAIN, *_TIPS):
            text = model.headerData(section, Qt.Orientation.Horizontal, role)
            if isinstance(text, str):
                yield "head", _rendered(text) if role in _TIPS else text
    root = QModelIndex()
    yield from _of_rows(model, root)
    for row in range(min(model.rowCount(root), _MOST_ROWS) if is_tree else 0):
        yield from _of_rows(model, model.index(row, 0, root))


def _of_rows(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[tuple[str, str]]:
    for row in range(min(model.rowCount(parent), _MOST_ROWS)):
        for column in range(_columns(model, parent)):
            index = model.index(row, column, parent)
            for role in (*_PLAIN, *_TIPS):
                value = model.data(index, role)
                if isinstance(value, str | int | float):
                    yield "cell", _rendered(str(value)) if role in _TIPS else str(value)


def _columns(model: QAbstractItemModel, parent: QModelIndex) -> int:
    # A list has one column, and hides the method that would say so.
    return 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)


def _of_scene(view: QGraphicsView) -> Iterator[tuple[str, str]]:
    scene = view.scene()
    items: list[Any] = [] if scene is None else scene.items()
    for item in items:
        if isinstance(item, QGraphicsTextItem):
            yield "text in a plot", item.toPlainText()
        elif isinstance(item, pyqtgraph.AxisItem):
            for level in item._tickLevels or ():  # those that we write; others are plain numbers
                yield from (("tick", text) for _, text in level)


def _rendered(text: str) -> str:
    """Return what Qt shows for a text that it may take for markup."""
    return _text_of(text) if GuiQt.mightBeRichText(text) else text


def _text_of(markup: str) -> str:
    document = QTextDocument()
    document.setHtml(markup)
    return document.toPlainText()


def _without_mnemonic(text: str) -> str:
    return re.sub(r"&(.?)", r"\1", text)
