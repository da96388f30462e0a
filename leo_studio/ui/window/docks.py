"""Panels in docks: moved, tabbed, closed, brought back, and one of them as large as the window."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from leo_studio.ui.widgets.kept_place import keep_place
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.dock_room import LISTS, PLOTS, DockRoom, is_in_window
from leo_studio.ui.window.dock_titles import NoTitle, TabsOfDocks, TitleBar
from leo_studio.ui.window.lists_folding import ListsFolding
from leo_studio.ui.window.still_picture import StillPicture

P = TypeVar("P", bound=QWidget)

_MOUSE_MILLISECONDS = 100  # between looks whether a dock is still being dragged
_FOLDED = "folded_for_room"  # the height of a line of text then, among the sizes that are kept


class Docks(QObject):
    """The docks of a main window, by name.

    `changed` says that docks may have other places, sizes or tabs than before.

    Parameters
    ----------
    window
        The main window; docks fill it, there is no central widget.
    themes
        Gives the icons of titles.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, themes: ThemeManager) -> None:
        super().__init__(window)
        self._window = window
        self._themes = themes
        self._docks: dict[str, QDockWidget] = {}
        self._titles: dict[str, tuple[TitleBar, NoTitle]] = {}
        self.glyphs: dict[str, str] = {}
        self.filling = ""  # the panel that fills the window
        self._before = QByteArray()  # how docks lay before that
        self._was_folded = False
        self._last_used = ""
        self._room = DockRoom(window, self._docks, themes)
        StillPicture(window, self._room, themes)
        self._folding = ListsFolding(window, self._room, lambda: self.is_folded, self._fold)
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._settle)
        self._tabs = TabsOfDocks(window, themes)
        self._tabs.filled.connect(lambda title: self.fill_window(self._named(title)))
        self._tabs.menu_wanted.connect(self._show_menu)
        self._tabs.fold_wanted.connect(lambda: self.fold(True))
        window.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow_focus)

    def add(self, name: str, title: str, glyph: str) -> None:
        """Make an empty dock."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock_{name}")  # by which Qt remembers its place
        dock.setAutoFillBackground(True)
        bar = TitleBar(title, self._themes, dock, can_fold=name in LISTS.names)
        bar.fill_wanted.connect(lambda: self.fill_window(name))
        bar.float_wanted.connect(lambda: dock.setFloating(True))
        bar.close_wanted.connect(dock.close)
        bar.fold_wanted.connect(lambda: self.fold(True))
        self._titles[name] = bar, NoTitle(dock)
        dock.setTitleBarWidget(bar)
        self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        self._docks[name] = dock
        self.glyphs[name] = glyph
        for signal in (dock.visibilityChanged, dock.dockLocationChanged, dock.topLevelChanged):
            signal.connect(lambda _: self._rest.start())
        self._room.watch(dock)
        dock.installEventFilter(self)

    def fill(self, name: str, make: Callable[[QWidget], P]) -> P:
        """Make a panel in its dock, and return it; `make` is given its parent.

        One that came into its dock later would be styled again, with all that is in it.
        """
        panel = make(self._docks[name])
        self._docks[name].setWidget(panel)
        return panel

    def fill_with_resting(self, name: str, make: Callable[[QWidget], P]) -> P:
        """Make a panel that is hidden, and so rests, while other docks stand before its own.

        Qt itself only moves it out of sight: it would go on working for nobody.
        """
        dock = self._docks[name]
        stage = self.fill(name, QWidget)
        panel = make(stage)
        # Hidden, it keeps the room that it takes: nothing moves when it comes and goes.
        keep_place(panel)
        layout = QVBoxLayout(stage)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel)
        panel.setVisible(not dock.visibleRegion().isEmpty())
        dock.visibilityChanged.connect(panel.setVisible)
        return panel

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all docks, in the order in which they were added."""
        return tuple(self._docks)

    def show(self, name: str) -> None:
        """Bring a dock back, and to the front of its tabs; all others too, if one fills the window.

        So nothing that is asked for stands behind what fills the window.
        """
        if name != self.filling:
            self.go_back()
        if name in LISTS.names and self.is_folded:
            self.fold(False, name)
        self._docks[name].show()
        self._docks[name].raise_()

    def close_one(self) -> None:
        """Close the dock in use; the others come back if it fills the window."""
        if name := self.in_use:
            self.go_back()
            self._docks[name].close()

    def toggle_floating(self) -> bool:
        """Float the dock in use, or put it back; returns whether there is one."""
        name = self.in_use
        if name:
            self.go_back()
            self._docks[name].setFloating(not self._docks[name].isFloating())
        return bool(name)

    def arrange(self) -> None:
        """Put every dock where it is at first: choices left, what is seen right, runs below it."""
        self._forget_filling()
        window, docks = self._window, self._docks
        for dock in docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["experiment"])
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, docks["curves"])
        window.splitDockWidget(docks["curves"], docks["runs"], Qt.Orientation.Vertical)
        for front, behind in (
            ("experiment", "episodes"),
            ("curves", "latents"),
            ("latents", "episode"),
            ("episode", "classes"),
            ("classes", "functions"),
            ("functions", "evaluation"),
            ("evaluation", "comparison"),
            ("comparison", "studies"),
            ("studies", "sweeps"),
            ("sweeps", "tryit"),
            ("tryit", "curvature"),
            ("runs", "queue"),
        ):
            window.tabifyDockWidget(docks[front], docks[behind])
        for dock in docks.values():
            dock.show()
        docks["experiment"].raise_()
        docks["curves"].raise_()
        docks["runs"].raise_()
        self._settle()
        self.share_room()

    def share_room(self) -> None:
        """Give each dock its part of the window; works once the window is on the screen."""
        self._room.share()

    def keep_room(self) -> None:
        """Let forms and lists keep the size that they have now, whatever the window's."""
        self._room.remember()
        self._settle()

    def come_back_soon(self) -> None:
        """Give forms and lists the size that they keep, which a panel may have taken for a while.

        A panel that is laid out for the first time asks for more than it needs.
        """
        self._room.come_back_soon()

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes that somebody gave forms and lists, for another session."""
        folded = {_FOLDED: self._folding.line} if self._folding.line and self.is_folded else {}
        return self._room.sizes | folded

    def restore_sizes(self, sizes: Mapping[str, int]) -> None:
        """Come back to sizes of an earlier session, as far as the text's size lets it."""
        self._room.restore(sizes)
        self._folding.line = sizes.get(_FOLDED, 0) if self.is_folded else 0

    @property
    def is_at_rest(self) -> bool:
        """Whether no dock is about to get another size for a new look."""
        return self._room.is_calm and self._folding.is_at_rest

    # One panel as large as the window

    def fill_window(self, name: str = "") -> None:
        """Let a panel fill the window, by default the one in use; or go back, if it does.

        The others are hidden, and come back as they were.
        """
        name = name or self.in_use
        if was_filling := self.filling:
            self.go_back()
        if name in ("", was_filling):
            return
        self._before, self._was_folded = self._window.saveState(), self.is_folded
        self._room.is_held = True
        self.filling = name
        dock = self._docks[name]
        dock.setFloating(False)
        dock.show()
        for other in self._docks.values():
            if other is not dock and is_in_window(other):
                other.hide()
        self._settle()
        self._give_keyboard(name)

    def _give_keyboard(self, name: str) -> None:
        """Put the keyboard into a panel, where it was last; Qt gives it to the first one."""
        dock = self._docks[name]
        inside = dock.focusWidget() or dock.widget()
        if inside is not None and not (dock.isAncestorOf(QApplication.focusWidget() or dock)):
            inside.setFocus()
        self._last_used = name

    def go_back(self) -> None:
        """Put all docks back where they were before one filled the window."""
        if not self.filling:
            return
        name = self.filling
        self._window.restoreState(self._before)
        self._forget_filling()
        self._room.keep()  # the window may have another size by now
        self._settle()
        self._give_keyboard(name)

    def _forget_filling(self) -> None:
        self.filling, self._before = "", QByteArray()
        self._room.is_held = False

    @property
    def in_use(self) -> str:
        """The panel that has the keyboard, or had it last; or else the plots in front."""
        if self.filling:
            return self.filling
        for name in (self._last_used, *PLOTS, *self._docks):
            dock = self._docks.get(name)
            if dock is not None and is_in_window(dock) and not dock.visibleRegion().isEmpty():
                return name
        return ""

    def _follow_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        for name, dock in self._docks.items():
            if new is not None and dock.isAncestorOf(new):
                self._last_used = name

    # Runs, folded away

    @property
    def is_folded(self) -> bool:
        """Whether the lists below the plots are folded away."""
        if self.filling:
            return self._was_folded
        return all(self._docks[name].isHidden() for name in LISTS.names)

    def fold(self, is_wanted: bool, name: str = LISTS.names[0]) -> None:
        """Fold the lists below the plots away, or bring them back as high as they were.

        Where the window has no room for them below the plots, the one with a name fills it.
        """
        if is_wanted == self.is_folded:
            return
        if not is_wanted and not self._room.has_room_for_lists():
            if self.filling != name:
                self.go_back()
                self.fill_window(name)
            return
        self._folding.line = 0  # a person's choice, from now on
        self._fold(is_wanted)

    def _fold(self, is_wanted: bool) -> None:
        self.go_back()
        self._room.is_held = True  # the size that Qt gives them is nobody's choice
        for name in LISTS.names:
            self._docks[name].setVisible(not is_wanted)
        if not is_wanted:
            self._docks[LISTS.names[0]].raise_()
            if (layout := self._window.layout()) is not None:
                layout.activate()
            self._room.keep()
        self._room.is_held = False
        if not is_wanted:
            self._room.come_back_soon()  # their tabs are laid out later
        self._settle()

    # Titles and tabs

    def plot_area(self) -> QRect:
        """Return where plots are, in the window; the whole window where there are none."""
        for name in PLOTS:
            dock = self._docks[name]
            if is_in_window(dock) and not dock.visibleRegion().isEmpty():
                return QRect(dock.mapTo(self._window, QPoint(0, 0)), dock.size())
        return self._window.rect()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go back on Esc where nobody else has a use for it; notice what moves."""
        kind = event.type()
        if watched is self._window:
            if kind != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
                return False
            if event.key() == Qt.Key.Key_Escape and self.filling:
                self.go_back()
                return True
        elif kind in (QEvent.Type.Resize, QEvent.Type.Move):
            self._rest.start()
        return False

    def _settle(self) -> None:
        """Give each dock the title that its place asks for."""
        self._rest.stop()
        for name, dock in self._docks.items():
            self._show_title(name, dock)
        self._tabs.watch(self._docks[LISTS.names[0]].windowTitle())
        self._folding.look_soon()
        self.changed.emit()

    def _show_title(self, name: str, dock: QDockWidget) -> None:
        bar, nothing = self._titles[name]
        wanted: QWidget | None = bar
        if dock.window() is not self._window:
            wanted = None  # the system's own title
        elif any(not other.isHidden() for other in self._window.tabifiedDockWidgets(dock)):
            wanted = nothing
        bar.show_filling(name == self.filling)
        if dock.titleBarWidget() is wanted:
            return
        if wanted is None and QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            # It is being dragged; with another title the mouse would lose it.
            QTimer.singleShot(_MOUSE_MILLISECONDS, self, self._rest.start)
            return
        dock.setTitleBarWidget(wanted)  # type: ignore[arg-type]  # the stub forgets None

    def _named(self, title: str) -> str:
        return next(name for name, dock in self._docks.items() if dock.windowTitle() == title)

    def _show_menu(self, title: str, place: QPoint) -> None:
        """Offer what a title's buttons do, for a panel that has a tab instead."""
        name = self._named(title)
        dock = self._docks[name]
        menu = QMenu(self._window)
        menu.setObjectName("tab-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Fill the window", lambda: self.fill_window(name))
        menu.addAction("Take out of the window", lambda: dock.setFloating(True))
        menu.addAction("Close", dock.close)
        menu.popup(place)
