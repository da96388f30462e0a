"""The bar beneath a page that finds words in it."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from leo_studio.ui.guide.page_view import PageView
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager


class FindBar(QWidget):
    """Marks a text in a page, and walks over its places; Esc closes it."""

    closed = Signal()

    def __init__(self, view: PageView, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._themes = themes
        self.line = QLineEdit(self)
        self.line.setObjectName("guide-find")
        self.line.setAccessibleName("Find in this page")
        self.line.setPlaceholderText("Find in this page")
        self.line.setClearButtonEnabled(True)
        self.said = Label(parent=self)
        self.said.setObjectName("guide-find-count")
        self.said.setProperty("role", "muted")
        self._buttons = [
            (self._button("Previous place (Shift+Enter)", -1), MDI7.chevron_up),
            (self._button("Next place (Enter)", 1), MDI7.chevron_down),
        ]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        for button, _ in self._buttons:
            layout.addWidget(button)
        layout.addWidget(self.said, 1)
        self.line.textChanged.connect(self._find)
        themes.changed.connect(self._recolor)
        self._recolor()
        self.hide()

    def open(self) -> None:
        """Show it, with the keyboard in it."""
        self.show()
        self.line.selectAll()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._find()

    def step(self, step: int) -> None:
        """Go to the next place, or the one before."""
        self._view.go_to_next(step)
        self._say()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by Enter and close by Esc."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.step(-1 if is_back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
            self._view.setFocus()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Take the marks away."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._view.mark()

    def _find(self) -> None:
        if self._view.mark(self.line.text()):
            self._view.go_to_next()
        self._say()

    def _say(self) -> None:
        place, count = self._view.marked
        if not self.line.text():
            self.said.clear()
        elif count:
            self.said.setText(f"{place} of {count}")
        else:
            self.said.setText("This page has no such words.")

    def _button(self, tip: str, step: int) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: self.step(step))
        return button

    def _recolor(self, _theme: object = None) -> None:
        for button, glyph in self._buttons:
            button.setIcon(self._themes.icon(glyph))
