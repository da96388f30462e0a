"""The command palette: everything that can be done, found by a few letters."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from leo_studio.analysis.command_search import match_command, names_subject
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import Theme, ThemeManager
from leo_studio.ui.window.command_list import (
    CommandDelegate,
    CommandModel,
    CommandRow,
    row_height,
)
from leo_studio.ui.window.command_rows import PaletteEntry, action_rows, entry_row

IDENTIFIER = "view.command_palette"
MOST_RECENT = 10
_VISIBLE_ROWS = 10
_MOST_READINGS = 3  # where something that can be done was found too
_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -_VISIBLE_ROWS,
    Qt.Key.Key_PageDown: _VISIBLE_ROWS,
}
_TAKEN = {*_MOVES, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}
# What was used lately is meant a little more often, and what cannot be done a little less.
_RECENT_BONUS = 3.0
_DISABLED_MALUS = 3.0
_DISABLED_LAST = 100.0  # instead of that, while nothing is asked for
_PANEL_BONUS = 100.0  # who says a panel's name wants to see it, whatever else is about it
# What somebody new needs, while nothing is asked for: after what was used lately.
_FIRST = (
    "train.start",
    "train.pause",
    "data.import",
    "help.guide",
    "preferences.open",
    "panel.latents",
    "panel.tryit",
    "comparison.newest",
    "help.shortcuts",
)
_FIRST_BONUS = _RECENT_BONUS / MOST_RECENT / 2
_HINT = "↑ ↓ to choose   Enter to do it   Esc to close"


class CommandPalette(QWidget):
    """Lies over the window, which it dims, and asks what to do.

    Its own action, Ctrl+K, is registered in the menu View.

    Parameters
    ----------
    actions
        All of them are offered.
    themes
        Gives the colours.
    parent
        The window over which it opens.
    """

    recent_changed = Signal(object)  # `recent`, after something was chosen

    def __init__(self, actions: ActionRegistry, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("command-palette")
        self._window = parent
        self._actions = actions
        self._themes = themes
        self._sources: list[Callable[[], Iterable[PaletteEntry]]] = []
        self._rows: list[CommandRow] = []
        self._recent: tuple[str, ...] = ()
        self._focus_before: QWidget | None = None
        self._model = CommandModel()
        self._edit, self._list, self._nothing = QLineEdit(), QListView(), Label()
        self._why_not, self._hint = Label(), Label(_HINT)
        self._card = self._make_card()
        self.hide()
        themes.changed.connect(self._recolor)
        self._recolor(themes.current)
        actions.add(
            IDENTIFIER,
            "Command palette...",
            self.toggle,
            menu="View",
            shortcut="Ctrl+K",
            glyph=MDI7.magnify,
            tip="Find anything that can be done by a few letters",
        )

    @property
    def recent(self) -> tuple[str, ...]:
        """What was chosen lately, the latest first: identifiers of actions, titles of entries."""
        return self._recent

    @recent.setter
    def recent(self, identifiers: Iterable[str]) -> None:
        self._recent = tuple(identifiers)[:MOST_RECENT]

    def add_source(self, entries: Callable[[], Iterable[PaletteEntry]]) -> None:
        """Offer further entries; they are asked for whenever the palette opens."""
        self._sources.append(entries)

    def toggle(self) -> None:
        """Open it, or close it where it is open."""
        if self.isVisible():
            self.dismiss()
        else:
            self.open()

    def open(self) -> None:
        """Open it, with nothing asked for yet."""
        self._focus_before = QApplication.focusWidget()
        entries = (entry for source in self._sources for entry in source())
        self._rows = [*action_rows(self._actions, IDENTIFIER), *map(entry_row, entries)]
        self._edit.clear()
        self._find()
        self._window.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Close it; the focus goes back to where it was."""
        self._hide()
        before = self._focus_before
        if before is not None and Shiboken.isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._window.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus_before = None

    # What Qt calls

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that move in the list, and notice that the window or the focus changes."""
        if watched is self._window:
            if event.type() == QEvent.Type.Resize:
                self._place()
        elif isinstance(event, QKeyEvent) and event.key() in _TAKEN:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # or an action with that key would take it
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._press(Qt.Key(event.key()))
                return True
        elif isinstance(event, QFocusEvent) and event.lostFocus():
            reasons = Qt.FocusReason
            if event.reason() not in (
                reasons.ActiveWindowFocusReason,
                reasons.PopupFocusReason,
                reasons.MenuBarFocusReason,
            ):
                self._hide()
        return False

    def focusNextPrevChild(self, _forward: bool) -> bool:
        """Keep the focus: Tab would lead into the window behind."""
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close it by a press beside it."""
        if not self._card.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim the window."""
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, 90))

    # Rows

    def _find(self) -> None:
        asked = self._edit.text().strip()
        found = self._found(asked, forgives=False)
        is_near = bool(not found and (found := self._found(asked, forgives=True)))
        found.sort(key=lambda each: -each[0])  # stable: equals stay in the order of the menus
        done = [row for _, row in found if not row.is_reading]
        readings = [row for _, row in found if row.is_reading]
        self._model.show_rows(done + readings[: _MOST_READINGS if done and asked else None])
        near = " This comes near:" if is_near else ""
        self._nothing.setText(f'Nothing that can be done is called "{asked}".{near}')
        self._nothing.setVisible(is_near or not found)
        self._list.setVisible(bool(found))
        self._choose(0)
        self._place()

    def _found(self, asked: str, *, forgives: bool) -> list[tuple[float, CommandRow]]:
        """Return what is asked for, with scores; a typing error may be forgiven."""
        found = []
        for row in self._rows:
            match = match_command(asked, row.title, row.words, forgives=forgives)
            if match is not None:
                score = row.weight * match.score + self._bonus(row, asked)
                shown = replace(row, positions=match.positions, others=match.others)
                found.append((score, shown))
        return found

    def _bonus(self, row: CommandRow, asked: str) -> float:
        recent = 0.0
        if row.identifier in self._recent:
            place = self._recent.index(row.identifier)
            recent = _RECENT_BONUS * (1 - place / MOST_RECENT)
        elif not asked and row.identifier in _FIRST:
            recent = _FIRST_BONUS * (1 - _FIRST.index(row.identifier) / len(_FIRST))
        if row.panel and names_subject(asked, row.panel):
            recent += _PANEL_BONUS
        malus = _DISABLED_MALUS if asked else _DISABLED_LAST
        return recent - (0.0 if row.is_enabled else malus)

    def _press(self, key: Qt.Key) -> None:
        if key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in _MOVES:
            self._move(_MOVES[key])
        else:
            self._trigger(self._list.currentIndex())

    def _move(self, rows: int) -> None:
        last = len(self._model.rows) - 1
        if last < 0:
            return
        place = self._list.currentIndex().row() + rows
        if abs(rows) == 1:
            place %= last + 1  # up from the first one is the last one
        self._choose(min(max(place, 0), last))

    def _choose(self, place: int) -> None:
        index = self._model.index(place)
        self._list.setCurrentIndex(index)
        self._list.scrollTo(index)
        # The focus stays in the edit, so a screen reader hears of the choice there.
        self._say_why_not("")
        rows = self._model.rows
        self._edit.setAccessibleDescription(rows[place].title if rows else self._nothing.text())

    def _trigger(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row = self._model.rows[index.row()]
        if not row.is_enabled:
            self._say_why_not(f"{row.title.rpartition('› ')[2]}: {row.detail}")
            return
        others = (each for each in self._recent if each != row.identifier)
        self.recent = (row.identifier, *others)
        self.dismiss()
        self.recent_changed.emit(self._recent)
        # A dialog that it opens must not run inside of the key press.
        QTimer.singleShot(0, self, row.trigger)

    def _say_why_not(self, sentence: str) -> None:
        """Say below the list why the chosen row cannot be done; "" for the hint on keys."""
        self._why_not.setText(sentence)
        self._why_not.setVisible(bool(sentence))
        self._hint.setVisible(not sentence)
        if sentence:
            self._edit.setAccessibleDescription(sentence)
            self._place()

    # Looks

    def _make_card(self) -> QFrame:
        card = QFrame(self)
        card.setProperty("role", "card")
        self._edit.setObjectName("command-palette-edit")
        self._edit.setAccessibleName("Command palette")
        self._edit.setPlaceholderText("What do you want to do?")
        self._edit.setClearButtonEnabled(True)
        self._edit.textChanged.connect(self._find)
        self._edit.installEventFilter(self)
        self._list.setObjectName("command-palette-list")
        self._list.setAccessibleName("Commands")
        self._list.setModel(self._model)
        self._list.setItemDelegate(CommandDelegate(self._themes))
        self._list.setUniformItemSizes(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setStyleSheet("QListView { border: none; background: transparent; }")
        self._list.clicked.connect(self._trigger)
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        self._why_not.setObjectName("command-palette-why-not")
        self._why_not.setProperty("role", "error")
        self._why_not.setWordWrap(True)
        column = QVBoxLayout(card)
        for widget in (self._edit, self._nothing, self._list, self._why_not, self._hint):
            column.addWidget(widget)
        return card

    def _place(self) -> None:
        """Lie over the whole window, the card at its top, as high as its rows."""
        self.setGeometry(self._window.rect())
        line = self.fontMetrics().height()
        rows = min(len(self._model.rows), _VISIBLE_ROWS)
        height = rows * row_height(line) + 2 * self._list.frameWidth()
        room = self.height() - 8 * line
        self._list.setFixedHeight(max(2 * line, min(height, room)))
        width = min(self.width() - 2 * line, 45 * line)
        column = self._card.layout()
        assert column is not None
        column.activate()
        self._card.setFixedWidth(width)
        self._card.adjustSize()
        self._card.move((self.width() - width) // 2, min(3 * line, self.height() // 8))

    def _recolor(self, _theme: Theme) -> None:
        for action in self._edit.actions():
            self._edit.removeAction(action)
        icon = QAction(self._themes.icon(MDI7.magnify), "", self._edit)
        self._edit.addAction(icon, QLineEdit.ActionPosition.LeadingPosition)

    def _hide(self) -> None:
        self._window.removeEventFilter(self)
        self.hide()
