"""Titles of docks: a line with buttons where a panel stands alone, nothing where tabs say it."""

from typing import NamedTuple

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QSize, Signal, SignalInstance
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSizePolicy, QTabBar, QToolButton, QWidget

from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager


class Words(NamedTuple):
    """A button's icon and what it does."""

    glyph: str
    tip: str


FOLD = Words(MDI7.chevron_down, "Fold {title} away; the status bar brings it back")
_FILL = Words(MDI7.arrow_expand, "Fill the window with {title}")
_BACK = Words(MDI7.arrow_collapse, "Back to all panels (Esc)")
_FLOAT = Words(MDI7.dock_window, "Take {title} out of the window; its title brings it back")
_CLOSE = Words(MDI7.close, "Close {title}; the menu View brings it back")


class NoTitle(QWidget):
    """Stands for the title of a dock whose tab says its name: it takes no room."""

    def sizeHint(self) -> QSize:
        """Return no size."""
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Return no size."""
        return QSize(0, 0)


class TitleBar(QWidget):
    """The title of a dock that stands alone, and what can be done with it.

    Presses of the mouse go on to the dock, which can be dragged by it.

    Parameters
    ----------
    title
        The panel's name.
    themes
        Gives the icons.
    can_fold
        Whether the panel can be folded away.
    """

    fill_wanted = Signal()  # to fill the window, or to go back
    float_wanted = Signal()
    close_wanted = Signal()
    fold_wanted = Signal()

    def __init__(
        self, title: str, themes: ThemeManager, parent: QWidget, *, can_fold: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dock-title")
        self._title = title
        self._themes = themes
        self._label = ElidingLabel()
        self._label.setText(title)
        self._label.setProperty("role", "title")
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words: dict[QToolButton, Words] = {}
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(8, 1, 2, 1)
        row.setSpacing(0)
        row.addWidget(self._label, 1)
        self._fold = self._add("fold", FOLD, self.fold_wanted)
        self._fill = self._add("fill", _FILL, self.fill_wanted)
        self._float = self._add("float", _FLOAT, self.float_wanted)
        self._close = self._add("close", _CLOSE, self.close_wanted)
        self._fold.setVisible(can_fold)
        self._can_fold = can_fold
        themes.changed.connect(self._color)
        self._color()

    def show_filling(self, is_filling: bool) -> None:
        """Offer the way back alone while the panel fills the window."""
        if (self._words[self._fill] is _BACK) == is_filling:
            return
        self._label.setText(f"{self._title} fills the window" if is_filling else self._title)
        self._words[self._fill] = _BACK if is_filling else _FILL
        self._fold.setVisible(self._can_fold and not is_filling)
        self._float.setVisible(not is_filling)
        self._close.setVisible(not is_filling)
        self._color()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fill the window, or go back."""
        self.fill_wanted.emit()

    def _add(self, name: str, words: Words, wanted: SignalInstance) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setStyleSheet("padding: 2px")
        button.clicked.connect(wanted)
        self._words[button] = words
        self._row.addWidget(button)
        return button

    def _color(self, _theme: object = None) -> None:
        for button, words in self._words.items():
            show_words(button, words, self._title, self._themes)


def show_words(button: QToolButton, words: Words, title: str, themes: ThemeManager) -> None:
    """Give a button its icon, its tip, and the name that a screen reader says."""
    says = words.tip.format(title=title)
    button.setIcon(themes.icon(words.glyph))
    button.setToolTip(as_tip(says))
    button.setAccessibleName(says)


class TabsOfDocks(QObject):
    """Watches the bars of tabs that Qt makes for docks, and adds a button to one of them.

    `filled` and `menu_wanted` have the title on the tab that was clicked twice, or with the second
    button; the latter also the place, on the screen. `fold_wanted`: the added button was pressed.

    Parameters
    ----------
    window
        The main window, whose bars come and go.
    themes
        Gives the icon.
    """

    filled = Signal(str)
    menu_wanted = Signal(str, object)
    fold_wanted = Signal()

    def __init__(self, window: QMainWindow, themes: ThemeManager) -> None:
        super().__init__(window)
        self._window = window
        self._themes = themes
        self._folds = ""
        themes.changed.connect(self._color)

    def watch(self, folds: str) -> None:
        """Look at the bars that there are now; the one with a tab named `folds` gets the button."""
        self._folds = folds
        for bar in bars_of_docks(self._window):
            bar.installEventFilter(self)  # twice is once
            self._offer_fold(bar)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take double clicks and the context menu of tabs."""
        if not isinstance(watched, QTabBar):
            return False
        if event.type() == QEvent.Type.Resize:
            self._offer_fold(watched)
        if isinstance(event, QContextMenuEvent):
            place = watched.tabAt(event.pos())
            if place >= 0:
                self.menu_wanted.emit(title_of(watched, place), event.globalPos())
            return place >= 0
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonDblClick:
            place = watched.tabAt(event.position().toPoint())
            if place >= 0:
                self.filled.emit(title_of(watched, place))
            return place >= 0
        return False

    def _offer_fold(self, bar: QTabBar) -> None:
        """Keep the button at the right end of the bar whose panels can be folded away."""
        button = bar.findChild(QToolButton, "fold")
        has_tab = self._folds in (title_of(bar, place) for place in range(bar.count()))
        if button is None:
            if not has_tab:
                return
            button = QToolButton(bar)
            button.setObjectName("fold")
            button.setStyleSheet("padding: 1px")
            button.clicked.connect(self.fold_wanted)
            show_words(button, FOLD, self._folds, self._themes)
        button.setVisible(has_tab)
        button.adjustSize()
        top = (bar.height() - button.height()) // 2
        button.move(bar.width() - button.width() - 2, max(0, top))

    def _color(self, _theme: object) -> None:
        for bar in bars_of_docks(self._window):
            for button in bar.findChildren(QToolButton, "fold"):
                show_words(button, FOLD, self._folds, self._themes)


def bars_of_docks(window: QWidget) -> list[QTabBar]:
    """Return the bars of tabs of the window's docks, and none that is inside a panel."""
    return [bar for bar in window.children() if isinstance(bar, QTabBar)]


def title_of(bar: QTabBar, place: int) -> str:
    """Return the name of the panel behind a tab."""
    return bar.tabText(place).replace("&", "")
