"""Panels in docks: moved, tabbed, closed and brought back."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QVBoxLayout, QWidget

P = TypeVar("P", bound=QWidget)


class Docks:
    """The docks of a main window, by name.

    Parameters
    ----------
    window
        The main window; docks fill it, there is no central widget.
    """

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._docks: dict[str, QDockWidget] = {}
        self.glyphs: dict[str, str] = {}
        window.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def add(self, name: str, title: str, glyph: str) -> None:
        """Make an empty dock."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock_{name}")  # by which Qt remembers its place
        self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        self._docks[name] = dock
        self.glyphs[name] = glyph

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
        policy = panel.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        panel.setSizePolicy(policy)
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
        """Bring a dock back, and to the front of its tabs."""
        self._docks[name].show()
        self._docks[name].raise_()

    def arrange(self) -> None:
        """Put every dock where it is at first: choices left, what is seen right, runs below it."""
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
            ("classes", "evaluation"),
            ("evaluation", "comparison"),
            ("runs", "queue"),
        ):
            window.tabifyDockWidget(docks[front], docks[behind])
        for dock in docks.values():
            dock.show()
        docks["experiment"].raise_()
        docks["curves"].raise_()
        docks["runs"].raise_()
        self.share_room()

    def share_room(self) -> None:
        """Give each dock its part of the window; works once the window is on the screen."""
        window, docks = self._window, self._docks
        width, height = window.width(), window.height()
        for names, parts, orientation in (
            (("experiment", "curves"), (0.3, 0.7), Qt.Orientation.Horizontal),
            (("curves", "runs"), (0.68, 0.32), Qt.Orientation.Vertical),
        ):
            whole = width if orientation == Qt.Orientation.Horizontal else height
            sizes = [round(part * whole) for part in parts]
            window.resizeDocks([docks[name] for name in names], sizes, orientation)
