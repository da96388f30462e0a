"""Menus and the toolbar, which follow the registry of actions."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QToolBar

from leo_studio.ui.actions import MENUS, Registered

if TYPE_CHECKING:
    from leo_studio.ui.main_window import MainWindow


class Menus(QObject):
    """Puts every action into its menu, and those that are meant for it into the toolbar.

    Parameters
    ----------
    window
        Whose menu bar is filled, from what is registered by now and whatever comes later.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self._groups: dict[str, str] = {}
        for name in MENUS:
            menu = window.menuBar().addMenu(f"&{name}")
            menu.setObjectName(f"menu_{name.lower()}")
            self._menus[name] = menu
        self._toolbar = QToolBar("Toolbar", window)
        self._toolbar.setObjectName("toolbar")
        self._toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self._toolbar)
        self._add_recent()
        for registered in window.actions_registry.all:
            self._add(registered)
        window.actions_registry.added.connect(self._add)

    def _add(self, registered: Registered) -> None:
        """Add an action; a new first part of an identifier begins a new group."""
        menu = self._menus[registered.menu]
        group = registered.identifier.partition(".")[0]
        if self._groups.setdefault(registered.menu, group) != group:
            self._groups[registered.menu] = group
            menu.addSeparator()
        menu.addAction(registered.action)
        if registered.is_in_toolbar:
            self._toolbar.addAction(registered.action)

    def _add_recent(self) -> None:
        """Offer the files that were opened last, read anew whenever the menu opens."""
        window, recent = self._window, self._menus["File"].addMenu("Open &recent")

        def fill() -> None:
            recent.clear()
            for path in window.preferences.recent_files:
                recent.addAction(path, partial(window.open_path, path))
            if recent.isEmpty():
                recent.addAction("Nothing was opened yet").setEnabled(False)

        recent.aboutToShow.connect(fill)
