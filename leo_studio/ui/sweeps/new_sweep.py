"""What a new sweep is made of: which settings vary, and the preset whose values come first."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from leo_studio.services.sweep_records import SpaceOffer
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label, sentence_label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import set_role
from leo_studio.ui.widgets.wheel import ComboBox
from leo_studio.ui.widgets.workers_choice import named_field

_LEAST_LETTERS = 18


class NewSweep(QWidget):
    """Two boxes: of presets, those that the space fits; and what the space is about."""

    wanted = Signal()
    add_wanted = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._offers: Sequence[SpaceOffer] = ()
        self.space, self.preset = ComboBox(), ComboBox()
        self.begin_button = QPushButton("&New sweep...")
        self.add_button = QPushButton("&Add a space...")
        self.about = sentence_label("sweep-space-about", "muted")
        for box, name, spoken, tip in (
            (self.space, "sweep-space", "Space", "Which settings vary, and between what"),
            (self.preset, "sweep-preset", "Preset", "All other settings; its values come first"),
        ):
            box.setObjectName(name)
            box.setAccessibleName(spoken)
            box.setToolTip(as_tip(tip))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumContentsLength(_LEAST_LETTERS)
        self.begin_button.setObjectName("sweep-new")
        self.begin_button.setToolTip("Show its page, where it is started")
        self.add_button.setObjectName("sweep-add")
        self.add_button.setToolTip("Take a space's file of your own (.yaml) into the library")
        title = Label("A new sweep")
        title.setProperty("role", "title")
        row = QWidget()
        flow = FlowLayout(row)
        flow.setContentsMargins(0, 0, 0, 0)
        flow.addWidget(named_field("&Vary", self.space))
        flow.addWidget(named_field("of the &preset", self.preset))
        flow.addWidget(self.begin_button)
        flow.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (title, row, self.about):
            column.addWidget(part)
        self.space.currentIndexChanged.connect(self._show_space)
        self.begin_button.clicked.connect(self.wanted)
        self.add_button.clicked.connect(self.add_wanted)

    @property
    def offer(self) -> SpaceOffer | None:
        """The space that is chosen; None where there is none."""
        place = self.space.currentIndex()
        return self._offers[place] if 0 <= place < len(self._offers) else None

    def why_not(self) -> str:
        """Say why no sweep can be made of what is chosen; "" where one can."""
        if self.offer is None:
            return "Choose which settings vary in the panel Sweeps first."
        return self.offer.problem

    def show_offers(self, offers: Sequence[SpaceOffer]) -> None:
        """Offer spaces; the one that was chosen stays so."""
        if tuple(offers) == tuple(self._offers):
            return
        before = self.space.currentText()
        self._offers = tuple(offers)
        with QSignalBlocker(self.space):
            self.space.clear()
            self.space.addItems([each.name for each in offers])
            self.space.setCurrentIndex(max(0, self.space.findText(before)))
        self._show_space()

    def choose(self, space: str) -> None:
        """Choose a space by its name."""
        self.space.setCurrentIndex(max(0, self.space.findText(space)))

    def _show_space(self, *_: object) -> None:
        offer, before = self.offer, self.preset.currentText()
        self.preset.clear()
        if offer is not None:
            self.preset.addItems(list(offer.presets))
            self.preset.setCurrentIndex(max(0, self.preset.findText(before)))
            self.about.setText(offer.problem or offer.about)
            set_role(self.about, "error" if offer.problem else "muted")
        self.changed.emit()
