"""Menus and the toolbar, which follow the registry of actions."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton

from leo_studio.ui.widgets.actions import MENUS, ActionRegistry, Registered
from leo_studio.ui.widgets.people import without_keys
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.theme import ThemeManager

# Groups of a menu that are menus of their own: all of it would be higher than a small screen.
_SUBMENUS = {
    ("Runs", "evaluation"): "E&valuation",
    ("Runs", "comparison"): "&Comparison",
    ("Runs", "studies"): "&Studies",
    ("Runs", "sweeps"): "S&weeps",
    ("Runs", "tryit"): "&Try it",
    ("Runs", "curvature"): "C&urvature",
    ("Episodes", "latents"): "&Latent space",
    ("Episodes", "functions"): "&Functions",
}


class Menus(QObject):
    """Puts every action into its menu, and those that are meant for it into the toolbar.

    Parameters
    ----------
    window
        Whose menu bar is filled.
    actions
        What is registered by now, and whatever comes later.
    themes
        Gives the icons of prominent buttons their colour.
    recent_files
        Returns the paths of the files that were opened last.
    open_path
        Opens one of them.
    """

    def __init__(
        self,
        window: QMainWindow,
        actions: ActionRegistry,
        themes: ThemeManager,
        recent_files: Callable[[], Iterable[str]],
        open_path: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._themes = themes
        self._menus: dict[str, QMenu] = {}
        self._groups: dict[str, str] = {}
        self._other_texts: dict[str, tuple[str, ...]] = {}
        self._texts: dict[str, set[str]] = {}  # that buttons of the toolbar had, by identifier
        for name in MENUS:
            menu = window.menuBar().addMenu(f"&{name}")
            menu.setObjectName(f"menu_{name.lower()}")
            self._menus[name] = menu
        self._toolbar = QToolBar("Toolbar", window)
        self._toolbar.setObjectName("toolbar")
        self._toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self._toolbar)
        self._add_recent(recent_files, open_path)
        self._wide = 0  # what the toolbar takes with its texts
        for registered in actions.all:
            self._add(registered)
        actions.added.connect(self._add)
        window.installEventFilter(self)
        self._toolbar.installEventFilter(self)
        actions.prominence_changed.connect(self._show_prominence)
        actions.explained.connect(self._say_anew)
        themes.changed.connect(self._follow_look)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the toolbar its icons alone where the window has no room for the texts too."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit_toolbar()
        return False

    def _fit_toolbar(self) -> None:
        bar, style = self._toolbar, Qt.ToolButtonStyle
        if bar.toolButtonStyle() == style.ToolButtonTextBesideIcon:
            self._wide = bar.sizeHint().width()
        has_room = self._wide <= self._window.width()
        wanted = style.ToolButtonTextBesideIcon if has_room else style.ToolButtonIconOnly
        if bar.toolButtonStyle() != wanted and bar.orientation() == Qt.Orientation.Horizontal:
            bar.setToolButtonStyle(wanted)
            self._reserve_widths()

    def _follow_look(self) -> None:
        """Measure the toolbar anew: its texts may have another size."""
        bar, style = self._toolbar, Qt.ToolButtonStyle
        if bar.orientation() == Qt.Orientation.Horizontal:
            bar.setToolButtonStyle(style.ToolButtonTextBesideIcon)
        self._reserve_widths()
        self._fit_toolbar()

    def _reserve_widths(self) -> None:
        for registered in self._actions.all:
            self._reserve_width(registered.identifier)

    def _reserve_width(self, identifier: str) -> None:
        """Keep room in a button for each of its texts: those after it stay where they are."""
        button = self._toolbar.widgetForAction(self._actions[identifier])
        if not isinstance(button, QToolButton):
            return
        shown, texts = button.text(), self._texts.setdefault(identifier, set())
        texts |= {shown, *self._other_texts[identifier]}
        width = 0
        if self._toolbar.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon:
            for text in (*texts, shown):  # the last of them stays
                button.setText(text)
                width = max(width, button.sizeHint().width())
        button.setMinimumWidth(width)

    def _add(self, registered: Registered) -> None:
        """Add an action; a new first part of an identifier begins a new group."""
        menu = self._menus[registered.menu]
        group = registered.identifier.partition(".")[0]
        title = _SUBMENUS.get((registered.menu, group))
        if title is not None:
            menu = self._submenu(menu, group, title)
        elif self._groups.setdefault(registered.menu, group) != group:
            self._groups[registered.menu] = group
            menu.addSeparator()
        menu.addAction(registered.action)
        if registered.is_in_toolbar:
            self._toolbar.addAction(registered.action)
            self._other_texts[registered.identifier] = registered.other_texts
            self._reserve_width(registered.identifier)
            # Whatever changes an action gives its button the action's icon again.
            registered.action.changed.connect(partial(self._show_prominence, registered.identifier))

    def _submenu(self, menu: QMenu, group: str, title: str) -> QMenu:
        """Return the menu of a group inside another one, or a new one."""
        if group not in self._menus:
            self._menus[group] = menu.addMenu(title)  # no group has the name of a menu
            self._menus[group].setObjectName(f"menu_{group}")
        return self._menus[group]

    def _show_prominence(self, identifier: str) -> None:
        """Let an action's button look as much wanted as the action is now."""
        button = self._toolbar.widgetForAction(self._actions[identifier])
        if not isinstance(button, QToolButton):
            return
        is_prominent = self._actions.is_prominent(identifier)
        set_role(button, "primary" if is_prominent else "")
        theme = self._themes.current
        # The action's own icon, too, has to be given: the button keeps what it was given before.
        button.setIcon(
            self._actions.icon(identifier, theme.on_accent if is_prominent else theme.text)
        )
        self._reserve_width(identifier)

    def _say_anew(self, before: str, tip: str) -> None:
        """Keep the sentence on the action under the mouse true: Qt shows it once, when it comes."""
        bar = self._window.statusBar()
        if bar.currentMessage() == before:
            bar.showMessage(tip)

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
