"""The support set: each class with its examples, which can be swapped, dropped and added to."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.records import Inspection
from leo_studio.analysis.inspection.findings import class_names
from leo_studio.ui.inspection.class_styles import class_icon
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LINES_PER_PICTURE = 2.6
_LINES_PER_NAME = 1.6
_SPARE_LINES = 0.6  # around an example
_LETTERS_PER_NAME = 16
_BUTTON_LINES = 1.7  # the side of a button: large enough to be hit
_ICON_LINES = 1.3


class SupportView(QWidget):
    """Shows the support set of an episode.

    What is wanted is emitted with the class's place in the episode.
    """

    swap_wanted = Signal(int)
    replace_wanted = Signal(int, int)  # and the example's row
    drop_wanted = Signal(int, int)  # and the example's row
    add_wanted = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("support-set")
        self.setAccessibleName("Support set")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addStretch(1)  # rows are as high as they need: the same on both sides
        self._inside: QWidget | None = None
        self._themes = themes
        self._inspection: Inspection | None = None
        self._thumbnails = Thumbnails()
        self._is_editable = False
        self._plain: Inspection | None = None  # as the episode is without changes
        themes.changed.connect(self._recolor)

    def show_support(self, inspection: Inspection | None, thumbnails: Thumbnails) -> None:
        """Show an episode's support set."""
        self._inspection, self._thumbnails = inspection, thumbnails
        self._build()

    def set_reference(self, plain: Inspection | None) -> None:
        """Mark the examples that the episode without changes does not have."""
        if plain is not self._plain:
            self._plain = plain
            self._build()

    def set_editable(self, is_editable: bool) -> None:
        """Offer changes, or not."""
        if is_editable != self._is_editable:
            self._is_editable = is_editable
            self._build()

    def _build(self) -> None:
        focused = self.focusWidget()
        chosen = focused.objectName() if focused is not None and focused.hasFocus() else ""
        inside = QWidget(self)
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(2, 1)
        if self._inspection is not None:
            for place, name in enumerate(class_names(self._inspection)):
                self._add_class(grid, place, name)
        if self._inside is not None:
            self._column.removeWidget(self._inside)
            self._inside.hide()
            self._inside.deleteLater()
        self._inside = inside
        self._column.insertWidget(0, inside)
        inside.show()
        self._go_on_at(chosen)

    def _go_on_at(self, chosen: str) -> None:
        """Stand where a person stood before everything was built anew."""
        if not chosen or self._inside is None:
            return
        # An example that was taken out has no button any more; its class has one.
        for name in (chosen, f"add-{chosen.split('-')[1]}"):
            found = self._inside.findChild(QToolButton, name)
            if isinstance(found, QToolButton) and found.isEnabled():
                found.setFocus()
                return

    def _add_class(self, grid: QGridLayout, place: int, name: str) -> None:
        side = self.fontMetrics().height()
        marker = Label()
        marker.setPixmap(class_icon(self._themes.current, place, side).pixmap(side, side))
        grid.addWidget(marker, place, 0)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        room = _LETTERS_PER_NAME * self.fontMetrics().averageCharWidth()
        title = Label(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room))
        title.setToolTip(as_tip(f"Class {place}: {name}"))
        row.addWidget(title)
        if self._is_editable:
            swap = self._button(MDI7.swap_horizontal, f'Take another class instead of "{name}"')
            swap.setObjectName(f"swap-{place}")
            swap.clicked.connect(lambda _=False, chosen=place: self.swap_wanted.emit(chosen))
            row.addWidget(swap)
        row.addStretch(1)
        grid.addWidget(head, place, 1)
        examples = QWidget()
        flow = FlowLayout(examples)
        flow.setContentsMargins(0, 2, 0, 2)
        flow.setAlignment(Qt.AlignmentFlag.AlignVCenter)  # as the class's name beside it
        assert self._inspection is not None
        rows = [each for each in self._inspection.support[0, place].tolist() if each >= 0]
        for example in rows:
            flow.addWidget(self._example(place, example, can_go=len(rows) > 1))
        if self._is_editable:
            add = self._button(MDI7.plus, f'Put another example of "{name}" into the support set')
            add.setObjectName(f"add-{place}")
            add.clicked.connect(lambda _=False, chosen=place: self.add_wanted.emit(chosen))
            flow.addWidget(add)
        grid.addWidget(examples, place, 2)
        # With buttons and without them.
        lines = _LINES_PER_PICTURE if self._thumbnails.has_images else _LINES_PER_NAME
        grid.setRowMinimumHeight(place, round((lines + _SPARE_LINES) * self.fontMetrics().height()))

    def _is_new(self, place: int, example: int) -> bool:
        """Whether a change has put an example in; those of a class that was swapped all are."""
        plain = self._plain
        return plain is not None and example not in plain.support[0, place].tolist()

    def _example(self, place: int, example: int, *, can_go: bool) -> QWidget:
        name = self._thumbnails.name(example)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._picture(place, example, name))
        if self._is_editable:
            drop = self._button(MDI7.close, f"Take {name} out of the support set")
            drop.setObjectName(f"drop-{place}-{example}")
            drop.setEnabled(can_go)
            if not can_go:
                drop.setToolTip("The only example of its class: add another one first")
            drop.clicked.connect(
                lambda _=False, chosen=place, out=example: self.drop_wanted.emit(chosen, out)
            )
            row.addWidget(drop)
        return holder

    def _picture(self, place: int, example: int, name: str) -> QWidget:
        """Return an example's picture, or its name; where it can be replaced, a button."""
        side = round(_LINES_PER_PICTURE * self.fontMetrics().height())
        picture = self._thumbnails.picture(example, side, self.devicePixelRatioF())
        room = _LETTERS_PER_NAME * self.fontMetrics().averageCharWidth()
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideLeft, room)
        tip = f"{name} (row {example} of the split)"
        if self._is_new(place, example):
            tip += "\nNot in the support set without the changes"
        if not self._is_editable:
            label = Label()
            label.setToolTip(as_tip(tip))
            label.setAccessibleName(name)
            if picture is None:
                label.setText(short)
            else:
                label.setPixmap(picture)
            return label
        button = QToolButton()
        button.setObjectName(f"replace-{place}-{example}")
        button.setToolTip(as_tip(f"Click to replace it by another one of its class\n{tip}"))
        button.setAccessibleName(f"Replace {name}")
        is_new = self._is_new(place, example)
        mark = f"; border: 2px solid {self._themes.current.accent}" if is_new else ""
        button.setStyleSheet(f"padding: 1px{mark}")
        button.setProperty("is_new", is_new)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if picture is None:
            button.setText(without_keys(short))
        else:
            button.setIcon(QIcon(picture))
            button.setIconSize(QSize(side, side))
        button.clicked.connect(lambda: self.replace_wanted.emit(place, example))
        return button

    def _button(self, glyph: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(self._themes.icon(glyph))
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        line = self.fontMetrics().height()
        icon, side = round(_ICON_LINES * line), round(_BUTTON_LINES * line)
        button.setStyleSheet("padding: 1px")
        button.setIconSize(QSize(icon, icon))
        button.setFixedSize(side, side)
        return button

    def _recolor(self, _theme: Theme) -> None:
        self._build()
