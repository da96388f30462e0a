"""Menus and the toolbar, which follow the registry of actions."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from leo_studio.ui.widgets.actions import MENUS, ActionRegistry, Registered
from leo_studio.ui.widgets.people import without_keys


class Menus(QObject):
    """Puts every action into its menu, and those that are meant for it into the toolbar.

    Parameters
    ----------
    window
        Whose menu bar is filled.
    actions
        What is registered by now, and whatever comes later.
    recent_files
        Returns the paths of the files that were opened last.
    open_path
        Opens one of them.
    """

    def __init__(
        self,
        window: QMainWindow,
        actions: ActionRegistry,
        recent_files: Callable[[], Iterable[str]],
        open_path: Callable[[str], object],
    ) -> None:
        super().__init__(window)
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
        self._add_recent(recent_files, open_path)
        for registered in actions.all:
            self._add(registered)
        actions.added.connect(self._add)

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

    def _add_recent(
        self, recent_files: Callable[[], Iterable[str]], open_path: Callable[[str], object]
    ) -> None:
        """Offer the files that were opened last, read anew whenever the menu opens."""
        recent = self._menus["File"].addMenu("Open &recent")

        def fill() -> None:
            recent.clear()
            for path in recent_files():
                recent.addAction(without_keys(path), partial(open_path, path))
            if recent.isEmpty():
                recent.addAction("Nothing was opened yet").setEnabled(False)

        recent.aboutToShow.connect(fill)
