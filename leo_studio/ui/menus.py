"""Menus and the toolbar, filled from the registry of actions."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QToolBar

from leo_studio.ui.actions import MENUS

if TYPE_CHECKING:
    from leo_studio.ui.main_window import MainWindow


def fill_menus(window: "MainWindow") -> None:
    """Put every action into its menu; a new first part of an identifier begins a new group."""
    for name in MENUS:
        menu = window.menuBar().addMenu(f"&{name}")
        menu.setObjectName(f"menu_{name.lower()}")
        group = ""
        for registered in window.actions_registry.all:
            if registered.menu != name:
                continue
            begins = registered.identifier.partition(".")[0]
            if group and begins != group:
                menu.addSeparator()
            group = begins
            menu.addAction(registered.action)
        if name == "File":
            _add_recent(window, menu)


def fill_toolbar(window: "MainWindow") -> None:
    """Put those actions into the toolbar that are meant for it."""
    bar = QToolBar("Toolbar", window)
    bar.setObjectName("toolbar")
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    for registered in window.actions_registry.all:
        if registered.is_in_toolbar:
            bar.addAction(registered.action)
    window.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)


def _add_recent(window: "MainWindow", menu: QMenu) -> None:
    """Add the files that were opened last, read anew whenever the menu opens."""
    recent = QMenu("Open &recent", menu)

    def fill() -> None:
        recent.clear()
        for path in window.preferences.recent_files:
            recent.addAction(path, partial(window.open_path, path))
        if recent.isEmpty():
            recent.addAction("Nothing was opened yet").setEnabled(False)

    recent.aboutToShow.connect(fill)
    menu.insertMenu(menu.actions()[-1], recent)
