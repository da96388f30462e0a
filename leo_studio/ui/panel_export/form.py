"""The form of an export: format, style, size and scale."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QWidget,
)

from leo_studio.figures.drawing import Look
from leo_studio.figures.records import Figure
from leo_studio.figures.saving import PICTURES
from leo_studio.ui.panel_export.choices import (
    LARGEST,
    OWN_SIZE,
    SMALLEST,
    STYLES,
    WIDTHS,
    Choices,
    size_of,
)
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.number_boxes import DecimalBox
from leo_studio.ui.widgets.theme import Theme
from leo_studio.ui.widgets.wheel import ComboBox


class ChoicesForm(QWidget):
    """Asks how something is to be written.

    `format_changed` is emitted when another format was chosen, `changed` after any change.

    Parameters
    ----------
    formats
        Names of formats by their ending.
    figure
        What is drawn; None for tables only.
    theme
        The window's colours.
    kept
        What was chosen last.
    """

    changed = Signal()
    format_changed = Signal()

    def __init__(
        self, formats: Mapping[str, str], figure: Figure | None, theme: Theme, kept: Choices
    ) -> None:
        super().__init__()
        self._figure = figure
        self._theme = theme
        self._kept = kept
        self.format, self.style_box, self.size_box = ComboBox(), ComboBox(), ComboBox()
        self.width_box, self.height_box = DecimalBox(), DecimalBox()
        self.scale_box, self.pixels = DecimalBox(), Label()
        self._fill(formats)
        self._lay_out()
        self._connect()
        self._choose_size()

    @property
    def ending(self) -> str:
        """Of the format that is chosen."""
        return str(self.format.currentData())

    @property
    def choices(self) -> Choices:
        """The choices in the form."""
        return replace(
            self._kept,
            ending=self.ending,
            style=str(self.style_box.currentData()),
            size=self.size_box.currentText(),
            width=self.width_box.value(),
            height=self.height_box.value(),
            scale=self.scale_box.value(),
        )

    @property
    def look(self) -> Look:
        """How a figure looks."""
        return self.choices.look(self._figure, self._theme)

    def take_name(self, name: str) -> None:
        """Choose the format that a typed name ends with, if it is one of these."""
        place = self.format.findData(Path(name.strip()).suffix.lower())
        if place >= 0:
            self.format.setCurrentIndex(place)

    def _change(self) -> None:
        is_figure = self.ending in (*PICTURES, ".py")
        for widget in (self.style_box, self.size_box, self.width_box, self.height_box):
            widget.setEnabled(is_figure)
        self.scale_box.setEnabled(self.ending == ".png")
        width, height = self.look.pixels
        self.pixels.setText(f"{width:,} × {height:,} pixels" if self.ending == ".png" else "")
        self.changed.emit()

    def _choose_format(self) -> None:
        self.format_changed.emit()
        self._change()

    def _choose_size(self) -> None:
        """Show how large a figure of the chosen width is."""
        width = WIDTHS.get(self.size_box.currentText())
        if width is not None:
            size = size_of(self._figure, width)
            for box, value in zip((self.width_box, self.height_box), size, strict=True):
                with QSignalBlocker(box):
                    box.setValue(value)
        self._change()

    def _take_own_size(self) -> None:
        self.size_box.setCurrentText(OWN_SIZE)
        self._change()

    def _fill(self, formats: Mapping[str, str]) -> None:
        kept = self._kept
        for ending, name in formats.items():
            self.format.addItem(f"{name} ({ending})", ending)
        self.format.setCurrentIndex(max(0, self.format.findData(kept.ending)))
        for style, name in STYLES.items():
            self.style_box.addItem(name, style)
        self.style_box.setCurrentIndex(self.style_box.findData(kept.style))
        self.style_box.setToolTip(
            "Paper: serif and small, in colours that colour-blind people tell apart; Screen: as "
            "for slides and pages"
        )
        self.size_box.addItems([*WIDTHS, OWN_SIZE])
        self.size_box.setCurrentText(kept.size)
        for box, value, name in (
            (self.width_box, kept.width, "Width"),
            (self.height_box, kept.height, "Height"),
        ):
            box.setRange(SMALLEST, LARGEST)
            box.setSingleStep(0.25)
            box.setSuffix(" in")
            box.setValue(value)
            box.setAccessibleName(name)
        self.scale_box.setRange(0.5, 8.0)
        self.scale_box.setSingleStep(0.5)
        self.scale_box.setSuffix(" ×")
        self.scale_box.setValue(kept.scale)
        self.pixels.setProperty("role", "muted")
        boxes = ("format", "style_box", "size_box", "width_box", "height_box", "scale_box")
        for name in (*boxes, "pixels"):
            getattr(self, name).setObjectName(f"panel_export_{name.removesuffix('_box')}")

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("&Format", self.format)
        form.addRow("&Style", self.style_box)
        form.addRow("Si&ze", self.size_box)
        form.addRow("", _row(self.width_box, Label("×"), self.height_box))
        form.addRow("PNG scal&e", _row(self.scale_box))
        form.addRow("", self.pixels)

    def _connect(self) -> None:
        self.format.currentIndexChanged.connect(self._choose_format)
        self.style_box.currentIndexChanged.connect(self._change)
        self.size_box.activated.connect(self._choose_size)
        for box in (self.width_box, self.height_box):
            box.valueChanged.connect(self._take_own_size)
        self.scale_box.valueChanged.connect(self._change)


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch()
    return row
