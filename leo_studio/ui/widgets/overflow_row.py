"""A row of buttons that never takes a second one: what has no room goes into a menu at its end."""

from collections.abc import Sequence

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QMenu, QSizePolicy, QToolButton, QWidget

from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_STYLES = Qt.ToolButtonStyle
_SPACING = 2  # pixels between buttons
ICON_ALONE = "icon_alone"


class OverflowRow(QWidget):
    """Buttons of actions: with words where there is room, else with their icons alone.

    Those that have no room as icons either are in a menu behind the last button. An action with the
    property `ICON_ALONE` never has words: everybody knows its icon. A row of words alone has all
    of its buttons, or else the menu alone: icons would say nothing there.

    Parameters
    ----------
    themes
        Icons.
    actions
        Of the buttons; the words are their icon texts.
    name
        Of the menu, for its tip and for people who cannot see it.
    menu_text
        What the menu's button says in a row of words alone; "" for a row with icons.
    """

    def __init__(
        self, themes: ThemeManager, actions: Sequence[QAction], name: str, menu_text: str = ""
    ) -> None:
        super().__init__()
        self._themes = themes
        self._has_words_alone = bool(menu_text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.buttons = [_button(action) for action in actions]
        self.more = QToolButton()
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setToolTip(as_tip(name))
        self.more.setAccessibleName(name)
        self.more.setText(menu_text)
        beside = _STYLES.ToolButtonTextBesideIcon
        self.more.setToolButtonStyle(beside if menu_text else _STYLES.ToolButtonIconOnly)
        self.menu = QMenu(self.more)
        self.menu.setToolTipsVisible(True)  # which say why an entry is grey
        self.more.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # it can do with less
        for button in (*self.buttons, self.more):
            row.addWidget(button)
        row.addStretch(1)
        self._widths: tuple[list[int], list[int], int] | None = None  # words, icons, the menu
        for action in actions:
            action.changed.connect(self._measure_again)
        themes.changed.connect(self._recolor)
        themes.settled.connect(self._measure_again)  # buttons have their size last, while hidden
        self._recolor(themes.current)

    @property
    def overflow(self) -> list[QAction]:
        """The actions that are in the menu alone."""
        return self.menu.actions()

    def width_with_words(self) -> int:
        """Return the width in which all buttons have their words."""
        return _sum(self._measured()[0])

    def width_with_icons(self) -> int:
        """Return the width in which all buttons are there."""
        return _sum(self._measured()[1])

    def sizeHint(self) -> QSize:
        """Return room for all words."""
        return QSize(self.width_with_words(), self._height())

    def minimumSizeHint(self) -> QSize:
        """Return room for the menu's button alone."""
        return QSize(self._measured()[2], self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._use_room()

    def showEvent(self, event: QShowEvent) -> None:
        """Use the room by the style that the buttons have only now."""
        super().showEvent(event)
        self._measure_again()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure_again()

    def _measure_again(self) -> None:
        self._widths = None
        self.updateGeometry()
        self._use_room()

    def _measured(self) -> tuple[list[int], list[int], int]:
        if self._widths is None:
            self._widths = (
                [_width(each, _wordy(each)) for each in self.buttons],
                [_width(each, _STYLES.ToolButtonIconOnly) for each in self.buttons],
                self.more.sizeHint().width(),
            )
        return self._widths

    def _height(self) -> int:
        return max(each.sizeHint().height() for each in (*self.buttons, self.more))

    def _use_room(self) -> None:
        words, icons, more = self._measured()
        count, has_words = len(self.buttons), True
        if _sum(words) > self.width():
            if self._has_words_alone:
                count = 0
            else:
                has_words = False
                while count and _sum([*icons[:count], *_more(count, icons, more)]) > self.width():
                    count -= 1
        for place, button in enumerate(self.buttons):
            button.setToolButtonStyle(_wordy(button) if has_words else _STYLES.ToolButtonIconOnly)
            button.setVisible(place < count)
        self.more.setVisible(count < len(self.buttons))
        wanted = [button.defaultAction() for button in self.buttons[count:]]
        if wanted != self.menu.actions():
            self.menu.clear()
            self.menu.addActions(wanted)

    def _recolor(self, _theme: Theme) -> None:
        glyph = MDI7.sort_variant if self._has_words_alone else MDI7.dots_horizontal
        self.more.setIcon(self._themes.icon(glyph))


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    return button


def _wordy(button: QToolButton) -> Qt.ToolButtonStyle:
    """Return the style of a button where there is room for words."""
    is_icon = button.defaultAction().property(ICON_ALONE)
    return _STYLES.ToolButtonIconOnly if is_icon else _STYLES.ToolButtonTextBesideIcon


def _width(button: QToolButton, style: Qt.ToolButtonStyle) -> int:
    """Return the width that a button wants in a style, and leave it in its own."""
    before = button.toolButtonStyle()
    button.setToolButtonStyle(style)
    width = button.sizeHint().width()
    button.setToolButtonStyle(before)
    return width


def _more(count: int, icons: Sequence[int], more: int) -> list[int]:
    return [more] if count < len(icons) else []


def _sum(widths: Sequence[int]) -> int:
    return sum(widths) + _SPACING * max(0, len(widths) - 1)
