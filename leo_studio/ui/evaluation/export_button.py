"""The button from which a result leaves the window: as a file, or as text on the clipboard."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from leo_studio.ui.widgets.theme import ThemeManager


class ExportButton(QToolButton):
    """Opens a menu; emits what a person chose.

    Parameters
    ----------
    name
        The widget's name.
    themes
        Icons.
    """

    export_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, name: str, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        menu = QMenu(self)
        menu.addAction("Export figure or values...", self.export_wanted.emit)
        menu.addAction("Copy result as text", self.copy_wanted.emit)
        self.setObjectName(name)
        self.setText("Export")
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip("Take the plot that is shown, or its numbers, elsewhere")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._color()
        themes.changed.connect(self._color)

    def _color(self) -> None:
        self.setIcon(self._themes.icon(MDI7.export_variant))
