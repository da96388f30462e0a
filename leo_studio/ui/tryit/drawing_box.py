"""The canvas with its buttons: give a drawing to a class, or ask what it is."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from leo_studio.services.try_records import Example
from leo_studio.ui.tryit.canvas import DrawingCanvas
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.theme import ThemeManager

_LETTERS = 18  # of a class's name on the button


class DrawingBox(QWidget):
    """Draws examples and queries."""

    add_wanted = Signal()  # the drawing is an example of the chosen class
    ask_wanted = Signal()  # what is it?

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._why_not = ""
        self.taken = 0  # how many drawings there were, for their names
        self.canvas = DrawingCanvas(themes)
        self.hint = Label()
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.undo = self._tool("Undo stroke", MDI7.undo_variant, "Take the last stroke back")
        self.clear = self._tool("Clear", MDI7.eraser, "Take the whole drawing back")
        self.add = QPushButton()
        self.add.setToolTip("Make the drawing an example of this class (Enter)")
        self.ask = QPushButton("Ask what it is")
        self.ask.setToolTip("Let the run classify the drawing (Ctrl+Enter)")
        for name in ("undo", "clear", "add", "ask"):
            getattr(self, name).setObjectName(f"tryit-{name}")
        self.set_class("")
        self._lay_out()
        self.canvas.changed.connect(self._enable)
        self.undo.clicked.connect(self.canvas.undo_stroke)
        self.clear.clicked.connect(self.canvas.clear)
        self.add.clicked.connect(self.add_wanted)
        self.ask.clicked.connect(self.ask_wanted)
        for keys, button in (("Return", self.add), ("Ctrl+Return", self.ask)):
            shortcut = QShortcut(QKeySequence(keys), self.canvas)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(button.click)
        themes.changed.connect(self._restyle)
        self._restyle()
        self._enable()

    def set_class(self, name: str) -> None:
        """Name the class that a drawing goes to."""
        metrics = self.fontMetrics()
        room = _LETTERS * metrics.averageCharWidth()
        short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        self.add.setText(without_keys(f"Add to {short or 'class'}"))

    def set_tools(self, why_no_pictures: str, is_bright: bool) -> None:
        """Say why drawings cannot be embedded, "" where they can, and how they look."""
        self._why_not = why_no_pictures
        self.canvas.set_bright_on_black(is_bright)
        self.canvas.setEnabled(not why_no_pictures)
        self.hint.setText(why_no_pictures)
        self.hint.setVisible(bool(why_no_pictures))
        self._enable()

    def take(self) -> Example:
        """Return what is drawn, and leave an empty canvas."""
        self.taken += 1
        example = Example(f"drawing {self.taken}", strokes=self.canvas.strokes)
        self.canvas.clear()
        return example

    def _enable(self) -> None:
        is_drawn = not self.canvas.is_empty
        for button in (self.undo, self.clear, self.add, self.ask):
            button.setEnabled(is_drawn and not self._why_not)

    def _tool(self, text: str, glyph: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(as_tip(tip))
        button.setAutoRaise(True)
        button.setProperty("glyph", glyph)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _restyle(self, *_: object) -> None:
        for button in (self.undo, self.clear):
            button.setIcon(self._themes.icon(button.property("glyph")))

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.addWidget(self.undo)
        tools.addWidget(self.clear)
        tools.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add, 1)
        buttons.addWidget(self.ask, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.hint)
        column.addWidget(self.canvas, 1)
        column.addLayout(tools)
        column.addLayout(buttons)
        self.hint.hide()
