"""All shortcuts and gestures on one sheet, by menu, in columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from leo_studio.ui.widgets.actions import MENUS, ActionRegistry
from leo_studio.ui.widgets.key_caps import KeyCaps, plain_text, shortcut_text
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager

IDENTIFIER = "help.shortcuts"


@dataclass(frozen=True, slots=True)
class ShortcutRow:
    """One line of the sheet."""

    group: str  # such as "Plots"
    keys: str  # such as "Ctrl+Wheel"
    text: str


class ShortcutSheet(QDialog):
    """Says which keys do what; read from the registry whenever it opens.

    Its own action, Ctrl+/, is registered in the menu Help.

    Parameters
    ----------
    actions
        Those with shortcuts are shown.
    hints
        Further rows, such as what the mouse does in plots.
    themes
        Gives the colours.
    parent
        The window that it belongs to.
    """

    def __init__(
        self,
        actions: ActionRegistry,
        hints: Sequence[ShortcutRow],
        themes: ThemeManager,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("shortcut-sheet")
        self.setWindowTitle("Keyboard and mouse")
        self._actions = actions
        self._hints = tuple(hints)
        self._search = QLineEdit()
        self._search.setObjectName("shortcut-search")
        self._search.setAccessibleName("Search shortcuts")
        self._search.setPlaceholderText("Search by what it does, or by its keys")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._nothing = Label()
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._columns = _Columns()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._columns)
        column = QVBoxLayout(self)
        for widget in (self._search, self._nothing, area):
            column.addWidget(widget)
        actions.add(
            IDENTIFIER,
            "Keyboard shortcuts",
            self.open_sheet,
            menu="Help",
            shortcut="Ctrl+/",
            glyph=MDI7.keyboard_outline,
            tip="Show which keys and gestures do what",
        )

    def open_sheet(self) -> None:
        """Show it, or bring it to the front."""
        self.show()
        self.activateWindow()

    def rows(self) -> list[ShortcutRow]:
        """Return every row, in the order of the menus; the hints come last."""
        shortcuts = [
            ShortcutRow(each.menu, shortcut_text(each.action), plain_text(each.action))
            for each in self._actions.all
            if shortcut_text(each.action)
        ]
        shortcuts.sort(key=lambda row: MENUS.index(row.group))
        return [*shortcuts, *self._hints]

    def showEvent(self, event: QShowEvent) -> None:
        """Read the actions anew: panels may have added some."""
        self._search.clear()
        self._filter()
        self._search.setFocus()
        super().showEvent(event)
        if not event.spontaneous() and not self.testAttribute(Qt.WidgetAttribute.WA_Resized):
            line = self.fontMetrics().height()
            room = self.screen().availableGeometry()
            self.resize(min(60 * line, room.width() * 9 // 10), min(38 * line, room.height() // 2))

    def _filter(self) -> None:
        words = self._search.text().casefold().split()
        found: dict[str, list[ShortcutRow]] = {}
        for row in self.rows():
            text = f"{row.group} {row.text} {row.keys}".casefold()
            if all(word in text for word in words):
                found.setdefault(row.group, []).append(row)
        self._nothing.setText(f'No key and no gesture is for "{self._search.text().strip()}".')
        self._nothing.setVisible(not found)
        self._columns.show_groups([_group(name, rows) for name, rows in found.items()])


class _Columns(QWidget):
    """Lays cards out in as many columns as there is room for, the columns about equally high."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: list[QWidget] = []
        self._count = 0
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)

    def show_groups(self, cards: list[QWidget]) -> None:
        """Show other cards."""
        for card in self._cards:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._cards = cards
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take another number of columns where there is another room."""
        super().resizeEvent(event)
        if self._wanted() != self._count:
            self._arrange()

    def _wanted(self) -> int:
        widest = max((card.sizeHint().width() for card in self._cards), default=1)
        return max(1, min(len(self._cards), self.width() // (widest + self._row.spacing())))

    def _arrange(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            _discard(item.layout())
        self._count = self._wanted()
        for cards in _balanced(self._cards, self._count):
            column = QVBoxLayout()
            # Empty: PySide keeps an object for each item that a layout has when it is added, and
            # does not notice when Qt deletes that with its card. What then comes to lie at the same
            # place in memory is taken for the item, and the program crashes.
            self._row.addLayout(column, 1)
            for card in cards:
                column.addWidget(card)
                card.show()
            column.addStretch()


def _discard(layout: object) -> None:
    """Empty a column; its cards stay, and are put into another one."""
    if isinstance(layout, QVBoxLayout):
        while layout.takeAt(0) is not None:
            pass
        layout.deleteLater()


def _balanced(cards: Sequence[QWidget], count: int) -> list[list[QWidget]]:
    """Deal cards out in their order, down the columns, no column much higher than the others."""
    heights = [card.sizeHint().height() for card in cards]
    columns: list[list[QWidget]] = [[]]
    filled, share = 0, sum(heights) / max(1, count)
    for card, height in zip(cards, heights, strict=True):
        # A card belongs to the column in which its middle is.
        if columns[-1] and len(columns) < count and filled + height / 2 > share * len(columns):
            columns.append([])
        columns[-1].append(card)
        filled += height
    return columns


def _group(name: str, rows: Iterable[ShortcutRow]) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    card.setAccessibleName(name)
    grid = QGridLayout(card)
    title = Label(name)
    title.setProperty("role", "title")
    grid.addWidget(title, 0, 0, 1, 2)
    grid.setColumnStretch(0, 1)
    grid.setHorizontalSpacing(2 * card.fontMetrics().height())
    for line, row in enumerate(rows, 1):
        text = Label(row.text)
        grid.addWidget(text, line, 0)
        grid.addWidget(KeyCaps(row.keys), line, 1, Qt.AlignmentFlag.AlignRight)
    return card
