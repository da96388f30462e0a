"""The classes of "Try it", one below the other; drawings go to one of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QStyle, QVBoxLayout, QWidget

from leo_studio.services.try_records import Example
from leo_studio.ui.tryit.class_row import ClassRow
from leo_studio.ui.tryit.kept_examples import KeptClass
from leo_studio.ui.widgets.theme import ThemeManager

_FIRST = 5  # classes that are there from the start, as many as most runs tell apart
MOST_CLASSES = 50
_LEAST_LETTERS = 18  # of its width


class ClassList(QScrollArea):
    """Holds the rows; `wanted` names one and what is wanted: "pictures", "store" or "paste"."""

    changed = Signal()
    current_changed = Signal()
    wanted = Signal(object, str)
    dropped = Signal(object, object)  # `ClassRow`, list of `Path`

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._tools = ("", True)
        self.rows: list[ClassRow] = []
        self.current: ClassRow | None = None
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.add_button = QPushButton("Add class")
        self.add_button.setObjectName("tryit-class")
        self.add_button.setIcon(themes.icon(MDI7.plus))
        self.add_button.clicked.connect(lambda: self.add_class())
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.addWidget(self.add_button)
        self._column.addStretch(1)
        self.setWidget(self._inside)
        themes.changed.connect(self._restyle)
        self.start_over()

    def minimumSizeHint(self) -> QSize:
        """Return the room of a name; the rest of a row can be scrolled to."""
        width = _LEAST_LETTERS * self.fontMetrics().averageCharWidth()
        return QSize(width, super().minimumSizeHint().height())

    def row_width(self) -> int:
        """Return the width in which a row is seen as a whole."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return self._inside.minimumSizeHint().width() + bar + 2 * self.frameWidth()

    @property
    def shown(self) -> list[ClassRow]:
        """The classes that have examples."""
        return [row for row in self.rows if row.examples]

    def start_over(self) -> None:
        """Begin with empty classes."""
        for row in self.rows:
            self._drop(row)
        self.rows.clear()
        for _ in range(_FIRST):
            self._add()
        self.choose(self.rows[0])
        self.changed.emit()

    @property
    def kept(self) -> tuple[KeptClass, ...]:
        """The classes as they are to be remembered."""
        return tuple(KeptClass(row.name.text(), tuple(row.examples)) for row in self.rows)

    def take_kept(self, classes: Sequence[KeptClass], current: object) -> None:
        """Show classes that were kept instead of these, and choose one by its place."""
        if not classes:
            return
        for row in self.rows:
            self._drop(row)
        self.rows.clear()
        for each in classes:
            self._add(each.name).add_examples(each.examples)
        is_place = isinstance(current, int) and 0 <= current < len(self.rows)
        self.choose(self.rows[cast(int, current) if is_place else 0])
        self.changed.emit()

    def add_class(self, name: str = "") -> ClassRow:
        """Add a class and choose it."""
        row = self._add(name)
        self.choose(row)
        self.changed.emit()
        return row

    def choose(self, row: ClassRow) -> None:
        """Let drawings go to a class."""
        self.current = row
        for each in self.rows:
            each.set_current(each is row)
        self.current_changed.emit()

    def choose_next(self) -> None:
        """Go on to the next class that has fewer examples than the current one, if there is one."""
        if self.current is None:
            return
        count = len(self.current.examples)
        place = self.rows.index(self.current)
        behind = [*self.rows[place + 1 :], *self.rows[:place]]
        row = next((each for each in behind if len(each.examples) < count), self.current)
        self.choose(row)
        self.ensureWidgetVisible(row)

    def set_tools(self, why_no_pictures: str, is_bright: bool) -> None:
        """See `ClassRow.set_tools`."""
        self._tools = (why_no_pictures, is_bright)
        for row in self.rows:
            row.set_tools(why_no_pictures, is_bright)

    def mark(self, problems: Mapping[Example, str]) -> None:
        """Say of examples what is wrong with them."""
        for row in self.rows:
            row.mark(dict(problems))

    def _add(self, name: str = "") -> ClassRow:
        taken = {row.title for row in self.rows}
        numbers = (f"class {number}" for number in range(1, 2 * MOST_CLASSES + 2))
        row = ClassRow(
            name or next(each for each in numbers if each not in taken),
            len(self.rows),
            self._themes,
        )
        row.set_tools(*self._tools)
        row.changed.connect(self.changed)
        row.draw_wanted.connect(partial(self.choose, row))
        row.pictures_wanted.connect(partial(self.wanted.emit, row, "pictures"))
        row.store_wanted.connect(partial(self.wanted.emit, row, "store"))
        row.paste_wanted.connect(partial(self.wanted.emit, row, "paste"))
        row.dropped.connect(partial(self.dropped.emit, row))
        row.removal_wanted.connect(partial(self._remove, row))
        self.rows.append(row)
        self._column.insertWidget(len(self.rows) - 1, row)
        self.add_button.setEnabled(len(self.rows) < MOST_CLASSES)
        return row

    def _remove(self, row: ClassRow) -> None:
        self.rows.remove(row)
        self._drop(row)
        if not self.rows:
            self._add()
        for place, each in enumerate(self.rows):
            each.set_place(place)
        if self.current is row:
            self.choose(self.rows[0])
        self.add_button.setEnabled(True)
        self.changed.emit()

    def _drop(self, row: ClassRow) -> None:
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _restyle(self, *_: object) -> None:
        self.add_button.setIcon(self._themes.icon(MDI7.plus))
