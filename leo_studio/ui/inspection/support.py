"""The support set: each class with its examples, which can be swapped, dropped and added to."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
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
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LINES_PER_PICTURE = 2.6
_LETTERS_PER_NAME = 16
_MOST_LINES = 24  # more classes scroll


class SupportView(QScrollArea):
    """Shows the support set of an episode.

    What is wanted is emitted with the class's place in the episode.
    """

    swap_wanted = Signal(int)
    drop_wanted = Signal(int, int)  # and the example's row
    add_wanted = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("support-set")
        self.setAccessibleName("Support set")
        self.setWidgetResizable(True)
        self._themes = themes
        self._inspection: Inspection | None = None
        self._thumbnails = Thumbnails()
        self._is_editable = False
        themes.changed.connect(self._recolor)

    def show_support(self, inspection: Inspection | None, thumbnails: Thumbnails) -> None:
        """Show an episode's support set."""
        self._inspection, self._thumbnails = inspection, thumbnails
        self._build()

    def set_editable(self, is_editable: bool) -> None:
        """Offer changes, or not."""
        if is_editable != self._is_editable:
            self._is_editable = is_editable
            self._build()

    def _build(self) -> None:
        focused = self.focusWidget()
        chosen = focused.objectName() if focused is not None and focused.hasFocus() else ""
        height = self.verticalScrollBar().value()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 6, 6, 6)
        grid = QGridLayout()
        grid.setColumnStretch(2, 1)
        column.addLayout(grid)
        column.addStretch(1)
        if self._inspection is not None:
            for place, name in enumerate(class_names(self._inspection)):
                self._add_class(grid, place, name)
        self.setWidget(inside)  # the one before is deleted
        classes = 0 if self._inspection is None else self._inspection.classes.shape[1]
        lines = min(_MOST_LINES, (classes + 0.5) * (_LINES_PER_PICTURE + 0.6))
        self.setFixedHeight(round(max(1.0, lines) * self.fontMetrics().height()))
        self._go_on_at(chosen, height)

    def _go_on_at(self, chosen: str, height: int) -> None:
        """Stand where a person stood before everything was built anew."""
        self.verticalScrollBar().setValue(height)
        if not chosen:
            return
        # An example that was taken out has no button any more; its class has one.
        for name in (chosen, f"add-{chosen.split('-')[1]}"):
            found = self.findChild(QToolButton, name)
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
        title = Label(name)
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

    def _example(self, place: int, example: int, *, can_go: bool) -> QWidget:
        name = self._thumbnails.name(example)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        label = Label()
        label.setToolTip(as_tip(f"{name} (row {example} of the split)"))
        label.setAccessibleName(name)
        side = round(_LINES_PER_PICTURE * self.fontMetrics().height())
        picture = self._thumbnails.picture(example, side, self.devicePixelRatioF())
        if picture is not None:
            label.setPixmap(picture)
        else:
            room = _LETTERS_PER_NAME * self.fontMetrics().averageCharWidth()
            label.setText(_elided(name, self.fontMetrics(), room))
        row.addWidget(label)
        if self._is_editable:
            drop = self._button(MDI7.close, f"Take {name} out of the support set")
            drop.setObjectName(f"drop-{place}-{example}")
            drop.setEnabled(can_go)
            if not can_go:
                drop.setToolTip("The only example of its class: add another one first")
            drop.clicked.connect(
                lambda _=False, chosen=place, out=example: self.drop_wanted.emit(chosen, out)
            )
            row.addWidget(drop, 0, Qt.AlignmentFlag.AlignTop)
        return holder

    def _button(self, glyph: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(self._themes.icon(glyph))
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        side = self.fontMetrics().height()
        button.setStyleSheet("padding: 1px")
        button.setIconSize(QSize(side, side))
        return button

    def _recolor(self, _theme: Theme) -> None:
        self._build()


def _elided(name: str, metrics: QFontMetrics, room: int) -> str:
    return metrics.elidedText(name, Qt.TextElideMode.ElideLeft, room)
