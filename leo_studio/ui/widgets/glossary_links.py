"""Links from words in the window to their entries in the glossary.

A word is explained by "What is ...?" in its context menu, and by Shift+F1 where the keyboard is.
Whoever shows the guide takes the links, by the scheme of their URLs.
"""

from collections.abc import Sequence

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from leo_studio.analysis.guide.glossary import link_to
from leo_studio.ui.widgets.theme import ThemeManager

HINT = "Right click, or Shift+F1: what is this?"
"""What a tooltip says of a word that is explained."""


class GlossaryAction(QAction):
    """Opens the guide at an entry of the glossary."""

    def __init__(self, entry: str, parent: QObject) -> None:
        super().__init__(f'What is "{entry}"?', parent)
        self.entry = entry
        self.setStatusTip(f"Open the guide at {entry}")
        self.triggered.connect(self._open)

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(link_to(self.entry)))


def explain(entry: str, *widgets: QWidget) -> GlossaryAction:
    """Let widgets explain a word: Shift+F1, and a context menu where they have none of their own.

    Parameters
    ----------
    entry
        A heading of the glossary.
    widgets
        Such as a setting's name and its field; the first one gets the context menu.
    """
    action = GlossaryAction(entry, widgets[0])
    action.setShortcut("Shift+F1")
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    widgets[0].setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    for widget in widgets:
        widget.addAction(action)
    return action


class GlossaryButton(QToolButton):
    """A question mark with a menu of the words around it, each of which opens the guide.

    Parameters
    ----------
    entries
        Headings of the glossary.
    themes
        Gives the icon's colour.
    """

    def __init__(
        self, entries: Sequence[str], themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("explain")
        self.setToolTip("What do these words mean?")
        self.setAccessibleName("Explain the words of this panel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._words = QMenu(self)
        self.setMenu(self._words)
        self.list_words(entries)
        themes.changed.connect(self._recolor)
        self._recolor()

    def list_words(self, entries: Sequence[str]) -> None:
        """Explain these words from now on."""
        self._words.clear()
        for entry in entries:
            self._words.addAction(GlossaryAction(entry, self._words))

    def _recolor(self, _theme: object = None) -> None:
        self.setIcon(self._themes.icon(MDI7.help_circle_outline))
