"""A class of a person's own: its name, its examples, and the ways to give it more."""

from collections.abc import Sequence
from pathlib import Path

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
)

from leo_studio.services.try_records import Example
from leo_studio.ui.inspection.class_styles import class_icon
from leo_studio.ui.tryit.images import example_pixmap
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

LONGEST_NAME = 100
_LINES = 2.4  # of a thumbnail
_NAME_LETTERS = 12  # of which there is room at least


class ClassRow(QFrame):
    """Shows a class and its examples; press one to take it out.

    Parameters
    ----------
    name
        What the class is called.
    place
        Its place among the classes, which gives it colour and marker.
    themes
        As for every panel.
    """

    changed = Signal()  # its name or its examples
    draw_wanted = Signal()
    pictures_wanted = Signal()
    store_wanted = Signal()
    paste_wanted = Signal()
    removal_wanted = Signal()
    dropped = Signal(object)  # list of `Path`

    def __init__(self, name: str, place: int, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("class-row")
        self.setProperty("role", "card")
        self.setAcceptDrops(True)
        self.examples: list[Example] = []
        self._place = place
        self._themes = themes
        self._is_bright = True
        self.marker = Label()
        self.name = QLineEdit(name)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setAccessibleName("Name of the class")
        self._make_room_for_name()
        self.name.setToolTip("The name of the class; write another one")
        self.count = Label()
        self.count.setProperty("role", "muted")
        self.draw = self._button("Draw", MDI7.draw, "Draw the next example of this class")
        self.draw.setCheckable(True)
        self.add = self._button("", MDI7.image_plus, "Add pictures from files; or drop them here")
        self.store = self._button(
            "", MDI7.database_plus_outline, "From the store: take examples of one of its classes"
        )
        self.paste = self._button("", MDI7.content_paste, "Add the picture of the clipboard")
        self.remove = self._button("", MDI7.close, "Remove this class")
        for name in ("draw", "add", "store", "paste", "remove"):
            getattr(self, name).setObjectName(f"tryit-row-{name}")
        self._flow = FlowLayout()
        self._lay_out()
        self.name.textEdited.connect(self.changed)
        self.draw.clicked.connect(self.draw_wanted)
        self.add.clicked.connect(self.pictures_wanted)
        self.store.clicked.connect(self.store_wanted)
        self.paste.clicked.connect(self.paste_wanted)
        self.remove.clicked.connect(self.removal_wanted)
        themes.changed.connect(self._restyle)
        self._restyle()
        self._show_count()

    @property
    def title(self) -> str:
        """What the class is called, without blanks at its ends."""
        return self.name.text().strip()

    def set_place(self, place: int) -> None:
        """Give the class the colour and the marker of another place."""
        self._place = place
        self._restyle()

    def set_current(self, is_current: bool) -> None:
        """Show whether drawings go to this class."""
        self.draw.setChecked(is_current)

    def set_tools(self, why_no_pictures: str, is_bright: bool) -> None:
        """Say whether pictures and drawings can be added, and how drawings look."""
        for button, tip in (
            (self.draw, "Draw the next example of this class"),
            (self.add, "Add pictures from files; or drop them here"),
            (self.paste, "Add the picture of the clipboard"),
        ):
            button.setEnabled(not why_no_pictures)
            button.setToolTip(as_tip(why_no_pictures or tip))
        self.setAcceptDrops(not why_no_pictures)
        if is_bright != self._is_bright:
            self._is_bright = is_bright
            self._show_thumbnails()

    def add_examples(self, examples: Sequence[Example]) -> None:
        """Add examples after the others."""
        if examples:
            self.examples += examples
            for example in examples:
                self._add_thumbnail(example)
            self._show_count()
            self.changed.emit()

    def take_out(self, example: Example) -> None:
        """Take an example out."""
        self.examples.remove(example)
        self._show_thumbnails()
        self._show_count()
        self.changed.emit()

    def mark(self, problems: dict[Example, str]) -> None:
        """Say of examples what is wrong with them."""
        for button in self.findChildren(_Thumbnail):
            button.mark(problems.get(button.example, ""))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let drawings go to the class that is pressed."""
        if self.draw.isEnabled():
            self.draw_wanted.emit()
        super().mousePressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the files that are dropped."""
        urls = event.mimeData().urls()
        if paths := [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(paths)

    def _button(self, text: str, glyph: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(text or tip)
        button.setAutoRaise(True)
        button.setProperty("glyph", glyph)
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        )
        return button

    def _add_thumbnail(self, example: Example) -> None:
        button = _Thumbnail(example, round(_LINES * self.fontMetrics().height()), self._is_bright)
        button.clicked.connect(lambda: self.take_out(example))
        self._flow.addWidget(button)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room_for_name()

    def _make_room_for_name(self) -> None:
        """Keep the name readable in a narrow row."""
        self.name.setMinimumWidth(_NAME_LETTERS * self.fontMetrics().averageCharWidth())

    def _show_thumbnails(self) -> None:
        for button in self.findChildren(_Thumbnail):
            self._flow.removeWidget(button)
            button.setParent(None)
            button.deleteLater()
        for example in self.examples:
            self._add_thumbnail(example)

    def _show_count(self) -> None:
        count = len(self.examples)
        self.count.setText("1 shot" if count == 1 else f"{count:,} shots")

    def _restyle(self, *_: object) -> None:
        theme, height = self._themes.current, self.fontMetrics().height()
        self.marker.setPixmap(class_icon(theme, self._place, height).pixmap(height, height))
        for button in (self.draw, self.add, self.store, self.paste, self.remove):
            button.setIcon(self._themes.icon(button.property("glyph")))

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.addWidget(self.marker)
        heading.addWidget(self.name, 1)
        heading.addWidget(self.count)
        heading.addWidget(self.remove)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._flow.set_spacings(2, 2)
        for button in (self.draw, self.add, self.store, self.paste):
            self._flow.addWidget(button)  # thumbnails come behind them
        column = QVBoxLayout(self)
        column.setSpacing(4)
        column.addLayout(heading)
        column.addLayout(self._flow)


class _Thumbnail(QToolButton):
    """An example in small; pressed, it goes."""

    def __init__(self, example: Example, side: int, is_bright: bool) -> None:
        super().__init__()
        self.setObjectName("thumbnail")
        self.example = example
        self.setIconSize(QSize(side, side))
        pixmap = example_pixmap(example, side, self.devicePixelRatioF(), is_bright)
        if pixmap is None:
            self.setText(example.name)
        else:
            self.setIcon(QIcon(pixmap))
        self.setAccessibleName(f"Take out {example.name}")
        self.mark("")

    def mark(self, problem: str) -> None:
        """Say what is wrong with the example; "" for nothing."""
        self.setToolTip(as_tip(problem or f"{self.example.name}: press to take it out"))
        style = Qt.ToolButtonStyle
        beside = style.ToolButtonTextUnderIcon if problem else style.ToolButtonIconOnly
        if not self.icon().isNull():
            self.setText("left out" if problem else self.example.name)
            self.setToolButtonStyle(beside)
